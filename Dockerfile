# The command in an image of its own, without anything else: docker build -t resumable .
#
# docker run --rm -v "$HOME/.config/resumable:/config/resumable:ro" -v "$HOME/.local/state/resumable:/state/resumable" \
#     -v "$PWD:/data:ro" --user "$(id -u):$(id -g)" resumable put /data/big.bin work:dir/
FROM rust:1-alpine AS build
RUN apk add --no-cache musl-dev
WORKDIR /build
COPY . .
RUN cargo build --locked --profile dist -p resumable-cli && mkdir -p /root-of-image/config /root-of-image/state

# Nothing but the static command: Mozilla's certificates are in it, and it needs no other file.
FROM scratch
COPY --from=build /root-of-image /
COPY --from=build /build/target/dist/resumable /resumable
ENV XDG_CONFIG_HOME=/config XDG_STATE_HOME=/state HOME=/
ENTRYPOINT ["/resumable"]

//! Writes what corpora begin with: `cargo run --manifest-path fuzz/Cargo.toml --example seeds -- FOLDER`.

fn main() -> std::io::Result<()> {
    match std::env::args_os().nth(1) {
        Some(folder) => resumable_fuzz::seeds::write(folder.as_ref()),
        None => Err(std::io::Error::other("say into which folder")),
    }
}

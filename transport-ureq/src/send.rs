//! The transport itself: one request out, its reply back.

use std::io::{self, Read};
use std::sync::Arc;
use std::time::{Duration, Instant};

use bytes::Bytes;
use http::header::PROXY_AUTHORIZATION;
use http::{Request, Response, request};
use resumable_core::{Limits, SendError};
use resumable_transport::blocking::{Outgoing, Transport};
use resumable_transport::net::{Config, ConfigError, FreshClient, Routes, client_config};
use resumable_transport::{Reply, USER_AGENT, WireError, name_of, prepare, send_error};
use ureq::config::AutoHeaderValue;
use ureq::{Agent, SendBody};

use crate::connect::{Connect, NoLookup};
use crate::error::from_ureq;
use crate::watch::Watch;
use crate::wire::{INPUT, OUTPUT};

/// Carries requests with ureq. One value serves all threads of an upload, and all uploads of a process.
#[derive(Debug)]
pub struct UreqTransport {
    agent: FreshClient<Agent>,
    routes: Arc<Routes>,
    config: Config,
}

impl UreqTransport {
    /// A transport without connections.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let routes = Arc::new(Routes::new(&config.proxy)?);
        let tls = client_config(&config)?;
        let (connect, settings) = (Connect { routes: Arc::clone(&routes), tls }, ureq_config(&config));
        let agent = move || Agent::with_parts(settings.clone(), connect.clone(), NoLookup);
        Ok(Self { agent: FreshClient::new(agent(), move || Some(agent())), routes, config })
    }

    fn exchange(
        &self,
        mut head: request::Parts,
        body: &mut Outgoing<'_>,
        limits: &Limits,
        watch: &Watch,
    ) -> Result<Response<Bytes>, WireError> {
        watch.check()?;
        self.complete(&mut head, body.len())?;
        let mut upstream = Upstream { left: body.len(), body, watch };
        let request = Request::from_parts(head, SendBody::from_reader(&mut upstream));
        read_reply(self.agent.get().run(request).map_err(from_ureq)?, limits)
    }

    fn complete(&self, head: &mut request::Parts, len: u64) -> Result<(), WireError> {
        prepare(head, len)?;
        // For https it goes into the CONNECT request, which the server does not see.
        let proxy = self.routes.proxy_for(&head.uri).filter(|_| head.uri.scheme_str() == Some("http"));
        if let Some(authorization) = proxy.and_then(|proxy| proxy.authorization.clone()) {
            head.headers.insert(PROXY_AUTHORIZATION, authorization);
        }
        Ok(())
    }
}

impl Transport for UreqTransport {
    fn send(
        &self,
        head: request::Parts,
        body: &mut Outgoing<'_>,
        limits: &Limits,
    ) -> Result<Response<Bytes>, SendError> {
        let name = name_of(&head.method, &head.uri);
        let watching = Watch::begin(&self.config, limits, body.cancel_flag());
        let watch = &*watching.watch;
        self.exchange(head, body, limits, watch).map_err(|error| {
            if let Some(error) = body.take_source_error() {
                return error.into();
            }
            send_error(name, what_went_wrong(error, watch), watch.is_unsent())
        })
    }
}

/// The first thing that went wrong: a request that could not be sent to its end ends without a reply, too.
fn what_went_wrong(error: WireError, watch: &Watch) -> WireError {
    use WireError::{Read, ReplyCut, ReplyLate, Stalled};
    match (watch.check(), error) {
        (Err(cancelled), _) => cancelled,
        (_, error @ (Read(_) | ReplyCut | ReplyLate(_) | Stalled(_))) => watch.take_trouble().unwrap_or(error),
        (_, error) => error,
    }
}

// The time limits are those of `Watch`; ureq has none by default.
fn ureq_config(config: &Config) -> ureq::config::Config {
    Agent::config_builder()
        .proxy(None)
        .max_redirects(0)
        .http_status_as_error(false)
        .allow_non_standard_methods(true)
        .user_agent(USER_AGENT)
        .accept(AutoHeaderValue::None)
        .accept_encoding(AutoHeaderValue::None)
        .max_response_header_size(INPUT)
        .input_buffer_size(INPUT)
        .output_buffer_size(OUTPUT)
        .max_idle_connections(config.max_idle)
        .max_idle_connections_per_host(config.max_idle)
        .build()
}

fn read_reply(response: Response<ureq::Body>, limits: &Limits) -> Result<Response<Bytes>, WireError> {
    let (head, body) = response.into_parts();
    let (mut body, mut piece) = (body.into_reader(), vec![0; 8 * 1024]);
    let mut reply = Reply::new(limits);
    loop {
        match body.read(&mut piece).map_err(|error| from_ureq(error.into()))? {
            0 => return reply.finish(head),
            count => reply.push(&piece[..count])?,
        }
    }
}

/// A source that gives less than a buffer in this time is sent as it comes: a connection should not fall silent.
const SLOW: Duration = Duration::from_secs(1);

/// The body on its way to ureq, in full buffers.
struct Upstream<'a, 'b> {
    body: &'a mut Outgoing<'b>,
    left: u64,
    watch: &'a Watch,
}

impl Read for Upstream<'_, '_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let room = usize::try_from(self.left).unwrap_or(usize::MAX).min(buffer.len());
        let mut filled = 0;
        // ureq reads no reply before it has sent as many bytes as were announced. Once the rest is of no use, it gets
        // whatever is in the buffer, which the wire throws away; the source is left alone.
        if self.watch.is_replying() {
            filled = room;
        }
        let since = Instant::now();
        while filled < room && (filled == 0 || since.elapsed() < SLOW) {
            match self.body.read(&mut buffer[filled..room])? {
                0 => return Err(io::ErrorKind::UnexpectedEof.into()),
                count => filled += count,
            }
        }
        self.left -= filled as u64;
        Ok(filled)
    }
}

#[cfg(test)]
mod tests {
    use resumable_hostile::client::{Client, at, post};
    use resumable_hostile::server::{ok, serve};
    use resumable_hostile::{Answer, Call, Carrier, Setup, Subject};
    use resumable_transport::net::Proxy;

    use super::*;

    struct Given(Arc<UreqTransport>);

    impl Carrier for Given {
        fn send(&self, call: &Call) -> Answer {
            let mut body = Outgoing::new(call.request.body(), &*call.source, call.cancel.clone());
            self.0.send(call.head(), &mut body, &call.limits)
        }
    }

    impl Subject for Given {
        fn open(&self, _: Setup) -> Box<dyn Carrier> {
            Box::new(Self(Arc::clone(&self.0)))
        }
    }

    #[test]
    fn after_a_sleep_no_old_connection_is_used() {
        let mut config = Config::default();
        config.proxy = Proxy::None;
        let transport = Arc::new(UreqTransport::new(config).unwrap());
        let (place, server) = serve(|mut listener| {
            let mut first = listener.accept();
            first.request();
            first.say(ok("1"));
            // The second request comes over another connection, though this one is open.
            let mut second = listener.accept();
            second.request();
            second.say(ok("2"));
        });
        let client = Client::open(&Given(Arc::clone(&transport)));
        client.send(post(&at(&place), "a")).answers(200, "1");
        transport.agent.renew();
        client.send(post(&at(&place), "b")).answers(200, "2");
        server.join();
    }
}

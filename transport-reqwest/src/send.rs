//! The transport itself: one request out, its reply back.

use std::fmt;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::time::Duration;

use async_trait::async_trait;
use bytes::Bytes;
use http::{Response, request};
use reqwest::{Body, Client, Request, Url};
use resumable_core::{Limits, SendError};
use resumable_transport::asynchronous::{Outgoing, Sleep, Timer, Transport};
use resumable_transport::net::{Config, ConfigError, FreshClient, Routes, bare_host, port};
use resumable_transport::{Reply, SourceError, WireError, name_of, prepare, send_error};
use tokio::runtime::Handle;

use crate::body::Upstream;
use crate::client::client;
use crate::error::{Place, in_words};
use crate::watch::Watch;

/// Carries requests with reqwest. One value serves all uploads of a process; clones share their connections.
///
/// It is used within a tokio runtime that has its timer and its input and output enabled, and panics elsewhere.
#[derive(Clone)]
pub struct ReqwestTransport {
    client: Arc<FreshClient<Client>>,
    routes: Arc<Routes>,
    config: Arc<Config>,
}

impl fmt::Debug for ReqwestTransport {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ReqwestTransport").field("config", &self.config).finish_non_exhaustive()
    }
}

impl ReqwestTransport {
    /// A transport without connections.
    ///
    /// # Errors
    /// When the CA file or the proxy cannot be used.
    pub fn new(config: Config) -> Result<Self, ConfigError> {
        let routes = Arc::new(Routes::new(&config.proxy)?);
        let made = client(&config, &routes)?;
        let config = Arc::new(config);
        let again = (Arc::clone(&config), Arc::clone(&routes));
        let client = FreshClient::new(made, move || client(&again.0, &again.1).ok());
        Ok(Self { client: Arc::new(client), routes, config })
    }

    /// A transport over a client that the program has already: its connections, proxies, certificates and time limits are
    /// used. The stall timeout is that of [`Config::default`], and the connections are kept when the machine sleeps.
    ///
    /// The client must be one that sends what it is told: build it with `http1_only()`, `redirect(Policy::none())`,
    /// `retry(retry::never())`, and without decompression. An answer that came from elsewhere, because the client has
    /// followed a redirect, is in doubt.
    pub fn with_client(client: Client) -> Self {
        let client = Arc::new(FreshClient::new(client, || None));
        Self { client, routes: Arc::default(), config: Arc::default() }
    }

    fn what_went_wrong(&self, failed: Failed, place: &Place, watch: &Watch) -> (WireError, bool) {
        match failed {
            Failed::Here(error) => (error, watch.is_unsent()),
            Failed::There(error) => {
                let unsent = error.is_connect() || error.is_builder() || watch.is_unsent();
                (in_words(&error, place, self.config.connect_timeout, watch.is_replying()), unsent)
            }
        }
    }

    fn place(&self, uri: &http::Uri) -> Place {
        let proxy = self.routes.proxy_for(uri);
        let (host, port) = proxy.map_or((bare_host(uri), port(uri)), |proxy| (proxy.host.as_str(), proxy.port));
        Place { host: host.to_owned(), port }
    }
}

#[async_trait]
impl Transport for ReqwestTransport {
    async fn send(
        &self,
        mut head: request::Parts,
        body: Outgoing,
        limits: &Limits,
    ) -> Result<Response<Bytes>, SendError> {
        let name = name_of(&head.method, &head.uri);
        let watch = Arc::new(Watch::new(&self.config, limits));
        let place = self.place(&head.uri);
        let made = prepare(&mut head, body.len()).and_then(|()| request(head, Upstream::new(body, Arc::clone(&watch))));
        let request = made.map_err(|error| send_error(name.clone(), error, true))?;
        let address = request.url().clone();
        let mut exchange = Exchange::new(self.client.get().execute(request), Arc::clone(&watch));
        exchange.answer(&address, limits).await.map_err(|failed| {
            if let Some(error) = watch.take_source_error() {
                return SourceError::Read(error).into();
            }
            let (error, unsent) = self.what_went_wrong(failed, &place, &watch);
            send_error(name, error, unsent)
        })
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(TokioTimer)
    }
}

struct TokioTimer;

impl Timer for TokioTimer {
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

/// What ended an exchange: our own limits, or reqwest.
enum Failed {
    Here(WireError),
    There(reqwest::Error),
}

impl From<WireError> for Failed {
    fn from(error: WireError) -> Self {
        Self::Here(error)
    }
}

impl From<reqwest::Error> for Failed {
    fn from(error: reqwest::Error) -> Self {
        Self::There(error)
    }
}

fn request(head: request::Parts, body: Upstream) -> Result<Request, WireError> {
    let mut url = Url::parse(&head.uri.to_string()).map_err(|_| WireError::Address)?;
    // reqwest would send another path than the one that was signed.
    if (url.path(), url.query()) != (head.uri.path(), head.uri.query()) {
        return Err(WireError::Rewritten);
    }
    let nobody = url.set_username("").and_then(|()| url.set_password(None));
    nobody.map_err(|()| WireError::Address)?;
    let mut request = Request::new(head.method, url);
    *request.headers_mut() = head.headers;
    *request.body_mut() = Some(Body::wrap(body));
    Ok(request)
}

async fn read_reply(
    mut response: reqwest::Response,
    limits: &Limits,
    watch: &Watch,
) -> Result<Response<Bytes>, Failed> {
    let mut reply = Reply::new(limits);
    while let Some(more) = response.chunk().await? {
        watch.reply_moves();
        reply.push(&more)?;
    }
    let (head, _) = http::Response::<Body>::from(response).into_parts();
    Ok(reply.finish(head)?)
}

type Pending = Pin<Box<dyn Future<Output = reqwest::Result<reqwest::Response>> + Send>>;

/// A request under way. When it is dropped, so is its connection, unless the request was sent and answered.
struct Exchange {
    pending: Option<Pending>,
    watch: Arc<Watch>,
}

impl Exchange {
    fn new(
        pending: impl Future<Output = reqwest::Result<reqwest::Response>> + Send + 'static,
        watch: Arc<Watch>,
    ) -> Self {
        Self { pending: Some(Box::pin(pending)), watch }
    }

    async fn answer(&mut self, address: &Url, limits: &Limits) -> Result<Response<Bytes>, Failed> {
        let watch = Arc::clone(&self.watch);
        let response = watch.within(self.response()).await??;
        if response.url() != address {
            return Err(WireError::Other("the HTTP client has followed a redirect".to_owned()).into());
        }
        watch.reply_begins(!response.status().is_success());
        let reply = watch.within(read_reply(response, limits, &watch)).await??;
        // An early reply that accepts the request is the answer, too, if the rest is not taken.
        let _ = watch.sent().await;
        Ok(reply)
    }

    async fn response(&mut self) -> reqwest::Result<reqwest::Response> {
        let response = match &mut self.pending {
            Some(pending) => pending.await,
            None => std::future::pending().await,
        };
        self.pending = None;
        response
    }
}

impl Drop for Exchange {
    fn drop(&mut self) {
        let body_fails = self.watch.give_up();
        // A connection whose caller is gone first sends what it was given, and waits for that forever if need be. One
        // whose body fails ends at once; so the caller stays until it has failed.
        if let (true, Some(pending), Ok(runtime)) = (body_fails, self.pending.take(), Handle::try_current()) {
            runtime.spawn(pending);
        }
    }
}

#[cfg(test)]
mod tests {
    use resumable_hostile::client::{Client as Caller, at, post, put};
    use resumable_hostile::server::{ok, serve};
    use resumable_hostile::{Carrier, Memory, Setup, Subject, asynchronous};
    use resumable_transport::net::{Proxy, client_config};
    use tokio::runtime::Builder;

    use super::*;

    struct Given(ReqwestTransport);

    impl Subject for Given {
        fn open(&self, _: Setup) -> Box<dyn Carrier> {
            let runtime = Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
            asynchronous(self.0.clone(), move |work| runtime.block_on(work))
        }
    }

    #[test]
    fn after_a_sleep_no_old_connection_is_used() {
        let mut config = Config::default();
        config.proxy = Proxy::None;
        let transport = ReqwestTransport::new(config).unwrap();
        let (place, server) = serve(|mut listener| {
            let mut first = listener.accept();
            first.request();
            first.say(ok("1"));
            // The second request comes over another connection, though this one is open.
            let mut second = listener.accept();
            second.request();
            second.say(ok("2"));
        });
        let caller = Caller::open(&Given(transport.clone()));
        caller.send(post(&at(&place), "a")).answers(200, "1");
        transport.client.renew();
        caller.send(post(&at(&place), "b")).answers(200, "2");
        server.join();
    }

    #[test]
    fn a_client_that_is_given_is_used_and_may_not_follow_redirects() {
        let tls = Arc::unwrap_or_clone(client_config(&Config::default()).unwrap());
        let given = Client::builder().tls_backend_preconfigured(tls).user_agent("mine/1").no_proxy().build().unwrap();
        let transport = ReqwestTransport::with_client(given);
        let (place, server) = serve(|mut listener| {
            let mut peer = listener.accept();
            let seen = peer.request();
            peer.say(ok("fine"));
            // A connection is not always back in the pool when the next request leaves.
            listener.keep(peer);
            let mut peer = listener.caller();
            peer.request();
            peer.say("HTTP/1.1 303 There\r\nLocation: /elsewhere\r\nContent-Length: 0\r\n\r\n");
            listener.keep(peer);
            let mut peer = listener.caller();
            peer.any_head();
            peer.say(ok("elsewhere"));
            seen
        });
        let caller = Caller::open(&Given(transport));
        caller.send(put(&at(&place), &Memory::of_len(100_000))).answers(200, "fine");
        let text = caller.send(post(&at(&place), "b")).unsure();
        assert!(text.contains("redirect"), "{text}");
        assert_eq!(server.join().head.text("user-agent"), Some("mine/1"));
    }
}

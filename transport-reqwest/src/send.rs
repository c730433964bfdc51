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
use resumable_transport::net::{Config, ConfigError, Routes, bare_host, port};
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
    client: Client,
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
        let client = client(&config, &routes)?;
        Ok(Self { client, routes, config: Arc::new(config) })
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
        let mut exchange = Exchange::new(self.client.execute(request), Arc::clone(&watch));
        exchange.answer(limits).await.map_err(|failed| {
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
    Ok(reply.finish(head))
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

    async fn answer(&mut self, limits: &Limits) -> Result<Response<Bytes>, Failed> {
        let watch = Arc::clone(&self.watch);
        let response = watch.within(self.response()).await??;
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

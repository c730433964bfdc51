use std::sync::Arc;
use std::time::Duration;

use bytes::Bytes;
use futures::StreamExt as _;
use http::request::Parts;
use http::{Request, Response, Uri};
use http_body_util::{BodyExt as _, StreamBody};
use hyper::body::Frame;
use hyper::client::conn::http1;
use hyper_util::rt::TokioIo;
use resumable_core::{Limits, SendError};
use resumable_transport::asynchronous::{Outgoing, Sleep, Timer, Transport, Watch};
use resumable_transport::{Reply, WireError, name_of, plain_place, prepare, send_error};
use tokio::net::TcpStream;
use tokio::time::timeout;

/// A connection of hyper's for each request.
pub(crate) struct Hyper {
    pub(crate) connect: Duration,
    pub(crate) stall: Duration,
}

struct Tokio;

impl Timer for Tokio {
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

#[async_trait::async_trait]
impl Transport for Hyper {
    async fn send(&self, mut head: Parts, body: Outgoing, limits: &Limits) -> Result<Response<Bytes>, SendError> {
        let (name, watch) = (name_of(&head.method, &head.uri), Watch::new(&body, self.stall, limits, self.timer()));
        let opened = self.open(&mut head, body.len()).await;
        let stream = opened.map_err(|error| send_error(name.clone(), error, true))?;
        let sent = watch.within(exchange(stream, Request::from_parts(head, body), limits, &watch)).await;
        sent.flatten().map_err(|error| send_error(name, error, false))
    }

    fn timer(&self) -> Arc<dyn Timer> {
        Arc::new(Tokio)
    }
}

impl Hyper {
    async fn open(&self, head: &mut Parts, len: u64) -> Result<TcpStream, WireError> {
        prepare(head, len)?;
        let place = plain_place(&head.uri)?;
        head.uri = head.uri.path_and_query().cloned().map(Uri::from).unwrap_or_default();
        match timeout(self.connect, TcpStream::connect(&place)).await {
            Ok(opened) => opened.map_err(|error| WireError::Connect { place, error }),
            Err(_) => Err(WireError::ConnectTimeout { place, within: self.connect }),
        }
    }
}

type Answer = Result<Response<Bytes>, WireError>;

async fn exchange(stream: TcpStream, request: Request<Outgoing>, limits: &Limits, watch: &Watch) -> Answer {
    let failed = |error: hyper::Error| WireError::Other(error.to_string());
    let request = request.map(|body| StreamBody::new(body.map(|piece| piece.map(Frame::data))));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream)).await.map_err(failed)?;
    let answer = async move {
        let (head, mut body) = sender.send_request(request).await.map_err(failed)?.into_parts();
        let mut reply = Reply::new(limits);
        while let Some(frame) = body.frame().await {
            watch.reply_moves();
            reply.push(&frame.map_err(failed)?.into_data().unwrap_or_default())?;
        }
        reply.finish(head)
    };
    // The connection ends when the answer is there.
    futures::future::join(connection, answer).await.1
}

//! Where an upload leads, whatever the vendor.

use std::sync::Arc;

use resumable_core::{Protocol, Receipt};

#[cfg(feature = "blocking")]
use crate::client::Shared;
use crate::credentials::Credentials;
use crate::error::Error;
use crate::handle::Watch;
use crate::put::{Abandoned, Report, Settings};

/// An object's place at a vendor, and the credentials for it.
pub(crate) struct To<P: Protocol> {
    pub(crate) protocol: P,
    pub(crate) credentials: Credentials<P::Credential>,
    pub(crate) advice: Advice<P>,
}

/// What people can be told about a vendor.
pub(crate) struct Advice<P: Protocol> {
    /// What can be changed about a refusal.
    pub(crate) hint: fn(&P::Fault) -> Option<&'static str>,
    /// What to do when the credentials are refused.
    pub(crate) credentials: Vec<String>,
    /// Whether a target, as a checkpoint says it, is the same object by another address.
    pub(crate) is_same_object: fn(&P, &str) -> bool,
}

impl<P: Protocol> To<P> {
    pub(crate) fn new(protocol: P, credentials: Credentials<P::Credential>) -> Self {
        let advice = Advice { hint: |_| None, credentials: Vec::new(), is_same_object: |_, _| false };
        Self { protocol, credentials, advice }
    }
}

/// A [`To`] of any vendor.
pub(crate) struct Destination(pub(crate) Box<dyn Route>);

impl Destination {
    pub(crate) fn new<P: Protocol + Clone>(to: To<P>) -> Self {
        Self(Box::new(to))
    }

    pub(crate) fn target(&self) -> String {
        self.0.target()
    }
}

/// What a client does with a destination, in either style.
pub(crate) trait Route: Send {
    fn target(&self) -> String;

    fn protocol(&self) -> &'static str;

    fn is_same_object(&self, target: &str) -> bool;

    #[cfg(feature = "blocking")]
    fn send(
        self: Box<Self>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Receipt, Error>;

    #[cfg(feature = "blocking")]
    fn abandon(
        self: Box<Self>,
        settings: Settings,
        told: Report,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Abandoned, Error>;

    #[cfg(feature = "async")]
    fn send_async(
        self: Box<Self>,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Receipt, Error>>;

    #[cfg(feature = "async")]
    fn abandon_async(
        self: Box<Self>,
        settings: Settings,
        told: Report,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Abandoned, Error>>;
}

impl<P: Protocol + Clone> Route for To<P> {
    fn target(&self) -> String {
        self.protocol.target()
    }

    fn protocol(&self) -> &'static str {
        P::ID
    }

    fn is_same_object(&self, target: &str) -> bool {
        (self.advice.is_same_object)(&self.protocol, target)
    }

    #[cfg(feature = "blocking")]
    fn send(
        self: Box<Self>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Receipt, Error> {
        crate::put::blocking::send(*self, settings, shared, watch, transport)
    }

    #[cfg(feature = "blocking")]
    fn abandon(
        self: Box<Self>,
        settings: Settings,
        told: Report,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Abandoned, Error> {
        crate::put::blocking::abandon(*self, settings, told, shared, watch, transport)
    }

    #[cfg(feature = "async")]
    fn send_async(
        self: Box<Self>,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Receipt, Error>> {
        let destination = self.target();
        let sent = crate::put::asynchronous::send(*self, settings, client, watch);
        Box::pin(crate::drive::trace::in_upload(P::ID, &destination, sent))
    }

    #[cfg(feature = "async")]
    fn abandon_async(
        self: Box<Self>,
        settings: Settings,
        told: Report,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Abandoned, Error>> {
        let destination = self.target();
        let abandoned = crate::put::asynchronous::abandon(*self, settings, told, client, watch);
        Box::pin(crate::drive::trace::in_upload(P::ID, &destination, abandoned))
    }
}

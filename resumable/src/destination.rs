//! Where an upload leads, whatever the vendor.

use std::sync::Arc;

use resumable_core::leftovers::{Answered, Ask};
use resumable_core::{Failure, IfExists, Last, Located, Outline, Receipt, SourceInfo};

#[cfg(feature = "blocking")]
use crate::client::Shared;
use crate::credentials::{BoxError, Credentials};
use crate::error::{Error, ErrorKind};
use crate::file::Folder;
use crate::handle::Watch;
use crate::leftovers::{self, Named};
use crate::limits::Limits;
use crate::lookup::Looked;
use crate::put::{Abandoned, Report, Settings, renamed_to};

/// An object's place at a vendor, and the credentials for it.
pub(crate) struct To<P: Located> {
    pub(crate) protocol: P,
    pub(crate) credentials: Credentials<P::Credential>,
    pub(crate) advice: Advice<P>,
    /// What the profile says of what stands there already.
    pub(crate) if_exists: Option<IfExists>,
    /// What knows how fast parts are taken, where nobody has said how long they are to be.
    pub(crate) speeds: Option<Limits>,
}

/// What people can be told about a vendor.
pub(crate) struct Advice<P: Located> {
    /// What can be changed about a refusal.
    pub(crate) hint: fn(&P::Fault) -> Option<&'static str>,
    /// What to do when the credentials are refused.
    pub(crate) credentials: Vec<String>,
    /// Whether a target, as a checkpoint says it, is the same object by another address.
    pub(crate) is_same_object: fn(&P, &str) -> bool,
}

impl<P: Located> To<P> {
    pub(crate) fn new(protocol: P, credentials: Credentials<P::Credential>) -> Self {
        let advice = Advice { hint: |_| None, credentials: Vec::new(), is_same_object: |_, _| false };
        Self { protocol, credentials, advice, if_exists: None, speeds: None }
    }

    /// The protocol for an upload that begins.
    pub(crate) fn cut(&self) -> P {
        let own = self.protocol.part_size();
        match &self.speeds {
            Some(speeds) => self.protocol.with_part_size(speeds.part_size(self.credentials.barrier(), own)),
            None => self.protocol.clone(),
        }
    }
}

impl<P: Located> Advice<P> {
    /// A failure as an error, with what can be changed about it.
    pub(crate) fn explain(&self, failure: Failure<P::Fault>, confirmed: Option<(u64, u64)>) -> Error {
        let advice = match &failure {
            Failure::Refused(fault) | Failure::Exhausted { last: Last::Vendor(fault), .. } => {
                (self.hint)(fault).map(str::to_owned).into_iter().collect()
            }
            Failure::Credential(fault) => {
                (self.hint)(fault).map(str::to_owned).into_iter().chain(self.credentials.iter().cloned()).collect()
            }
            Failure::Authorize(_) => self.credentials.clone(),
            _ => Vec::new(),
        };
        let is_taken = matches!(&failure, Failure::Refused(fault) if P::is_taken(fault));
        let error = Error::from(failure.map_fault(BoxError::from)).with(confirmed, advice);
        if is_taken { error.kind_of(ErrorKind::Exists) } else { error }
    }
}

/// A [`To`] of any vendor.
pub(crate) struct Destination(pub(crate) Box<dyn Route>);

impl Destination {
    pub(crate) fn new<P: Located>(to: To<P>) -> Self {
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

    /// True for its own target, and for that of the same upload under another name.
    fn goes_to(&self, target: &str) -> bool;

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Error>;

    fn named_in(&self, folder: &Folder) -> Result<Vec<Named>, Error>;

    #[cfg(feature = "blocking")]
    fn leftovers(
        self: Box<Self>,
        question: Ask,
        then: &mut dyn FnMut(Option<Answered>) -> Option<Ask>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<(), Error>;

    #[cfg(feature = "async")]
    fn leftovers_async(
        self: Box<Self>,
        question: Ask,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Vec<Answered>, Error>>;

    #[cfg(feature = "blocking")]
    fn look_up(
        self: Box<Self>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Looked, Error>;

    #[cfg(feature = "async")]
    fn look_up_async(
        self: Box<Self>,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Looked, Error>>;

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

impl<P: Located> Route for To<P> {
    fn target(&self) -> String {
        self.protocol.target()
    }

    fn protocol(&self) -> &'static str {
        P::ID
    }

    fn is_same_object(&self, target: &str) -> bool {
        (self.advice.is_same_object)(&self.protocol, target)
    }

    fn goes_to(&self, target: &str) -> bool {
        self.protocol.target() == target || renamed_to(&self.protocol, target).is_some()
    }

    fn outline(&self, source: &SourceInfo) -> Result<Outline, Error> {
        let protocol = self.cut();
        protocol.outline(source).map_err(|fault| self.advice.explain(Failure::Refused(fault), None))
    }

    fn named_in(&self, folder: &Folder) -> Result<Vec<Named>, Error> {
        leftovers::named_in::<P>(folder)
    }

    #[cfg(feature = "blocking")]
    fn leftovers(
        self: Box<Self>,
        question: Ask,
        then: &mut dyn FnMut(Option<Answered>) -> Option<Ask>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<(), Error> {
        leftovers::blocking::ask(*self, question, then, settings, shared, watch, transport)
    }

    #[cfg(feature = "async")]
    fn leftovers_async(
        self: Box<Self>,
        question: Ask,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Vec<Answered>, Error>> {
        let destination = self.target();
        let asked = leftovers::asynchronous::ask(*self, question, settings, client, watch);
        Box::pin(crate::drive::trace::in_upload(P::ID, &destination, asked))
    }

    #[cfg(feature = "blocking")]
    fn look_up(
        self: Box<Self>,
        settings: Settings,
        shared: &Shared,
        watch: Arc<Watch>,
        transport: &dyn resumable_transport::blocking::Transport,
    ) -> Result<Looked, Error> {
        crate::lookup::blocking::look_up(*self, settings, shared, watch, transport)
    }

    #[cfg(feature = "async")]
    fn look_up_async(
        self: Box<Self>,
        settings: Settings,
        client: crate::Client,
        watch: Arc<Watch>,
    ) -> futures::future::BoxFuture<'static, Result<Looked, Error>> {
        let destination = self.target();
        let asked = crate::lookup::asynchronous::look_up(*self, settings, client, watch);
        Box::pin(crate::drive::trace::in_upload(P::ID, &destination, asked))
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

//! The calls of a vendor, as a table.

use std::fmt::{self, Debug, Formatter};

use crate::fault_kind::Kind;

/// What is known of one call.
#[derive(Clone, Copy, PartialEq, Eq)]
pub struct CallFacts {
    /// Its place in the table.
    pub number: usize,
    /// Its name, as the census shows it.
    pub name: &'static str,
    /// The operation that it is for the server's plans.
    pub op: &'static str,
    /// What is at stake when its answer is lost.
    pub stake: Stake,
    /// It matters to the server when a request begins to arrive, and not only when it is whole. Such a request says in
    /// its head what it is.
    pub minds_beginnings: bool,
    /// Which of those kinds of fault it can meet that not every call can.
    pub meets: &'static [Kind],
}

/// What is at stake when the answer to a call is lost.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Stake {
    /// Nothing that cannot be asked again.
    Nothing,
    /// The name of what it opened: a crash must not forget the call.
    Name,
    /// The result: the vendor holds it for good after this call.
    Result,
    /// What is at the path: the call removes it for good.
    Path,
}

impl Debug for CallFacts {
    fn fmt(&self, f: &mut Formatter<'_>) -> fmt::Result {
        f.write_str(self.name)
    }
}

impl CallFacts {
    /// A call that risks nothing and meets what every call can meet.
    pub const fn new(number: usize, name: &'static str, op: &'static str) -> Self {
        Self { number, name, op, stake: Stake::Nothing, minds_beginnings: false, meets: &[] }
    }

    /// True for a call after which the vendor holds the result for good.
    pub fn commits(&self) -> bool {
        matches!(self.stake, Stake::Result | Stake::Path)
    }

    /// True for a call that a crash must not forget: it leaves only when a durable checkpoint has it in doubt.
    pub fn is_remembered(&self) -> bool {
        self.stake != Stake::Nothing
    }

    /// True for a call that removes what is at the path.
    pub fn removes(&self) -> bool {
        self.stake == Stake::Path
    }

    /// Whether it can meet a kind of fault at all.
    pub fn can_meet(&self, kind: Kind) -> bool {
        match kind {
            Kind::Fails => false,
            // A removal that comes after everything else destroys what was uploaded since: nobody can survive it.
            Kind::LostLate => !self.removes(),
            Kind::WrongEcho | Kind::WrongSession | Kind::Forget | Kind::Callback | Kind::Flipped | Kind::Spoilt => {
                self.meets.contains(&kind)
            }
            _ => true,
        }
    }
}

/// The calls of a vendor.
pub trait Calls: Copy + Debug + PartialEq + Send + Sync + 'static {
    /// All of them, in the census's order.
    const ALL: &'static [Self];

    /// The call's row of the table.
    fn facts(self) -> &'static CallFacts;
}

/// Declares a vendor's calls, in the census's order: name, operation, and which facts are not those of
/// [`CallFacts::new`].
macro_rules! calls {
    ($($call:ident $op:literal $({ $($fact:ident: $value:expr),+ })?;)+) => {
        /// The calls.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub enum Call {
            $(#[doc = concat!("`", $op, "`")] $call,)+
        }

        impl $crate::calls::Calls for Call {
            const ALL: &'static [Self] = &[$(Self::$call),+];

            fn facts(self) -> &'static $crate::calls::CallFacts {
                use $crate::calls::CallFacts;
                const TABLE: &[CallFacts] = &[$(CallFacts {
                    $($($fact: $value,)+)?
                    ..CallFacts::new(Call::$call as usize, stringify!($call), $op)
                }),+];
                &TABLE[self as usize]
            }
        }
    };
}

pub(crate) use calls;

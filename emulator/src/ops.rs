//! A vendor's operations, with the names that plans and logs have for them.

/// `Operation = "name"` a line; behind `+` what a plan may name though it is no request.
macro_rules! ops {
    ($($op:ident = $name:literal,)+ $(+ $other:expr)?) => {
        /// What a request asks for.
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        pub(super) enum Op { $($op),+ }

        const NAMES: &[&str] = &[$($name,)+ $($other)?];

        impl Op {
            pub(super) fn name(self) -> &'static str {
                match self {
                    $(Op::$op => $name),+
                }
            }

            pub(super) fn of_name(name: &str) -> Option<Op> {
                match name {
                    $($name => Some(Op::$op),)+
                    _ => None,
                }
            }
        }
    };
}

pub(crate) use ops;

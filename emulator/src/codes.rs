//! A vendor's codes: constants, and the list of all of them, in which a fault looks up the code that a plan names.

/// Who may see them; then `NAME = (…);` a line, with what the vendor's `code` takes.
macro_rules! codes {
    ($vis:vis, $($(#[$doc:meta])* $name:ident = ($($value:expr),+ $(,)?);)+) => {
        $($(#[$doc])* $vis const $name: Code = code($($value),+);)+

        const ALL: &[Code] = &[$($name),+];
    };
}

pub(crate) use codes;

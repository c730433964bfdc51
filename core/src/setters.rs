/// Writes a method for each named field of an options type that gives the options back with another value: outside its
/// crate, a `#[non_exhaustive]` struct cannot be written as a literal. For the crates of this workspace.
#[doc(hidden)]
#[macro_export]
macro_rules! setters {
    ($($field:ident: $value:ty,)+) => {$(
        #[doc = concat!("The same with this [`", stringify!($field), "`](Self#structfield.", stringify!($field), ").")]
        #[must_use]
        pub fn $field(mut self, $field: $value) -> Self {
            self.$field = $field.into();
            self
        }
    )+};
}

/// `Debug` that says what `Display` says: for errors about what a program gave, which a `main` that returns them shows.
#[doc(hidden)]
#[macro_export]
macro_rules! debug_in_words {
    ($error:ty) => {
        impl ::core::fmt::Debug for $error {
            fn fmt(&self, f: &mut ::core::fmt::Formatter<'_>) -> ::core::fmt::Result {
                ::core::fmt::Display::fmt(self, f)
            }
        }
    };
}

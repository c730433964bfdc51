use std::fmt;
use std::str::FromStr;

use resumable_core::MAX_WINDOW;

use crate::error::Error;

/// How many requests may be under way at once.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Window {
    /// As many as bring throughput, which is found by trying: one at first, 32 at most
    /// ([`AdaptiveWindow`](resumable_core::AdaptiveWindow)).
    #[default]
    Auto,
    /// The same, with another number at most: from 1 to 128 ([`MAX_WINDOW`]).
    UpTo(usize),
    /// This many: from 1 to 128 ([`MAX_WINDOW`]).
    Fixed(usize),
}

/// Enough for most links; what a request holds in memory is some hundred KiB.
const MOST: usize = 32;
const AUTO: &str = "auto";

impl Window {
    pub(super) fn most(self) -> usize {
        match self {
            Self::Auto => MOST,
            Self::UpTo(window) | Self::Fixed(window) => window,
        }
    }

    pub(super) fn fixed(self) -> Option<usize> {
        match self {
            Self::Auto | Self::UpTo(_) => None,
            Self::Fixed(window) => Some(window),
        }
    }

    pub(super) fn checked(self) -> Result<Self, Error> {
        if (1..=MAX_WINDOW).contains(&self.most()) {
            return Ok(self);
        }
        Err(Error::argument("window", format!("must be from 1 to {MAX_WINDOW}, not {}", self.most())))
    }
}

impl From<usize> for Window {
    fn from(window: usize) -> Self {
        Self::Fixed(window)
    }
}

impl fmt::Display for Window {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Auto => f.write_str(AUTO),
            Self::UpTo(window) => write!(f, "up to {window}"),
            Self::Fixed(window) => window.fmt(f),
        }
    }
}

/// Reads `auto`, or a number from 1 to 128 ([`MAX_WINDOW`]).
impl FromStr for Window {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        let number = || text.parse().ok().filter(|window| (1..=MAX_WINDOW).contains(window)).map(Self::Fixed);
        let window = if text == AUTO { Some(Self::Auto) } else { number() };
        window.ok_or_else(|| format!("must be \"{AUTO}\" or a number from 1 to {MAX_WINDOW}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_window_is_a_number_within_bounds_or_found_by_trying() {
        assert_eq!("auto".parse(), Ok(Window::Auto));
        for good in [1, 128] {
            assert_eq!(good.to_string().parse(), Ok(Window::Fixed(good)));
        }
        for bad in ["0", "129", "-1", "four", "Auto", ""] {
            let said = bad.parse::<Window>().unwrap_err();
            assert!(said.contains("auto") && said.contains("128"), "{said}");
        }
        for wrong in [Window::UpTo(0), Window::UpTo(129), Window::Fixed(0)] {
            assert_eq!(wrong.checked().unwrap_err().kind(), crate::ErrorKind::Argument);
        }
    }
}

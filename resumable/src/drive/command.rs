use resumable_core::{Protocol, Upload};

/// What the host may ask of a running upload, from any thread.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Command {
    /// [`Upload::pause`].
    Pause,
    /// [`Upload::unpause`].
    Unpause,
    /// [`Upload::stop`].
    Stop,
    /// [`Upload::abort`].
    Abort,
    /// [`Upload::set_window`].
    Window(usize),
}

impl Command {
    pub(super) fn hand_to<P: Protocol>(self, upload: &mut Upload<P>) {
        match self {
            Self::Pause => upload.pause(),
            Self::Unpause => upload.unpause(),
            Self::Stop => upload.stop(),
            Self::Abort => upload.abort(),
            Self::Window(window) => upload.set_window(window),
        }
    }
}

//! A file as source, and a folder as checkpoint store.

//! How much memory something takes: the allocator counts.

use std::alloc::{GlobalAlloc, Layout, System};
use std::sync::atomic::{AtomicUsize, Ordering::Relaxed};

struct Counting;

static HELD: AtomicUsize = AtomicUsize::new(0);
static MOST: AtomicUsize = AtomicUsize::new(0);

#[global_allocator]
static COUNTING: Counting = Counting;

// SAFETY: everything is the system's; a wrong count would be a wrong answer, and nothing worse.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        let held = HELD.fetch_add(layout.size(), Relaxed).wrapping_add(layout.size());
        MOST.fetch_max(held, Relaxed);
        // SAFETY: the caller keeps to what the system's allocator wants.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, memory: *mut u8, layout: Layout) {
        HELD.fetch_sub(layout.size(), Relaxed);
        // SAFETY: as above.
        unsafe { System.dealloc(memory, layout) }
    }
}

/// Does some work, which may not hold more than so many bytes at a time besides what is held already.
///
/// # Panics
/// When it holds more.
pub fn within<T>(bytes: usize, work: impl FnOnce() -> T) -> T {
    let before = HELD.load(Relaxed);
    MOST.store(before, Relaxed);
    let done = work();
    let took = MOST.load(Relaxed).saturating_sub(before);
    assert!(took <= bytes, "{took} bytes of memory were held at a time, and {bytes} are allowed");
    done
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_let_go_again_counts_too() {
        within(64 << 20, || drop(vec![0_u8; 1 << 20]));
        let said = std::panic::catch_unwind(|| within(64 << 20, || drop(vec![0_u8; 65 << 20])));
        assert!(said.is_err());
    }
}

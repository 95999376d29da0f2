//! The allocator of every program: work is handed from thread to thread here, and the system's allocator spent an
//! eighth of the main path on that. Without transparent huge pages (the feature `no_thp`): what a start needs for a
//! moment left half-empty ones behind, 40 MB of them, and they made nothing faster.

use mimalloc::MiMalloc;

// The tests of this crate are linked with a second copy of it.
#[cfg_attr(not(test), global_allocator)]
#[cfg_attr(test, expect(dead_code, reason = "the other copy's is used"))]
static ALLOCATOR: MiMalloc = MiMalloc;

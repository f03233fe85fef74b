//! refrain: finds text that repeats. The program itself is [`refrain::cli`]; here is what belongs to the process alone.

use std::process::ExitCode;

#[cfg(not(target_env = "msvc"))]
#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// What the allocator reads when it starts: it asks for memory in large pages, which come six times as fast as small ones; there are none elsewhere. A variable of the same
/// name, `_RJEM_MALLOC_CONF`, has the last word.
#[cfg(target_os = "linux")]
#[expect(unsafe_code, reason = "a name that the linker knows")]
#[unsafe(export_name = "_rjem_malloc_conf")]
static ALLOCATOR_SETTINGS: &[u8; 11] = b"thp:always\0";

fn main() -> ExitCode {
    ExitCode::from(refrain::cli::main(None))
}

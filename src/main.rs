//! The program; everything is in the library.

use std::process::ExitCode;

/// 1.2 to 1.34 times faster than the system's allocator on the trees and facts of a run.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

fn main() -> ExitCode {
    leaklint::cli::main()
}

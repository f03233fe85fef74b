//! `refrain restore`: the way back.

use super::args::RestoreArgs;
use super::messages::line;
use super::progress::Bar;
use anyhow::Result;
use refrain::clean::restore;

/// Restores, and tells how much.
pub(super) fn run(args: &RestoreArgs) -> Result<()> {
    let beside = || {
        let mut name = args.output.components().collect::<std::path::PathBuf>().into_os_string();
        name.push(".manifest.jsonl");
        name.into()
    };
    let manifest = args.manifest.clone().unwrap_or_else(beside);
    let bar = Bar::new(0, args.quiet);
    let pool = rayon::ThreadPoolBuilder::new().num_threads(args.jobs.unwrap_or(0)).build()?;
    let restored = pool.install(|| restore(&args.output, &manifest, &args.back, &bar));
    bar.finish();
    let restored = restored?;
    if !args.quiet {
        let s = |count: u64| if count == 1 { "" } else { "s" };
        line("note", &format!("{} file{} restored, {} bytes", restored.files, s(restored.files), restored.bytes));
        if restored.packed_otherwise > 0 {
            let count = restored.packed_otherwise;
            line(
                "note",
                &format!("{count} packed file{}: the same unpacked, byte for byte; packed otherwise than the input was", s(count)),
            );
        }
    }
    Ok(())
}

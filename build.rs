//! Names the commit of an optimised build for `refrain --version --verbose`. A variable REFRAIN_COMMIT comes first: packages are built without the history.

use std::path::Path;
use std::process::Command;

fn main() {
    println!("cargo::rerun-if-env-changed=REFRAIN_COMMIT");
    // The log has a line for each commit and checkout.
    let log = Path::new(".git/logs/HEAD");
    if std::env::var("PROFILE").is_ok_and(|profile| profile == "debug") || std::env::var_os("REFRAIN_COMMIT").is_some() || !log.is_file() {
        return println!("cargo::rerun-if-changed=build.rs");
    }
    println!("cargo::rerun-if-changed={}", log.display());
    let commit = Command::new("git").args(["rev-parse", "--short=12", "HEAD"]).output().ok().filter(|ran| ran.status.success());
    if let Some(name) = commit.and_then(|ran| String::from_utf8(ran.stdout).ok()) {
        println!("cargo::rustc-env=REFRAIN_COMMIT={}", name.trim());
    }
}

//! Which folder the paths of a report are relative to.

use crate::report::check::Paths;
use std::path::{Path, PathBuf};

/// Paths for code hosts: with `prefix` before those of the working folder if one is given, else relative to the root of the repository that holds the
/// files, else to the working folder.
pub(super) fn paths_for_hosts(folder: &Path, prefix: Option<&Path>, inputs: &[PathBuf]) -> Paths {
    let mut paths = Paths::of_folder(folder);
    for input in inputs {
        let given = folder.join(input);
        if let Ok(real) = given.canonicalize()
            && real != given
        {
            paths = paths.linked(given, real);
        }
    }
    match prefix {
        Some(prefix) => paths.prefixed(prefix),
        None => paths.relative_to(&root_of(folder, inputs)),
    }
}

/// The root of the repository of the working folder; if the first input is elsewhere, that of its repository.
fn root_of(folder: &Path, inputs: &[PathBuf]) -> PathBuf {
    let own = repository_above(folder);
    let first = inputs.first().and_then(|input| folder.join(input).canonicalize().ok());
    // A file of the own repository may be in a submodule, whose paths are those of the repository too.
    let elsewhere = first.as_deref().filter(|first| own.is_none_or(|root| !first.starts_with(root))).and_then(repository_above);
    elsewhere.or(own).unwrap_or(folder).to_path_buf()
}

/// The nearest folder upwards with `.git` in it, which is a file in a worktree and in a submodule.
fn repository_above(path: &Path) -> Option<&Path> {
    path.ancestors().find(|folder| folder.join(".git").exists())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_root_is_that_of_the_repository() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        let at = |name: &str| base.join(name);
        for name in ["repo/.git", "repo/docs/deep", "repo/vendor/part", "other/.git", "other/docs", "plain"] {
            std::fs::create_dir_all(at(name)).unwrap();
        }
        std::fs::write(at("repo/vendor/part/.git"), "gitdir: elsewhere").unwrap();
        for (cwd, input, root) in [
            ("repo/docs", "deep", "repo"),
            ("repo", "vendor/part", "repo"),
            ("repo/vendor/part", ".", "repo/vendor/part"),
            ("repo/docs", "../../other/docs", "other"),
            ("repo/docs", "../../plain", "repo"),
            ("plain", "../repo/docs", "repo"),
            ("", "repo/docs", "repo"),
            ("plain", ".", "plain"),
            ("plain", "*.txt", "plain"),
        ] {
            assert_eq!(root_of(&at(cwd), &[input.into()]), at(root), "{cwd}: {input}");
        }
    }
}

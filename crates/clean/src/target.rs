//! Where the output goes: which file is written for which, and what is refused.

use super::manifest::{OutputKind, RemovedText, removed_file};
use super::{Options, refuse};
use refrain_engine::error::{Error, Result};
use refrain_io::files::{Guard, Lock, behind_links, folder_of, remove_leftovers};
use refrain_io::source::folder_of_glob;
use std::collections::HashMap;
use std::path::{Component, Path, PathBuf};

/// Bytes of a file name on the usual file systems, at most.
const LONGEST_NAME: usize = 255;

/// The folder in an output folder that holds what a run that goes on needs to know.
pub(super) const WORK_FOLDER: &str = ".refrain-clean";

/// Where the files of a run go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) kind: OutputKind,
    /// The output folder; that of the output file.
    pub(super) folder: PathBuf,
    /// For each file its path below the folder.
    pub(super) names: Vec<PathBuf>,
    pub(super) manifest: PathBuf,
    /// Where the removed text goes, if it gets a file of its own.
    pub(super) removed: PathBuf,
    /// Where marks of text files go.
    pub(super) annotations: PathBuf,
}

impl Target {
    /// Where the files of `paths`, which are `files`, go under `out`.
    ///
    /// # Errors
    /// Several files for one output file, two files of one name, a name that is too long.
    pub(super) fn new(out: &Path, paths: &[PathBuf], files: &[&Path], manifest: Option<&Path>) -> Result<Self> {
        let is_single = paths.len() == 1 && files.len() == 1 && !paths[0].is_dir() && (paths[0] == files[0]);
        let is_folder = out.is_dir() || out.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        // A link stays, and the file behind it is written.
        let real_out = behind_links(out);
        let (kind, folder, names) = if is_single && !is_folder {
            let Some(name) = real_out.file_name() else { return refuse("output", format!("{} names no file", out.display())) };
            (OutputKind::File, folder_of(&real_out).to_path_buf(), vec![name.into()])
        } else {
            // Without a slash at its end, with which a file is not found.
            let out = &out.components().collect::<PathBuf>();
            if out.exists() && !out.is_dir() {
                return refuse("output", format!("{} is a file, and the output of several files is a folder", out.display()));
            }
            (OutputKind::Folder, out.to_path_buf(), names(paths, files)?)
        };
        let manifest = behind_links(&manifest.map_or_else(|| beside(out, kind, "manifest"), Path::to_path_buf));
        if manifest.file_name().is_some_and(|name| name.len() > LONGEST_NAME) {
            let reason =
                "the name of the output and `.manifest.jsonl` are longer than a name can be; name a file with the setting `manifest`";
            return refuse("manifest", reason.into());
        }
        let removed = removed_file(&manifest);
        Ok(Self { kind, folder, names, manifest, removed, annotations: beside(out, kind, "annotations") })
    }

    /// Of a run that writes nothing.
    pub(super) fn nowhere(files: &[&Path]) -> Self {
        let names = files.iter().map(|file| file.to_path_buf()).collect();
        Self {
            kind: OutputKind::Folder,
            folder: PathBuf::new(),
            names,
            manifest: PathBuf::new(),
            removed: PathBuf::new(),
            annotations: PathBuf::new(),
        }
    }

    /// Where a file is written.
    pub(super) fn path(&self, file: usize) -> PathBuf {
        self.folder.join(&self.names[file])
    }

    /// Refuses to write over what is read, and to write where the next run with the same paths would read it.
    ///
    /// # Errors
    /// [`Error::Config`].
    pub(super) fn check<'a>(&'a self, mut guard: Guard<'a>, options: &Options) -> Result<()> {
        if self.kind == OutputKind::Folder {
            guard.writes_folder("output", self.folder.as_path());
            guard.owns("output", self.folder.join(WORK_FOLDER));
        }
        (0..self.names.len()).for_each(|file| guard.writes_corpus("output", self.path(file)));
        guard.writes_corpus("manifest", self.manifest.as_path());
        if options.removed_text == RemovedText::File {
            guard.writes_corpus("removed-text", self.removed.as_path());
        }
        if options.annotate {
            guard.writes_corpus("annotate", self.annotations.as_path());
        }
        guard.check()
    }

    /// Keeps other runs out of the output and the manifest, and removes what killed ones left there.
    ///
    /// # Errors
    /// Another run writes there; the operating system's.
    pub(super) fn lock(&self) -> Result<[Lock; 2]> {
        let output = match self.kind {
            OutputKind::File => Lock::of_file("output", &self.path(0))?,
            OutputKind::Folder => Lock::of_folder("output", &self.folder)?,
        };
        let manifest = Lock::of_file("manifest", &self.manifest)?;
        let paths: Vec<PathBuf> = (0..self.names.len()).map(|file| self.path(file)).collect();
        remove_leftovers(paths.iter().chain([&self.manifest, &self.removed, &self.annotations]).map(PathBuf::as_path));
        Ok([output, manifest])
    }
}

/// A path below the output folder as the manifest shows it, with `/` between folders.
pub(super) fn shown(name: &Path) -> String {
    let parts = name.components().filter(|part| matches!(part, Component::Normal(_)));
    parts.map(|part| part.as_os_str().to_string_lossy()).collect::<Vec<_>>().join("/")
}

/// The name of what lies beside the output: that of the output and an ending.
fn beside(out: &Path, kind: OutputKind, what: &str) -> PathBuf {
    let name = match kind {
        OutputKind::File => out.to_path_buf(),
        OutputKind::Folder => out.components().collect::<PathBuf>(),
    };
    if name.file_name().is_none() {
        return PathBuf::from(format!("refrain.{what}.jsonl"));
    }
    let mut name = name.into_os_string();
    name.push(format!(".{what}.jsonl"));
    name.into()
}

/// Names below what all paths have in common.
fn names(paths: &[PathBuf], files: &[&Path]) -> Result<Vec<PathBuf>> {
    let base = |path: &PathBuf| -> PathBuf {
        if path.is_dir() {
            path.clone()
        } else if path.exists() {
            folder_of(path).to_path_buf()
        } else {
            folder_of_glob(path)
        }
    };
    let real = |path: &Path| path.canonicalize().map_err(|cause| Error::Io { path: path.into(), cause });
    let is_stdin = |path: &Path| path.as_os_str() == "-";
    let bases = paths.iter().filter(|path| !is_stdin(path)).map(|path| real(&base(path))).collect::<Result<Vec<_>>>()?;
    let common = bases
        .iter()
        .cloned()
        .reduce(|common, base| common.ancestors().find(|folder| base.starts_with(folder)).unwrap_or(Path::new("")).to_path_buf());
    let common = common.unwrap_or_default();
    let name = |file: &&Path| -> Result<PathBuf> {
        if is_stdin(file) {
            return Ok("stdin".into());
        }
        let place = real(folder_of(file))?.join(file.file_name().unwrap_or_default());
        let below = place.strip_prefix(&common).unwrap_or(&place);
        Ok(below.components().filter(|part| matches!(part, Component::Normal(_))).collect())
    };
    let names = files.iter().map(name).collect::<Result<Vec<_>>>()?;
    let mut seen: HashMap<&Path, &Path> = HashMap::new();
    for (name, file) in names.iter().zip(files) {
        if let Some(other) = seen.insert(name, file) {
            return refuse(
                "output",
                format!("{} and {} would both be written to {}; clean them apart", other.display(), file.display(), name.display()),
            );
        }
    }
    Ok(names)
}

#[cfg(test)]
mod tests {
    use super::*;
    use refrain_io::source::{FileCorpus, SourceOptions};

    #[test]
    fn an_output_that_the_next_run_would_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in/sub")).unwrap();
        std::fs::write(at("in/a.jsonl"), "{}").unwrap();
        let target = |paths: &[&str], out: &str, manifest: Option<&str>| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| at(path)).collect();
            let corpus = FileCorpus::open(&paths, &SourceOptions::default()).unwrap();
            let files: Vec<&Path> = corpus.paths().collect();
            Target::new(&at(out), &paths, &files, manifest.map(at).as_deref())?.check(corpus.guard(), &Options::default())
        };
        for (paths, out, manifest) in [
            (&["in"][..], "in/out", None),
            (&["in"], "in/sub/out", None),
            (&["in"], "in/new/../out", None),
            (&["in"], "out/../in/out", None),
            (&["in"], "in", None),
            (&["in"], "out", Some("in/m.jsonl")),
            (&["in"], "out", Some("in/new/m.jsonl")),
            (&["in/*.jsonl"], "in/out", None),
            (&["in/**/*.jsonl"], "in/out", Some("m.jsonl")),
            (&["in/*"], "out", Some("in/m")),
        ] {
            assert!(target(paths, out, manifest).is_err(), "{paths:?} {out} {manifest:?}");
        }
        for (paths, out, manifest) in [
            (&["in"][..], "out", None),
            (&["in"], "in-out", None),
            (&["in/a.jsonl"], "in/b.jsonl", None),
            (&["in/*.jsonl"], "in/out", Some("m.jsonl")),
        ] {
            assert!(target(paths, out, manifest).is_ok(), "{paths:?} {out} {manifest:?}");
        }
    }
}

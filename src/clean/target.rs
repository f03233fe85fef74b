//! Where the output goes: which file is written for which, and what is refused.

use super::manifest::OutputKind;
use super::refuse;
use crate::error::{Error, Result};
use globset::{GlobBuilder, GlobMatcher};
use std::collections::HashMap;
use std::io;
use std::path::{Component, Path, PathBuf};

/// The folder in an output folder that holds what a run that goes on needs to know.
pub(super) const WORK_FOLDER: &str = ".refrain-clean";

/// Where the files of a run go.
#[derive(Clone, Debug)]
pub(super) struct Target {
    pub(super) kind: OutputKind,
    /// The output folder; that of the output file.
    pub(super) folder: PathBuf,
    /// For each file its name below the folder, with `/` between folders.
    pub(super) names: Vec<String>,
    pub(super) manifest: PathBuf,
    /// Where marks of text files go.
    pub(super) annotations: PathBuf,
}

impl Target {
    /// Where the files of `paths`, which are `files`, go under `out`.
    ///
    /// # Errors
    /// An output that is among the input, a folder where a file should be, two files of one name.
    pub(super) fn new(out: &Path, paths: &[PathBuf], files: &[&Path], manifest: Option<&Path>, annotate: bool) -> Result<Self> {
        let is_single = paths.len() == 1 && files.len() == 1 && !paths[0].is_dir() && (paths[0] == files[0]);
        let is_folder = out.is_dir() || out.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR]);
        // A link stays, and the file behind it is written.
        let behind = |path: &Path| if path.is_symlink() { path.canonicalize().unwrap_or_else(|_| path.into()) } else { path.into() };
        let real_out = behind(out);
        let (kind, folder, names) = if is_single && !is_folder {
            let Some(name) = real_out.file_name() else { return refuse("output", format!("{} names no file", out.display())) };
            let folder = real_out.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
            (OutputKind::File, folder.to_path_buf(), vec![name.to_string_lossy().into_owned()])
        } else {
            if out.exists() && !out.is_dir() {
                return refuse("output", format!("{} is a file, and the output of several files is a folder", out.display()));
            }
            (OutputKind::Folder, out.to_path_buf(), names(paths, files)?)
        };
        let manifest = behind(&manifest.map_or_else(|| beside(out, kind, "manifest"), Path::to_path_buf));
        let target = Self { kind, folder, names, manifest, annotations: beside(out, kind, "annotations") };
        target.refuse_inputs(paths, files, annotate)?;
        Ok(target)
    }

    /// Of a run that writes nothing.
    pub(super) fn nowhere(files: &[&Path]) -> Self {
        let names = files.iter().map(|file| file.to_string_lossy().into_owned()).collect();
        Self { kind: OutputKind::Folder, folder: PathBuf::new(), names, manifest: PathBuf::new(), annotations: PathBuf::new() }
    }

    /// Where a file is written.
    pub(super) fn path(&self, file: usize) -> PathBuf {
        self.folder.join(&self.names[file])
    }

    /// Refuses to write over what is read, and to write where the next run with the same paths would read it.
    fn refuse_inputs(&self, paths: &[PathBuf], files: &[&Path], annotate: bool) -> Result<()> {
        let same: HashMap<Identity, &Path> = files.iter().filter_map(|path| Some((Identity::of(path)?, *path))).collect();
        let written = (0..self.names.len()).map(|file| ("output", self.path(file)));
        let written: Vec<(&'static str, PathBuf)> =
            written.chain([("manifest", self.manifest.clone())]).chain(annotate.then(|| ("output", self.annotations.clone()))).collect();
        for (setting, path) in &written {
            if let Some(input) = Identity::of(path).and_then(|identity| same.get(&identity)) {
                return refuse(setting, format!("{} is {}, which is read; write elsewhere", path.display(), input.display()));
            }
        }
        if self.manifest.is_dir() {
            return refuse("manifest", format!("{} is a folder; name a file", self.manifest.display()));
        }
        let manifest = resolved(&self.manifest);
        if (0..self.names.len()).any(|file| resolved(&self.path(file)) == manifest) {
            return refuse("manifest", format!("{} is the output as well; name another file", self.manifest.display()));
        }
        let folder = (self.kind == OutputKind::Folder).then(|| ("output", self.folder.clone()));
        let written: Vec<_> = folder.into_iter().chain(written).map(|(setting, path)| (setting, resolved(&path), path)).collect();
        for input in paths.iter().filter_map(|path| Input::of(path)) {
            if let Some((setting, _, path)) = written.iter().find(|(_, real, _)| input.reads(real)) {
                let (path, input) = (path.display(), input.given.display());
                return refuse(setting, format!("{path} lies in {input}, which is read, so the next run would read it; write elsewhere"));
            }
        }
        Ok(())
    }
}

/// A folder or a glob among the paths.
struct Input<'p> {
    given: &'p Path,
    /// The folder, or that in which the glob begins.
    folder: Identity,
    glob: Option<GlobMatcher>,
}

impl<'p> Input<'p> {
    /// None for a path that names a file.
    fn of(given: &'p Path) -> Option<Self> {
        if given.is_dir() {
            return Some(Self { given, folder: Identity::of(given)?, glob: None });
        }
        if given.exists() {
            return None;
        }
        let is_plain = |part: &Component<'_>| !is_pattern(part);
        let root: PathBuf = given.components().take_while(is_plain).collect();
        let root = if root.as_os_str().is_empty() { PathBuf::from(".") } else { root };
        let rest: PathBuf = given.components().skip_while(is_plain).collect();
        let pattern = format!("{}/{}", globset::escape(&resolved(&root).to_string_lossy()), rest.to_string_lossy());
        let glob = GlobBuilder::new(&pattern).literal_separator(true).build().ok()?.compile_matcher();
        Some(Self { given, folder: Identity::of(&root)?, glob: Some(glob) })
    }

    /// True if a run that is given this path reads what lies at `real`.
    fn reads(&self, real: &Path) -> bool {
        let is_below = || real.ancestors().any(|folder| Identity::of(folder) == Some(self.folder));
        self.glob.as_ref().map_or_else(is_below, |glob| glob.is_match(real))
    }
}

fn is_pattern(part: &Component<'_>) -> bool {
    part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{'])
}

/// Where a path leads, whether something is there or not: the nearest folder above it that exists, free of links, and the names below it.
fn resolved(path: &Path) -> PathBuf {
    let path = if path.as_os_str().is_empty() { Path::new(".") } else { path };
    for above in path.ancestors() {
        let above = if above.as_os_str().is_empty() { Path::new(".") } else { above };
        let Ok(mut real) = above.canonicalize() else { continue };
        let below = if above == Path::new(".") { path.strip_prefix(".").unwrap_or(path) } else { path.strip_prefix(above).unwrap_or(path) };
        for part in below.components() {
            match part {
                Component::ParentDir => drop(real.pop()),
                Component::Normal(name) => real.push(name),
                _ => {}
            }
        }
        return real;
    }
    path.to_path_buf()
}

pub(super) fn folder_of(file: &Path) -> &Path {
    file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."))
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
fn names(paths: &[PathBuf], files: &[&Path]) -> Result<Vec<String>> {
    let base = |path: &PathBuf| -> PathBuf {
        if path.is_dir() {
            path.clone()
        } else if path.exists() {
            folder_of(path).to_path_buf()
        } else {
            let plain: PathBuf = path.components().take_while(|part| !is_pattern(part)).collect();
            if plain.as_os_str().is_empty() { PathBuf::from(".") } else { plain }
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
    let name = |file: &&Path| -> Result<String> {
        if is_stdin(file) {
            return Ok("stdin".into());
        }
        let place = real(folder_of(file))?.join(file.file_name().unwrap_or_default());
        let below = place.strip_prefix(&common).unwrap_or(&place);
        Ok(below
            .components()
            .filter(|part| matches!(part, Component::Normal(_)))
            .map(|part| part.as_os_str().to_string_lossy())
            .collect::<Vec<_>>()
            .join("/"))
    };
    let names = files.iter().map(name).collect::<Result<Vec<_>>>()?;
    let mut seen: HashMap<&str, &Path> = HashMap::new();
    for (name, file) in names.iter().zip(files) {
        if let Some(other) = seen.insert(name, file) {
            return refuse(
                "output",
                format!("{} and {} would both be written to {name}; clean them apart", other.display(), file.display()),
            );
        }
    }
    Ok(names)
}

/// Identifies a file or folder by whatever name it has.
#[cfg(unix)]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Identity(u64, u64);

#[cfg(unix)]
impl Identity {
    fn of(path: &Path) -> Option<Self> {
        use std::os::unix::fs::MetadataExt;
        let metadata = path.metadata().ok().filter(|metadata| metadata.is_file() || metadata.is_dir())?;
        Some(Self(metadata.dev(), metadata.ino()))
    }
}

/// Identifies a file or folder by its path without links.
#[cfg(not(unix))]
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
struct Identity(u64);

#[cfg(not(unix))]
impl Identity {
    fn of(path: &Path) -> Option<Self> {
        let real = path.canonicalize().ok()?;
        Some(Self(xxhash_rust::xxh3::xxh3_64(real.to_string_lossy().as_bytes())))
    }
}

/// The folders above a file, made if they are not there.
///
/// # Errors
/// What the file system says.
pub(super) fn make_folders(file: &Path) -> Result<()> {
    std::fs::create_dir_all(folder_of(file)).map_err(|cause: io::Error| Error::Io { path: folder_of(file).into(), cause })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_resolved_whether_they_exist_or_not() {
        let folder = tempfile::tempdir().unwrap();
        let real = folder.path().canonicalize().unwrap();
        std::fs::create_dir(real.join("in")).unwrap();
        for (path, expected) in [("in/out", "in/out"), ("in/x/../../y/z", "y/z"), ("in", "in"), ("in/../in/./a.txt", "in/a.txt")] {
            assert_eq!(resolved(&real.join(path)), real.join(expected), "{path}");
        }
        assert_eq!(resolved(Path::new("no-such-name")), Path::new(".").canonicalize().unwrap().join("no-such-name"));
    }

    #[test]
    fn an_output_that_the_next_run_would_read_is_refused() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        std::fs::create_dir_all(at("in/sub")).unwrap();
        std::fs::write(at("in/a.jsonl"), "{}").unwrap();
        let file = at("in/a.jsonl");
        let target = |paths: &[&str], out: &str, manifest: Option<&str>| {
            let paths: Vec<PathBuf> = paths.iter().map(|path| at(path)).collect();
            Target::new(&at(out), &paths, &[&file], manifest.map(at).as_deref(), false)
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

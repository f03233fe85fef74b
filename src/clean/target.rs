//! Where the output goes: which file is written for which, and what is refused.

use super::manifest::OutputKind;
use super::refuse;
use crate::error::{Error, Result};
use std::collections::HashMap;
use std::fs::Metadata;
use std::io;
use std::path::{Path, PathBuf};

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
    pub(super) fn new(out: &Path, paths: &[PathBuf], files: &[&Path], manifest: Option<&Path>) -> Result<Self> {
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
        target.refuse_inputs(paths, files)?;
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

    fn refuse_inputs(&self, paths: &[PathBuf], files: &[&Path]) -> Result<()> {
        let real = |path: &Path| path.canonicalize().ok();
        let inputs: HashMap<PathBuf, &Path> = files.iter().filter_map(|path| Some((real(path)?, *path))).collect();
        let same: HashMap<(u64, u64), &Path> = files.iter().filter_map(|path| Some((identity(&path.metadata().ok()?)?, *path))).collect();
        let check = |setting: &'static str, path: &Path| {
            let met = real(path).and_then(|real| inputs.get(&real)).or_else(|| same.get(&identity(&path.metadata().ok()?)?));
            match met {
                Some(input) => refuse(setting, format!("{} is {}, which is read; write elsewhere", path.display(), input.display())),
                None => Ok(()),
            }
        };
        (0..self.names.len()).try_for_each(|file| check("output", &self.path(file)))?;
        check("manifest", &self.manifest)?;
        if self.manifest.is_dir() {
            return refuse("manifest", format!("{} is a folder; name a file", self.manifest.display()));
        }
        let written = real(folder_of(&self.manifest)).map(|folder| folder.join(self.manifest.file_name().unwrap_or_default()));
        let root = real(&self.folder);
        let is_output = |name: &String| root.as_ref().map(|root| root.join(name)) == written && written.is_some();
        if self.names.iter().any(is_output) {
            return refuse("manifest", format!("{} is the output, too; name another file", self.manifest.display()));
        }
        if self.kind == OutputKind::Folder
            && let Some(root) = root
            && let Some(input) = paths.iter().find(|path| path.is_dir() && real(path).is_some_and(|path| root.starts_with(path)))
        {
            return refuse("output", format!("{} lies in {}, which is read; write elsewhere", self.folder.display(), input.display()));
        }
        Ok(())
    }
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
    let is_pattern = |part: &std::path::Component<'_>| part.as_os_str().to_string_lossy().contains(['*', '?', '[', '{']);
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
            .filter(|part| matches!(part, std::path::Component::Normal(_)))
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

/// What tells a file from others whatever its name.
#[cfg(unix)]
fn identity(metadata: &Metadata) -> Option<(u64, u64)> {
    use std::os::unix::fs::MetadataExt;
    metadata.is_file().then(|| (metadata.dev(), metadata.ino()))
}

#[cfg(not(unix))]
fn identity(_: &Metadata) -> Option<(u64, u64)> {
    None
}

/// The folders above a file, made if they are not there.
///
/// # Errors
/// What the file system says.
pub(super) fn make_folders(file: &Path) -> Result<()> {
    std::fs::create_dir_all(folder_of(file)).map_err(|cause: io::Error| Error::Io { path: folder_of(file).into(), cause })
}

//! A file that appears whole under its name, or not at all.

#[cfg(unix)]
use super::identity::lies_at;
use super::place::make_folders;
use super::unfinished::Unfinished;
use super::{failed, folder_of};
use refrain_engine::error::Result;
use std::collections::{HashMap, HashSet};
use std::ffi::OsStr;
use std::fs::{File, Metadata, OpenOptions};
use std::io;
use std::path::{Path, PathBuf};
use tempfile::NamedTempFile;
use xxhash_rust::xxh3::xxh3_64;

const PREFIX: &str = ".refrain-";
/// Random letters in the name of an unfinished file.
const RANDOM: usize = 12;
/// What a new file may be used for, before the umask is applied.
const NEW_FILE: u32 = 0o666;
/// Permissions, less those that change the user or group.
const PERMISSIONS: u32 = 0o777;
/// Times that a name is chosen again because another run took the file for a leftover.
#[cfg(unix)]
const TRIES: usize = 8;

/// What a file outlives once it has its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Durability {
    /// The end of the run, however it ends; a crash of the machine no better than a file that was copied.
    Run,
    /// A crash of the machine as well: its bytes are on the disk before it gets its name.
    Crash,
}

/// A file that is not whole yet. It lies beside its name under another one that nobody can guess, is made by this run alone (a link or pipe
/// of that name is never followed), and is removed again unless it is kept; also by an interrupt, see [`super::remove_unfinished`].
#[derive(Debug)]
pub struct NewFile {
    file: NamedTempFile,
    target: PathBuf,
    _unfinished: Unfinished,
}

impl NewFile {
    /// Begins what will be at `target`, with the permissions of the file that it replaces, or else those of any new file. Removes what killed
    /// runs left of it.
    ///
    /// # Errors
    /// The operating system's; the folder must exist.
    pub fn begin(target: &Path) -> Result<Self> {
        remove_leftovers([target]);
        let new = Self::create(target, NEW_FILE)?;
        #[cfg(unix)]
        if let Ok(replaced) = target.metadata().as_ref().map(mode) {
            use std::os::unix::fs::PermissionsExt;
            new.file().set_permissions(std::fs::Permissions::from_mode(replaced)).map_err(failed(target))?;
        }
        Ok(new)
    }

    /// The same, with the permissions that all of `inputs` have, as far as the umask allows them. Makes the folder; leftovers stay.
    ///
    /// # Errors
    /// The operating system's; what is at `target` is not a file.
    pub fn begin_as<'p>(target: &Path, inputs: impl IntoIterator<Item = &'p Path>) -> Result<Self> {
        if target.metadata().is_ok_and(|metadata| !metadata.is_file()) {
            return Err(failed(target)(io::Error::other("not a file that can be replaced; name a file")));
        }
        make_folders(target)?;
        let modes = inputs.into_iter().filter_map(|path| path.metadata().ok()).filter(Metadata::is_file);
        let common = modes.map(|metadata| mode(&metadata)).reduce(|common, mode| common & mode);
        Self::create(target, common.unwrap_or(NEW_FILE))
    }

    #[cfg(unix)]
    fn create(target: &Path, mode: u32) -> Result<Self> {
        use std::os::unix::fs::OpenOptionsExt;
        let mut options = OpenOptions::new();
        options.read(true).write(true).create_new(true).mode(mode);
        for _ in 1..TRIES {
            let new = Self::make(target, &options).map_err(failed(target))?;
            // The lock says that somebody still writes to it. Without it, another run may have taken the file for a leftover.
            match new.file().try_lock() {
                Err(std::fs::TryLockError::WouldBlock) => {}
                _ if !lies_at(new.file(), new.file.path()) => {}
                _ => return Ok(new),
            }
        }
        Self::make(target, &options).map_err(failed(target))
    }

    #[cfg(not(unix))]
    fn create(target: &Path, _: u32) -> Result<Self> {
        Self::make(target, OpenOptions::new().read(true).write(true).create_new(true)).map_err(failed(target))
    }

    fn make(target: &Path, options: &OpenOptions) -> io::Result<Self> {
        let mut unfinished = None;
        let prefix = prefix(target.file_name().unwrap_or_default());
        // `create_new` fails where there is a link, and does not follow it.
        let file = tempfile::Builder::new().prefix(&prefix).rand_bytes(RANDOM).make_in(folder_of(target), |path| {
            unfinished = Some(Unfinished::new(path));
            options.open(path)
        })?;
        let unfinished = unfinished.unwrap_or_else(|| Unfinished::new(file.path()));
        Ok(Self { file, target: target.into(), _unfinished: unfinished })
    }

    /// To write to.
    #[must_use]
    pub fn file(&self) -> &File {
        self.file.as_file()
    }

    /// The file is whole: it gets its name, in place of the file that has it.
    ///
    /// # Errors
    /// The operating system's; then nothing has changed under that name.
    pub fn keep(self, durability: Durability) -> Result<()> {
        let failed = failed(&self.target);
        if durability == Durability::Crash {
            self.file().sync_all().map_err(&failed)?;
        }
        self.file.persist(&self.target).map(drop).map_err(|error| failed(error.error))
    }
}

#[cfg(unix)]
fn mode(metadata: &Metadata) -> u32 {
    use std::os::unix::fs::PermissionsExt;
    metadata.permissions().mode() & PERMISSIONS
}

#[cfg(not(unix))]
fn mode(_: &Metadata) -> u32 {
    PERMISSIONS
}

/// The beginning of the name of what will be called `name`: short, so that the longest names can be used.
fn prefix(name: &OsStr) -> String {
    format!("{PREFIX}{:08x}-", xxh3_64(name.as_encoded_bytes()) >> 32)
}

/// Removes unfinished files of these names that killed runs left: those that nobody writes to.
pub fn remove_leftovers<'p>(targets: impl IntoIterator<Item = &'p Path>) {
    let mut folders: HashMap<&Path, HashSet<String>> = HashMap::new();
    for target in targets {
        folders.entry(folder_of(target)).or_default().insert(prefix(target.file_name().unwrap_or_default()));
    }
    for (folder, prefixes) in folders {
        for entry in std::fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name();
            let is_left = name.to_str().and_then(|name| name.split_at_checked(name.len().checked_sub(RANDOM)?));
            if is_left.is_some_and(|(prefix, _)| prefixes.contains(prefix)) {
                remove_if_left(&folder.join(name));
            }
        }
    }
}

#[cfg(unix)]
fn remove_if_left(path: &Path) {
    let Ok(file) = super::lock::open_plain(OpenOptions::new().read(true), path) else { return };
    if file.metadata().is_ok_and(|metadata| metadata.is_file()) && file.try_lock().is_ok() && lies_at(&file, path) {
        let _ = std::fs::remove_file(path);
    }
}

/// Nothing says whether another run writes to the file.
#[cfg(not(unix))]
fn remove_if_left(_: &Path) {}

#[cfg(unix)]
#[cfg(test)]
mod tests {
    use super::*;
    use std::fs::{create_dir, read_dir, read_to_string, write};
    use std::io::Write;

    fn names(folder: &Path) -> Vec<String> {
        let mut names: Vec<_> = read_dir(folder).unwrap().map(|entry| entry.unwrap().file_name().into_string().unwrap()).collect();
        names.sort();
        names
    }

    #[test]
    fn a_file_appears_whole_or_not_at_all_also_under_the_longest_name() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["x".to_owned(), "n".repeat(255)] {
            let target = folder.path().join(&name);
            let new = NewFile::begin(&target).unwrap();
            new.file().write_all(b"one").unwrap();
            assert!(!target.exists());
            drop(new);
            assert!(names(folder.path()).is_empty());
            let new = NewFile::begin_as(&target, []).unwrap();
            new.file().write_all(b"two").unwrap();
            new.keep(Durability::Crash).unwrap();
            assert_eq!((read_to_string(&target).unwrap().as_str(), names(folder.path())), ("two", vec![name]));
            std::fs::remove_file(&target).unwrap();
        }
    }

    #[test]
    fn what_a_killed_run_left_is_removed_and_what_another_writes_is_not() {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name);
        let left = |name: &str, end: &str| prefix(OsStr::new(name)) + end;
        let other = NewFile::begin(&at("x")).unwrap();
        let written = other.file.path().file_name().unwrap().to_str().unwrap().to_owned();
        write(at("victim"), "precious").unwrap();
        write(at(&left("x", "abcdefghijkl")), "half").unwrap();
        std::os::unix::fs::symlink("victim", at(&left("x", "linklinklink"))).unwrap();
        let kept = [left("y", "abcdefghijkl"), left("x", "short"), "x".into()];
        kept.iter().for_each(|name| write(at(name), "").unwrap());
        create_dir(at(&left("x", "folderfolder"))).unwrap();
        let new = NewFile::begin(&at("x")).unwrap();
        let mut expected: Vec<String> = kept.into_iter().chain([written, "victim".into()]).collect();
        expected.extend([left("x", "linklinklink"), left("x", "folderfolder")]);
        expected.push(new.file.path().file_name().unwrap().to_str().unwrap().to_owned());
        expected.sort();
        assert_eq!(names(folder.path()), expected);
        other.keep(Durability::Run).unwrap();
        new.keep(Durability::Run).unwrap();
        assert_eq!(read_to_string(at("victim")).unwrap(), "precious");
    }

    #[test]
    fn a_new_file_may_be_used_as_all_inputs_may_and_replaced_ones_as_before() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str, mode: u32| {
            let path = folder.path().join(name);
            write(&path, "").unwrap();
            std::fs::set_permissions(&path, std::fs::Permissions::from_mode(mode)).unwrap();
            path
        };
        let (a, b, x) = (at("a", 0o640), at("b", 0o604), at("x", 0o4711));
        let mode_of = |new: &NewFile| mode(&new.file().metadata().unwrap());
        assert_eq!(mode_of(&NewFile::begin_as(&x, [a.as_path(), &b]).unwrap()), 0o600);
        assert_eq!(mode_of(&NewFile::begin(&x).unwrap()), 0o711);
    }
}

//! The one gatekeeper: what a run writes is held against what it reads, before anything is read.

use super::identity::Inode;
use super::spot::{Folders, Spot, ends_in_slash, is_device};
use super::{behind_links, folder_of, refuse};
use refrain_engine::error::Result;
use std::borrow::Cow;
use std::collections::HashMap;
use std::fmt;
use std::path::{Path, PathBuf};

/// Files that SQLite keeps beside a database.
const BESIDE_DATABASE: [&str; 4] = ["", "-wal", "-shm", "-journal"];

/// A folder or glob among the paths to read. It is read again by the next run with the same paths, with all that lies in it then.
pub struct Tree {
    /// As given.
    pub given: PathBuf,
    /// The folder, or the one in which the glob begins.
    pub folder: PathBuf,
    /// Whether a path below the folder belongs to it: any for a folder, those that match for a glob.
    pub holds: Box<dyn Fn(&Path) -> bool>,
    /// Whether a walk reads a file of that path below the folder: not if it is hidden, ignored, or has an ending that is left out.
    pub walks: Box<dyn Fn(&Path) -> bool>,
}

impl Tree {
    /// A folder of which everything belongs together.
    #[must_use]
    pub fn of_folder(folder: &Path) -> Self {
        Self { given: folder.into(), folder: folder.into(), holds: Box::new(|_| true), walks: Box::new(|_| true) }
    }
}

impl fmt::Debug for Tree {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Tree").field("given", &self.given).field("folder", &self.folder).finish_non_exhaustive()
    }
}

/// How a file is written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Manner {
    /// A new file takes the name.
    Report,
    /// The same, in folders that are made, and which no walk may reach.
    Corpus,
    /// A folder of such files.
    Folder,
    /// The file itself is changed.
    InPlace,
}

#[derive(Debug)]
struct Written<'p> {
    /// The setting that names the path.
    setting: &'static str,
    path: Cow<'p, Path>,
    manner: Manner,
}

/// What a run reads and writes. [`Guard::check`] refuses what would destroy a file that is read, or be read by the next run.
#[derive(Debug, Default)]
pub struct Guard<'p> {
    /// Each with what it is, such as `baseline`; input files have no such name.
    read: Vec<(Option<&'static str>, Cow<'p, Path>)>,
    trees: Vec<Tree>,
    written: Vec<Written<'p>>,
    owned: Vec<(&'static str, PathBuf)>,
}

impl<'p> Guard<'p> {
    /// An input file, `-` for standard input.
    pub fn reads_input(&mut self, path: &'p Path) {
        let stdin = Path::new(if cfg!(unix) { "/dev/stdin" } else { "-" });
        self.read.push((None, Cow::Borrowed(if path.as_os_str() == "-" { stdin } else { path })));
    }

    /// A folder or glob among the inputs.
    pub fn reads_tree(&mut self, tree: Tree) {
        self.trees.push(tree);
    }

    /// Another file that is read: `role` is what it is.
    pub fn reads(&mut self, role: &'static str, path: impl Into<Cow<'p, Path>>) {
        self.read.push((Some(role), path.into()));
    }

    /// A database that is read; the files beside it belong to it.
    pub fn reads_database(&mut self, role: &'static str, path: &Path) {
        self.read.extend(database_files(path).map(|path| (Some(role), Cow::Owned(path))));
    }

    /// A report, for which `setting` names a path. Its folder must exist; devices and pipes are written as well.
    pub fn writes(&mut self, setting: &'static str, path: impl Into<Cow<'p, Path>>) {
        self.written.push(Written { setting, path: path.into(), manner: Manner::Report });
    }

    /// A file to which the run adds.
    pub fn adds_to(&mut self, setting: &'static str, path: impl Into<Cow<'p, Path>>) {
        self.written.push(Written { setting, path: path.into(), manner: Manner::InPlace });
    }

    /// A database that is read and written; the files beside it belong to it.
    pub fn updates_database(&mut self, setting: &'static str, path: &Path) {
        self.written.extend(database_files(path).map(|path| Written { setting, path: path.into(), manner: Manner::InPlace }));
    }

    /// A file made of the input, or a record of how it was made: never inside a folder that is read, whatever its name. Its folder is made.
    pub fn writes_corpus(&mut self, setting: &'static str, path: impl Into<Cow<'p, Path>>) {
        self.written.push(Written { setting, path: path.into(), manner: Manner::Corpus });
    }

    /// A folder of such files.
    pub fn writes_folder(&mut self, setting: &'static str, path: impl Into<Cow<'p, Path>>) {
        self.written.push(Written { setting, path: path.into(), manner: Manner::Folder });
    }

    /// A folder whose content the run makes and removes: nothing that is read or stays may lie in it.
    pub fn owns(&mut self, setting: &'static str, folder: PathBuf) {
        self.owned.push((setting, folder));
    }

    /// Compares all paths.
    ///
    /// # Errors
    /// [`refrain_engine::Error::Config`] with the setting, the path, and what to do: a path to write that is a file to read or another path to write, that
    /// the next run would read, that is a folder, or whose folder does not exist.
    pub fn check(self) -> Result<()> {
        self.written.iter().try_for_each(check_kind)?;
        let mut folders = Folders::default();
        let written: Vec<Vec<Spot>> = self.written.iter().map(|written| folders.spots(&written.path)).collect();
        let read: Vec<Vec<Spot>> = self.read.iter().map(|(_, path)| folders.spots(path)).collect();
        self.check_owned(&read, &written)?;
        self.check_reads(&read, &written)?;
        self.check_pairs(&written)?;
        self.check_trees(&written)
    }

    fn check_reads(&self, read: &[Vec<Spot>], written: &[Vec<Spot>]) -> Result<()> {
        let (mut names, mut inodes) = (HashMap::new(), HashMap::new());
        for (at, spot) in read.iter().enumerate().flat_map(|(at, spots)| spots.iter().map(move |spot| (at, spot))) {
            names.entry(spot.named()).or_insert(at);
            spot.inode.map(|inode| inodes.entry(inode).or_insert(at));
        }
        for (writing, spots) in self.written.iter().zip(written) {
            let is_read = |spot: &Spot| names.get(&spot.named()).or_else(|| inodes.get(&spot.inode?));
            let mut files = spots.iter().filter(|spot| writing.manner != Manner::Folder && !spot.is_device);
            let Some(&at) = files.find_map(is_read) else { continue };
            let (role, path) = &self.read[at];
            let (what, path, written) = (role.map(|role| format!("the {role}")), path.display(), writing.path.display());
            let reason = match what {
                None if path.to_string() == written.to_string() => format!("{written} is among the files to read; write elsewhere"),
                None => format!("{written} is {path}, which is among the files to read; write elsewhere"),
                Some(what) => format!("{written} is {what} ({path}), which is read; name another file"),
            };
            return refuse(writing.setting, reason);
        }
        Ok(())
    }

    fn check_pairs(&self, written: &[Vec<Spot>]) -> Result<()> {
        let (mut names, mut inodes) = (HashMap::new(), HashMap::new());
        for (at, (writing, spots)) in self.written.iter().zip(written).enumerate() {
            let Some(spot) = spots.last().filter(|_| writing.manner != Manner::Folder) else { continue };
            // Writing under one name of a file leaves it as it is under the others, unless it is changed in place.
            let by_inode = spot.inode.filter(|_| !spot.is_device);
            let other = names.insert(spot.named(), at).filter(|_| !spot.is_device).or_else(|| {
                let other: usize = by_inode.and_then(|inode| inodes.insert(inode, at))?;
                let in_place = [writing.manner, self.written[other].manner].contains(&Manner::InPlace);
                in_place.then_some(other)
            });
            if let Some(other) = other {
                let (path, other) = (writing.path.display(), self.written[other].setting);
                let reason = if other == writing.setting {
                    format!("{path} is named for two files to write; name another file for one of them")
                } else {
                    format!("{path} is named for {other} as well; name another file for one of them")
                };
                return refuse(writing.setting, reason);
            }
        }
        Ok(())
    }

    fn check_trees(&self, written: &[Vec<Spot>]) -> Result<()> {
        for tree in &self.trees {
            let Some(folder) = Inode::at(&tree.folder) else { continue };
            for (writing, spots) in self.written.iter().zip(written) {
                let is_corpus = matches!(writing.manner, Manner::Corpus | Manner::Folder);
                let would_read = |below: PathBuf| (tree.holds)(&below) && (is_corpus || (tree.walks)(&below));
                let below = |spot: &Spot| !spot.is_device && spot.below(folder).is_some_and(would_read);
                // Walks do not follow links to folders.
                let spots = if writing.manner == Manner::Folder { &spots[spots.len() - 1..] } else { &spots[..] };
                if !spots.iter().any(below) {
                    continue;
                }
                let (path, given) = (writing.path.display(), tree.given.display());
                let remedy = if is_corpus { "write elsewhere" } else { "write outside, or to a hidden or ignored name" };
                return refuse(writing.setting, format!("{path} lies in {given}, which is read, so the next run would read it; {remedy}"));
            }
        }
        Ok(())
    }

    /// # Errors
    /// Something lies in a folder whose content is removed.
    fn check_owned(&self, read: &[Vec<Spot>], written: &[Vec<Spot>]) -> Result<()> {
        for (setting, owned) in &self.owned {
            if owned.symlink_metadata().is_ok_and(|metadata| !metadata.is_dir()) {
                return refuse(setting, format!("{} is needed for a folder of notes, and is something else; remove it", owned.display()));
            }
            let Some(inode) = Inode::at(owned) else { continue };
            let read = self.read.iter().map(|(_, path)| path).zip(read);
            let mut all = read.chain(self.written.iter().map(|written| &written.path).zip(written));
            if let Some((path, _)) = all.find(|(_, spots)| spots.iter().any(|spot| spot.below(inode).is_some())) {
                return refuse(setting, format!("{} lies in {}, which is removed at the end; move it", path.display(), owned.display()));
            }
        }
        Ok(())
    }
}

/// The file of a database, and those that SQLite keeps beside it.
pub fn database_files(path: &Path) -> impl Iterator<Item = PathBuf> {
    BESIDE_DATABASE.into_iter().map(move |ending| {
        let mut name = path.as_os_str().to_owned();
        name.push(ending);
        name.into()
    })
}

/// # Errors
/// What is at the path, or above it, cannot be written so.
fn check_kind(written: &Written<'_>) -> Result<()> {
    let Written { setting, path, manner } = written;
    if *manner == Manner::Folder {
        return Ok(());
    }
    if path.is_dir() || ends_in_slash(path) {
        return refuse(setting, format!("{} is a folder; name a file", path.display()));
    }
    if *manner == Manner::Corpus {
        if is_device(path) {
            return refuse(setting, format!("{} is not a file that can be replaced; name a file", path.display()));
        }
        return Ok(());
    }
    let target = behind_links(path);
    let folder = folder_of(&target);
    if !folder.is_dir() {
        return refuse(setting, format!("{}: there is no folder {}; make it first", path.display(), folder.display()));
    }
    Ok(())
}

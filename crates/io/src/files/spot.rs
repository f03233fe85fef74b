//! Where the files of a run lie: each in a folder that is looked up once.

use super::folder_of;
use super::identity::{Inode, Named, inode_of};
use super::place::Place;
use std::collections::HashMap;
use std::ffi::OsString;
use std::path::{Path, PathBuf};
use std::rc::Rc;

/// A folder, whether it exists or not.
#[derive(Debug)]
struct Folder {
    place: Place,
    /// What exists of it, and the folders above.
    above: Vec<Option<Inode>>,
}

/// A file in a folder.
#[derive(Debug)]
pub(super) struct Spot {
    folder: Rc<Folder>,
    /// None for the root of the file system.
    name: Option<OsString>,
    pub(super) inode: Option<Inode>,
    pub(super) is_device: bool,
}

impl Spot {
    pub(super) fn named(&self) -> Named {
        let names = self.folder.place.missing.iter().chain(&self.name).cloned();
        Named::new(self.folder.above.first().copied().flatten(), names)
    }

    /// The path below `folder`; None outside.
    pub(super) fn below(&self, folder: Inode) -> Option<PathBuf> {
        if self.inode == Some(folder) {
            return Some(PathBuf::new());
        }
        let depth = self.folder.above.iter().position(|above| *above == Some(folder))?;
        let real = &self.folder.place.real;
        let kept = real.components().count() - depth;
        let below = real.components().skip(kept).map(|part| part.as_os_str().to_owned());
        Some(below.chain(self.folder.place.missing.iter().chain(&self.name).cloned()).collect())
    }
}

/// The folders that were looked up, by their paths.
#[derive(Debug, Default)]
pub(super) struct Folders(HashMap<PathBuf, Rc<Folder>>);

impl Folders {
    /// Where a path leads; before that, where the path itself lies, if it is a link.
    pub(super) fn spots(&mut self, path: &Path) -> Vec<Spot> {
        let metadata = path.symlink_metadata();
        let is_link = metadata.as_ref().is_ok_and(std::fs::Metadata::is_symlink);
        let mut spots = Vec::with_capacity(2);
        let named = path.file_name().filter(|_| !ends_in_slash(path)).map(OsString::from);
        if let Some(name) = &named {
            let inode = metadata.ok().filter(|metadata| metadata.is_file() || metadata.is_dir());
            let inode = inode.and_then(|metadata| Inode::of(&metadata, path));
            spots.push(Spot { folder: self.folder(folder_of(path)), name: Some(name.clone()), inode, is_device: false });
        }
        if is_link || named.is_none() {
            let real = Place::of(path).path();
            let (folder, name) = (folder_of(&real).to_path_buf(), real.file_name().map(OsString::from));
            spots.push(Spot { folder: self.folder(&folder), name, inode: inode_of(&real), is_device: false });
        }
        let is_device = is_device(path);
        spots.iter_mut().for_each(|spot| spot.is_device = is_device);
        spots
    }

    fn folder(&mut self, path: &Path) -> Rc<Folder> {
        if let Some(folder) = self.0.get(path) {
            return Rc::clone(folder);
        }
        let place = Place::of(path);
        let above = place.real.ancestors().map(Inode::at).collect();
        let folder = Rc::new(Folder { place, above });
        self.0.insert(path.into(), Rc::clone(&folder));
        folder
    }
}

pub(super) fn ends_in_slash(path: &Path) -> bool {
    path.to_string_lossy().ends_with(['/', std::path::MAIN_SEPARATOR])
}

pub(super) fn is_device(path: &Path) -> bool {
    path.metadata().is_ok_and(|metadata| !metadata.is_file() && !metadata.is_dir())
}

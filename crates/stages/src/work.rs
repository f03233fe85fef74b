//! The folder in which stages leave what they found.

use crate::columns::TableReader;
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::{MANIFEST_SCHEMA, Manifest, Settings, Stage};
use refrain_io::files::{Durability, NewFile};
use std::fs;
use std::io::{ErrorKind, Write};
use std::path::{Path, PathBuf};
use xxhash_rust::xxh3::xxh3_128;

/// A shard or part: which, from 1, and how many there are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Share {
    /// Which, from 1.
    pub number: u32,
    /// How many there are.
    pub of: u32,
}

impl Share {
    /// # Errors
    /// [`Error::Number`].
    pub(crate) fn check(self) -> Result<Self> {
        if (1..=self.of).contains(&self.number) { Ok(self) } else { Err(Error::Number { number: self.number, of: self.of }) }
    }
}

/// What a stage did.
#[derive(Clone, Debug)]
pub struct Finished {
    /// What it says of itself.
    pub manifest: Manifest,
    /// The same was done before, and nothing was done now.
    pub was_done: bool,
}

/// The folder of a search.
#[derive(Clone, Debug)]
pub struct Work {
    folder: PathBuf,
}

/// All shards after they were sketched.
#[derive(Debug)]
pub(crate) struct Sketches {
    pub(crate) manifests: Vec<Manifest>,
}

impl Sketches {
    pub(crate) fn shards(&self) -> u32 {
        self.manifests[0].shards
    }

    pub(crate) fn parts(&self) -> u32 {
        self.manifests[0].parts
    }

    pub(crate) fn settings(&self) -> Settings {
        self.manifests[0].settings
    }

    /// Says whether a shard had these texts when it was sketched.
    ///
    /// # Errors
    /// [`Error::Changed`].
    pub(crate) fn check_texts(&self, shard: u32, texts: Digest) -> Result<()> {
        let sketched = &self.manifests[shard as usize - 1];
        if sketched.digests.get("texts") == Some(&texts.to_string()) { Ok(()) } else { Err(Error::Changed { shard }) }
    }

    /// The number of a shard, of as many as there are.
    pub(crate) fn number_of(&self, work: &Work, shard: Share) -> Result<u32> {
        if shard.check()?.of == self.shards() {
            return Ok(shard.number);
        }
        let path = work.folder_of(Stage::Sketch, shard.number).join("manifest.json");
        Err(Error::Differs { path, what: "numbers of shards" })
    }
}

/// What a stage reads.
#[derive(Debug)]
pub(crate) struct Before {
    pub(crate) sketches: Sketches,
    stage: Stage,
    /// Hash of the manifests of the stage before.
    inputs: String,
}

impl Before {
    /// The shards, if there is a part of this number.
    pub(crate) fn with_part(&self, part: u32) -> Result<&Sketches> {
        Share { number: part, of: self.sketches.parts() }.check()?;
        Ok(&self.sketches)
    }

    /// The manifest of a shard or part of the stage, before it is run.
    pub(crate) fn manifest(&self, number: u32) -> Manifest {
        let like = &self.sketches.manifests[0];
        Manifest::new(self.stage, Share { number, of: like.shards }, like.parts, like.settings, &self.inputs)
    }
}

impl Work {
    /// A folder; the first stage makes it.
    pub fn new(folder: impl Into<PathBuf>) -> Self {
        Self { folder: folder.into() }
    }

    /// Where it is.
    #[must_use]
    pub fn folder(&self) -> &Path {
        &self.folder
    }

    /// The settings with which the shards were sketched.
    ///
    /// # Errors
    /// [`Error::Unfinished`] for a shard that was not.
    pub fn settings(&self) -> Result<Settings> {
        self.sketches().map(|sketches| sketches.settings())
    }

    /// Where a stage leaves its files.
    #[must_use]
    pub fn folder_of(&self, stage: Stage, number: u32) -> PathBuf {
        self.folder.join(stage.name()).join(format!("{number:05}"))
    }

    pub(crate) fn open(&self, stage: Stage, number: u32, file: &str) -> Result<TableReader> {
        TableReader::open(&self.folder_of(stage, number).join(file))
    }

    /// The manifest of a stage; None if it is not finished.
    fn manifest(&self, stage: Stage, number: u32) -> Result<Option<Manifest>> {
        let path = self.folder_of(stage, number).join("manifest.json");
        let bytes = match fs::read(&path) {
            Ok(bytes) => bytes,
            Err(cause) if cause.kind() == ErrorKind::NotFound => return Ok(None),
            Err(cause) => return Err(Error::Io { path, cause }),
        };
        let manifest: Manifest = serde_json::from_slice(&bytes).map_err(|error| Error::Damaged { path, reason: error.to_string() })?;
        Ok(Some(manifest).filter(|manifest| manifest.schema == MANIFEST_SCHEMA))
    }

    /// The manifests of a stage that is to be finished for all of `count` shards or parts.
    ///
    /// # Errors
    /// [`Error::Unfinished`] for the first that is not.
    fn manifests(&self, stage: Stage, count: u32) -> Result<Vec<Manifest>> {
        (1..=count).map(|number| self.manifest(stage, number)?.ok_or_else(|| self.unfinished(stage, number))).collect()
    }

    fn unfinished(&self, stage: Stage, number: u32) -> Error {
        Error::Unfinished { stage, number, folder: self.folder_of(stage, number) }
    }

    /// All shards, each sketched with the settings of the first.
    pub(crate) fn sketches(&self) -> Result<Sketches> {
        let first = self.manifests(Stage::Sketch, 1)?;
        let manifests = self.manifests(Stage::Sketch, first[0].shards)?;
        let first = &manifests[0];
        for other in &manifests {
            let what = match () {
                () if other.settings != first.settings => "settings",
                () if (other.shards, other.parts) != (first.shards, first.parts) => "numbers of shards or parts",
                () => continue,
            };
            let path = self.folder_of(Stage::Sketch, other.number).join("manifest.json");
            return Err(Error::Differs { path, what });
        }
        Ok(Sketches { manifests })
    }

    /// What a stage reads: all stages before it, each finished with what the ones before it left.
    ///
    /// # Errors
    /// [`Error::Unfinished`] for the first shard or part of a stage that is not, [`Error::Differs`].
    pub(crate) fn before(&self, stage: Stage) -> Result<Before> {
        let sketches = self.sketches()?;
        let mut inputs = hash_of(&sketches.manifests);
        for earlier in Stage::AFTER_SKETCH.into_iter().filter(|earlier| *earlier < stage) {
            inputs = hash_of(&self.finished(earlier, &sketches, &inputs)?);
        }
        Ok(Before { sketches, stage, inputs })
    }

    /// Says whether all stages up to `last` are finished, each with what the ones before it left.
    ///
    /// # Errors
    /// Those of [`Work::before`].
    pub(crate) fn through(&self, last: Stage) -> Result<()> {
        let Before { sketches, inputs, .. } = self.before(last)?;
        self.finished(last, &sketches, &inputs).map(drop)
    }

    /// The manifests of a stage that is finished for all shards or parts with these inputs.
    fn finished(&self, stage: Stage, sketches: &Sketches, inputs: &str) -> Result<Vec<Manifest>> {
        let count = match stage {
            Stage::Sketch | Stage::Sets => sketches.shards(),
            Stage::Classes | Stage::Candidates | Stage::Verify => sketches.parts(),
            Stage::Components => 1,
        };
        let manifests = self.manifests(stage, count)?;
        match manifests.iter().find(|manifest| manifest.inputs != inputs) {
            Some(old) => Err(self.unfinished(stage, old.number)),
            None => Ok(manifests),
        }
    }

    /// Runs a stage, unless it was done with the same inputs and settings. `planned` is its manifest without counts and digests; `fill` writes the files into the folder that it is
    /// given, and adds these.
    pub(crate) fn run(&self, planned: &Manifest, fill: impl FnOnce(&Path, &mut Manifest) -> Result<()>) -> Result<Finished> {
        let (stage, mut manifest) = (planned.stage, planned.clone());
        if let Some(before) = self.manifest(stage, manifest.number)? {
            let same = Manifest { counts: before.counts.clone(), digests: before.digests.clone(), ..manifest.clone() };
            if same == before {
                return Ok(Finished { manifest: before, was_done: true });
            }
        }
        let folder = self.folder_of(stage, manifest.number);
        let path = folder.join("manifest.json");
        let failed = |path: &Path| {
            let path = path.to_owned();
            move |cause| Error::Io { path, cause }
        };
        fs::create_dir_all(&folder).map_err(failed(&folder))?;
        // Its files are about to change.
        match fs::remove_file(&path) {
            Err(cause) if cause.kind() != ErrorKind::NotFound => return Err(Error::Io { path, cause }),
            _ => {}
        }
        fill(&folder, &mut manifest)?;
        let file = NewFile::begin(&path)?;
        let json = serde_json::to_vec_pretty(&manifest).map_err(std::io::Error::from);
        json.and_then(|json| file.file().write_all(&json)).map_err(failed(&path))?;
        file.keep(Durability::Run)?;
        Ok(Finished { manifest, was_done: false })
    }
}

/// Hash of manifests that a stage reads.
fn hash_of(manifests: &[Manifest]) -> String {
    let json = serde_json::to_vec(manifests).unwrap_or_default();
    format!("{:032x}", xxh3_128(&json))
}

//! Articles that are files: their paths, and files that hold another article today than yesterday.
//!
//! A file that was edited is a new version of its article, and replaces it. A file that was overwritten with another article, as `today.txt` is every day,
//! is not: the article that was added from it before stays in the index, recognised by its content.

use super::Transaction;
use super::add::{Entries, id_hash};
use super::document::{DocumentRow, Meta};
use super::postings::Kind;
use super::store::Table;
use super::transaction::LookedUp;
use refrain_engine::detect::Signature;
use refrain_engine::error::Result;
use std::collections::{BTreeSet, HashMap};

/// A text is a new version of another if one in so many runs of four words of the shorter one is in the longer one.
const SHARED_OF: usize = 4;

impl Transaction<'_> {
    /// The name in the index of a file that is given.
    pub fn file_name(&self, given: &str) -> Box<str> {
        self.files().name(given).into()
    }

    /// Makes the path of the file of an article, and its id if it is that path, a path from the working folder.
    pub(crate) fn show_paths(&self, id: &mut Box<str>, meta: &mut Meta) {
        let shown: Box<str> = self.files().shown(&meta.origin).into();
        if *id == meta.origin {
            id.clone_from(&shown);
        }
        meta.origin = shown;
    }

    /// Ids in the index, if it has them, of articles that are files. In: their paths.
    pub fn ids_of_files<'a>(&self, paths: impl Iterator<Item = &'a str>) -> Result<HashMap<&'a str, Box<str>>> {
        let names: Vec<(&str, Vec<String>)> = paths.map(|path| (path, self.files().names(path))).collect();
        let known = self.documents_of(&names.iter().flat_map(|(_, names)| names).map(String::as_str).collect::<Vec<_>>())?;
        let id = |names: &[String]| names.iter().find_map(|name| known.get(name.as_str())).map(|(_, row)| row.id.clone());
        Ok(names.iter().filter_map(|(path, names)| Some((*path, id(names)?))).collect())
    }

    /// Gives files that an earlier version added under the paths that were given the names that they have now.
    pub fn rename_files<'a>(&mut self, paths: impl Iterator<Item = &'a str>) -> Result<()> {
        let mut renamed: HashMap<Box<str>, Box<str>> = HashMap::new();
        for (path, id) in self.ids_of_files(paths)? {
            let name: Box<str> = self.files().name(path).into();
            if id != name {
                renamed.insert(id, name);
            }
        }
        let known = self.documents_of(&renamed.keys().map(|id| &**id).collect::<Vec<_>>())?;
        let rows = known.into_values().filter_map(|(number, row)| {
            let name = renamed.get(&row.id)?.clone();
            let meta = Meta { origin: name.clone(), ..row.meta.clone() };
            Some(((number, DocumentRow { meta, ..row }), name))
        });
        self.rename(rows.collect())
    }

    /// Gives each article of the index that has the id of one of `articles`, which are files of other texts, the id of its content, unless the file is a new
    /// version of it. In: path, hash and signature of the text.
    pub(super) fn keep_unrelated<'a>(&mut self, articles: impl Iterator<Item = (&'a str, u128, &'a LookedUp)>) -> Result<()> {
        let articles: HashMap<&str, (u128, &LookedUp)> = articles.map(|(id, text_hash, looked_up)| (id, (text_hash, looked_up))).collect();
        if articles.is_empty() {
            return Ok(());
        }
        let mut known: Vec<(u32, DocumentRow)> = self.documents_of(&articles.keys().copied().collect::<Vec<_>>())?.into_values().collect();
        known.sort_unstable_by_key(|(number, _)| *number);
        let mut signer = self.signer();
        let mut unrelated = Vec::new();
        for (number, row) in known {
            let Some(&(text_hash, looked_up)) = articles.get(&*row.id) else { continue };
            if row.meta.text_hash != text_hash && !is_version(&self.looked_up_by(&row, &mut signer)?, looked_up) {
                unrelated.push((number, row));
            }
        }
        self.name_by_content(unrelated)
    }

    /// The same for articles that are about to be compared with the index, before they are added to it.
    pub fn keep_unrelated_signed<'a>(&mut self, articles: impl Iterator<Item = (&'a str, u128, Signature)>) -> Result<()> {
        let articles: Vec<(&str, u128, LookedUp)> =
            articles.map(|(id, text_hash, signature)| (id, text_hash, LookedUp::of(signature))).collect();
        self.keep_unrelated(articles.iter().map(|(id, text_hash, looked_up)| (*id, *text_hash, looked_up)))
    }

    /// Hashes of the texts of the articles with these ids, as far as the index has them.
    pub fn text_hashes(&self, ids: &[&str]) -> Result<HashMap<Box<str>, u128>> {
        Ok(self.documents_of(ids)?.into_iter().map(|(id, (_, row))| (id, row.meta.text_hash)).collect())
    }

    fn name_by_content(&mut self, articles: Vec<(u32, DocumentRow)>) -> Result<()> {
        let by_content = |(number, row): (u32, DocumentRow)| {
            let id = row.meta.content_id();
            ((number, row), id)
        };
        self.rename(articles.into_iter().map(by_content).collect())
    }

    /// Gives articles other ids. One whose new id the index has already is removed.
    fn rename(&mut self, mut articles: Vec<((u32, DocumentRow), Box<str>)>) -> Result<()> {
        articles.sort_unstable_by_key(|((number, _), _)| *number);
        let ids: Vec<Box<str>> = articles.iter().map(|(_, id)| id.clone()).collect();
        let mut taken: BTreeSet<Box<str>> = self.documents_of(&ids.iter().map(|id| &**id).collect::<Vec<_>>())?.into_keys().collect();
        let (mut old, mut new, mut repeated) = (Vec::new(), Entries::default(), Vec::new());
        for ((number, mut row), id) in articles {
            if !taken.insert(id.clone()) {
                // The index has it under this id already.
                repeated.push((number, row));
                continue;
            }
            old.push((id_hash(&row.id), number));
            new.push_id(&id, number);
            row.id = id;
            self.rows().put(Table::Documents, i64::from(number), row.bytes())?;
        }
        if !old.is_empty() {
            self.take_out(Kind::Ids, &old)?;
            new.kinds().try_for_each(|(kind, entries)| self.add_run(kind, entries))?;
        }
        self.take_away(&repeated)
    }
}

/// True if one of two texts is a version of the other.
fn is_version(old: &LookedUp, new: &LookedUp) -> bool {
    let runs = |text: &LookedUp| text.samples.iter().copied().chain(text.grams.iter().map(|gram| gram.hash)).collect::<BTreeSet<u32>>();
    let (old, new) = (runs(old), runs(new));
    let shared = old.intersection(&new).count();
    shared > 0 && shared * SHARED_OF >= old.len().min(new.len())
}

#[cfg(test)]
mod tests {
    use super::super::files::Files;
    use super::super::{Article, Identity, Index, Texts};
    use refrain_engine::config::DetectConfig;
    use std::sync::Arc;

    /// Adds a file; returns the ids that the index has then.
    fn add(index: &Index, path: &str) -> Vec<String> {
        let text = "some words in a row";
        let article = Article { id: path, identity: Identity::Path, text, date: None, outlet: None, origin: path };
        let mut transaction = index.write().unwrap();
        transaction.add(&[index.preparer().prepare(&article)]).unwrap();
        transaction.commit().unwrap();
        let mut ids = Vec::new();
        let keep = |kept: super::super::Kept| {
            ids.push(kept.id.into());
            Ok(())
        };
        index.read().unwrap().each(keep).unwrap();
        assert!(index.read().unwrap().verify().is_ok());
        ids
    }

    #[test]
    fn a_file_that_an_earlier_version_added_under_the_path_that_was_given_is_the_same_article() {
        let folder = tempfile::tempdir().unwrap();
        let base = folder.path().canonicalize().unwrap();
        std::fs::create_dir_all(base.join("data")).unwrap();
        let db = base.join("data/db");
        let mut index = Index::create(&db, &DetectConfig::default(), Texts::Kept).unwrap();
        let absolute = base.join("news/a.txt").to_str().unwrap().to_owned();
        for (given, now) in [("news/a.txt", "news/a.txt"), (absolute.as_str(), "news/a.txt")] {
            index.files = Arc::new(Files::as_given());
            assert_eq!(add(&index, given), [given]);
            index.files = Arc::new(Files::in_folders(&base.join("data"), &base));
            assert_eq!(add(&index, now), ["../news/a.txt"], "{given}");
            let mut transaction = index.write().unwrap();
            assert_eq!(transaction.remove(&["news/a.txt", "other.txt"]).unwrap().missing, ["other.txt".into()]);
            transaction.commit().unwrap();
        }
    }
}

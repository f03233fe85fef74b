//! Stage components: pairs of documents and clusters, and which document of each cluster is kept.
//!
//! Out: `pairs.parquet` (rule, a, b, jaccard, `a_in_b`, `b_in_a`), the documents by their ids, the lesser one first, in order; `clusters.parquet` (cluster, id, row, class, keep, `min_jaccard`), the members of each
//! cluster, which is called by the least of their ids; documents of one class have the same words. Holds the documents that have a near-duplicate, and the numbers of all.

use crate::columns::{Column, Kind, write};
use crate::digest::Digest;
use crate::error::{Error, Result};
use crate::manifest::{Manifest, Settings, Stage};
use crate::members::Members;
use crate::work::{Finished, Sketches, Work};
use parquet::data_type::ByteArray;
use refrain_engine::config::Keep;
use refrain_engine::detect::MOST_PAIRS;
use refrain_engine::union_find::UnionFind;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::path::Path;

/// Joins all verified pairs.
///
/// # Errors
/// A stage before that is not finished, [`Error::SharedId`]; what the file system says.
pub fn components(work: &Work) -> Result<Finished> {
    let before = work.before(Stage::Components)?;
    let sketches = &before.sketches;
    let members = Members::read(work, sketches)?;
    work.run(&before.manifest(1), |folder, manifest| {
        let near = near(work, sketches.parts())?;
        let classes = classes(work, sketches, &members, &near)?;
        write_pairs(folder, &pairs(&near, &classes), manifest)?;
        write_clusters(folder, &clusters(&near, &classes, sketches.settings())?, manifest)
    })
}

/// Two classes that are near-duplicates.
struct Near {
    classes: [i64; 2],
    jaccard: f64,
    /// The share of each in the other.
    within: [f64; 2],
}

fn near(work: &Work, parts: u32) -> Result<Vec<Near>> {
    let mut near = Vec::new();
    for part in 1..=parts {
        let table = work.open(Stage::Verify, part, "pairs.parquet")?;
        let group = table.group(0)?;
        let rows = group.integers("a")?.into_iter().zip(group.integers("b")?);
        let shares = group.reals("jaccard")?.into_iter().zip(group.reals("a_in_b")?).zip(group.reals("b_in_a")?);
        near.extend(rows.zip(shares).map(|((a, b), ((jaccard, a_in_b), b_in_a))| Near {
            classes: [a, b],
            jaccard,
            within: [a_in_b, b_in_a],
        }));
    }
    Ok(near)
}

/// A document of a class.
#[derive(Debug, PartialEq, Eq)]
struct Document {
    id: String,
    row: i64,
    class: i64,
    tokens: i64,
    seconds: Option<i64>,
}

/// The documents of classes, by id.
type Classes = BTreeMap<i64, Vec<Document>>;

/// Those classes that have several documents, or a near-duplicate.
fn classes(work: &Work, sketches: &Sketches, members: &Members, near: &[Near]) -> Result<Classes> {
    let mut wanted: HashSet<i64> = near.iter().flat_map(|near| near.classes).collect();
    for_each_shard(work, sketches, |group| {
        for (row, class) in group.integers("row")?.into_iter().zip(group.integers("class")?) {
            let of_corpus = members.class_of(class);
            if of_corpus != row {
                wanted.insert(of_corpus);
            }
        }
        Ok(())
    })?;
    let mut classes = Classes::new();
    for_each_shard(work, sketches, |group| {
        let all = group.integers("row")?.into_iter().zip(group.integers("class")?);
        let rest = group.texts("id")?.into_iter().zip(group.integers("tokens")?).zip(group.dates("date")?);
        for ((row, class), ((id, tokens), seconds)) in all.zip(rest) {
            let class = members.class_of(class);
            if wanted.contains(&class) {
                classes.entry(class).or_default().push(Document { id, row, class, tokens, seconds });
            }
        }
        Ok(())
    })?;
    classes.values_mut().for_each(|documents| documents.sort_unstable_by(|x, y| x.id.cmp(&y.id)));
    Ok(classes)
}

fn for_each_shard(work: &Work, sketches: &Sketches, mut each: impl FnMut(&crate::columns::Group<'_>) -> Result<()>) -> Result<()> {
    (1..=sketches.shards()).try_for_each(|shard| each(&work.open(Stage::Sketch, shard, "documents.parquet")?.group(0)?))
}

/// Pairs of as many documents with so many others.
const fn pairs_between(one: usize, other: usize) -> u64 {
    one as u64 * other as u64
}

/// A pair of documents.
#[derive(PartialEq, PartialOrd)]
struct Pair<'a> {
    ids: [&'a str; 2],
    rule: &'static str,
    jaccard: f64,
    within: [f64; 2],
}

/// All pairs of documents in order; of large classes those of their first documents.
fn pairs<'c>(near: &[Near], classes: &'c Classes) -> Vec<Pair<'c>> {
    let mut pairs = Vec::new();
    for Near { classes: [a, b], jaccard, within } in near {
        let [one, other] = [&classes[a], &classes[b]];
        let is_few = pairs_between(one.len(), other.len()) <= MOST_PAIRS;
        for (at, x) in one.iter().enumerate() {
            let others = if is_few || at == 0 { &other[..] } else { &other[..1] };
            pairs.extend(others.iter().map(|y| {
                let (ids, within) = if x.id < y.id { ([&*x.id, &*y.id], *within) } else { ([&*y.id, &*x.id], [within[1], within[0]]) };
                Pair { ids, rule: "near-duplicate", jaccard: *jaccard, within }
            }));
        }
    }
    for same in classes.values() {
        let firsts = if pairs_between(same.len(), same.len() - 1) / 2 <= MOST_PAIRS { same.len() } else { 1 };
        for (at, x) in same[..firsts].iter().enumerate() {
            let ids = same[at + 1..].iter().map(|y| [&*x.id, &*y.id]);
            pairs.extend(ids.map(|ids| Pair { ids, rule: "identical", jaccard: 1.0, within: [1.0; 2] }));
        }
    }
    pairs.sort_unstable_by(|x, y| x.ids.cmp(&y.ids));
    pairs
}

fn write_pairs(folder: &Path, pairs: &[Pair<'_>], manifest: &mut Manifest) -> Result<()> {
    let mut digest = Digest::default();
    pairs.iter().for_each(|pair| digest.add_pair(pair.rule, pair.ids, pair.jaccard));
    manifest.count("pairs", pairs.len());
    manifest.digests.insert("pairs".into(), digest.to_string());
    let texts = |of: fn(&Pair<'_>) -> ByteArray| Column::Texts(pairs.iter().map(of).collect());
    let shares = |of: fn(&Pair<'_>) -> f64| Column::Reals(pairs.iter().map(of).collect());
    let columns = vec![
        texts(|pair| pair.rule.into()),
        texts(|pair| pair.ids[0].into()),
        texts(|pair| pair.ids[1].into()),
        shares(|pair| pair.jaccard),
        shares(|pair| pair.within[0]),
        shares(|pair| pair.within[1]),
    ];
    let texts = ["rule", "a", "b"].map(|name| (name, Kind::Text));
    let shares = ["jaccard", "a_in_b", "b_in_a"].map(|name| (name, Kind::Real));
    write(&folder.join("pairs.parquet"), &[texts, shares].concat(), [columns])
}

/// A cluster.
struct Cluster<'a> {
    /// By id.
    documents: Vec<&'a Document>,
    /// Position of the one that is kept.
    kept: usize,
    min_jaccard: f64,
}

/// The clusters in order. Documents are joined by chains of pairs.
fn clusters<'c>(near: &[Near], classes: &'c Classes, settings: Settings) -> Result<Vec<Cluster<'c>>> {
    let number: HashMap<i64, u32> = classes.keys().copied().zip(0..).collect();
    let mut sets = UnionFind::new(classes.len());
    near.iter().for_each(|near| _ = sets.join(number[&near.classes[0]], number[&near.classes[1]]));
    let mut clusters: BTreeMap<u32, Cluster<'_>> = BTreeMap::new();
    for (class, documents) in classes {
        let root = sets.root(number[class]);
        let cluster = clusters.entry(root).or_insert_with(|| Cluster { documents: Vec::new(), kept: 0, min_jaccard: 1.0 });
        cluster.documents.extend(documents);
    }
    for near in near {
        if let Some(cluster) = clusters.get_mut(&sets.root(number[&near.classes[0]])) {
            cluster.min_jaccard = cluster.min_jaccard.min(near.jaccard);
        }
    }
    let mut clusters: Vec<Cluster<'_>> = clusters.into_values().collect();
    for cluster in &mut clusters {
        cluster.documents.sort_unstable_by(|x, y| x.id.cmp(&y.id));
        if let Some(pair) = cluster.documents.windows(2).find(|pair| pair[0].id == pair[1].id) {
            return Err(Error::SharedId { id: pair[0].id.clone() });
        }
        cluster.kept = kept(&cluster.documents, settings.keep);
    }
    clusters.sort_unstable_by(|x, y| x.documents[0].id.cmp(&y.documents[0].id));
    Ok(clusters)
}

/// Position of the document that is kept, of documents in the order of their ids; of several that are as good the first.
fn kept(documents: &[&Document], keep: Keep) -> usize {
    let rank = |at: &usize| keep.rank(documents[*at].seconds, u32::try_from(documents[*at].tokens).unwrap_or(u32::MAX));
    (0..documents.len()).min_by_key(rank).unwrap_or(0)
}

fn write_clusters(folder: &Path, clusters: &[Cluster<'_>], manifest: &mut Manifest) -> Result<()> {
    let mut digest = Digest::default();
    let members = clusters.iter().flat_map(|cluster| {
        cluster
            .documents
            .iter()
            .enumerate()
            .map(move |(at, document)| (&*cluster.documents[0].id, *document, at == cluster.kept, cluster.min_jaccard))
    });
    let members: Vec<(&str, &Document, bool, f64)> = members.collect();
    members.iter().for_each(|(cluster, document, is_kept, _)| digest.add_member(cluster, &document.id, *is_kept));
    manifest.count("clusters", clusters.len());
    manifest.count("members", members.len());
    manifest.digests.insert("clusters".into(), digest.to_string());
    let columns = vec![
        Column::Texts(members.iter().map(|member| member.0.into()).collect()),
        Column::Texts(members.iter().map(|member| member.1.id.as_str().into()).collect()),
        Column::Integers(members.iter().map(|member| member.1.row).collect()),
        Column::Integers(members.iter().map(|member| member.1.class).collect()),
        Column::Flags(members.iter().map(|member| member.2).collect()),
        Column::Reals(members.iter().map(|member| member.3).collect()),
    ];
    let integers = ["row", "class"].map(|name| (name, Kind::Integer));
    let schema =
        [&[("cluster", Kind::Text), ("id", Kind::Text)], &integers[..], &[("keep", Kind::Flag), ("min_jaccard", Kind::Real)]].concat();
    write(&folder.join("clusters.parquet"), &schema, [columns])
}

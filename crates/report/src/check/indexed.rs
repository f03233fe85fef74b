//! The given articles held against an index.

use super::gate::IndexedPair;
#[cfg(feature = "index")]
pub use with_index::hold_against;

/// What an index says of the given articles.
#[derive(Clone, Debug, Default)]
pub struct Held {
    pub(super) pairs: Vec<IndexedPair>,
    pub(super) capped: u64,
    pub(super) unlisted: u64,
}

/// What for articles are held against an index.
#[cfg(feature = "index")]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// To tell all pairs with articles of the index, those of other articles that are given included.
    Query,
    /// To tell pairs with articles that are not given.
    Check,
    /// The same, and to add them.
    Add,
}

#[cfg(feature = "index")]
mod with_index {
    use super::super::gate::{IndexedPair, Seen};
    use super::super::given::Given;
    use super::super::identities::Identities;
    use super::{Held, Purpose};
    use rayon::ThreadPool;
    use rayon::prelude::*;
    use refrain_engine::config::DetectConfig;
    use refrain_engine::corpus::Corpus;
    use refrain_engine::detect::{Findings, ReadDocument};
    use refrain_engine::error::Result;
    use refrain_index::{Added, Article, Prepared, Query, QueryMatcher, QueryResult, Transaction};
    use std::collections::HashSet;
    use xxhash_rust::xxh3::xxh3_64;

    /// Articles that are looked up before they are measured.
    const STRETCH: usize = 1024;

    /// Holds the articles of a run against `transaction`, a state of an index. For [`Purpose::Add`] they are added to it, after all were asked about; the
    /// caller commits. Work is done on `pool`; the index is read by this thread alone.
    ///
    /// # Errors
    /// What keeps a text or the index from being read.
    pub fn hold_against<C: Corpus>(
        findings: &Findings,
        given: &Given<C>,
        transaction: &mut Transaction<'_>,
        purpose: Purpose,
        pool: &ThreadPool,
    ) -> Result<(Held, Added)> {
        let documents: Vec<ReadDocument<'_>> = findings.documents().collect();
        let identities = Identities::of(&documents, given, pool)?;
        if purpose == Purpose::Add {
            identities.make_way(&documents, transaction)?;
        }
        // What the articles share with each other, a check reports without the index.
        let known = if purpose == Purpose::Query { HashSet::new() } else { identities.in_index(&documents, transaction)? };
        let besides: HashSet<&str> = known.iter().map(|id| &**id).collect();
        let by_place = identities.by_place(&documents);
        let (preparer, config) = (transaction.preparer(), *transaction.config());
        let mut held = Held::default();
        let mut ready: Vec<Prepared> = Vec::new();
        asked(&documents, &identities, &config, pool, |stretch, asked| {
            let mut gathered = asked.iter().map(|asked| transaction.gather(asked, &besides)).collect::<Result<Vec<_>>>()?;
            gathered.iter_mut().for_each(|gathered| gathered.rename_those_in(&by_place));
            let results = asked
                .par_iter()
                .zip(&gathered)
                .map_init(|| QueryMatcher::new(&config), |matcher: &mut QueryMatcher, (asked, gathered)| matcher.matches(asked, gathered));
            for (result, document) in pool.install(|| results.collect::<Result<Vec<QueryResult>>>())?.into_iter().zip(stretch) {
                held.take(result, document.id);
            }
            if purpose == Purpose::Add {
                pool.install(|| ready.par_extend(asked.par_iter().map(|asked| preparer.prepare_asked(asked))));
            }
            Ok(())
        })?;
        held.pairs.sort_by(|x, y| (&x.pair.a, &x.pair.b).cmp(&(&y.pair.a, &y.pair.b)));
        held.pairs.dedup_by(|x, y| (&x.pair.a, &x.pair.b) == (&y.pair.a, &y.pair.b));
        let added = if purpose == Purpose::Add { transaction.add(&ready)? } else { Added::default() };
        Ok((held, added))
    }

    /// Makes questions of articles, some at a time.
    fn asked<C: Corpus>(
        documents: &[ReadDocument<'_>],
        identities: &Identities<'_, C>,
        config: &DetectConfig,
        pool: &ThreadPool,
        mut take: impl FnMut(&[ReadDocument<'_>], &[Query<'_>]) -> Result<()>,
    ) -> Result<()> {
        let given = identities.given;
        for stretch in documents.chunks(STRETCH) {
            let texts = pool.install(|| stretch.par_iter().map(|document| given.text(document.locator)).collect::<Result<Vec<_>>>())?;
            let known: Vec<_> = stretch.iter().map(|document| (given.outlet(document.outlet), given.name(document.locator.file))).collect();
            let article = |at: usize| Article {
                id: stretch[at].id,
                identity: identities.identity(&stretch[at]),
                text: &texts[at],
                date: stretch[at].date,
                outlet: known[at].0.as_deref(),
                origin: &known[at].1,
            };
            let asked = (0..stretch.len()).into_par_iter().map_init(|| QueryMatcher::new(config), |matcher, at| matcher.ask(article(at)));
            let asked: Vec<_> = pool.install(|| asked.collect());
            take(stretch, &asked)?;
        }
        Ok(())
    }

    impl Held {
        fn take(&mut self, result: QueryResult, id: &str) {
            self.capped += result.capped as u64;
            self.unlisted += result.unlisted as u64;
            self.pairs.extend(result.pairs.into_iter().map(|found| IndexedPair {
                seen: if &*found.pair.a == id { Seen::B } else { Seen::A },
                origin: found.origin,
                line: found.line,
                outlet: found.outlet.map_or(0, |outlet| xxh3_64(outlet.as_bytes()).max(1)),
                pair: found.pair,
            }));
        }
    }
}

//! The articles that findings name: what a page numbers, and what numbers stand for in page and tables where nobody is named.

use crate::report::dossier::Dossier;
use std::collections::BTreeMap;

/// The articles that findings name, by their numbers on the page.
pub(in crate::report) struct Cast {
    /// Positions in the catalogue, ascending.
    pub(in crate::report) positions: Vec<u32>,
    /// How many words findings take or give there: what a text is worth.
    pub(in crate::report) weights: Vec<usize>,
}

impl Cast {
    pub(in crate::report) fn of(dossier: &Dossier) -> Self {
        let mut weights: BTreeMap<u32, usize> = BTreeMap::new();
        for pair in &dossier.pairs {
            for side in [pair.a, pair.b] {
                *weights.entry(side).or_default() += pair.words().max(1);
            }
        }
        for (doc, repetition) in &dossier.repetitions {
            *weights.entry(*doc).or_default() += repetition.words;
        }
        for derivation in &dossier.derivations {
            for source in &derivation.sources {
                *weights.entry(derivation.doc).or_default() += source.words;
                *weights.entry(source.doc).or_default() += source.words;
            }
        }
        let examples = dossier.boilerplate.iter().flat_map(|(_, examples)| examples);
        for &doc in dossier.clusters.iter().flat_map(|cluster| &cluster.members).chain(examples) {
            weights.entry(doc).or_default();
        }
        let (positions, weights) = weights.into_iter().unzip();
        Self { positions, weights }
    }

    /// The number of the article at a position of the catalogue.
    pub(in crate::report) fn number(&self, position: u32) -> u32 {
        u32::try_from(self.positions.binary_search(&position).unwrap_or_default()).unwrap_or_default()
    }
}

/// What an article is called by its number where nobody is named.
pub(in crate::report) fn alias(number: u32) -> String {
    format!("n{}", u64::from(number) + 1)
}

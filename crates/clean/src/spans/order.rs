//! The order of articles, in which the first copy of a run is kept.

use crate::decide::Fields;
use crate::number::Number;
use crate::policy::{Policy, Prefer};
use rayon::prelude::*;
use refrain_engine::config::Keep;
use refrain_engine::detect::Findings;
use refrain_engine::document::Locator;
use refrain_engine::error::Result;
use std::cmp::Reverse;
use std::collections::HashMap;

/// Ranks of articles: of two articles the one with the smaller rank keeps its copy.
pub(super) struct Ranks {
    /// By file and start.
    by_place: HashMap<(u32, u64), u32>,
    /// Positions among the findings, by rank.
    positions: Vec<u32>,
}

impl Ranks {
    /// # Errors
    /// A record cannot be read again.
    pub(super) fn new(corpus: &impl Fields, policy: &Policy, findings: &Findings, keep: Keep) -> Result<Self> {
        let mut positions: Vec<u32> = (0..).take(findings.members().len()).collect();
        let locator = |at: u32| findings.member(at as usize).locator;
        let preferred = preferred(corpus, policy, &positions.iter().map(|&at| locator(at)).collect::<Vec<_>>())?;
        let date = |at: u32| findings.date_of(at as usize);
        positions.sort_by(|&x, &y| {
            // Never by length: cuts change it, and a second cleaning would keep other copies.
            let by_keep = match keep {
                Keep::Earliest => (date(x).is_none(), date(x)).cmp(&(date(y).is_none(), date(y))),
                Keep::Latest => Reverse(date(x)).cmp(&Reverse(date(y))),
                Keep::Longest | Keep::First => std::cmp::Ordering::Equal,
            };
            preferred[x as usize].cmp(&preferred[y as usize]).then(by_keep).then(x.cmp(&y))
        });
        let by_place = (0..).zip(&positions).map(|(rank, &at)| ((locator(at).file, locator(at).start), rank)).collect();
        Ok(Self { by_place, positions })
    }

    /// Ranks in the order of `places`.
    pub(super) fn of_places(places: &[Locator]) -> Self {
        let by_place = (0..).zip(places).map(|(rank, place)| ((place.file, place.start), rank)).collect();
        Self { by_place, positions: (0..).take(places.len()).collect() }
    }

    /// The rank of an article of the run.
    pub(super) fn of(&self, locator: Locator) -> Option<u32> {
        self.by_place.get(&(locator.file, locator.start)).copied()
    }

    /// The position of the article of a rank.
    pub(super) fn position(&self, rank: u32) -> u32 {
        self.positions[rank as usize]
    }
}

/// The preference that precedes date and length; smaller values first.
fn preferred(corpus: &impl Fields, policy: &Policy, locators: &[Locator]) -> Result<Vec<Reverse<Option<Number>>>> {
    let number = |locator: &Locator| -> Result<Reverse<Option<Number>>> {
        Ok(Reverse(match &policy.prefer {
            Prefer::Any => None,
            Prefer::Highest(field) => corpus.field(*locator, field)?.as_deref().and_then(Number::parse),
            Prefer::Outlets(outlets) => {
                let outlet = corpus.outlet(*locator)?.unwrap_or_default().to_lowercase();
                let place = outlets.iter().position(|wanted| wanted.trim().to_lowercase() == outlet.trim());
                place.and_then(|place| Number::parse(&(outlets.len() - place).to_string()))
            }
        }))
    };
    locators.par_iter().map(number).collect()
}

#[cfg(test)]
impl Ranks {
    /// Ranks in input order.
    pub(super) fn in_order(count: u32) -> Self {
        Self { by_place: (0..count).map(|at| ((0, u64::from(at)), at)).collect(), positions: (0..count).collect() }
    }
}

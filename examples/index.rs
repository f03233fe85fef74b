//! Adds articles to an index and looks one up: `cargo run --example index`.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use refrain::DetectConfig;
use refrain::index::{Article, Identity, Index, Texts};
use std::collections::HashSet;

fn main() -> Result<(), Box<dyn std::error::Error>> {
    let folder = tempfile::tempdir()?;
    let index = Index::create(&folder.path().join("seen.refrain"), &DetectConfig::default(), Texts::Kept)?;
    let story = "The ferry to the far shore will sail twice a day from Monday, the harbour office said, because the bridge is closed until autumn and \
                 nobody wants to drive around the bay.";
    let article = |id: &'static str, text: &'static str| Article { id, identity: Identity::Id, text, date: None, outlet: None, origin: "" };

    let mut transaction = index.write()?;
    let ready = index.preparer().prepare(&article("herald-1", story));
    transaction.add(&[ready])?;
    transaction.commit()?;

    let mut matcher = index.matcher();
    let query = matcher.ask(article("courier-7", story));
    for found in index.read()?.query(&query, &HashSet::new(), &mut matcher)?.pairs {
        println!("{} and {}: {}", found.pair.a, found.pair.b, found.pair.rule.name());
    }
    Ok(())
}

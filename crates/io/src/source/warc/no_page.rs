//! What stands in for the pages of a crawl in a build that reads none.

use super::hops::Header;

/// There are none.
#[derive(Debug)]
pub(super) struct Page {
    pub(super) title: Option<String>,
    pub(super) text: String,
}

pub(super) fn is_page(_: Header<'_>, _: &[u8]) -> bool {
    false
}

pub(super) fn read(_: Header<'_>, _: &[u8]) -> Result<Page, &'static str> {
    Err("no page")
}

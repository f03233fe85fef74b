//! Corpora and visitors of any type behind one type: what reads or detects is compiled once, not for every pair of a corpus and a visitor.
//!
//! In: a [`Corpus`], or the visitors of a visit. Out: the same behind pointers. Always: a visit has the outputs that it has without. A call through a pointer is paid
//! for each document.

use crate::corpus::{Corpus, Region, Stretch, Visitor};
use crate::document::{Locator, Record};
use crate::error::Result;
use std::any::Any;
use std::borrow::Cow;

/// The output of a visitor of any type.
pub type AnyOutput = Box<dyn Any + Send>;
/// Makes visitors of one type that is not known.
pub type MakeVisitor<'m, 'v> = dyn Fn() -> AnyVisitor<'v> + Sync + 'm;

/// A visitor of any type.
pub struct AnyVisitor<'v>(Box<dyn VisitorObject + 'v>);

trait VisitorObject {
    fn document(&mut self, record: Record<'_>);
    fn page(&mut self, record: Record<'_>);
    fn is_done(&self) -> bool;
    fn progress(&mut self, bytes: u64);
    fn finish(self: Box<Self>) -> AnyOutput;
}

impl<V: Visitor> VisitorObject for V {
    fn document(&mut self, record: Record<'_>) {
        Visitor::document(self, record);
    }

    fn page(&mut self, record: Record<'_>) {
        Visitor::page(self, record);
    }

    fn is_done(&self) -> bool {
        Visitor::is_done(self)
    }

    fn progress(&mut self, bytes: u64) {
        Visitor::progress(self, bytes);
    }

    fn finish(self: Box<Self>) -> AnyOutput {
        Box::new(Visitor::finish(*self))
    }
}

impl Visitor for AnyVisitor<'_> {
    type Output = AnyOutput;

    fn document(&mut self, record: Record<'_>) {
        self.0.document(record);
    }

    fn page(&mut self, record: Record<'_>) {
        self.0.page(record);
    }

    fn is_done(&self) -> bool {
        self.0.is_done()
    }

    fn progress(&mut self, bytes: u64) {
        self.0.progress(bytes);
    }

    fn finish(self) -> Self::Output {
        self.0.finish()
    }
}

/// Carries out a visit that takes visitors of any type with those that `visitor` makes.
///
/// # Errors
/// Those of `visit`.
pub fn visit_any<V: Visitor>(
    visitor: impl Fn() -> V + Sync,
    visit: impl FnOnce(&MakeVisitor<'_, '_>) -> Result<Vec<Stretch<AnyOutput>>>,
) -> Result<Vec<Stretch<V::Output>>> {
    let stretches = visit(&|| AnyVisitor(Box::new(visitor())))?;
    let typed = |Stretch { output, lines, file, problems }: Stretch<AnyOutput>| match output.downcast() {
        Ok(output) => Stretch { output: *output, lines, file, problems },
        Err(_) => unreachable!("each visitor was made here"),
    };
    Ok(stretches.into_iter().map(typed).collect())
}

/// A corpus of any type.
#[derive(Clone, Copy)]
pub struct AnyCorpus<'c>(&'c dyn CorpusObject);

impl<'c> AnyCorpus<'c> {
    /// The same corpus.
    pub fn new(corpus: &'c impl Corpus) -> Self {
        Self(corpus)
    }
}

trait CorpusObject: Sync {
    fn visit(&self, visitor: &MakeVisitor<'_, '_>) -> Result<Vec<Stretch<AnyOutput>>>;
    fn text(&self, locator: Locator) -> Result<Cow<'_, str>>;
    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>>;
    fn check_lengths(&self) -> Result<()>;
    fn has_no_ids(&self, file: u32) -> bool;
    fn name(&self, file: u32) -> Cow<'_, str>;
}

impl<C: Corpus> CorpusObject for C {
    fn visit(&self, visitor: &MakeVisitor<'_, '_>) -> Result<Vec<Stretch<AnyOutput>>> {
        Corpus::visit(self, visitor)
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        Corpus::text(self, locator)
    }

    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        Corpus::regions(self, file, wanted)
    }

    fn check_lengths(&self) -> Result<()> {
        Corpus::check_lengths(self)
    }

    fn has_no_ids(&self, file: u32) -> bool {
        Corpus::has_no_ids(self, file)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        Corpus::name(self, file)
    }
}

impl Corpus for AnyCorpus<'_> {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        visit_any(visitor, |any| self.0.visit(any))
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        self.0.text(locator)
    }

    fn regions(&self, file: u32, wanted: &[(Locator, [usize; 2])]) -> Result<Vec<Option<Region>>> {
        self.0.regions(file, wanted)
    }

    fn check_lengths(&self) -> Result<()> {
        self.0.check_lengths()
    }

    fn has_no_ids(&self, file: u32) -> bool {
        self.0.has_no_ids(file)
    }

    fn name(&self, file: u32) -> Cow<'_, str> {
        self.0.name(file)
    }
}

//! A table as a corpus: each row is a document, read where the table has it.
//!
//! In: batches with the columns `text` and, where there are any, `id`, `date` and `outlet`. Rows are counted from 0; a row without an id is named by its number.

use crate::strings::Strings;
use arrow_array::RecordBatch;
use rayon::prelude::*;
use refrain::clean::Fields;
use refrain::source::ShownText;
use refrain::{Corpus, Error, HtmlFields, Locator, Problem, Problems, Progress, Record, Result, Stretch, Visitor};
use serde::Serialize;
use std::borrow::Cow;
use std::collections::HashMap;
use std::io::{self, Write};
use std::ops::Range;

/// Bytes of text, or rows, after which another visitor takes over: enough for all threads, few enough to share the work evenly.
const BYTES_OF_A_STRETCH: usize = 1 << 20;
const ROWS_OF_A_STRETCH: usize = 4096;

/// The columns of one batch.
struct Batch {
    first_row: usize,
    rows: usize,
    text: Strings,
    id: Option<Strings>,
    date: Option<Strings>,
    outlet: Option<Strings>,
    /// Other columns of strings, by their names.
    fields: Vec<(String, Strings)>,
}

/// A table whose rows are documents.
pub(crate) struct TableCorpus {
    batches: Vec<Batch>,
    /// Rows of a batch that one visitor takes, in order.
    stretches: Vec<(usize, Range<usize>)>,
    rows: usize,
    /// Whether texts may be HTML.
    html: HtmlFields,
    /// Rows without a column of ids are not named by their numbers.
    is_unnamed: bool,
}

impl TableCorpus {
    /// # Errors
    /// Words for an exception: a column that is not there or holds no strings.
    pub(crate) fn new(batches: &[RecordBatch], html: HtmlFields) -> std::result::Result<Self, String> {
        let mut corpus = Self { batches: Vec::with_capacity(batches.len()), stretches: Vec::new(), rows: 0, html, is_unnamed: false };
        for batch in batches {
            let column = |name: &str| {
                let found = batch.column_by_name(name);
                found.map(|column| Strings::new(column).map_err(|found| format!("column `{name}`: holds {found}, not strings"))).transpose()
            };
            let text = column("text")?.ok_or("no column `text`")?;
            let rows = batch.num_rows();
            let (id, date, outlet) = (column("id")?, column("date")?, column("outlet")?);
            let batch = Batch { first_row: corpus.rows, rows, text, id, date, outlet, fields: fields(batch) };
            corpus.rows += rows;
            corpus.push(batch);
        }
        Ok(corpus)
    }

    fn push(&mut self, batch: Batch) {
        let (mut start, mut bytes) = (0, 0);
        for row in 0..batch.rows {
            bytes += batch.text.get(row).map_or(0, str::len);
            if bytes >= BYTES_OF_A_STRETCH || row + 1 - start >= ROWS_OF_A_STRETCH || row + 1 == batch.rows {
                self.stretches.push((self.batches.len(), start..row + 1));
                (start, bytes) = (row + 1, 0);
            }
        }
        self.batches.push(batch);
    }

    /// A text of the table without `ranges` of what it shows, in order.
    pub(crate) fn without<'t>(&self, text: &'t str, ranges: impl Iterator<Item = Range<usize>>) -> Cow<'t, str> {
        let mut ranges = ranges.peekable();
        if ranges.peek().is_none() {
            return Cow::Borrowed(text);
        }
        let shown = ShownText::of(text, self.html);
        let in_text = |at: usize| shown.as_ref().map_or(Some(at), |shown| shown.in_field(at)).unwrap_or(at);
        let (mut left, mut at) = (String::with_capacity(text.len()), 0);
        for range in ranges {
            left.push_str(&text[at..in_text(range.start)]);
            at = in_text(range.end);
        }
        left.push_str(&text[at..]);
        Cow::Owned(left)
    }

    /// Writes the rows as lines of JSON.
    pub(crate) fn write_jsonl(&self, to: &mut impl Write) -> io::Result<()> {
        #[derive(Serialize)]
        struct Row<'r> {
            id: Cow<'r, str>,
            text: Option<&'r str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            date: Option<&'r str>,
            #[serde(skip_serializing_if = "Option::is_none")]
            outlet: Option<&'r str>,
        }
        for batch in &self.batches {
            for row in 0..batch.rows {
                let cell = |column: &'_ Option<Strings>| column.as_ref().map(|column| column.get(row).map(str::to_owned));
                let (date, outlet) = (cell(&batch.date).flatten(), cell(&batch.outlet).flatten());
                let id = match &batch.id {
                    Some(ids) => Cow::Borrowed(ids.get(row).unwrap_or_default()),
                    None => Cow::Owned((batch.first_row + row).to_string()),
                };
                let line = Row { id, text: batch.text.get(row), date: date.as_deref(), outlet: outlet.as_deref() };
                serde_json::to_writer(&mut *to, &line)?;
                to.write_all(b"\n")?;
            }
        }
        Ok(())
    }

    /// The row of each id; of an id that several rows have, the first.
    pub(crate) fn rows_by_id(&self) -> HashMap<String, usize> {
        let mut rows = HashMap::with_capacity(self.rows);
        for batch in &self.batches {
            for row in 0..batch.rows {
                let number = batch.first_row + row;
                let id = batch.id.as_ref().map_or_else(|| Some(number.to_string()), |ids| ids.get(row).map(str::to_owned));
                rows.entry(id.unwrap_or_default()).or_insert(number);
            }
        }
        rows
    }

    /// The same, whose rows have no names if there is no column of ids: their numbers mean nothing beside another table.
    pub(crate) fn unnamed(self) -> Self {
        Self { is_unnamed: true, ..self }
    }

    /// True if there is a column of ids.
    pub(crate) fn has_ids(&self) -> bool {
        self.batches.iter().any(|batch| batch.id.is_some())
    }

    /// The id of a row, its text as it is shown, its date in seconds since 1970 and its outlet.
    pub(crate) fn document_of(&self, row: usize) -> (Cow<'_, str>, Cow<'_, str>, Option<i64>, Option<&str>) {
        let id = self.cell(row, |batch| batch.id.as_ref()).map_or_else(|| Cow::Owned(row.to_string()), Cow::Borrowed);
        let text = self.text_of(row).unwrap_or_default();
        let shown = ShownText::of(text, self.html).map_or(Cow::Borrowed(text), |shown| Cow::Owned(shown.into_text()));
        let date = self.cell(row, |batch| batch.date.as_ref()).and_then(|date| refrain::date::parse(date).seconds());
        (id, shown, date, self.cell(row, |batch| batch.outlet.as_ref()))
    }

    /// Number of rows.
    pub(crate) fn rows(&self) -> usize {
        self.rows
    }

    /// The text of a row; None for a null.
    pub(crate) fn text_of(&self, row: usize) -> Option<&str> {
        self.cell(row, |batch| Some(&batch.text))
    }

    /// What `map` makes of the text of each row, of a null as of no text; `new` makes one for each thread.
    ///
    /// # Errors
    /// The run was cancelled.
    pub(crate) fn map_rows<T: Send, M: FnMut(&str) -> T>(
        &self,
        progress: &dyn Progress,
        new: impl Fn() -> M + Sync + Send,
    ) -> Result<Vec<T>> {
        let rows = self.stretches.par_iter().with_max_len(1).map(|(batch, rows)| {
            let (mut map, text) = (new(), &self.batches[*batch].text);
            let map_row = |row: usize| {
                let field = text.get(row).unwrap_or_default();
                match ShownText::of(field, self.html) {
                    None => map(field),
                    Some(shown) => map(&shown.into_text()),
                }
            };
            rows.clone().take_while(|_| !progress.is_cancelled()).map(map_row).collect::<Vec<T>>()
        });
        let rows: Vec<Vec<T>> = rows.collect();
        if progress.is_cancelled() { Err(Error::Cancelled) } else { Ok(rows.into_iter().flatten().collect()) }
    }

    fn cell<'t>(&'t self, row: usize, column: impl Fn(&'t Batch) -> Option<&'t Strings>) -> Option<&'t str> {
        let at = self.batches.partition_point(|batch| batch.first_row <= row).checked_sub(1)?;
        let batch = &self.batches[at];
        (row - batch.first_row < batch.rows).then(|| column(batch)?.get(row - batch.first_row)).flatten()
    }
}

impl Batch {
    /// Hands the rows of one stretch to `visitor`.
    fn visit<V: Visitor>(&self, rows: Range<usize>, (html, is_unnamed): (HtmlFields, bool), mut visitor: V) -> Stretch<V::Output> {
        let (mut problems, mut bytes) = (Problems::default(), 0);
        let lines = rows.len() as u64;
        for (line, row) in (0..).zip(rows) {
            if visitor.is_done() {
                break;
            }
            let problem = |reason: &str| Problem { path: NAME.into(), line: line + 1, reason: reason.into() };
            let Some(text) = self.text.get(row) else {
                problems.push(problem("no text: null"));
                continue;
            };
            let Ok(length) = u32::try_from(text.len()) else {
                problems.push(problem("text of 4 GiB or more; split it"));
                continue;
            };
            bytes += text.len() as u64;
            let number = self.first_row + row;
            let id = match &self.id {
                Some(ids) => Cow::Borrowed(ids.get(row).unwrap_or_default()),
                None if is_unnamed => Cow::Borrowed(""),
                None => Cow::Owned(number.to_string()),
            };
            let shown = ShownText::of(text, html);
            let is_page = shown.as_ref().is_some_and(ShownText::is_page);
            let record = Record {
                id: Some(id),
                text: shown.map_or(Cow::Borrowed(text), |shown| Cow::Owned(shown.into_text())),
                date: self.date.as_ref().and_then(|dates| dates.get(row)).map(Cow::Borrowed),
                outlet: self.outlet.as_ref().and_then(|outlets| outlets.get(row)).map(Cow::Borrowed),
                locator: Locator { file: 0, length, start: number as u64 },
                line,
            };
            if is_page { visitor.page(record) } else { visitor.document(record) }
        }
        visitor.progress(bytes);
        Stretch { output: visitor.finish(), lines, file: 0, problems }
    }
}

/// The columns of strings that have no role.
fn fields(batch: &RecordBatch) -> Vec<(String, Strings)> {
    let schema = batch.schema();
    let named = schema.fields().iter().map(|field| field.name()).zip(batch.columns());
    let others = named.filter(|(name, _)| !["text", "id", "date", "outlet"].contains(&name.as_str()));
    others.filter_map(|(name, column)| Some((name.clone(), Strings::new(column).ok()?))).collect()
}

/// The name of a table in messages, and in names of rows without an id of their own.
const NAME: &str = "table";

impl Corpus for TableCorpus {
    fn visit<V: Visitor>(&self, visitor: impl Fn() -> V + Sync) -> Result<Vec<Stretch<V::Output>>> {
        let visit =
            |(batch, rows): &(usize, Range<usize>)| self.batches[*batch].visit(rows.clone(), (self.html, self.is_unnamed), visitor());
        Ok(self.stretches.par_iter().with_max_len(1).map(visit).collect())
    }

    fn text(&self, locator: Locator) -> Result<Cow<'_, str>> {
        let row = usize::try_from(locator.start).map_err(|_| Error::TooMany { count: usize::MAX })?;
        let text = self.text_of(row).unwrap_or_default();
        Ok(ShownText::of(text, self.html).map_or(Cow::Borrowed(text), |shown| Cow::Owned(shown.into_text())))
    }

    fn name(&self, _file: u32) -> Cow<'_, str> {
        Cow::Borrowed(NAME)
    }
}

impl Fields for TableCorpus {
    fn field(&self, locator: Locator, name: &str) -> Result<Option<String>> {
        let row = usize::try_from(locator.start).unwrap_or(usize::MAX);
        let column = |batch: &'_ Batch| batch.fields.iter().position(|(known, _)| known == name);
        Ok(self.cell(row, |batch| column(batch).map(|at| &batch.fields[at].1)).map(str::to_owned))
    }

    fn outlet(&self, locator: Locator) -> Result<Option<String>> {
        let row = usize::try_from(locator.start).unwrap_or(usize::MAX);
        Ok(self.cell(row, |batch| batch.outlet.as_ref()).map(str::to_owned))
    }
}

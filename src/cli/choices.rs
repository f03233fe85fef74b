//! Arguments that name a variant of an enum of the library.

use crate::{CodeFences, Fold, Format, HtmlFields, Linkage, Scope, Simd};
use clap::ValueEnum;
use serde::Deserialize;

/// Declares an argument that names a variant of a library's enum.
macro_rules! choices {
    ($(#[$doc:meta])* $name:ident for $of:ident { $($(#[$variant_doc:meta])* $variant:ident),+ $(,)? }) => {
        $(#[$doc])*
        #[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum, Deserialize)]
        #[serde(rename_all = "kebab-case")]
        pub(super) enum $name { $($(#[$variant_doc])* $variant),+ }

        impl From<$name> for $of {
            fn from(choice: $name) -> Self {
                match choice { $($name::$variant => Self::$variant),+ }
            }
        }
    };
}

pub(super) use choices;

choices!(ScopeArg for Scope {
    /// Repetition inside articles
    Within,
    /// Articles that are similar as a whole
    NearDuplicates,
    /// Passages shared by articles
    Passages,
});
choices!(FoldArg for Fold {
    /// Ignore case, accents, harakat, letter forms (hamza, heh, yeh), apostrophes, kinds of digits and all signs
    Full,
    /// Ignore case and signs
    Light,
    /// Compare every character, signs and emoji included; ignore the amount of white space
    None,
});
choices!(LinkageArg for Linkage {
    /// Members are connected by a chain of pairs
    Single,
    /// Every two members are a pair
    Complete,
});
choices!(SimdArg for Simd {
    /// The widest that the machine has
    Auto,
    /// At most AVX2
    Avx2,
    /// None
    Off,
});
choices!(HtmlFieldsArg for HtmlFields {
    /// Fields that have HTML tags or character references
    Auto,
    /// Every field
    Yes,
    /// No field
    No,
});
choices!(CodeFencesArg for CodeFences {
    /// Code is text like the rest
    Compare,
    /// Code is left out
    Skip,
});
choices!(InputArg for Format {
    /// Plain text; a file is an article
    Text,
    /// One JSON object per line
    Jsonl,
    /// An array of JSON objects
    Json,
    /// A table with a header; the delimiter is detected
    Csv,
    /// Text records of a crawl: WARC, WET
    Warc,
    /// Parquet columns
    Parquet,
    /// Markdown; a file is an article, without its front matter
    Markdown,
    /// HTML or XHTML; the visible text of a page is an article
    Html,
    /// RSS or Atom; an item is an article
    Feed,
});

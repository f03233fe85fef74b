//! Names that other tools use for the same flags. They are accepted and not listed.

pub(super) const JOBS_ALIASES: [&str; 9] =
    ["threads", "num-threads", "nthreads", "workers", "num-workers", "num-proc", "processes", "cores", "parallel"];
pub(super) const TEXT_ALIASES: [&str; 8] =
    ["field", "text-column", "text-key", "content-field", "content-column", "column", "body-field", "text-col"];
pub(super) const ID_ALIASES: [&str; 4] = ["id-column", "id-key", "id-col", "key-field"];
pub(super) const THRESHOLD_ALIASES: [&str; 6] =
    ["jaccard", "similarity", "jaccard-threshold", "similarity-threshold", "sim-threshold", "min-jaccard"];
pub(super) const FOLD_ALIASES: [&str; 4] = ["normalise", "normalize", "normalisation", "normalization"];
pub(super) const MIN_WORDS_ALIASES: [&str; 4] = ["min-tokens", "min-length", "min-passage-words", "min-passage"];
pub(super) const INPUT_ALIASES: [&str; 2] = ["input-format", "input-type"];
pub(super) const SHINGLE_ALIASES: [&str; 7] = ["ngram", "ngrams", "n-gram", "ngram-size", "shingle-size", "kgram", "shingles"];
pub(super) const DATE_ALIASES: [&str; 2] = ["date-column", "time-field"];
pub(super) const OUTLET_ALIASES: [&str; 4] = ["outlet-column", "source-field", "publisher-field", "source-column"];
pub(super) const FORMAT_ALIASES: [&str; 1] = ["output-format"];
pub(super) const MEMORY_ALIASES: [&str; 4] = ["mem", "memory-limit", "max-memory", "max-mem"];
pub(super) const TEMP_ALIASES: [&str; 5] = ["temp", "tmp", "tmp-dir", "tmpdir", "temp-folder"];

//! Whether an article states a fact that a similar one does not: a figure, a date, a name, a negation.
//!
//! In: two texts. Out: whether the second states every fact of the first and contradicts none. The rules (docs/clean.md, "What is a fact"): figures are words with
//! a digit, in the same order; names are words with an initial capital, in scripts that have capitals; names of days and months count in Arabic, too; a
//! negation precedes the same word in both, and the words after it do not occur without it in the other. In scripts without capitals every word may be a name: one or
//! two words in place of others are a fact unless they are spelled nearly the same. Several words in a row that the other text does not have count as a fact.

use refrain_engine::text::{Fold, Tokens};
use std::collections::{HashMap, HashSet};
use std::sync::OnceLock;

/// Negations.
const NEGATIONS: &str = "not no never none nor neither without cannot لا لم لن ليس ليست ليسوا لست دون بدون غير نفى نفت ne pas jamais sans nicht kein keine keinen \
    keiner nie niemals ohne nunca sin não nem sem non mai senza niet geen nooit нет не никогда без нельзя nie bez değil yok نه هیچ بدون نہیں نہ مت नहीं न मत";

/// Words that name a day by its distance: what one paper calls today is yesterday in that of the next day.
const RELATIVE_DAYS: &str = "اليوم أمس الأمس البارحة غدا";

/// Words that name a day or a month in scripts without capital letters.
const DAYS_AND_MONTHS: &str = "الأحد الاثنين الإثنين الثلاثاء الأربعاء الخميس الجمعة السبت يناير فبراير مارس أبريل إبريل مايو يونيو يوليو أغسطس سبتمبر أكتوبر \
    نوفمبر ديسمبر كانون شباط آذار نيسان أيار حزيران تموز آب أيلول تشرين محرم صفر رجب شعبان رمضان شوال";

/// This many consecutive words that the other text does not have count as a fact.
const OWN_WORDS: usize = 3;
/// The same for consecutive word bigrams: a clause in other words, even if each word occurs in the other text.
const OWN_PAIRS: usize = 8;

/// Letters of a particle before or after a word.
const MOST_AFFIX: usize = 3;
/// Letters of a word in which another letter is a slip.
const LEAST_MISSPELT: usize = 6;

/// The facts of a text, as far as the rules recognise them.
#[derive(Debug)]
pub(super) struct FactSheet {
    /// Words with a digit, in order.
    figures: Vec<u64>,
    /// Words with a capital letter, and days and months; each once.
    names: HashSet<u64>,
    /// Each negation with the word after it.
    negated: HashSet<(u64, u64)>,
    /// The two words after each negation, and all word bigrams.
    denied: HashSet<(u64, u64)>,
    side_by_side: HashSet<(u64, u64)>,
    words: HashSet<u64>,
    order: Vec<u64>,
    /// Words of scripts without capital letters, as they are written; without relative days.
    uncased: HashMap<u64, Box<str>>,
}

/// Hashes of the words of a list under a fold.
fn hashes(list: &str, fold: Fold) -> HashSet<u64> {
    Tokens::of(list, fold).hashes.into_iter().collect()
}

fn negations(fold: Fold) -> &'static HashSet<u64> {
    static LISTS: [OnceLock<HashSet<u64>>; 3] = [const { OnceLock::new() }; 3];
    LISTS[fold as usize % 3].get_or_init(|| hashes(NEGATIONS, fold))
}

fn relative_days(fold: Fold) -> &'static HashSet<u64> {
    static LISTS: [OnceLock<HashSet<u64>>; 3] = [const { OnceLock::new() }; 3];
    LISTS[fold as usize % 3].get_or_init(|| hashes(RELATIVE_DAYS, fold))
}

fn days_and_months(fold: Fold) -> &'static HashSet<u64> {
    static LISTS: [OnceLock<HashSet<u64>>; 3] = [const { OnceLock::new() }; 3];
    LISTS[fold as usize % 3].get_or_init(|| hashes(DAYS_AND_MONTHS, fold))
}

impl FactSheet {
    /// The facts of `text`, of which `tokens` are the tokens under `fold`. Time and memory linear in the tokens.
    pub(super) fn of(text: &str, tokens: &Tokens, fold: Fold) -> Self {
        let (negations, days, relative) = (negations(fold), days_and_months(fold), relative_days(fold));
        let mut sheet = Self {
            figures: Vec::new(),
            names: HashSet::new(),
            negated: HashSet::new(),
            denied: HashSet::new(),
            side_by_side: tokens.hashes.windows(2).map(|pair| (pair[0], pair[1])).collect(),
            words: tokens.hashes.iter().copied().collect(),
            order: tokens.hashes.clone(),
            uncased: HashMap::new(),
        };
        for (at, (&hash, span)) in tokens.hashes.iter().zip(&tokens.spans).enumerate() {
            let word = &text[span.range()];
            if word.contains(char::is_numeric) {
                sheet.figures.push(hash);
            } else if word.starts_with(char::is_uppercase) || days.contains(&hash) {
                sheet.names.insert(hash);
            }
            let is_uncased = word.chars().any(|c| c.is_alphabetic() && !c.is_lowercase() && !c.is_uppercase());
            if is_uncased && !relative.contains(&hash) {
                sheet.uncased.entry(hash).or_insert_with(|| word.into());
            }
            if negations.contains(&hash) {
                let behind = |by: usize| tokens.hashes.get(at + by).copied().unwrap_or(0);
                sheet.negated.insert((hash, behind(1)));
                sheet.denied.insert((behind(1), behind(2)));
            }
        }
        sheet
    }

    /// Whether `other` states all facts of this text and contradicts none.
    pub(super) fn is_in(&self, other: &Self) -> bool {
        let mut theirs = other.figures.iter();
        let has_figures = self.figures.iter().all(|figure| theirs.any(|their| their == figure));
        let has_names = self.names.iter().all(|name| other.words.contains(name));
        let has_negations = self.negated.is_subset(&other.negated);
        let agrees = |denied: &HashSet<(u64, u64)>, by: &Self, to: &Self| {
            denied.iter().all(|words| by.denied.contains(words) == to.denied.contains(words) || !to.side_by_side.contains(words))
        };
        let has_own = self.order.split(|word| other.words.contains(word)).any(|run| run.len() >= OWN_WORDS);
        let pairs: Vec<(u64, u64)> = self.order.windows(2).map(|pair| (pair[0], pair[1])).collect();
        let has_clause = pairs.split(|pair| other.side_by_side.contains(pair)).any(|run| run.len() >= OWN_PAIRS);
        let agrees = agrees(&other.denied, other, self);
        has_figures && has_names && has_negations && !has_own && !has_clause && agrees && !self.replaces_words_of(other)
    }

    /// Whether one or two words of a script without capitals are in place of others: between the same words in both texts, neither in the other text. Linear.
    fn replaces_words_of(&self, other: &Self) -> bool {
        let mut theirs: HashMap<_, HashSet<&[u64]>> = HashMap::new();
        own_runs(&other.order, &self.words).for_each(|(around, run)| _ = theirs.entry(around).or_default().insert(run));
        own_runs(&self.order, &other.words).any(|(around, run)| {
            let is_uncased = run.iter().any(|word| self.uncased.contains_key(word));
            is_uncased && theirs.get(&around).into_iter().flatten().any(|their| !self.is_respelled(run, other, their))
        })
    }

    /// Whether words are those of the other text, spelled a little differently, with another particle, or in one word.
    fn is_respelled(&self, own: &[u64], other: &Self, theirs: &[u64]) -> bool {
        let written =
            |sheet: &Self, words: &[u64]| -> Vec<Box<str>> { words.iter().filter_map(|word| sheet.uncased.get(word).cloned()).collect() };
        let (own, theirs) = (written(self, own), written(other, theirs));
        let are_pairs = own.len() == theirs.len() && own.iter().zip(&theirs).all(|(x, y)| is_nearly(x, y));
        are_pairs || is_nearly(&own.concat(), &theirs.concat())
    }
}

/// The runs of words that are not among `words`, each with the words before and after it.
fn own_runs<'a>(order: &'a [u64], words: &'a HashSet<u64>) -> impl Iterator<Item = ([Option<u64>; 2], &'a [u64])> {
    let mut next = 0;
    let runs = order.chunk_by(|x, y| words.contains(x) == words.contains(y)).map(move |run| {
        let start = next;
        next += run.len();
        (start, run)
    });
    runs.filter(|(_, run)| !words.contains(&run[0])).map(|(start, run)| {
        let around = [start.checked_sub(1).map(|at| order[at]), order.get(start + run.len()).copied()];
        (around, run)
    })
}

/// Whether two words differ by a prefix or suffix of at most three letters, or by one letter of six or more.
fn is_nearly(x: &str, y: &str) -> bool {
    let [x, y]: [Vec<char>; 2] = [x, y].map(|word| word.chars().filter(|c| c.is_alphabetic()).collect());
    let (short, long) = if x.len() <= y.len() { (&x, &y) } else { (&y, &x) };
    let more = long.len() - short.len();
    // The initial of a title.
    if short.len() == 1 && more > 0 {
        return long.contains(&short[0]);
    }
    if short.len() < 3 || more > MOST_AFFIX {
        return false;
    }
    let same = short.iter().zip(long).take_while(|(x, y)| x == y).count();
    let same_at_end = short.iter().rev().zip(long.iter().rev()).take_while(|(x, y)| x == y).count();
    let is_affixed = same == short.len() || same_at_end == short.len();
    let is_one_letter = long.len() >= LEAST_MISSPELT && more <= 1 && same + same_at_end + 1 >= long.len();
    is_affixed || is_one_letter
}

#[cfg(test)]
mod tests {
    use super::*;

    fn is_in(text: &str, other: &str) -> bool {
        let sheet = |text: &str| FactSheet::of(text, &Tokens::of(text, Fold::Full), Fold::Full);
        sheet(text).is_in(&sheet(other))
    }

    #[test]
    fn a_text_with_another_fact_is_no_copy() {
        let base = "The bank said on Monday that it will open 12 branches in Brask and 7 in Ansel, for the first time.";
        for same in [
            "The bank said on Monday it will open 12 branches in Brask and 7 in Ansel, for the first time.",
            "On Monday the bank said that it will open 12 new branches in Brask and 7 in Ansel.",
        ] {
            assert!(is_in(same, base), "{same}");
        }
        for other in [
            base.replace("12", "13"),
            base.replace("12", "7").replacen("and 7", "and 12", 1),
            base.replace("Monday", "Friday"),
            base.replace("Ansel", "Harrow"),
            base.replace("will open", "will not open"),
        ] {
            assert!(!is_in(&other, base), "{other}");
        }
        let denied = base.replace("will open", "will not open");
        assert!(!is_in(base, &denied));
        let in_other_words = "For the first time the bank in Ansel said it will open 7, and 12 that Monday in Brask branches. ";
        assert!(!is_in(&format!("{in_other_words}{base}"), &format!("{base} 7, 12.")), "a clause of its own");
        assert!(!is_in(&base.replace("that it", "through a spokesman that it"), base), "three words of its own");
        let longer = format!("{base} It will never close the house in Cadim.");
        assert!(is_in(base, &longer) && !is_in(&longer, base));
    }

    #[test]
    fn another_name_in_a_script_without_capitals_is_a_fact() {
        let base = "قال الوزير أحمد في المدينة إن المشروع سوف يفتتح في الربيع بعد أن تأخر عاما كاملا";
        for other in [
            base.replace("أحمد", "محمد"),
            base.replace("الوزير أحمد", "السفير خالد"),
            base.replace("المدينة", "العاصمة"),
            base.replace("المشروع", "المطار"),
            base.replace("قال الوزير أحمد", "ذكر الوزير أحمد اليوم"),
        ] {
            assert!(!is_in(&other, base), "{other}");
        }
        let dated = format!("{base} أمس");
        assert!(is_in(&dated.replace("أمس", "اليوم"), &dated), "papers of two days");
        for same in [
            base.replace("المدينة", "بالمدينة"),
            base.replace("سوف ", ""),
            base.replace("المشروع", "المشروح"),
            base.replace("أحمد", "أَحْمَد"),
        ] {
            assert!(is_in(&same, base), "{same}");
        }
        assert!(is_in(&base.replace("إن المشروع", "إن هذا المشروع"), base), "a word more");
        let hebrew = "ראש העיר פתח את הגשר החדש ביום בהיר";
        assert!(!is_in(&hebrew.replace("הגשר", "הכביש"), hebrew));
        assert!(!is_nearly("أحمد", "محمد") && is_nearly("السعودية", "السعوديه") && is_nearly("مكتب", "المكتب") && !is_nearly("من", "منه"));
    }

    #[test]
    fn arabic_figures_days_and_negations_are_facts() {
        let base = "قال المصرف يوم الاثنين إنه سوف يفتتح ١٢ فرعا في المدينة هذا العام";
        assert!(is_in(&base.replace("سوف ", ""), base));
        assert!(is_in(&base.replace("١٢", "12"), base));
        for other in [base.replace("١٢", "١٣"), base.replace("الاثنين", "الخميس"), base.replace("سوف يفتتح", "لن يفتتح")]
        {
            assert!(!is_in(&other, base) && !is_in(base, &other), "{other}");
        }
    }
}

//! Which single-byte encoding a text in Latin letters is in.
//!
//! Detection by the frequency of letters alone takes short Hungarian, Polish or Lithuanian texts for Western ones: the same bytes are letters there
//! too. In: bytes and a guess. Out: the encoding under which the words look the most like those of one language, by its letters beyond ASCII
//! and its most frequent words. The guess is kept where several are equal.

use encoding_rs::{Encoding, ISO_8859_2, WINDOWS_1250, WINDOWS_1252, WINDOWS_1257};

/// Bytes of a sample, and how far before the first byte beyond ASCII it begins.
const SAMPLE_BYTES: usize = 1 << 12;
const BEFORE_BYTES: usize = 1 << 8;

/// Letters beyond ASCII of a language, and frequent words.
struct Language(&'static str, &'static str);

const CENTRAL: &[Language] = &[
    Language("ąćęłńóśźż", "i w na z się nie że do to jest od za po jak o przez są był oraz także który"),
    Language("áčďéěíňóřšťúůýž", "a se na je v že s z do o ve k jako za i po být jsou byl které také při už"),
    Language("áäčďéíĺľňóôŕšťúýž", "a sa na je v že s z do o vo k ako za i po byť sú bol ktoré tiež pri už"),
    Language("áéíóöőúüű", "a az és hogy nem egy is volt van de meg ez el ki csak már szerint pedig még lesz több"),
    Language("ăâîşţ", "de şi în a la nu cu pe o un din care că să este au mai fi pentru"),
    Language("čćđšž", "i u je se na da za su od s o a kako će ne bi koji što još već in v so ki pa tudi še"),
];
const WESTERN: &[Language] = &[
    Language("éèêëïîçñöüáà", "the of and to in a is that for on it was with"),
    Language("àâæçéèêëîïôœùûüÿ", "le la les de des et un une est que en dans pour pas à au a été qui sur il"),
    Language("äöüßé", "der die das und in den von zu mit ist für auf nicht ein eine im über dass"),
    Language("áéíñóúü", "el la de que y en los las un una por con no para se del más está"),
    Language("áâãàçéêíóôõúü", "o a de que e do da em um uma para com não os as no na são mais é"),
    Language("àèéìîòùí", "il la di che e un una in per non con del della è sono più"),
    Language("åäöé", "och att det i en som på är av för den med inte ett till så ja on ei että se oli"),
    Language("æøåéö", "og i at det en den til er som på de med af for ikke så"),
    Language("éëïóöüè", "de het een en van in is dat op te zijn niet met voor"),
    Language("àçèéíïòóúü", "el la de i que en les un una per amb no és del més són"),
    Language("áðéíóúýþæö", "og að í á er sem var það en um við"),
    Language("äõöüšž", "ja on ei see et ka oli ning aga nii või mis"),
];
const BALTIC: &[Language] = &[
    Language("ąčęėįšųūž", "ir kad į iš su buvo yra tai kaip ne už apie"),
    Language("āčēģīķļņšūž", "un ir par no ar kas ka tika uz arī kā bet"),
    Language("äõöüšž", "ja on ei see et ka oli ning aga nii või mis"),
];

/// Signs that occur beside words in any language.
const SIGNS: &str = "“”„‘’‚«»‹›–—…•€£§°©®™·¡¿\u{a0}\u{ad}";

/// The encoding of `bytes`, for which `guess` was found by other means.
pub(super) fn refined(bytes: &[u8], guess: &'static Encoding) -> &'static Encoding {
    let families = [(WINDOWS_1252, WESTERN), (WINDOWS_1250, CENTRAL), (ISO_8859_2, CENTRAL), (WINDOWS_1257, BALTIC)];
    if !families.iter().any(|(encoding, _)| *encoding == guess) {
        return guess;
    }
    let start = bytes.iter().position(|byte| !byte.is_ascii()).unwrap_or(0).saturating_sub(BEFORE_BYTES);
    let sample = &bytes[start..bytes.len().min(start + SAMPLE_BYTES)];
    let score = |encoding: &'static Encoding, languages: &[Language]| {
        let text = encoding.decode_without_bom_handling(sample).0.to_lowercase();
        languages.iter().map(|language| language.score(&text)).max().unwrap_or(i32::MIN)
    };
    // Without a letter that says anything it is the most common one.
    let preferred = |encoding: &'static Encoding, score: i32| if score > 0 { encoding == guess } else { encoding == WINDOWS_1252 };
    let scored = families.map(|(encoding, languages)| (score(encoding, languages), encoding));
    let best = scored.into_iter().max_by_key(|&(score, encoding)| (score, preferred(encoding, score)));
    best.map_or(guess, |(_, encoding)| encoding)
}

impl Language {
    /// How much a text in lower case looks like this language.
    fn score(&self, text: &str) -> i32 {
        let is_between = |c: char| c.is_whitespace() || c.is_ascii_punctuation();
        let words = text.split(is_between).filter(|word| !word.is_empty());
        words.map(|word| self.score_of_word(word)).fold(0, i32::saturating_add)
    }

    fn score_of_word(&self, word: &str) -> i32 {
        let Self(letters, frequent) = self;
        let bare = word.trim_matches(|c: char| SIGNS.contains(c));
        let known = i32::from(frequent.split(' ').any(|one| one == bare)) * if bare.is_ascii() { 1 } else { 3 };
        let of_letter = |c: char| match c {
            c if c.is_ascii() => 0,
            c if letters.contains(c) => 1,
            '’' => 0,
            c if c.is_control() => -5,
            _ => -3,
        };
        // A sign is out of place inside a word only, and a figure may have any unit.
        let is_word = word.chars().any(char::is_alphabetic) && !word.chars().any(|c| c.is_ascii_digit());
        known + if is_word { bare.chars().map(of_letter).sum() } else { 0 }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use encoding_rs::WINDOWS_1251;

    fn refined_text(text: &str, encoding: &'static Encoding, guess: &'static Encoding) -> String {
        let bytes = encoding.encode(text).0;
        refined(&bytes, guess).decode_without_bom_handling(&bytes).0.into_owned()
    }

    #[test]
    fn short_texts_come_right_whatever_was_guessed() {
        let central = [
            "Mieszkańcy protestują przeciwko budowie.",
            "Koń, kot i pies są w ogródku",
            "Obyvatelé protestují, že stavba začala.",
            "Nagyon jó mérkőzés volt, de hiányzott a szerencse.",
            "A folyó vize az elmúlt napokban gyorsan emelkedett, ezért a falu lakói erősítették meg a gátat.",
            "Locuitorii protestează împotriva construcţiei şi a primarului.",
            "Vlada je rekla da će promjene početi, a još više ljudi čeka.",
        ];
        for text in central {
            for encoding in [WINDOWS_1250, ISO_8859_2] {
                for guess in [WINDOWS_1250, ISO_8859_2, WINDOWS_1252] {
                    // Bytes that are the same letters in both are no matter.
                    assert_eq!(refined_text(text, encoding, guess), text, "{} {}", encoding.name(), guess.name());
                }
            }
        }
        let western = [
            "Le maire a dû renoncer, sûr de son bon droit.",
            "Os milhões de euros vão para o café.",
            "Die Straße über den Fluß",
            "Täna öösel sadas lund ja õhtul läks külmaks.",
            "¿Qué pasó? El niño comió piña",
            "“No”, she said, and it’s £50 or 5\u{a0}°C",
        ];
        for text in western {
            for guess in [WINDOWS_1252, WINDOWS_1250] {
                assert_eq!(refined_text(text, WINDOWS_1252, guess), text, "{}", guess.name());
            }
        }
        assert_eq!(refined_text("price: £50", WINDOWS_1252, WINDOWS_1250), "price: £50");
        assert_eq!(refined_text("It’s a naïve café", WINDOWS_1252, WINDOWS_1252), "It’s a naïve café");
        let baltic = "Vyriausybė paskelbė, kad pakeitimai įsigalios rudenį, ir tai yra žingsnis.";
        assert_eq!(refined_text(baltic, WINDOWS_1257, WINDOWS_1250), baltic);
        assert_eq!(refined(b"\xE0\xE1", WINDOWS_1251), WINDOWS_1251);
    }
}

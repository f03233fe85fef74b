//! What a single character becomes in a token, for those who tokenise elsewhere by the same rules.

use super::fold::{Entry, Fold, Kind, Table};

/// How a folded character takes part in tokens.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Part {
    /// Ends a token.
    Break,
    /// A letter or number: joins the open token, unless that is a lone letter.
    Letter,
    /// A letter of a script written without spaces: begins a token, which takes in marks alone.
    LoneLetter,
    /// A combining mark: joins the open token, or begins one.
    Mark,
    /// A combining mark of a script written without spaces: the same; a token that it begins is that of a lone letter.
    LoneMark,
    /// A sign that is a token by itself and takes in nothing.
    Symbol,
}

impl Fold {
    /// What `c` becomes: the characters that it folds to, each with its part. Empty for what is dropped, neither part of a token nor the end
    /// of one. A token of all these is brought to NFC, unless the fold is [`Fold::None`]. What depends on the characters around `c` is not known
    /// here: a hyphen or soft hyphen is a break or dropped, as inside a line; a zero-width non-joiner is a break, as in Arabic script.
    #[must_use]
    pub fn parts(self, c: char) -> Vec<(Part, char)> {
        let entry = Table::of(self).entry(c);
        if entry.kind() == Kind::Several { entry.several().filter_map(part).collect() } else { part(entry).into_iter().collect() }
    }
}

impl Fold {
    /// How `c` takes part in tokens if it stays one character; None for what is dropped or becomes several.
    pub fn part(self, c: char) -> Option<Part> {
        part(Table::of(self).entry(c)).map(|(part, _)| part)
    }
}

fn part(entry: Entry) -> Option<(Part, char)> {
    let part = match entry.kind() {
        // No entry of several stands for several again.
        Kind::Drop | Kind::Several | Kind::SoftHyphen => return None,
        Kind::Break | Kind::Hyphen | Kind::NonJoiner => return Some((Part::Break, ' ')),
        Kind::Symbol => Part::Symbol,
        Kind::Letter => Part::Letter,
        Kind::NoSpaceLetter => Part::LoneLetter,
        Kind::Mark => Part::Mark,
        Kind::NoSpaceMark => Part::LoneMark,
    };
    Some((part, entry.char()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parts_of_characters() {
        assert_eq!(Fold::Full.parts('É'), [(Part::Letter, 'e')]);
        assert_eq!(Fold::None.parts('É'), [(Part::Letter, 'É')]);
        assert_eq!(Fold::Full.parts('\u{64E}'), []);
        assert_eq!(Fold::Light.parts('\u{64E}'), [(Part::Mark, '\u{64E}')]);
        assert_eq!(Fold::Full.parts('½'), [(Part::Letter, '1'), (Part::Break, ' '), (Part::Letter, '2')]);
        assert_eq!(Fold::Full.parts('語'), [(Part::LoneLetter, '語')]);
        assert_eq!(Fold::Full.parts('،'), [(Part::Break, ' ')]);
    }
}

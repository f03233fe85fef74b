//! What each rule means and what to do about it, for code hosts that show this beside a finding.

/// The description of a rule, and help for whoever has to decide on a finding. Neither is empty, as GitHub requires.
pub(super) struct Guide {
    pub(super) description: &'static str,
    pub(super) help: &'static str,
    /// How often findings of the rule are what they say.
    pub(super) precision: &'static str,
}

/// The guide of a rule.
pub(super) fn guide(rule: &str) -> Guide {
    let within = "Remove the later copy, unless it repeats on purpose (a refrain, a form, a list).";
    let across = "Keep one of the articles, or link to it. If both belong there, add the finding to the baseline.";
    let passage = "Quote or link to the source, or remove the passage. If it belongs in both articles, add the finding to the baseline.";
    let (description, help, precision) = match rule {
        "repeated-block" => {
            ("Two or more consecutive paragraphs are repeated in the same article, perhaps with small edits.", within, "very-high")
        }
        "repeated-paragraph" => ("A paragraph is repeated in the same article.", within, "very-high"),
        "repeated-sentence" => ("One or more whole sentences are repeated in the same article.", within, "high"),
        "repeated-passage" => ("A passage that does not end with a sentence or paragraph is repeated in the same article.", within, "high"),
        "repeated-phrase" => ("A short phrase is repeated many times in a row.", within, "high"),
        "identical" => {
            ("Another article has the same words in the same order. Case, accents and punctuation do not count.", across, "very-high")
        }
        "near-duplicate" => ("Another article is nearly the same as a whole.", across, "very-high"),
        "contained" => ("Most of one article is contained in another.", passage, "high"),
        "reused-passage" => ("A passage is shared with another article.", passage, "high"),
        "template" => (
            "The text shared with another article is a template that many articles share. Each article fills in its own facts.",
            "Nothing to do in most cases: reports of one series look like this.",
            "medium",
        ),
        _ => ("Repeated text.", within, "medium"),
    };
    Guide { description, help, precision }
}

#[cfg(test)]
mod tests {
    use super::guide;
    use crate::check::RULES;
    use std::collections::HashSet;

    #[test]
    fn every_rule_has_a_description_of_its_own() {
        let descriptions: HashSet<&str> = RULES.iter().map(|(rule, ..)| guide(rule).description).collect();
        assert_eq!(descriptions.len(), RULES.len());
        assert!(!descriptions.contains(guide("no such rule").description));
    }
}

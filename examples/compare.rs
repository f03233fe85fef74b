//! Compares two texts: `cargo run --example compare -- A.txt B.txt`, or without arguments two sentences.
#![expect(clippy::print_stdout, reason = "an example shows its result")]

use refrain::compare::{Aligner, Overlap};
use refrain::text::{Tokenizer, Tokens, shingle_set};
use refrain::{Fold, Simd};

fn main() -> std::io::Result<()> {
    let paths: Vec<String> = std::env::args().skip(1).collect();
    let [a, b] = match &paths[..] {
        [a, b] => [std::fs::read_to_string(a)?, std::fs::read_to_string(b)?],
        _ => [
            "وأعلن المجلس أن الأعمال ستبدأ مطلع الشهر المقبل وتنتهي قبل نهاية العام".to_owned(),
            "واعلن المجلس ان الاعمال ستبدأ مطلع الشهر المقبل، وتنتهي قبل نهاية السنة".to_owned(),
        ],
    };
    let mut tokenizer = Tokenizer::new(Fold::Full, Simd::Auto);
    let tokens = [&a, &b].map(|text| {
        let mut tokens = Tokens::default();
        tokenizer.read(text, &mut tokens);
        tokens
    });
    let sets = tokens.each_ref().map(|tokens| shingle_set(&tokens.hashes, 5));
    println!("Jaccard of the shingles: {:.3}", Overlap::of(&sets[0], &sets[1]).jaccard());
    for passage in Aligner::new().between(&tokens[0].hashes, &tokens[1].hashes) {
        println!("{} words match:", passage.matched);
        for (text, tokens, range) in [(&a, &tokens[0], passage.a), (&b, &tokens[1], passage.b)] {
            let spans = &tokens.spans[range];
            println!("  {}", &text[spans[0].start as usize..spans[spans.len() - 1].end as usize]);
        }
    }
    Ok(())
}

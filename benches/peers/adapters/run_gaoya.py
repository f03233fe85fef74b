"""gaoya: MinHashStringIndex with its own word analyzer, filled and queried in bulk on two threads."""
import gaoya

import corpus


def main():
    """Reads the corpus, indexes all of it, asks the index for every document's neighbours."""
    path, folder = corpus.arguments()
    ids, texts = zip(*corpus.documents(path))
    index = gaoya.minhash.MinHashStringIndex(
        hash_size=32, jaccard_threshold=corpus.THRESHOLD, num_bands=corpus.BANDS, band_size=corpus.ROWS,
        analyzer="word", lowercase=True, ngram_range=(corpus.SHINGLE_WORDS, corpus.SHINGLE_WORDS), id_container="smallvec",
    )
    texts = list(texts)
    index.par_bulk_insert_docs(list(range(len(ids))), texts)
    # gaoya gives every text of fewer than five words one and the same signature. Those texts are kept, not taken for copies.
    unshingled = set(index.query(""))
    pairs = (
        (position, other)
        for position, neighbours in enumerate(index.par_bulk_query(texts))
        if position not in unshingled
        for other in neighbours
        if position < other
    )
    corpus.write_pairs(folder, ids, pairs)


if __name__ == "__main__":
    main()

"""rensa: RMinHashDeduplicator over shingles made here, in batches; a document that it does not keep is removed."""
import itertools

import rensa

import corpus

BATCH_DOCUMENTS = 1000


def main():
    """Streams the corpus through the deduplicator. It names no pairs."""
    path, folder = corpus.arguments()
    deduplicator = rensa.RMinHashDeduplicator(
        threshold=corpus.THRESHOLD, num_perm=corpus.PERMUTATIONS, use_lsh=True, num_bands=corpus.BANDS
    )
    entries = ((i, corpus.shingles(text)) for i, text in corpus.documents(path))
    entries = (entry for entry in entries if entry[1])  # a text without a word is kept, not taken for a copy
    removed = []
    while batch := list(itertools.islice(entries, BATCH_DOCUMENTS)):
        kept = deduplicator.add_pairs(batch)
        removed += [i for (i, _), keep in zip(batch, kept) if not keep]
    corpus.write_removed(folder, removed)


if __name__ == "__main__":
    main()

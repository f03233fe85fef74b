"""datasketch: MinHash.generator over shingles made here, MinHashLSH, and the sketches' own estimate against false positives."""
import datasketch

import corpus


def byte_shingles(path, ids):
    """Yields the shingles of each document that has a word, as bytes, and adds its id to `ids`."""
    for i, text in corpus.documents(path):
        shingles = corpus.shingles(text)
        if shingles:
            ids.append(i)
            yield [s.encode() for s in shingles]


def similar_pairs(path, ids):
    """Yields pairs of positions in `ids` whose sketches share a band and estimate a Jaccard at or over the threshold."""
    index = datasketch.MinHashLSH(num_perm=corpus.PERMUTATIONS, params=(corpus.BANDS, corpus.ROWS))
    sketches = []
    for sketch in datasketch.MinHash.generator(byte_shingles(path, ids), num_perm=corpus.PERMUTATIONS):
        position = len(sketches)
        sketches.append(sketch)
        for other in index.query(sketch):
            if sketch.jaccard(sketches[other]) >= corpus.THRESHOLD:
                yield other, position
        index.insert(position, sketch, check_duplication=False)


def main():
    """Each document is looked up among those before it, then inserted, so that every pair is seen once."""
    path, folder = corpus.arguments()
    ids = []
    pairs = list(similar_pairs(path, ids))
    corpus.write_pairs(folder, ids, pairs)


if __name__ == "__main__":
    main()

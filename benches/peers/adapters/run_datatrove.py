"""datatrove: its four MinHash stages, each a LocalPipelineExecutor of two workers; the ids come from its exclusion writer."""
import json

from datatrove.executor import LocalPipelineExecutor
from datatrove.pipeline.dedup import MinhashDedupSignature
from datatrove.pipeline.dedup.minhash import MinhashConfig, MinhashDedupBuckets, MinhashDedupCluster, MinhashDedupFilter
from datatrove.pipeline.readers import JsonlReader
from datatrove.pipeline.writers.jsonl import JsonlWriter
from datatrove.utils.word_tokenizers import SpaCyTokenizer

import corpus

CONFIG = MinhashConfig(n_grams=corpus.SHINGLE_WORDS, num_buckets=corpus.BANDS, hashes_per_bucket=corpus.ROWS)


def split(path, folder):
    """Writes the corpus as one file a worker, for datatrove shares out work by files."""
    folder.mkdir()
    outputs = [open(folder / f"{n}.jsonl", "wb") for n in range(corpus.WORKERS)]
    with open(path, "rb") as lines:
        for number, line in enumerate(lines):
            outputs[number % corpus.WORKERS].write(line)
    for output in outputs:
        output.close()


def stages(folder):
    """Yields (name, tasks, steps) of the four stages in their order."""
    def at(name):
        return str(folder / name)

    reader = JsonlReader(at("input"), text_key="text", id_key="id")
    # spaCy's multi-language tokenizer: for a corpus in any language, and with no model to download
    words = SpaCyTokenizer("xx")
    yield "signatures", corpus.WORKERS, [reader, MinhashDedupSignature(at("signatures"), config=CONFIG, language=words)]
    yield "buckets", corpus.BANDS, [MinhashDedupBuckets(at("signatures"), at("buckets"), config=CONFIG)]
    yield "clusters", 1, [MinhashDedupCluster(at("buckets"), at("remove_ids"), config=CONFIG)]
    excluded = JsonlWriter(at("removed"), compression=None)
    cleaned = JsonlWriter(at("cleaned"), compression=None)
    yield "filter", corpus.WORKERS, [reader, MinhashDedupFilter(at("remove_ids"), exclusion_writer=excluded), cleaned]


def main():
    """Runs the stages, then collects the removed ids. It names no pairs."""
    path, folder = corpus.arguments()
    split(path, folder / "input")
    for name, tasks, steps in stages(folder):
        LocalPipelineExecutor(steps, tasks=tasks, workers=corpus.WORKERS, logging_dir=str(folder / "logs" / name)).run()
    removed = []
    for file in sorted((folder / "removed").glob("**/*.jsonl")):
        with open(file, encoding="utf-8") as lines:
            removed += [json.loads(line)["id"] for line in lines]
    corpus.write_removed(folder, removed)


if __name__ == "__main__":
    main()

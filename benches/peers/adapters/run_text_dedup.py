"""text-dedup: its own command `python -m text_dedup.minhash`; what its output lacks of the input is removed."""
import os
import subprocess
import sys

import corpus


def deduplicate(path, folder):
    """Runs the command and returns the folder of the data set that it saved."""
    output = folder / "kept"
    options = {
        "path": "json", "data_files": path, "split": "train", "column": "text", "cache_dir": folder / "cache", "output": output,
        "ngram": corpus.SHINGLE_WORDS, "num_perm": corpus.PERMUTATIONS, "b": corpus.BANDS, "r": corpus.ROWS,
        "threshold": corpus.THRESHOLD, "num_proc": corpus.WORKERS, "hash_func": "xxh3",
        "min_length": 1,  # by default it drops every text of fewer than five words
    }
    command = [sys.executable, "-m", "text_dedup.minhash"]
    for name, value in options.items():
        command += [f"--{name}", str(value)]
    offline = {"HF_HUB_OFFLINE": "1", "HF_DATASETS_OFFLINE": "1", "HF_HOME": str(folder / "home")}
    subprocess.run(command, check=True, env=os.environ | offline)
    return output


def main():
    """Reads the ids of what was kept from the saved data set; the removed ids are the rest. It names no pairs."""
    path, folder = corpus.arguments()
    output = deduplicate(path, folder)
    import datasets  # only now, so that it holds no memory while the command runs

    kept = set(map(str, datasets.load_from_disk(str(output))["id"]))
    corpus.write_removed(folder, [i for i, _ in corpus.documents(path) if i not in kept])


if __name__ == "__main__":
    main()

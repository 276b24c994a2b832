"""BPE training against `tokenizers` and `rustbpe`, both Rust, and its peak memory on a long stream.

python tests/benchmarks/bench_bpe.py                  # 30 MB, 32,768 merges, three rounds
python tests/benchmarks/bench_bpe.py --text FOLDER    # the same on your own text files
python tests/benchmarks/bench_bpe.py --stream 1       # peak memory on 1 GB, in GB
"""

import argparse
import random
import sysconfig
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import rustbpe
import tokenizers
from tokenizers import models, pre_tokenizers, trainers

from nanochat.tokenizer import bpe

SUFFIXES = {".py", ".rst", ".md", ".txt", ".html", ".po", ".json", ".csv", ".js", ".h"}
LONGEST_FILE = 20_000


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--text", type=Path, help="folder of text files, instead of Python's own")
    options.add_argument("--megabytes", type=float, default=30)
    options.add_argument("--merges", type=int, default=32_768)
    options.add_argument("--rounds", type=int, default=3)
    options.add_argument("--stream", type=float, metavar="GB", help="measure peak memory instead")
    chosen = options.parse_args()
    if chosen.stream:
        measure_memory(chosen.text, chosen.stream * 1e9, chosen.merges)
    else:
        texts = list(until(mixed_texts(chosen.text), chosen.megabytes * 1e6))
        measure_time(texts, chosen.merges, chosen.rounds)


def mixed_texts(folder: Path | None) -> Iterator[str]:
    """English, code, markup, translations and data, from a folder or this Python's installation."""
    paths = sysconfig.get_paths()
    folders = [folder] if folder else [Path(paths["stdlib"]), Path(paths["purelib"])]
    found = {path for place in folders for path in place.rglob("*") if path.suffix in SUFFIXES}
    shuffled = sorted(path for path in found if path.is_file())
    random.Random(0).shuffle(shuffled)
    for path in shuffled:
        yield path.read_text(encoding="utf-8", errors="ignore")[:LONGEST_FILE]


def until(texts: Iterator[str], num_bytes: float) -> Iterator[str]:
    """The first texts, up to a number of bytes."""
    for text in texts:
        if num_bytes <= 0:
            return
        yield text
        num_bytes -= len(text.encode())


def endless(folder: Path | None) -> Iterator[str]:
    """The mixed texts over and over, one word in fifty respelled, so that new words never end."""
    rng = random.Random(0)
    while True:
        for text in mixed_texts(folder):
            words = text.split(" ")
            for index in range(rng.randrange(50), len(words), 50):
                words[index] = "".join(rng.sample(words[index], len(words[index])))
            yield " ".join(words)


def train_ours(texts: list[str], num_merges: int) -> set[bytes]:
    return set(bpe.token_table(bpe.train_bpe(texts, num_merges)))


def train_rustbpe(texts: list[str], num_merges: int) -> set[bytes]:
    peer = rustbpe.Tokenizer()
    peer.train_from_iterator(iter(texts), 256 + num_merges, pattern=bpe.SPLIT_PATTERN)
    return {bytes(token) for token, _ in peer.get_mergeable_ranks()}


def train_tokenizers(texts: list[str], num_merges: int) -> None:
    peer = tokenizers.Tokenizer(models.BPE())
    pattern = tokenizers.Regex(bpe.SPLIT_PATTERN)
    split = pre_tokenizers.Split(pattern, behavior="isolated")
    as_bytes = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=False)
    peer.pre_tokenizer = pre_tokenizers.Sequence([split, as_bytes])
    alphabet = pre_tokenizers.ByteLevel.alphabet()
    trainer = trainers.BpeTrainer(
        vocab_size=256 + num_merges, initial_alphabet=alphabet, show_progress=False
    )
    peer.train_from_iterator(texts, trainer)


def measure_time(texts: list[str], num_merges: int, rounds: int) -> None:
    megabytes = sum(len(text.encode()) for text in texts) / 1e6
    print(f"{megabytes:.1f} MB in {len(texts):,} texts, {num_merges:,} merges, best of {rounds}")
    trainers = {"ours": train_ours, "tokenizers": train_tokenizers, "rustbpe": train_rustbpe}
    seconds: dict[str, list[float]] = {name: [] for name in trainers}
    for _ in range(rounds):
        for name, train in trainers.items():
            seconds[name].append(timed(train, texts, num_merges))
    ours = min(seconds["ours"])
    for name, measured in seconds.items():
        listed = " ".join(f"{value:.2f}" for value in measured)
        print(
            f"{name:12} {min(measured):6.2f} s   ours / it {ours / min(measured):.2f}   ({listed})"
        )
    print("same tokens as rustbpe:", train_ours(texts, 2000) == train_rustbpe(texts, 2000))


def timed(train: Callable, texts: list[str], num_merges: int) -> float:
    start = time.perf_counter()
    train(texts, num_merges)
    return time.perf_counter() - start


def measure_memory(folder: Path | None, num_bytes: float, num_merges: int) -> None:
    done = threading.Event()
    peak = [0]
    watcher = threading.Thread(target=watch_memory, args=(done, peak))
    watcher.start()
    start = time.perf_counter()
    bpe.train_bpe(until(endless(folder), num_bytes), num_merges)
    seconds = time.perf_counter() - start
    done.set()
    watcher.join()
    print(f"{num_bytes / 1e9:.2f} GB, {num_merges:,} merges: {seconds:.0f} s")
    print(f"peak of the process tree: {peak[0] / 1e9:.2f} GB")


def watch_memory(done: threading.Event, peak: list[int]) -> None:
    """Keep the highest sum of resident memory; pages that processes share count once for each."""
    tree = psutil.Process()
    while not done.wait(0.1):
        total = 0
        for process in [tree, *tree.children(recursive=True)]:
            try:
                total += process.memory_info().rss
            except psutil.NoSuchProcess:
                continue
        peak[0] = max(peak[0], total)


if __name__ == "__main__":
    main()

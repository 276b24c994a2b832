"""What packing wastes, how fast batches are made, and whether a step ever waits for one.

python tests/benchmarks/bench_loader.py           # the tiny world
python tests/benchmarks/bench_loader.py --real    # real text, at the pace of GPUs

Real text is GSM8K and Shakespeare, from the folder that NANOCHAT_REAL_DATA names."""

import argparse
import itertools
import os
import random
import tempfile
import time
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
from rich.console import Console
from rich.table import Table

from nanochat.data import (
    EncodeChats,
    EncodeText,
    Items,
    Loader,
    ParquetShards,
    WorldChats,
    WorldDocuments,
    lessons,
    prefetch,
    rows,
)
from nanochat.tokenizer import Tokenizer

ROWS, BATCHES = 32, 16

# Tokens a second that training takes: on one H100 at half of its peak (989 TFLOP/s), and on eight
# as the fastest known run did (5.84 billion tokens in 1.65 hours).
PACES = {"d20, one card": 170_000, "d12, one card": 557_000, "d24, eight cards": 983_000}
REAL_ROWS, REAL_LENGTH, STEPS = 256, 2048, 6
CHARACTERS_PER_TOKEN = 4.8  # Of ClimbMix, with a vocabulary of 32,768.


def cut_in_order(lengths, capacity, rows):
    """The share of tokens lost where each row takes the next documents and crops the last."""
    lengths, read = iter(lengths), 0
    for _ in range(rows):
        room = capacity
        while room > 0:
            length = next(lengths)
            read += length
            room -= length
    return 1 - rows * capacity / read


def measure(tokenizer, length):
    source, encode = WorldDocuments(0), EncodeText(tokenizer)
    start = time.process_time()
    loader = Loader(source, encode, ROWS, length, tokenizer.bos_id, seed=0)
    packed = list(itertools.islice(loader.batches(), BATCHES))[-1].waste
    seconds = time.process_time() - start
    texts = (len(encode([text])[0].ids) for text, _ in source.read())
    greedy = cut_in_order(texts, length + 1, ROWS * BATCHES)
    chats = Loader(
        WorldChats(0), EncodeChats(tokenizer, length + 1), ROWS, length, tokenizer.bos_id, 0, False
    )
    padded = list(itertools.islice(chats.batches(), BATCHES))[-1].waste
    return (
        f"{packed.cropped_share():.1%}",
        f"{greedy:.1%}",
        f"{greedy / packed.cropped_share():.2f}",
        f"{padded.padded_share():.1%}",
        f"{padded.cut:,} ({padded.dropped:,})",
        f"{packed.placed / seconds:,.0f}",
    )


def world_table():
    texts = [text for text, _ in itertools.islice(WorldDocuments(0).read(), 3000)]
    table = Table(
        "vocabulary",
        "row",
        "cropped: best fit",
        "in order",
        "ratio",
        "chats: padded",
        "cut (to nothing)",
        "tokens a CPU second",
    )
    for vocab_size in (1024, 2048):
        tokenizer = Tokenizer.train(texts, vocab_size)
        for length in (256, 512):
            table.add_row(str(vocab_size), str(length), *measure(tokenizer, length))
    return table


def real_documents(folder, problems):
    """Real text in documents of the lengths that web pages have."""
    solved = "\n".join("{question}\n{answer}\n".format(**problem) for problem in problems)
    text = (folder / "tinyshakespeare.txt").read_text(encoding="utf-8") + solved
    draw, start, documents = random.Random(0), 0, []
    while start < len(text):
        end = start + int(draw.lognormvariate(7.6, 1.0))
        documents.append(text[start:end])
        start = end
    return documents


def making(loader):
    """Tokens a CPU second and a second in this process, and the share that is cropped."""
    batches = loader.batches()
    next(batches)
    cpu, clock = time.process_time(), time.perf_counter()
    last = list(itertools.islice(batches, STEPS))[-1]
    cpu, clock = time.process_time() - cpu, time.perf_counter() - clock
    tokens = STEPS * REAL_ROWS * REAL_LENGTH
    return tokens / cpu, tokens / clock, last.waste.cropped_share()


def waits(loader, pace):
    """Seconds that a step takes at this pace, and the seconds it waited for each batch."""
    step, waited = REAL_ROWS * REAL_LENGTH / pace, []
    with prefetch(loader) as batches:
        next(batches)
        for _ in range(STEPS):
            time.sleep(step)
            start = time.perf_counter()
            next(batches)
            waited.append(time.perf_counter() - start)
    return step, waited


def real_tables(console):
    real = Path(os.environ["NANOCHAT_REAL_DATA"])
    problems = rows.read(real / "gsm8k_train.jsonl")
    documents = real_documents(real, problems)
    tokenizer = Tokenizer.train(documents, 16_384)
    length = sum(map(len, documents)) / sum(map(len, tokenizer.encode_batch(documents)))
    with tempfile.TemporaryDirectory() as folder:
        pq.write_table(pa.table({"text": documents}), Path(folder) / "a.parquet")
        source, encode = ParquetShards(folder), EncodeText(tokenizer)
        loader = Loader(source, encode, REAL_ROWS, REAL_LENGTH, tokenizer.bos_id, seed=0)
        cpu, clock, cropped = making(loader)
        console.print(
            f"One process, {os.cpu_count()} hardware threads, other load {os.getloadavg()[0]:.1f}: "
            f"{cpu:,.0f} tokens a CPU second, {clock:,.0f} a second ({length:.2f} characters a "
            f"token, {cropped:.1%} cropped); at {CHARACTERS_PER_TOKEN} characters a token "
            f"{cpu * length / CHARACTERS_PER_TOKEN:,.0f} and "
            f"{clock * length / CHARACTERS_PER_TOKEN:,.0f}."
        )
        chats = Items(tuple(map(lessons.gsm8k, problems)))
        encode = EncodeChats(tokenizer, REAL_LENGTH + 1)
        cpu, clock, _ = making(
            Loader(chats, encode, REAL_ROWS, REAL_LENGTH, tokenizer.bos_id, 0, crop=False)
        )
        console.print(f"Conversations: {cpu:,.0f} tokens a CPU second, {clock:,.0f} a second.")
        table = Table("pace", "tokens a second", "a step", "waited, median", "longest")
        for name, pace in PACES.items():
            step, waited = waits(loader, pace)
            middle, longest = sorted(waited)[STEPS // 2], max(waited)
            table.add_row(name, f"{pace:,}", f"{step:.3f} s", f"{middle:.4f} s", f"{longest:.4f} s")
    console.print(table)


if __name__ == "__main__":
    options = argparse.ArgumentParser()
    options.add_argument("--real", action="store_true")
    console = Console(width=140)
    if options.parse_args().real:
        real_tables(console)
    else:
        console.print(world_table())

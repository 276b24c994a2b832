"""When a model learns to copy: what a name or a place costs that a story told before.

python tests/benchmarks/bench_copying.py            # four seeds, read as profile `cpu` does
python tests/benchmarks/bench_copying.py --plain    # documents alone, without games before them

The profile's first steps, at a constant rate; nats a token on held-out stories."""

import argparse
import dataclasses
import itertools
import re
import tempfile
from bisect import bisect_right
from itertools import accumulate
from pathlib import Path
from statistics import fmean

import torch
from rich.console import Console
from rich.table import Table
from torch.nn import functional as F

from nanochat.data import WorldDocuments, WorldReadings, world
from nanochat.data.world import cast, places
from nanochat.pipeline.profiles import CPU
from nanochat.pipeline.stages import first_bytes
from nanochat.runtime import detect, metrics
from nanochat.tokenizer import Tokenizer
from nanochat.train.pretrain import pretrain

STORIES, EVERY = 64, 50
WORDS = {"names": set(cast.NAMES), "places": set(places.PLACES)}


def told_before(text, words):
    """The characters at which one of the words stands that stood before."""
    told = set()
    for word in re.finditer(r"\w+", text):
        if word[0] in words and word[0] in told:
            yield word.start()
        told.add(word[0])


class Copying:
    """The evaluation: mean nats of the first token of what was told before."""

    def __init__(self, tokenizer):
        drawn = (world.document(1, index, "val") for index in itertools.count())
        stories = (document.text for document in drawn if document.kind == "story")
        self.rows = [self._row(tokenizer, text) for text in itertools.islice(stories, STORIES)]

    def _row(self, tokenizer, text):
        ids = tokenizer.encode(text)[: CPU.base.sequence_len]
        ends = list(accumulate(len(tokenizer.decode([token])) for token in ids))
        spots = {
            name: [bisect_right(ends, start) for start in told_before(text[: ends[-1]], words)]
            for name, words in WORDS.items()
        }
        return torch.tensor([tokenizer.bos_id, *ids]), spots

    def __call__(self, model):
        nats = {name: [] for name in WORDS}
        for ids, spots in self.rows:
            with torch.inference_mode():
                logits = model.logits(model(ids[None, :-1]))[0].float()
                losses = F.cross_entropy(logits, ids[1:], reduction="none").tolist()
            for name, again in spots.items():
                nats[name] += [losses[spot] for spot in again]
        return {name: fmean(each) for name, each in nats.items()}


def trace(source, tokenizer, steps, seed):
    """The evaluations of the first steps of a run."""
    config = dataclasses.replace(
        CPU.base,
        tokens=steps * CPU.base.batch_tokens,
        warmdown=0.0,
        evaluate_every=EVERY,
        sample_every=0,
        save_every=0,
        seed=seed,
    )
    with tempfile.TemporaryDirectory() as folder:
        runtime = detect("cpu")
        pretrain(config, runtime, tokenizer, source, folder, evaluate=Copying(tokenizer))
        lines = metrics.JsonLines(Path(folder) / "metrics.jsonl").read()
    return [line for line in lines if "names" in line]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("--plain", action="store_true", help="without games")
    parser.add_argument("--steps", type=int, default=300)
    parser.add_argument("--seeds", type=int, nargs="+", default=[0, 1, 2, 3])
    options = parser.parse_args()
    table = Table("seed", "told before", *map(str, range(EVERY, options.steps + 1, EVERY)))
    for seed in options.seeds:
        source = WorldDocuments(seed) if options.plain else WorldReadings(seed)
        texts = first_bytes((text for text, _ in source.read()), CPU.tokenizer.text_bytes)
        tokenizer = Tokenizer.train(texts, CPU.tokenizer.vocab_size)
        found = trace(source, tokenizer, options.steps, seed)
        for name in WORDS:
            table.add_row(str(seed), name, *(f"{line[name]:.2f}" for line in found))
    Console().print(table)


if __name__ == "__main__":
    main()

"""What a GPU makes of the package: tokens a second in training and decoding, beside its limits.

    python tests/benchmarks/bench_gpu.py                            # both, at depths 12 and 20
    python tests/benchmarks/bench_gpu.py --depths 24 --only train   # one of the two, another depth

Training takes whole steps of the batch that suits the depth; its share is of the card's peak in
FLOP/s. A decoding step has to read the matrices and every row's keys and values once; its share is
of the card's memory bandwidth. Each figure is a line of JSON, appended to --results and printed.
"""

import argparse
import datetime
import math
import platform
import shlex
import sys
from collections.abc import Iterator
from pathlib import Path
from statistics import median
from time import perf_counter

import torch

from nanochat import optim
from nanochat.data import Batch, packing
from nanochat.engine import Engine, SamplingConfig
from nanochat.model import GPT, GPTConfig, counts
from nanochat.pipeline.cards import CARDS
from nanochat.runtime import Runtime, detect, metrics
from nanochat.tokenizer import Tokenizer
from nanochat.train import dial, fit, loop

RESULTS = Path(__file__).with_name("results.jsonl")

# Cards whose memory is slower than that of the one whose name they share.
SLOWER = ("pcie", "nvl", " ti", "laptop", "40gb")


def main(argv: list[str]) -> None:
    args = arguments(argv)
    runtime = detect(args.device, args.dtype, args.compile)
    results, origin = metrics.JsonLines(args.results), circumstances(argv, runtime)
    for depth in args.depths:
        for figure in figures(depth, args, runtime):
            results.write(**origin, depth=depth, **figure)
            print(f"d{depth}", *(f"{name} {number}" for name, number in figure.items()), sep=", ")


def arguments(argv: list[str]) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--depths", type=int, nargs="+", default=[12, 20])
    parser.add_argument("--only", choices=["train", "decode"])
    parser.add_argument("--device", default="auto")
    parser.add_argument("--dtype", default="bfloat16")
    parser.add_argument("--compile", default="auto")
    shape = {"length": 2048, "vocab": 32768, "aspect-ratio": 64, "head-dim": 128}
    for name, value in shape.items():
        parser.add_argument(f"--{name}", type=int, default=value)
    parser.add_argument("--rows", type=int, default=64, help="at once in training; less if need be")
    parser.add_argument("--batch-tokens", type=int, help="of a training step")
    parser.add_argument("--steps", type=int, default=5, help="training steps to take the median of")
    parser.add_argument("--batches", type=int, nargs="+", default=[1, 8, 32, 128])
    parser.add_argument("--prompt", type=int, default=64, help="tokens of each prompt")
    parser.add_argument("--new", type=int, default=256, help="tokens of each reply")
    parser.add_argument("--results", type=Path, default=RESULTS)
    return parser.parse_args(argv)


def circumstances(argv: list[str], runtime: Runtime) -> dict:
    """Where, when and how a figure was taken."""
    on_gpu = runtime.device.type == "cuda"
    return {
        "card": torch.cuda.get_device_name(runtime.device) if on_gpu else platform.machine(),
        "date": datetime.date.today().isoformat(),
        "torch": torch.__version__,
        "cuda": torch.version.cuda,
        "dtype": runtime.precision,
        "compile": runtime.compile,
        "command": shlex.join(["python", "tests/benchmarks/bench_gpu.py", *argv]),
    }


def figures(depth: int, args: argparse.Namespace, runtime: Runtime) -> Iterator[dict]:
    """Those of a model with random weights."""
    config = GPTConfig.from_depth(depth, args.vocab, args.length, args.aspect_ratio, args.head_dim)
    model = GPT(config, runtime.dtype).to(runtime.device)
    model.init_weights(torch.Generator().manual_seed(0))
    # Decoding first: training takes memory, which the largest batches need.
    if args.only != "train":
        for batch in args.batches:
            yield decoding(model, batch, args, runtime)
    if args.only != "decode":
        yield training(model, args, runtime)


def training(model: GPT, args: argparse.Namespace, runtime: Runtime) -> dict:
    """Tokens a second in the median of several steps, after one to warm up."""
    config = model.config
    batch_tokens = dial.turn(config, batch_tokens=args.batch_tokens).batch_tokens
    loss, optimizer = loop.loss_of(model, runtime), optim.build(model)
    rows = fit.largest(loss, optimizer, args.rows, config.sequence_len, runtime)
    ids = torch.randint(config.vocab_size, (batch_tokens // config.sequence_len, args.length + 1))
    batch, seconds = Batch(ids[:, :-1], ids[:, 1:], {}, packing.Waste()), []
    for _ in range(args.steps + 1):
        start = perf_counter()
        loop.step(loss, optimizer, batch, rows, runtime)
        if runtime.device.type == "cuda":
            torch.cuda.synchronize()
        seconds.append(perf_counter() - start)
    rate = batch.inputs.numel() / median(seconds[1:])
    flops = rate * counts.flops_per_token(config)
    return {
        "figure": "train",
        "length": config.sequence_len,
        "batch_tokens": batch.inputs.numel(),
        "rows_at_once": rows,
        "tokens_per_second": rate,
        "flops_per_second": flops,
        "share_of_peak": share(flops, runtime.peak_flops),
    }


def decoding(model: GPT, batch: int, args: argparse.Namespace, runtime: Runtime) -> dict:
    """Tokens a second once the prompts are read, in the median of three runs after one."""
    tokenizer = Tokenizer.from_merges([])
    with torch.no_grad():  # a score of 0 is never the highest: no reply ends before its length
        model.head.weight[list(tokenizer.special.values())] = 0
    engine = Engine(model, tokenizer, runtime, batch, runtime.compile)
    prompts = torch.randint(256, (batch, args.prompt)).tolist()
    seconds = median([write(engine, prompts, args.new) for _ in range(4)][1:])
    moved = bytes_read(model.config, batch, args, runtime.dtype.itemsize) / seconds
    return {
        "figure": "decode",
        "batch": batch,
        "prompt": args.prompt,
        "new": args.new,
        "tokens_per_second": batch * (args.new - 1) / seconds,
        "bytes_per_second": moved,
        "share_of_bandwidth": share(moved, bandwidth(runtime)),
    }


def write(engine: Engine, prompts: list[list[int]], new: int) -> float:
    """The seconds that replies take after their first token."""
    config = SamplingConfig(max_tokens=new, temperature=0)
    drafts = engine.drafts(prompts, config, samples=1, tools=False)
    steps = engine.write(drafts, config)
    next(steps)
    start = perf_counter()
    for _ in steps:
        pass
    assert all(len(draft.ids) == new for (draft,) in drafts)
    return perf_counter() - start


def bytes_read(config: GPTConfig, batch: int, args: argparse.Namespace, size: int) -> int:
    """What the steps after the first token have to read: the matrices, and all tokens so far."""
    kinds = counts.parameters(config)
    matrices = size * (kinds["matrices"] + kinds["head"])
    lengths = range(args.prompt + 1, args.prompt + args.new)
    return sum(matrices + counts.kv_bytes(config, batch, length, size) for length in lengths)


def bandwidth(runtime: Runtime) -> float:
    """That of the card in bytes/s, NaN where its data sheet is not at hand."""
    on_gpu = runtime.device.type == "cuda"
    name = torch.cuda.get_device_name(runtime.device) if on_gpu else ""
    if any(word in name.lower() for word in SLOWER):
        return math.nan
    return next((card.bandwidth for card in CARDS.values() if card.name in name), math.nan)


def share(reached: float, limit: float) -> float | None:
    """How much of a limit was reached; None where the limit is not known."""
    return None if math.isnan(limit) else reached / limit


if __name__ == "__main__":
    main(sys.argv[1:])

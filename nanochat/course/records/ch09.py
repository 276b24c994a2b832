"""Chapter 9 for whole training steps: chunks, bfloat16 and compiling, each on top of the last."""

import os
from collections.abc import Callable
from statistics import median

import torch
import torch._inductor.config
import torch.nn.functional as F

from nanochat.course import records
from nanochat.model import GPT, GPTConfig, compiled
from nanochat.runtime import Runtime, detect, generator

CONFIG = GPTConfig.from_depth(4, 8192, 256, head_dim=64)
ROWS, ROUNDS = 8, 9


def naive_loss(model: GPT) -> Callable:
    """The loss with all logits at once."""

    def loss(ids, targets):
        return F.cross_entropy(model.logits(model(ids)).flatten(0, 1), targets.flatten())

    return loss


def way(dtype: str, compile: str = "off", naive: bool = False) -> Callable:
    """A function that makes one forward and backward pass."""
    runtime: Runtime = detect("cpu", dtype, compile)
    model = GPT(CONFIG, runtime.dtype)
    model.init_weights(generator(0, "weights"))
    loss = naive_loss(model) if naive else compiled(model, runtime).loss
    ids = torch.randint(CONFIG.vocab_size, (ROWS, CONFIG.sequence_len + 1), generator=generator(0))

    def step():
        model.zero_grad()
        loss(ids[:, :-1], ids[:, 1:]).backward()

    return step


def now() -> float:
    """Seconds of the processor so far, those of programs it started included, as a compiler is."""
    return sum(os.times()[:4])


def seconds(function: Callable) -> float:
    """How long one call takes."""
    began = now()
    function()
    return now() - began


def main():
    torch.set_num_threads(1)
    torch._inductor.config.compile_threads = 1
    ways = {
        "plain float32": {"dtype": "float32", "naive": True},
        "loss in chunks": {"dtype": "float32"},
        "bfloat16": {"dtype": "bfloat16"},
        "compiled": {"dtype": "bfloat16", "compile": "on"},
    }
    first, steps = {}, {}
    for name, settings in ways.items():
        began = now()
        steps[name] = way(**settings)
        steps[name]()
        first[name] = now() - began
    # By turns, for a processor's clock is not constant.
    rounds = [{name: seconds(step) for name, step in steps.items()} for _ in range(ROUNDS)]
    records.write(
        "ch09",
        tokens=ROWS * CONFIG.sequence_len,
        first={name: round(took, 1) for name, took in first.items()},
        seconds={name: round(median(each[name] for each in rounds), 3) for name in ways},
    )


if __name__ == "__main__":
    main()

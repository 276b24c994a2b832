"""What is compiled scores and writes as the engine without a compiler does."""

import dataclasses
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nanochat.engine import Engine, SamplingConfig, fused
from nanochat.engine.cache import BLOCK, KVCache
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime
from nanochat.runtime.device import has_compiler
from nanochat.tokenizer import Tokenizer

TOKENIZER = Tokenizer.from_merges([])
CPU = Runtime(torch.device("cpu"), torch.float32, compile=True, peak_flops=1e12)
SHAPE = GPTConfig(
    TOKENIZER.vocab_size,
    sequence_len=512,
    n_layer=2,
    n_head=2,
    n_kv_head=1,
    n_embd=32,
    window_pattern="S",
)
PROMPTS = [TOKENIZER.encode(text) for text in ("once", "a much longer prompt", "two", "a", "b")]


def lively(seed: int = 1) -> GPT:
    model = GPT(SHAPE)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


@torch.inference_mode()
def compare_scores(model: GPT, rows: int) -> None:
    """As the cache grows by blocks, and a row leaves."""
    assert min(SHAPE.windows) < 2 * BLOCK + 20
    reader = fused.fused(model)
    compiled = fused.decoder(reader, rows)
    assert compiled is not fused.scores
    generator = torch.Generator().manual_seed(rows)
    prompt, padding = torch.randint(0, 256, (rows, 30), generator=generator), torch.arange(rows)
    caches = [KVCache(SHAPE, padding) for _ in range(2)]
    for cache in caches:
        cache.extend(30)
        fused.scores(reader, prompt, cache)
    for step in range(2 * BLOCK):
        keep = list(range(rows))[: 4 if step > BLOCK else 5]
        tokens, scores = torch.randint(0, 256, (len(keep), 1), generator=generator), []
        for read, cache in zip((fused.scores, compiled), caches, strict=True):
            if len(keep) < len(cache.padding):
                cache.keep(keep)
            cache.extend(1)
            scores.append(read(reader, tokens, cache))
        assert (scores[0] - scores[1]).abs().max() < 1e-5


def compare_replies() -> None:
    """Of several models, the last of them with the weights of another: it is compiled once."""
    config, models = SamplingConfig(max_tokens=80), [lively(seed) for seed in (1, 2)]
    for max_rows in (3, 128):
        for model in models:
            plain, compiled = (
                Engine(model, TOKENIZER, CPU, max_rows, compile).generate(PROMPTS, config)
                for compile in (False, True)
            )
            assert [reply.ids for reply in plain] == [reply.ids for reply in compiled]


def test_compiled_equals_uncompiled_and_is_compiled_once():
    if not has_compiler():
        pytest.skip("needs a C++ compiler")
    # The compiler cannot see through the type checker of the tests: this file runs on its own.
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_a_compiler_that_fails_is_told_and_done_without(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("Python.h: no such file")

    monkeypatch.setattr(torch, "compile", lambda *args, **kwargs: fail)
    engine = Engine(lively(), TOKENIZER, CPU, compile=True)
    with pytest.warns(UserWarning, match="the engine runs without it: Python.h: no such file"):
        replies = engine.generate(PROMPTS, SamplingConfig(max_tokens=5))
    plain = dataclasses.replace(CPU, compile=False)
    assert replies == Engine(lively(), TOKENIZER, plain).generate(
        PROMPTS, SamplingConfig(max_tokens=5)
    )


if __name__ == "__main__":
    graphs = torch._dynamo.utils.counters["stats"]
    compare_scores(lively(), rows=5)
    compare_replies()
    assert graphs["unique_graphs"] == 1, graphs
    compare_scores(lively(), rows=1)
    assert graphs["unique_graphs"] == 2, graphs

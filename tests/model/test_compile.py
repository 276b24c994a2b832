"""What is compiled, in bfloat16 too, has the gradients of the plain model in float32."""

import dataclasses
import os
import subprocess
import sys
import warnings
from pathlib import Path

import pytest
import torch

from nanochat.model import GPT, GPTConfig, compiled, loss
from nanochat.runtime import Runtime
from nanochat.runtime.device import has_compiler

CPU, BOTH = torch.device("cpu"), (torch.float32, torch.bfloat16)
CONFIG = GPTConfig(vocab_size=64, sequence_len=64, n_layer=1, n_head=2, n_kv_head=2, n_embd=32)


def build(dtype):
    model = GPT(CONFIG, dtype)
    generator = torch.Generator().manual_seed(0)
    model.init_weights(generator)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.05 * torch.randn(weight.shape, generator=generator)
    return model


def gradients(dtype, compile):
    """Of a batch in which every other token is the same: a thousand times token 7."""
    model = build(dtype)
    runtime = Runtime(CPU, dtype, compile, peak_flops=1e12)
    ids = torch.randint(0, 64, (32, 65), generator=torch.Generator().manual_seed(1))
    ids[:, ::2] = 7
    compiled(model, runtime).loss(ids[:, :-1], ids[:, 1:]).backward()
    return {name: weight.grad for name, weight in model.named_parameters()}


def compare(found, exact, tolerance):
    for name, gradient in exact.items():
        if gradient.ndim < 2:  # A sum of many signs: measured beside what it adds up.
            continue
        off = (found[name] - gradient).norm() / gradient.norm()
        assert off < tolerance, f"{name}: {off:.1%} off"


def test_eager_bfloat16_follows_float32():
    exact, found = (gradients(dtype, compile=False) for dtype in BOTH)
    compare(found, exact, 0.05)
    row = exact["embedding.weight"][7]
    assert (found["embedding.weight"][7] - row).norm() < 0.02 * row.norm()


@pytest.mark.skipif(not has_compiler(), reason="needs a C++ compiler")
def test_compiled_bfloat16_follows_float32():
    # The compiler cannot see through the type checker of the tests: this file runs on its own.
    environment = os.environ | {"PYTHONPATH": str(Path(__file__).parents[2])}
    run = subprocess.run(
        [sys.executable, __file__], env=environment, capture_output=True, text=True, check=False
    )
    assert run.returncode == 0, run.stderr


def test_without_a_compiler_the_model_itself_trains():
    model = build(torch.float32)
    assert compiled(model, Runtime(CPU, torch.float32, False, peak_flops=1e12)) is model


def test_a_compiler_that_fails_is_told_and_done_without(monkeypatch):
    def fail(*args, **kwargs):
        raise RuntimeError("Python.h: no such file")

    model = build(torch.float32)
    monkeypatch.setattr(torch, "compile", lambda *args, **kwargs: fail)
    with pytest.warns(UserWarning, match="training runs without it: Python.h: no such file"):
        assert compiled(model, Runtime(CPU, torch.float32, True, peak_flops=1e12)) is model
    assert model.chunk_gradient is loss.chunk_gradient


def graphs_of_blocks():
    """How many graphs four blocks are compiled to, of which two have value embeddings."""
    graphs = []

    def count(graph, inputs):
        graphs.append(graph)
        return graph.forward

    model = GPT(dataclasses.replace(CONFIG, n_layer=4, sequence_len=300, window_pattern="L"))
    model.blocks = torch.nn.ModuleList(
        torch.compile(block, backend=count, dynamic=False) for block in model.blocks
    )
    model(torch.zeros(2, 300, dtype=torch.long)).sum().backward()
    return len(graphs)


if __name__ == "__main__":
    warnings.filterwarnings("error", message="torch.compile fails here")
    compare(gradients(torch.bfloat16, compile=True), gradients(torch.float32, compile=False), 0.05)
    assert graphs_of_blocks() == 2

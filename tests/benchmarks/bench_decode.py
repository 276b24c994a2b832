"""Tokens per second of the engine and of transformers' `generate`, same shape and weights.

    python tests/benchmarks/bench_decode.py            ours, the peer, and the ratio
    python tests/benchmarks/bench_decode.py --new 128  the same with replies that end early
    python tests/benchmarks/bench_decode.py --rollouts ours alone, at the size of the cpu profile

The replies fill the model's 512 tokens. What bounds a step, in bfloat16: at batch 1 its 4.2 M
weights have to be read (8 MB, 0.4 ms at 20 GB/s), and a thousand small calls have to be made (about
1 us each). At batch 32 the keys and values of 290 columns on average are read as well (38 MB, 1 ms
at 38 GB/s), beside products of 0.27 GFLOP (0.7 ms at 0.37 TFLOP/s).
"""

import argparse
import logging
import time
from collections.abc import Callable
from itertools import product

import torch

from nanochat.engine import Engine, SamplingConfig
from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface
from nanochat.runtime import detect
from nanochat.tokenizer import Tokenizer

PROMPT = 64
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16}


def peer_model(shape: GPTConfig):
    """transformers' model of this shape with random weights."""
    from transformers import NanoChatConfig, NanoChatForCausalLM

    logging.getLogger("transformers").setLevel(logging.ERROR)
    torch.manual_seed(0)
    endless = {"bos_token_id": 0, "eos_token_id": None, "pad_token_id": 0}
    config = NanoChatConfig(**huggingface.their_config(shape) | endless)
    return NanoChatForCausalLM(config).eval()


def copied(peer, shape: GPTConfig, dtype: torch.dtype) -> GPT:
    """Our model with the peer's weights."""
    model = GPT(shape, dtype)
    huggingface.put_weights(model, peer.state_dict(), "the peer")
    return model


def best_rates(runs: int, **generate: Callable[[int], int]) -> dict[str, float]:
    """Tokens per second of each one's fastest run, by turns, after one to warm up."""
    rates = dict.fromkeys(generate, 0.0)
    for seed in range(runs + 1):
        for name, run in generate.items():
            began = time.perf_counter()
            tokens = run(seed)
            if seed > 0:
                rates[name] = max(rates[name], tokens / (time.perf_counter() - began))
    return rates


def prompts(rows: int, vocab_size: int) -> torch.Tensor:
    """Random prompts."""
    return torch.randint(
        300, vocab_size, (rows, PROMPT), generator=torch.Generator().manual_seed(0)
    )


def ours(model: GPT, rows: int, new: int, temperature: float) -> Callable[[int], int]:
    """A run of the engine, which returns how many tokens it made."""
    runtime = detect("cpu", str(model.dtype).removeprefix("torch."))
    # Its special tokens lie beyond what the model writes: no reply ends early, as none of the peer.
    endless = Tokenizer.from_merges(list(product(range(64), repeat=2)))
    engine = Engine(model, endless, runtime, compile=True)
    ids = prompts(rows, model.config.vocab_size).tolist()

    def generate(seed: int) -> int:
        config = SamplingConfig(max_tokens=new, temperature=temperature, seed=seed)
        return sum(len(reply.ids) for reply in engine.generate(ids, config))

    return generate


def theirs(peer, rows: int, new: int, temperature: float) -> Callable[[int], int]:
    """A run of the peer, which returns how many tokens it made."""
    ids = prompts(rows, peer.config.vocab_size)
    choice = {"do_sample": True, "top_k": 0, "temperature": temperature} if temperature else {}

    def generate(seed: int) -> int:
        torch.manual_seed(seed)
        mask = torch.ones_like(ids)
        out = peer.generate(ids, attention_mask=mask, max_new_tokens=new, use_cache=True, **choice)
        return out[:, PROMPT:].numel()

    return generate


def compare(shape: GPTConfig, rows: int, new: int, temperature: float, runs: int) -> None:
    """Print both, each at its best of two dtypes and of one thread or all."""
    peer = peer_model(shape)
    rates: dict[str, dict[str, float]] = {}
    for dtype_name, dtype in DTYPES.items():
        model = copied(peer.float(), shape, dtype)
        peer = peer.to(dtype)
        for threads in sorted({1, torch.get_num_threads()}):
            torch.set_num_threads(threads)
            rates[f"{dtype_name}, {threads} threads"] = best_rates(
                runs,
                ours=ours(model, rows, new, temperature),
                transformers=theirs(peer, rows, new, temperature),
            )
    best = {}
    for name in ("ours", "transformers"):
        best[name] = max(rate[name] for rate in rates.values())
        each = "; ".join(f"{setting}: {rate[name]:.0f}" for setting, rate in rates.items())
        print(f"  {name:13} {best[name]:8.0f} tokens/s ({each})")
    print(f"  ratio         {best['ours'] / best['transformers']:8.2f}")


def rollouts(runs: int) -> None:
    """Print the engine's rate for 128 rows of the model of the cpu profile."""
    shape = GPTConfig.from_depth(4, 2048, sequence_len=256, aspect_ratio=48, head_dim=64)
    for name, dtype in DTYPES.items():
        model = GPT(shape, dtype)
        model.init_weights(torch.Generator().manual_seed(0))
        rates = best_rates(runs, ours=ours(model, 128, 128, 1.0))
        print(f"depth 4, width 192, batch 128, {name}: {rates['ours']:.0f} tokens/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollouts", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--new", type=int, default=512 - PROMPT, help="tokens of each reply")
    parser.add_argument("--rows", type=int, nargs="+", default=[1, 32])
    options = parser.parse_args()
    if options.rollouts:
        rollouts(options.runs)
    else:
        classic = GPTConfig.classic(4, 4096, sequence_len=512)
        for rows in options.rows:
            for temperature, choice in ((0.0, "greedy"), (1.0, "sampled")):
                print(f"classic, depth 4, width 256, V 4096, batch {rows}, {choice}")
                compare(classic, rows, options.new, temperature, options.runs)

"""Tokens per second of the engine and of transformers' `generate`, same shape and weights.

    python tests/benchmarks/bench_decode.py            ours, the peer, and the ratio
    python tests/benchmarks/bench_decode.py --rollouts ours alone, at the size of the cpu profile

What bounds a step, in bfloat16: at batch 1 its 4.2 M weights have to be read (8 MB, 0.4 ms at
20 GB/s), and a thousand small calls have to be made (about 1 us each). At batch 32 the keys and
values of up to 192 columns are read as well (25 MB, 1.3 ms), beside products of 0.27 GFLOP (1 ms at
0.3 TFLOP/s).
"""

import argparse
import logging
import time
from collections.abc import Callable

import torch

from nanochat.engine import Engine, SamplingConfig
from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface
from nanochat.runtime import Runtime
from nanochat.tokenizer import Tokenizer

PROMPT, NEW = 64, 128
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


def best_rate(generate: Callable[[int], int], runs: int) -> float:
    """Tokens per second of the fastest run, after one to warm up; `generate` takes a seed."""
    generate(0)
    rates = []
    for seed in range(1, runs + 1):
        began = time.perf_counter()
        tokens = generate(seed)
        rates.append(tokens / (time.perf_counter() - began))
    return max(rates)


def prompts(rows: int, vocab_size: int) -> torch.Tensor:
    """Random prompts."""
    return torch.randint(
        300, vocab_size, (rows, PROMPT), generator=torch.Generator().manual_seed(0)
    )


def ours(model: GPT, rows: int, temperature: float) -> Callable[[int], int]:
    """A run of the engine, which returns how many tokens it made."""
    runtime = Runtime(torch.device("cpu"), model.dtype, compile=False, peak_flops=1e12)
    engine = Engine(model, Tokenizer.from_merges([]), runtime, compile=True)
    ids = prompts(rows, model.config.vocab_size).tolist()

    def generate(seed: int) -> int:
        config = SamplingConfig(max_tokens=NEW, temperature=temperature, seed=seed)
        return sum(len(reply.ids) for reply in engine.generate(ids, config))

    return generate


def theirs(peer, rows: int, temperature: float) -> Callable[[int], int]:
    """A run of the peer, which returns how many tokens it made."""
    ids = prompts(rows, peer.config.vocab_size)
    choice = {"do_sample": True, "top_k": 0, "temperature": temperature} if temperature else {}

    def generate(seed: int) -> int:
        torch.manual_seed(seed)
        mask = torch.ones_like(ids)
        out = peer.generate(ids, attention_mask=mask, max_new_tokens=NEW, use_cache=True, **choice)
        return out[:, PROMPT:].numel()

    return generate


def compare(shape: GPTConfig, rows: int, temperature: float, runs: int) -> None:
    """Print both, each at its best of two dtypes and of one thread or all."""
    peer = peer_model(shape)
    rates: dict[str, dict[str, float]] = {"ours": {}, "transformers": {}}
    for dtype_name, dtype in DTYPES.items():
        model = copied(peer.float(), shape, dtype)
        peer = peer.to(dtype)
        for threads in sorted({1, torch.get_num_threads()}):
            torch.set_num_threads(threads)
            setting = f"{dtype_name}, {threads} threads"
            rates["ours"][setting] = best_rate(ours(model, rows, temperature), runs)
            rates["transformers"][setting] = best_rate(theirs(peer, rows, temperature), runs)
    best = {}
    for name, by_setting in rates.items():
        setting = max(by_setting, key=by_setting.__getitem__)
        best[name] = by_setting[setting]
        print(f"  {name:13} {best[name]:8.0f} tokens/s ({setting})")
        print("    " + "; ".join(f"{key}: {rate:.0f}" for key, rate in by_setting.items()))
    print(f"  ratio         {best['ours'] / best['transformers']:8.2f}")


def rollouts(runs: int) -> None:
    """Print the engine's rate for 128 rows of the model of the cpu profile."""
    shape = GPTConfig.from_depth(4, 2048, sequence_len=256, aspect_ratio=48, head_dim=64)
    for name, dtype in DTYPES.items():
        model = GPT(shape, dtype)
        model.init_weights(torch.Generator().manual_seed(0))
        rate = best_rate(ours(model, 128, 1.0), runs)
        print(f"depth 4, width 192, batch 128, {name}: {rate:.0f} tokens/s")


if __name__ == "__main__":
    parser = argparse.ArgumentParser()
    parser.add_argument("--rollouts", action="store_true")
    parser.add_argument("--runs", type=int, default=3)
    options = parser.parse_args()
    if options.rollouts:
        rollouts(options.runs)
    else:
        classic = GPTConfig.classic(4, 4096, sequence_len=512)
        for rows in (1, 32):
            for temperature, choice in ((0.0, "greedy"), (1.0, "sampled")):
                print(f"classic, depth 4, width 256, V 4096, batch {rows}, {choice}")
                compare(classic, rows, temperature, options.runs)

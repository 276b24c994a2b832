"""Chapter 5's switches: a small model with all of them, with each one off, and with none; this
last one on twice the text, too.

A run that is kept already is not made again: delete the record to make it anew."""

import itertools
import time

import torch

from nanochat.course import records
from nanochat.course.records.small import LENGTH, VOCAB, Small
from nanochat.model import GPTConfig, counts

TOKENS, SEEDS = 500_000, (0, 1, 2)
OFF = {
    "value embeddings": {"value_embeddings": False},
    "smear": {"smear": False},
    "residual scales": {"residual_scales": False},
    "backout": {"backout": False},
    "windows": {"window_pattern": "L"},
    "sharper scores": {"qk_scale": 1.0},
    "slow rotation": {"rope_base": 10_000.0},
    "initialization": {"initialization": "2025-10"},
}
ALL_OFF = {name: value for switch in OFF.values() for name, value in switch.items()}
TWICE = "classic, twice the text"
VARIANTS = {"all on": {}} | {f"no {name}": off for name, off in OFF.items()}
VARIANTS |= {"classic": ALL_OFF, TWICE: ALL_OFF}


def config_of(variant):
    """The model of a variant: four layers, 64 wide."""
    return GPTConfig.from_depth(4, VOCAB, LENGTH, aspect_ratio=16, head_dim=32, **VARIANTS[variant])


def main():
    torch.set_num_threads(1)
    small = Small()
    runs = records.read("ch05")["runs"] if records.path("ch05").exists() else []
    done = {(run["variant"], run["seed"]) for run in runs}
    for seed, variant in itertools.product(SEEDS, VARIANTS):
        if (variant, seed) in done:
            continue
        config, began = config_of(variant), time.perf_counter()
        bpb = small.run(config, 2 * TOKENS if variant == TWICE else TOKENS, seed)
        run = {
            "variant": variant,
            "seed": seed,
            "bpb": bpb,
            "seconds": round(time.perf_counter() - began, 1),
            "parameters": sum(counts.parameters(config).values()),
            "flops_per_token": counts.flops_per_token(config),
        }
        runs.append(run)
        records.write("ch05", tokens=TOKENS, floor=small.floor, runs=runs)


if __name__ == "__main__":
    main()

"""A run of a tiny model, for tests to start, interrupt and kill: tiny_run.py FOLDER DTYPE."""

import os
import sys

import torch

from nanochat.data import Items
from nanochat.runtime import Runtime
from nanochat.runtime.device import DTYPES
from nanochat.tokenizer import Tokenizer
from nanochat.train.pretrain import PretrainConfig, pretrain

ANIMALS = ("cat", "dog", "cow", "hen", "fox")
TEXTS = tuple(
    f"The {a} saw {n} birds and {b} saw none." for a in ANIMALS for b in ANIMALS for n in range(20)
)
CONFIG = PretrainConfig(
    depth=2,
    aspect_ratio=16,
    head_dim=16,
    sequence_len=32,
    tokens=32 * 4 * 30,
    batch_tokens=32 * 4,
    micro_rows=2,
    lr_scale=0.5,
    weight_decay=0.1,
    save_every=3,
    evaluate_every=10,
)


def runtime(dtype="float32"):
    return Runtime(torch.device("cpu"), DTYPES[dtype], compile=False, peak_flops=1e12)


def run(folder, dtype="float32", config=CONFIG, **callbacks):
    return pretrain(config, runtime(dtype), Tokenizer([]), Items(TEXTS), folder, **callbacks)


if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    run(sys.argv[1], sys.argv[2])

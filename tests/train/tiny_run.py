"""Stages of a tiny model, for tests to start, interrupt and kill: tiny_run.py FOLDER STAGE...

Each works in a folder of its name, from what the stage before left beside it."""

import os
import sys
from dataclasses import dataclass
from pathlib import Path

import torch

from nanochat.data import Items
from nanochat.runtime import Runtime, UserError
from nanochat.runtime.device import DTYPES
from nanochat.tokenizer import Conversation, Message, Tokenizer
from nanochat.train import checkpoint
from nanochat.train.pretrain import PretrainConfig, pretrain
from nanochat.train.rl import RLConfig, rl
from nanochat.train.sft import SFTConfig, sft

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
SFT = SFTConfig(steps=30, batch_tokens=32 * 4, micro_rows=2, lr_scale=0.5, save_every=3)
RL = RLConfig(
    steps=30,
    questions=2,
    samples=4,
    max_tokens=6,
    save_every=3,
    evaluate_every=10,
    evaluate_questions=2,
    evaluate_samples=2,
    replay=0.5,
    replay_tokens=32 * 4,
    interpolation=0.5,
)


@dataclass(frozen=True)
class Question:
    conversation: Conversation


@dataclass(frozen=True)
class SayA:
    """A task: the share of letters `a` in the reply."""

    def question(self, index):
        return Question(Conversation((Message.text("user", f"say {index}"),)))

    def reward(self, question, reply):
        return reply.count("a") / max(1, len(reply))


def chat(index):
    """One of several questions, each with both answers in turn: what to say stays open."""
    question = SayA().question(index % 5).conversation
    return Conversation((*question.messages, Message.text("assistant", "ab"[index % 2])))


def runtime(dtype="float32"):
    return Runtime(torch.device("cpu"), DTYPES[dtype], compile=False, peak_flops=1e12)


def run(folder, dtype="float32", config=CONFIG, **callbacks):
    return pretrain(config, runtime(dtype), Tokenizer([]), Items(TEXTS), folder, **callbacks)


CHATS = Items([chat(index) for index in range(60)])


def finetune(folder, dtype):
    return sft(SFT, runtime(dtype), Tokenizer([]), CHATS, made_by("pretrain", folder), folder)


def reinforce(folder, dtype):
    base = made_by("sft", folder)
    return rl(RL, runtime(dtype), Tokenizer([]), base, folder, SayA(), SayA(), CHATS)


def made_by(stage, folder):
    return checkpoint.latest(folder.with_name(stage) / "checkpoints")


STAGES = {"pretrain": run, "sft": finetune, "rl": reinforce}

if __name__ == "__main__":
    torch.set_num_threads(int(os.environ.get("OMP_NUM_THREADS", "1")))
    folder, *stages = sys.argv[1:]
    try:
        for name in stages:
            STAGES[name](Path(folder) / name, "bfloat16")
    except UserError as error:
        raise SystemExit(f"{type(error).__name__}: {error}") from None

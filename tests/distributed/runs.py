"""Runs of a tiny model that any number of ranks makes: runs.py FOLDER NAME..., with RANK set.

Each NAME is a function below; what it returns goes to FOLDER/NAME-RANK.json."""

import dataclasses
import math
import os
import shutil
import signal
import sys
import time
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path

import torch

from nanochat.data import Items
from nanochat.model import GPT, GPTConfig
from nanochat.optim import OptimConfig
from nanochat.pipeline.store import Store
from nanochat.runtime import UserError, detect, files, generator
from nanochat.tokenizer import Conversation, Message, Tokenizer
from nanochat.train import loop, rollout
from nanochat.train import pretrain as train_pretrain
from nanochat.train.pretrain import PretrainConfig
from nanochat.train.rl import RLConfig, rl
from nanochat.train.sft import SFTConfig, sft

ANIMALS = ("cat", "dog", "cow", "hen", "fox")
TEXTS = tuple(
    f"The {a} saw {n} birds and {b} saw none." for a in ANIMALS for b in ANIMALS for n in range(20)
)
# 268 ids, which two and four ranks can share out, and 265, which they cannot.
EVEN, UNEVEN = Tokenizer.from_merges([(97, 98), (98, 99), (99, 100)]), Tokenizer.from_merges([])
SHAPE = GPTConfig(EVEN.vocab_size, 32, n_layer=3, n_head=2, n_kv_head=1, n_embd=32)
BATCH = 6 * 32
# The dial makes rates small for a batch so small, but for smear's.
RATES = OptimConfig(matrix_lr=0.01, smear_lr=0.004)
PRETRAIN = PretrainConfig(
    tokens=20 * BATCH,
    batch_tokens=BATCH,
    micro_rows=2,
    warmup=5,
    momentum_warmup=5,
    weight_decay=0.1,
    optim=RATES,
    save_every=10,
    evaluate_every=10,
)
SFT = SFTConfig(
    steps=20, batch_tokens=5 * 32, micro_rows=2, optim=RATES, save_every=0, evaluate_every=0
)
RL = RLConfig(
    steps=6,
    questions=3,
    samples=4,
    max_tokens=6,
    inner_steps=2,
    clip=0.2,
    lr_scale=0.005,
    optim=RATES,
    micro_tokens=64,
    evaluate_questions=3,
    evaluate_samples=2,
    replay=0.5,
    replay_tokens=6 * 32,
    interpolation=0.5,
)


def chat(question, reply):
    return Conversation((Message.text("user", question), Message.text("assistant", reply)))


CHATS = Items([chat("hello", "hi"), chat("2+2?", "It is four."), chat("a", "ab" * 8)])


@dataclass(frozen=True)
class Question:
    conversation: Conversation


@dataclass(frozen=True)
class Repeated:
    """Every third question is the one before it again."""

    def question(self, index):
        number = index - (index % 3 == 2)
        return Question(Conversation((Message.text("user", f"say {number}"),)))

    def reward(self, question, reply):
        raise NotImplementedError


def low_ids(tokenizer, task, question, reply):
    """A reward that a model without any training can earn: the share of low ids."""
    return sum(id < 100 for id in reply.ids) / len(reply.ids)


class Runs:
    """The runs, by any number of ranks, in folders of their own."""

    def __init__(self, root: Path):
        self.root = root
        self.runtime = detect("cpu", "float32", "off")

    def pretrain(self, name, tokenizer=EVEN, **fields):
        config = dataclasses.replace(PRETRAIN, **fields)
        shape = dataclasses.replace(SHAPE, vocab_size=tokenizer.vocab_size)
        source, ranks = Items(TEXTS), self.runtime.ranks

        def evaluate(model):
            return {"ranks": ranks.total(1), "once": ranks.once(lambda: ranks.rank)}

        return train_pretrain.pretrain(
            config, self.runtime, tokenizer, source, self.root / name, shape, evaluate, say
        )

    def even(self):
        """Tables are shared out."""
        self.pretrain("even")

    def whole(self):
        """No accumulation."""
        self.pretrain("whole", micro_rows=6)

    def uneven(self):
        """Tables are not shared out; there are more ranks than rows."""
        self.pretrain("uneven", UNEVEN, batch_tokens=3 * 32, tokens=60 * 32, micro_rows=1)

    def resumed(self):
        """From the middle of the run by these ranks."""
        self.go_on("even", "resumed")

    def taken_over(self):
        """From the middle of a run by others."""
        self.go_on("other", "taken_over")

    def go_on(self, before, after):
        middle = Path("checkpoints", "step-000010")
        if self.runtime.rank == 0:
            shutil.copytree(self.root / before / middle, self.root / after / middle)
        self.runtime.ranks.total(1)
        self.pretrain(after)

    def finetuned(self):
        base = self.root / "base"
        sft(SFT, self.runtime, EVEN, CHATS, base, self.root / "finetuned")

    def reinforced(self):
        base, task = self.root / "base", Repeated()
        rl(RL, self.runtime, EVEN, base, self.root / "reinforced", task, task, CHATS)

    def not_finite(self):
        """The last rank's loss breaks at the fifth step."""
        return self.broken("not_finite", lambda value: value * math.nan)

    def interrupted(self):
        """The last rank gets Ctrl-C in the fifth step."""

        def press(value):
            os.kill(os.getpid(), signal.SIGINT)
            return value

        return self.broken("interrupted", press)

    def broken(self, name, change):
        plain, calls, last = GPT.loss, [], self.runtime.world_size - 1

        def breaks(model, ids, targets):
            calls.append(1)
            value = plain(model, ids, targets)
            return change(value) if len(calls) == 5 and self.runtime.rank == last else value

        GPT.loss = breaks
        try:
            self.pretrain(name, micro_rows=6)
        except UserError as error:
            return f"{type(error).__name__}: {error}"
        finally:
            GPT.loss = plain

    def spoken(self):
        """Every rank says something."""
        print("what rank", self.runtime.rank, end=" ")
        print("says")

    def made(self):
        """A stage of the store, which all ranks make together and then find."""
        store, calls = Store(self.root / "store", self.runtime.ranks), []

        def work(folder):
            calls.append(1)
            return {"total": self.runtime.ranks.total(1), "from": self.runtime.rank}

        stages = [store.make("stage", {"a": 1}, work) for _ in range(2)]
        return [[stage.result, stage.reused] for stage in stages], len(calls)

    def slow(self):
        """Steps enough to be killed in."""
        files.write_text(self.root / f"pid-{self.runtime.rank}", str(os.getpid()))

        def pause(model):
            time.sleep(0.05)
            return {}

        train_pretrain.pretrain(
            dataclasses.replace(PRETRAIN, tokens=40 * BATCH, save_every=3, evaluate_every=1),
            self.runtime,
            EVEN,
            Items(TEXTS),
            self.root / "slow",
            SHAPE,
            pause,
        )


def say(model):
    return "a sample"


def in_this_process(loader, state):
    """The batches of a loader, without another process to start."""
    return nullcontext(loader.batches(state))


def scattered_model(shape, seed, runtime):
    """A model none of whose weights begins at 0.

    Behind projections of 0 some gradients are rounding errors alone, of which AdamW's first steps
    make whole steps: two ways to add up the same batch would part there."""
    model = GPT(shape, runtime.dtype)
    model.init_weights(generator(seed, "weights"))
    with torch.no_grad():
        for index, weight in enumerate(model.parameters()):
            weight += 0.02 * torch.randn(weight.shape, generator=generator(seed, "more", index))
    return model


REPLACED = (
    (loop, "prefetch", in_this_process),
    (train_pretrain, "new_model", scattered_model),
    (rollout, "reward", low_ids),
)

if __name__ == "__main__":
    torch.set_num_threads(1)
    for module, name, replacement in REPLACED:
        setattr(module, name, replacement)
    runs = Runs(Path(sys.argv[1]))
    for name in sys.argv[2:]:
        result = getattr(runs, name)()
        files.write_json(runs.root / f"{name}-{runs.runtime.rank}.json", result)

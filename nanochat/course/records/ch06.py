"""Chapter 6 at three times its length: Muon and AdamW over rates, on two seeds.

A run that is kept already is not made again: delete the record to make it anew."""

import itertools

import torch

from nanochat import optim
from nanochat.course import records
from nanochat.data import EncodeText, Loader, WorldDocuments, world
from nanochat.model import GPT, GPTConfig
from nanochat.optim import MuonAdamW, OptimConfig
from nanochat.runtime import generator
from nanochat.tokenizer import Tokenizer

STEPS = 300
RATES = {"muon": (0.015, 0.03, 0.06, 0.12, 0.24), "adamw": (0.008, 0.016, 0.032)}
SEEDS = (0, 1)


class Course:
    """The text, the model and the run of chapter 6."""

    def __init__(self):
        texts = [world.document(0, index).text for index in range(400)]
        self.tokenizer = Tokenizer.train(texts, vocab_size=512)
        self.config = GPTConfig.classic(
            2, self.tokenizer.vocab_size, sequence_len=64, aspect_ratio=32, head_dim=32
        )
        (self.held_out,) = self.batches("val", 1, rows=128)

    def batches(self, split, count, rows=16, seed=0):
        source = WorldDocuments(0, split)
        encode = EncodeText(self.tokenizer)
        loader = Loader(source, encode, rows, 64, self.tokenizer.bos_id, seed=seed)
        return list(itertools.islice(loader.batches(), count))

    def run(self, kind, lr, seed, steps=STEPS):
        """The held-out loss after a run, in nats per token."""
        model = GPT(self.config)
        model.init_weights(generator(seed, "weights"))
        optimizer = optimizer_for(model, kind, lr)
        for step, batch in enumerate(self.batches("train", steps, seed=seed)):
            share = min(1, (step + 1) / 10) * (1 - step / steps)
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * share
            model.loss(batch.inputs, batch.targets).backward()
            optimizer.step()
            optimizer.zero_grad()
        with torch.no_grad():
            return model.loss(self.held_out.inputs, self.held_out.targets).item()


def optimizer_for(model, kind, lr):
    """Muon or AdamW for the matrices at `lr`; AdamW for the rest, at three times its rates."""
    settings = OptimConfig(matrix_lr=lr / 3, weight_decay=0.0)
    groups = optim.build(model, settings, lr_scale=3).param_groups
    if kind == "adamw":
        own = {"kind": "adamw", "lr": lr, "betas": (0.8, 0.95), "eps": 1e-10}
        groups = [g | own if g["kind"] == "muon" else g for g in groups]
    return MuonAdamW(groups)


def main():
    torch.set_num_threads(1)
    course = Course()
    losses = records.read("ch06")["losses"] if records.path("ch06").exists() else {}
    for kind, lr, seed in [(k, lr, s) for k, lrs in RATES.items() for lr in lrs for s in SEEDS]:
        of_rate = losses.setdefault(kind, {}).setdefault(str(lr), {})
        if str(seed) not in of_rate:
            of_rate[str(seed)] = course.run(kind, lr, seed)
            records.write("ch06", steps=STEPS, losses=losses)


if __name__ == "__main__":
    main()

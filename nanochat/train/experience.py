"""From groups of samples to what the objective needs of them, in micro-batches."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor

from nanochat.runtime import Ranks
from nanochat.train import advantages, objective
from nanochat.train.rollout import Sample

ADVANTAGES = {"centered": advantages.centered, "standardized": advantages.standardized}


@dataclass(frozen=True)
class MicroBatch:
    """B padded rows, and three figures for each of the N tokens that were sampled in them."""

    ids: Int[Tensor, "B T"]
    sampled: Bool[Tensor, "B T"]
    old: Float[Tensor, "N"]
    advantage: Float[Tensor, "N"]
    weight: Float[Tensor, "N"]

    def to(self, device: torch.device) -> "MicroBatch":
        """The same on a device."""
        return MicroBatch(*(part.to(device) for part in vars(self).values()))


@dataclass(frozen=True)
class Experience:
    """Samples to learn from: the advantage of each, and the weight of each of its tokens."""

    samples: list[Sample]
    advantage: Float[Tensor, "B"]
    weight: Float[Tensor, "B"]

    def share(self, ranks: Ranks) -> "Experience":
        """The samples that one of several ranks learns from."""
        rows = slice(ranks.rank, None, ranks.world_size)
        return Experience(self.samples[rows], self.advantage[rows], self.weight[rows])

    def split(self, tokens: int, padding: int) -> Iterator[MicroBatch]:
        """Micro-batches of at most so many tokens, padding included, or of a single row."""
        for rows in alike([len(sample.ids) for sample in self.samples], tokens):
            yield self.micro_batch(rows, padding)

    def micro_batch(self, rows: list[int], padding: int) -> MicroBatch:
        """These samples alone."""
        samples = [self.samples[row] for row in rows]
        lengths = torch.tensor([sample.length for sample in samples])
        return MicroBatch(
            ids=pad([sample.ids for sample in samples], padding),
            sampled=pad([sample.sampled for sample in samples], False),
            old=torch.tensor([p for sample in samples for p in sample.log_probs]),
            advantage=self.advantage[rows].repeat_interleave(lengths),
            weight=self.weight[rows].repeat_interleave(lengths),
        )


def gather(
    groups: list[list[Sample]], advantage: str, normalize: str, max_tokens: int, skip: bool
) -> Experience:
    """What a batch teaches; with `skip`, without the groups in which all rewards are equal.

    Weights are those of the whole batch either way: what teaches nothing still counts."""
    rewards = torch.tensor([[sample.reward for sample in group] for group in groups])
    samples = [sample for group in groups for sample in group]
    lengths = torch.tensor([sample.length for sample in samples])
    weight = objective.token_weights(lengths, normalize, max_tokens)
    teaches = advantages.varied(rewards) | (not skip)
    rows = teaches.repeat_interleave(rewards.size(1)).nonzero().flatten()
    value = ADVANTAGES[advantage](rewards).flatten()
    return Experience([samples[row] for row in rows], value[rows], weight[rows])


def alike(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Row numbers in runs of similar length, each run at most `tokens` when padded."""
    run: list[int] = []
    for row in sorted(range(len(lengths)), key=lambda row: lengths[row]):
        if run and (len(run) + 1) * lengths[row] > tokens:
            yield run
            run = []
        run.append(row)
    if run:
        yield run


def pad(rows: Sequence[Sequence], padding: int | bool) -> Int[Tensor, "B T"] | Bool[Tensor, "B T"]:
    """Rows made as long as the longest."""
    longest = max(map(len, rows))
    return torch.tensor([[*row, *[padding] * (longest - len(row))] for row in rows])

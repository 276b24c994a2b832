"""The exercises of chapter 9, speed and many GPUs."""

import math
import weakref
from collections.abc import Sequence
from contextlib import suppress
from functools import partial
from itertools import chain
from unittest import mock

import numpy as np
import torch
from torch.overrides import TorchFunctionMode

from nanochat.course.exercises import Exercise, Slip

# 09.1


def pace_by_time(flops, moved, peak, rate):
    """FLOPs over the longer of two times."""
    return flops / max(flops / peak, moved / rate)


def operations_and_machines():
    """Left of the corner, right of it, and one with as many FLOPs as bytes."""
    yield 1e6, 12e6, 100e9, 20e9
    yield 2e9, 12e6, 100e9, 20e9
    yield 2e6, 4e6, 989e12, 3.35e12
    yield 5e6, 5e6, 100e9, 20e9


UNDER_THE_ROOF = Exercise(
    "09.1",
    "Under the roof",
    difficulty=1,
    minutes=6,
    gained="You have the roofline: two numbers of a machine and one of an operation say how fast "
    "it can be, before anybody writes it.",
    reference=pace_by_time,
    inputs=operations_and_machines,
    slips=(
        Slip(
            lambda flops, moved, peak, rate: flops / moved * rate,
            "You follow the slope without end. No operation is faster than the peak.",
        ),
        Slip(
            lambda flops, moved, peak, rate: max(peak, flops / moved * rate),
            "You take the higher of the two limits. The lower one decides.",
        ),
        Slip(
            lambda flops, moved, peak, rate: min(peak, moved / flops * rate),
            "You take bytes for each FLOP. Intensity is FLOPs for each byte.",
        ),
        Slip(
            lambda flops, moved, peak, rate: flops / (flops / peak + moved / rate),
            "You add the two times. Fetching and computing go on side by side, and the slower "
            "of the two decides.",
        ),
        Slip(
            lambda flops, moved, peak, rate: min(peak, rate),
            "You leave the operation out. The memory brings bytes; how many FLOPs are done with "
            "each of them?",
        ),
    ),
)

# 09.2


def run_utilisation(steps, batch, hours, gpus, peak, parameters, per_weight=6):
    """What was done for each GPU and second, over what could have been."""
    each = steps * batch / gpus / (hours * 3600)
    return each * per_weight * parameters / peak


def runs():
    """A large run, a small one on a single GPU, and one that lasts less than an hour."""
    yield 71_680, 524_288, 31.3, 8, 989e12, 1_677_721_600
    yield 100, 32_768, 0.5, 1, 312e12, 100_000_000
    yield 5_568, 1_048_576, 1.65, 8, 989e12, 730_000_000


SHARE_OF_THE_PEAK = Exercise(
    "09.2",
    "What share of the peak?",
    difficulty=1,
    minutes=8,
    gained="You can tell from a log whether a run was a good one, whatever it ran on.",
    reference=run_utilisation,
    inputs=runs,
    slips=(
        Slip(
            partial(run_utilisation, per_weight=2),
            "You count the forward pass alone. Backward takes twice as much again: 6 FLOPs for "
            "each weight and token.",
        ),
        Slip(
            lambda steps, batch, hours, gpus, peak, parameters: run_utilisation(
                steps, batch, hours, 1, peak, parameters
            ),
            "You divide by the peak of one GPU. All of them could have computed.",
        ),
        Slip(
            lambda steps, batch, hours, gpus, peak, parameters: run_utilisation(
                steps, batch, hours / 3600, gpus, peak, parameters
            ),
            "The time is in hours, the peak in FLOPs a second.",
        ),
        Slip(
            lambda *run: 100 * run_utilisation(*run),
            "You give percent. Expected is a share, between 0 and 1.",
        ),
    ),
)

# 09.3


def mean_of_targets(means, counts):
    """Write every target's loss down, and take the mean of the list."""
    pairs = zip(means.tolist(), counts.tolist(), strict=True)
    targets = [mean for mean, count in pairs for _ in range(count)]
    return torch.tensor(math.fsum(targets) / len(targets) if targets else 0.0)


def means_and_counts():
    """Equal counts, unequal ones, a rank without a target, and no target at all."""
    for means, counts in (
        ([2.0, 4.0], [10, 10]),
        ([2.0, 4.0], [30, 10]),
        ([1.5, 3.0, 0.5], [1, 2, 5]),
        ([2.5, math.nan, 1.0], [8, 0, 24]),
        ([math.nan, math.nan], [0, 0]),
    ):
        yield torch.tensor(means), torch.tensor(counts)


MEAN_OF_ALL = Exercise(
    "09.3",
    "One mean from many ranks",
    difficulty=2,
    minutes=10,
    gained="You have a loss that does not depend on how rows were dealt out, and no rank can "
    "poison the others.",
    reference=mean_of_targets,
    inputs=means_and_counts,
    slips=(
        Slip(
            lambda means, counts: means.mean(),
            "You take the mean of the means. A rank with three times the targets must weigh three "
            "times as much.",
        ),
        Slip(
            lambda means, counts: means.nanmean(),
            "You leave out the ranks without a target, and let all others weigh alike. Weigh each "
            "by its count.",
        ),
        Slip(
            lambda means, counts: (means * counts).sum() / counts.sum().clamp(min=1),
            "NaN times 0 is NaN, and one rank without a target spoils the sum. Put a zero in its "
            "place.",
        ),
        Slip(
            lambda means, counts: (means * counts).nansum() / counts.sum(),
            "Where no rank has a target you divide by zero. The mean of nothing is to be 0.",
        ),
        Slip(
            lambda means, counts: (means * counts).nansum() / len(means),
            "You divide the sum of losses by the number of ranks. Divide by the number of targets.",
        ),
    ),
)

# 09.4


def greedy_owners(costs, ranks, order=None):
    """Take one job at a time from those left, the most expensive and then the earliest."""
    left = dict(enumerate(costs))
    load, owner = dict.fromkeys(range(ranks), 0), {}
    while left:
        job = order(left) if order else min(left, key=lambda job: (-left[job], job))
        rank = min(load, key=lambda rank: (load[rank], rank))
        load[rank] += left.pop(job)
        owner[job] = rank
    return [owner[job] for job in range(len(costs))]


def in_turns(costs, ranks):
    """The most expensive first, but dealt like cards."""
    order = sorted(range(len(costs)), key=lambda job: -costs[job])
    return [order.index(job) % ranks for job in range(len(costs))]


def jobs_and_ranks():
    """In the wrong order, equal, of mixed shapes, fewer than ranks, and none."""
    yield [1, 2, 3, 4], 2
    yield [1, 1, 1, 1, 1], 2
    yield [1, 1, 4, 4, 1, 1, 4, 4, 16], 3
    yield [5, 7], 4
    yield [], 2
    yield [8, 7, 6, 5, 4, 3, 2, 1, 1], 4


FAIR_OWNERS = Exercise(
    "09.4",
    "Fair owners",
    difficulty=3,
    minutes=20,
    gained="You deal out work so that no rank waits long for another. The busiest one never has "
    "more than a third above what the best possible plan would give it (Graham, 1969).",
    reference=greedy_owners,
    inputs=jobs_and_ranks,
    slips=(
        Slip(
            partial(greedy_owners, order=min),
            "You take the jobs in the order given. An expensive one that comes last finds all "
            "ranks busy: sort first.",
        ),
        Slip(
            lambda costs, ranks: greedy_owners(sorted(costs, reverse=True), ranks),
            "Your owners stand in the order of the costs. They are wanted in the order given.",
        ),
        Slip(
            in_turns,
            "You deal the jobs out in turns, like cards. Give each to the rank with the least to "
            "do so far.",
        ),
        Slip(
            partial(greedy_owners, order=lambda left: min(left, key=lambda job: (left[job], job))),
            "You take the cheapest first. What is left for the end should be small.",
        ),
        Slip(
            partial(
                greedy_owners, order=lambda left: min(left, key=lambda job: (-left[job], -job))
            ),
            "Of equal jobs you take the later first. A sort turned round at the end does that; "
            "`sorted` with `reverse=True` does not.",
        ),
    ),
)

# 09.5


def log_sum(chunks):
    """All scores at once, less the largest."""
    scores = list(chain(*chunks))
    highest = max(scores)
    return highest + math.log(math.fsum(math.exp(score - highest) for score in scores))


def log_sum_without_rescaling(chunks):
    """The old sum stays relative to the old maximum."""
    highest, total = -math.inf, 0.0
    for chunk in filter(None, chunks):
        highest = max(highest, *chunk)
        total += sum(math.exp(score - highest) for score in chunk)
    return highest + math.log(total)


def log_sum_backwards(chunks):
    """The old sum is scaled up where it should be scaled down."""
    highest, total = -math.inf, 0.0
    for chunk in filter(None, chunks):
        before, highest = highest, max(highest, *chunk)
        total *= math.exp(highest - before) if total else 0.0
        total += sum(math.exp(score - highest) for score in chunk)
    return highest + math.log(total)


def sum_of_logs(chunks):
    """The sum of what each chunk gives by itself."""
    return sum(log_sum([chunk]) for chunk in chunks if chunk)


def ready_made(chunks):
    """Left to a function of torch: one wrong answer to 09.5."""
    return torch.logsumexp(torch.tensor([*chain(*chunks)], dtype=torch.float64), 0).item()


class Score(float):
    """A score of which one can tell whether somebody keeps it."""


class Stream(Sequence):
    """Chunks that are made when they are asked for; `kept` is how many earlier scores were left
    at the worst moment."""

    def __init__(self, chunks):
        self.chunks, self.made, self.kept = chunks, [], 0

    def __len__(self):
        return len(self.chunks)

    def __getitem__(self, index):
        self.kept = max(self.kept, sum(score() is not None for score in self.made))
        chunk = [Score(score) for score in self.chunks[index]]
        self.made += map(weakref.ref, chunk)
        return chunk


class Called(TorchFunctionMode):
    """Collects the names of torch's functions that are called in its `with` block."""

    def __init__(self):
        super().__init__()
        self.names = set()

    def __torch_function__(self, function, types, args=(), kwargs=None):
        self.names.add(function.__name__)
        return function(*args, **(kwargs or {}))


WHOLE = {"logsumexp", "logaddexp", "logcumsumexp", "log_softmax", "softmax", "cross_entropy"}
READY = (
    "This leaves the sum to a function that has it ready. Write it with exp and log: the largest "
    "score so far, and the sum relative to it."
)
KEPT = (
    "The result is right, but you keep all the scores. Of what has gone by keep two numbers: the "
    "largest, and the sum relative to it."
)


def keeps_or_borrows(answer):
    """What is wrong with an answer to 09.5 that keeps the scores or has them summed, or None."""
    chunks = Stream([[float(i), -float(i)] for i in range(50)])
    with (
        Called() as torches,
        mock.patch.object(np, "logaddexp", wraps=np.logaddexp) as numpys,
        suppress(Exception),
    ):
        answer(chunks)
    if torches.names & WHOLE or numpys.mock_calls:
        return READY
    return KEPT if chunks.kept > len(chunks) else None


def scores_in_chunks():
    """A falling and a rising maximum, an empty chunk, single scores, large and very low ones."""
    yield ([[1.0, 2.0], [0.5]],)
    yield ([[0.0, 1.0], [3.0, 2.0], [4.0]],)
    yield ([[], [1.0], [], [2.0, -1.0]],)
    yield ([[0.25]],)
    yield ([[999.0, 1000.0], [998.0, 1000.5]],)
    yield ([[-1000.0, -1001.0], [-999.0]],)


SOFTMAX_THAT_FORGETS = Exercise(
    "09.5",
    "A softmax that forgets",
    difficulty=3,
    minutes=20,
    gained="You have the trick under flash attention: a softmax over any number of scores, with "
    "two numbers of memory.",
    reference=log_sum,
    inputs=scores_in_chunks,
    judge=keeps_or_borrows,
    slips=(
        Slip(log_sum, KEPT),
        Slip(ready_made, READY),
        Slip(
            log_sum_without_rescaling,
            "When the maximum grows, the old sum still stands relative to the old one. Multiply "
            "it by exp(old - new).",
        ),
        Slip(
            log_sum_backwards,
            "You scale the old sum the wrong way: a larger maximum makes it smaller, by "
            "exp(old - new).",
        ),
        Slip(
            sum_of_logs,
            "You add the logarithms of the chunks. Their sums are to be added, and the logarithm "
            "taken once at the end.",
        ),
        Slip(
            lambda chunks: log_sum(chunks) - math.log(len(chunks)),
            "You take the mean over chunks. A logarithm of a sum is asked for, however the scores "
            "are cut.",
        ),
    ),
)

EXERCISES = (
    UNDER_THE_ROOF,
    SHARE_OF_THE_PEAK,
    MEAN_OF_ALL,
    FAIR_OWNERS,
    SOFTMAX_THAT_FORGETS,
)

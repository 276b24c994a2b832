"""The exercises of chapter 8, scaling laws."""

import math
from functools import partial

from nanochat.course.exercises import Exercise, Slip
from nanochat.course.records import ch08 as family
from nanochat.train import dial

# 08.1


def power_law(sizes, losses, floor, logs=True, at_one=True, below=True):
    """Through the means of log size and log of what is above the floor, with the slope of both."""
    take = math.log if logs else float
    x = [take(size) for size in sizes]
    y = [take(loss - floor * below) for loss in losses]
    middle_x, middle_y = sum(x) / len(x), sum(y) / len(y)
    moments = [(a - middle_x, b - middle_y) for a, b in zip(x, y, strict=True)]
    slope = sum(a * b for a, b in moments) / sum(a * a for a, _ in moments)
    height = middle_y - slope * middle_x if at_one else middle_y
    return math.exp(height) if logs else height, -slope


def straight_rows():
    """An exact law, noisy ones, two points alone, and no floor at all."""
    yield [1.0, 2.0, 4.0], [2.5, 1.5, 1.0], 0.5
    yield [0.5, 1.3, 2.6, 7.6], [1.95, 1.80, 1.72, 1.60], 0.575
    yield [1e5, 1e7], [3.0, 2.0], 1.0
    yield [1.0, 3.0, 9.0], [0.9, 0.33, 0.11], 0.0


STRAIGHT_LINE = Exercise(
    "08.1",
    "A ruler that knows the floor",
    difficulty=2,
    minutes=12,
    gained="You have the whole of a scaling law in one variable: two numbers, read off a straight "
    "line, that say what any other size will do.",
    reference=power_law,
    inputs=straight_rows,
    slips=(
        Slip(
            partial(power_law, below=False),
            "You fit the losses as they are. Take the floor away first: what is above it is the "
            "power law.",
        ),
        Slip(
            partial(power_law, logs=False),
            "You fit a straight line to the numbers. The law is straight in their logarithms.",
        ),
        Slip(
            partial(power_law, at_one=False),
            "Your A is the height at the middle of the data. A is the height at size 1, where "
            "log size is 0.",
        ),
        Slip(
            lambda *given: (math.log(power_law(*given)[0]), power_law(*given)[1]),
            "That is the logarithm of A. Take its exponential.",
        ),
        Slip(
            lambda *given: (power_law(*given)[0], -power_law(*given)[1]),
            "Your exponent has the wrong sign. The line falls, and a is how steeply: positive.",
        ),
    ),
)

# 08.2


def best_split(A, a, B, b, flops, turned=False, per_token=6, weighted=True):
    """By bisection on the slope: where moving FLOPs from size to text gains nothing more."""
    if turned:
        A, a, B, b = B, b, A, a
    budget = flops / per_token

    def gain(log_size):
        from_size = A * (a if weighted else 1) * math.exp(-a * log_size)
        from_text = B * (b if weighted else 1) * math.exp(-b * (math.log(budget) - log_size))
        return from_size - from_text

    low, high = -200.0, 200.0
    for _ in range(200):
        middle = (low + high) / 2
        low, high = (middle, high) if gain(middle) > 0 else (low, middle)
    return math.exp(low), budget / math.exp(low)


def exchanged(A, a, B, b, flops):
    """The exponents of N and D the other way round."""
    parameters = (a * A / (b * B)) ** (1 / (a + b)) * (flops / 6) ** (a / (a + b))
    return parameters, flops / 6 / parameters


def laws_and_budgets():
    """The laws of two papers, one with equal exponents, and budgets small and large."""
    yield 406.4, 0.34, 410.7, 0.28, 5.76e23
    yield 482.01, 0.3478, 2085.43, 0.3658, 5.76e23
    yield 10.0, 0.5, 10.0, 0.5, 6e6
    yield 40.0, 0.5, 10.0, 0.5, 6e6
    yield 3.0, 0.2, 900.0, 0.7, 1e12


BEST_SPLIT = Exercise(
    "08.2",
    "One budget, two purses",
    difficulty=2,
    minutes=12,
    gained="You can say for any law how large a model a budget should buy, and how its size grows "
    "with the budget: as the power b / (a + b).",
    reference=best_split,
    inputs=laws_and_budgets,
    package=(family.split,),
    slips=(
        Slip(
            lambda A, a, B, b, flops: (math.sqrt(flops / 6),) * 2,
            "You gave half of the orders of magnitude to each. That is best only where both terms "
            "fall alike.",
        ),
        Slip(
            partial(best_split, weighted=False),
            "You made the two terms equal. At the best split it is their slopes that are equal: "
            "aA / N^a and bB / D^b.",
        ),
        Slip(
            partial(best_split, per_token=1),
            "You spent flops = N D. A token costs 6 FLOPs for each parameter.",
        ),
        Slip(
            exchanged,
            "The factor is right, but your N grows with the power a / (a + b) of the budget. The "
            "term that falls faster needs less of it: N grows with b / (a + b).",
        ),
        Slip(
            partial(best_split, turned=True),
            "Size and text have changed places. Return the parameters first, then the tokens.",
        ),
    ),
)

# 08.3


def vertex(sizes, losses, logs=True):
    """Where the parabola through three points has its slope 0, by Newton's divided differences."""
    x1, x2, x3 = (math.log(size) if logs else size for size in sizes)
    y1, y2, y3 = losses
    first, second = (y2 - y1) / (x2 - x1), (y3 - y2) / (x3 - x2)
    bend = (second - first) / (x3 - x1)
    at = (x1 + x2) / 2 - first / (2 * bend)
    return math.exp(at) if logs else at


def triples():
    """The lowest in the middle, at an end, and beyond it; sizes that are not evenly spaced."""
    yield (1e6, 4e6, 16e6), (2.0, 1.8, 2.0)
    yield (1e6, 4e6, 16e6), (2.0, 1.8, 1.9)
    yield (57e3, 132e3, 762e3), (1.95, 1.80, 1.86)
    yield (1e5, 3e5, 4e5), (1.7, 1.5, 1.48)


ISOFLOP = Exercise(
    "08.3",
    "The bottom of the bowl",
    difficulty=2,
    minutes=15,
    gained="You have the second way to a best size, which needs no law: three models at one "
    "budget, and a parabola through them.",
    reference=vertex,
    inputs=triples,
    slips=(
        Slip(
            lambda sizes, losses: sizes[losses.index(min(losses))],
            "You took the best of the three. The bottom of the bowl lies between them, or beyond.",
        ),
        Slip(
            partial(vertex, logs=False),
            "Your parabola is over the sizes. Over their logarithms the bowl is even.",
        ),
        Slip(
            lambda sizes, losses: vertex(sizes, losses) ** 2,
            "Your logarithm of the size is twice too large. The slope 2 p x + q is 0 at -q / 2p.",
        ),
        Slip(
            lambda sizes, losses: math.log(vertex(sizes, losses)),
            "That is the logarithm of the size. Take its exponential.",
        ),
    ),
)

# 08.4


def batch_of(tokens, reference_tokens, reference_batch, power=0.383, nearest=round, doubled=True):
    """Double or halve the reference batch, as often as brings it nearest."""
    doublings = power * math.log2(tokens / reference_tokens)
    return int(reference_batch * 2 ** (nearest(doublings) if doubled else doublings))


def runs_and_references():
    """Shorter, longer and equal runs, and one where rounding decides."""
    yield 1.32e9, 1.32e9, 524288
    yield 8.76e9, 1.32e9, 524288
    yield 0.14e9, 1.32e9, 524288
    yield 20.1e9, 1.32e9, 524288
    yield 3.5e9, 1e9, 4096


BATCH = Exercise(
    "08.4",
    "How many tokens at once?",
    difficulty=1,
    minutes=8,
    package=(dial.best_batch,),
    gained="You have one of the dial's four formulas: a run of ten times the text takes batches "
    "only 2.4 times as large.",
    reference=batch_of,
    inputs=runs_and_references,
    slips=(
        Slip(
            partial(batch_of, power=1.0),
            "Your batch grows like the text. It grows much more slowly, as its power 0.383.",
        ),
        Slip(
            partial(batch_of, doubled=False),
            "Round to a power of two times the reference: batches are shared out among GPUs and "
            "rows.",
        ),
        Slip(
            partial(batch_of, nearest=lambda doublings: max(0, round(doublings))),
            "You never halve. A run shorter than the reference takes a smaller batch: let the "
            "number of doublings be negative.",
        ),
        Slip(
            partial(batch_of, nearest=math.floor),
            "You round down. Take the nearest, on the scale of doublings.",
        ),
    ),
)

EXERCISES = (STRAIGHT_LINE, BEST_SPLIT, ISOFLOP, BATCH)

"""The exercises of chapter 10, Evaluation."""

import itertools
import random
from fractions import Fraction
from functools import partial
from itertools import product
from math import comb, log

from nanochat.course.exercises import Exercise, Slip
from nanochat.eval import bits, choice, statistics

LN_2 = log(2)

# 10.1


def bits_per_byte(nats, texts, unit=LN_2, size=lambda text: len(text.encode())):
    """All nats over all bytes."""
    return sum(map(sum, nats)) / unit / sum(map(size, texts))


def costs_and_texts():
    """One byte for one bit, a long and a short text, letters of two and three bytes, chance."""
    yield [[LN_2]], ["a"]
    yield [[1.0, 2.0], [5.0, 0.5]], ["a long text with little in it", "hm"]
    yield [[0.5, 0.25, 3.0]], ["Grüße, 日本"]
    rng = random.Random(1)
    for _ in range(3):
        sizes = [rng.randint(1, 9) for _ in range(3)]
        yield [[rng.random() * 4 for _ in range(n)] for n in sizes], ["ä" * (4 * n) for n in sizes]


PER_BYTE = Exercise(
    "10.1",
    "Bits per byte",
    difficulty=1,
    minutes=8,
    gained="You have the one loss that any two language models can be compared by, whatever their "
    "tokenizers: this is the number on the reports of this course.",
    reference=bits_per_byte,
    inputs=costs_and_texts,
    slips=(
        Slip(partial(bits_per_byte, unit=1), "Those are nats. A bit is ln 2 of a nat."),
        Slip(
            partial(bits_per_byte, size=len),
            "You divide by characters. Some take several bytes: use `text.encode()`.",
        ),
        Slip(
            lambda nats, texts: sum(map(sum, nats)) / LN_2 / sum(map(len, nats)),
            "You divide by tokens, and how many those are depends on the tokenizer.",
        ),
        Slip(
            lambda nats, texts: (
                sum(bits_per_byte([n], [t]) for n, t in zip(nats, texts, strict=True)) / len(texts)
            ),
            "You average over texts, so a short one counts as much as a long one. Add up all nats "
            "and all bytes first.",
        ),
    ),
    package=(bits.bits_per_byte,),
)

# 10.2


def wilson(share, total, z):
    """The two roots of (p - p0)^2 = z^2 p (1 - p) / n, the definition of the interval."""
    a, b, c = 1 + z * z / total, -(2 * share + z * z / total), share * share
    root = max(0.0, b * b - 4 * a * c) ** 0.5
    return (-b - root) / (2 * a), (-b + root) / (2 * a)


def wald(share, total, z):
    """The interval that Wilson's mends."""
    half = z * (share * (1 - share) / total) ** 0.5
    return share - half, share + half


def shrunk(share, total, z):
    """Wilson's, with the width of the textbook's."""
    return tuple(bound / (1 + z * z / total) for bound in wald(share, total, z))


def questions_for(share, width, z=1.96, interval=wilson):
    """One number of questions after the other, until the interval is narrow enough."""
    for total in itertools.count(1):
        low, high = interval(share, total, z)
        if high - low <= width:
            return total


def shares_and_widths():
    """Perfect, even, good, wrong, another z, as wide as nothing is, then chance."""
    yield 1.0, 0.1
    yield 0.5, 0.2
    yield 0.9, 0.06
    yield 0.0, 0.25
    yield 0.7, 0.1, 1.0
    yield 0.5, 0.95
    rng = random.Random(2)
    for _ in range(4):
        yield rng.random(), rng.uniform(0.05, 0.4)


NARROW_ENOUGH = Exercise(
    "10.2",
    "Narrow enough",
    difficulty=2,
    minutes=15,
    gained="You can say how long a test has to be before anyone writes it, and for a model that "
    "is always right as well.",
    reference=questions_for,
    inputs=shares_and_widths,
    slips=(
        Slip(
            partial(questions_for, interval=wald),
            "That is the textbook's interval. Where all answers are right it has no width, and one "
            "question would be enough. Take the roots of Wilson's.",
        ),
        Slip(
            partial(questions_for, interval=shrunk),
            "Your interval lacks a part of its width: under the root, z²/4n² comes to p(1 − p)/n.",
        ),
        Slip(
            lambda share, width, z=1.96: questions_for(share, 2 * width, z),
            "You take `width` for the distance from the middle to a bound. It goes from one bound "
            "to the other.",
        ),
        Slip(
            lambda share, width, z=1.96: questions_for(share, width, z) - 1,
            "One question too few: with so many the interval is still wider than asked.",
        ),
        Slip(
            lambda share, width, z=1.96: questions_for(share, width),
            "You leave z at 1.96. A smaller z needs fewer questions.",
        ),
    ),
    package=(statistics.wilson_interval,),
)

# 10.3


def cheapest(nats, texts, by, size=lambda text: len(text.encode()), pick=min):
    """The number of the choice with the lowest cost: in all, for a token, or for a byte."""
    units = {"sum": lambda i: 1, "token": lambda i: len(nats[i]), "byte": lambda i: size(texts[i])}
    return pick(range(len(nats)), key=lambda i: sum(nats[i]) / units[by](i))


def choices_to_weigh():
    """Three animals by all three, letters of three bytes, and chance."""
    page = (
        [[2.0, 1.0], [2.5, 0.1, 0.1, 0.6, 0.4], [1.5, 1.7]],
        [" a cat", " a very old cat", " an ox"],
    )
    for by in ("sum", "token", "byte"):
        yield *page, by
    yield [[1.0, 1.0], [0.8, 0.8]], ["日本日本", "cats"], "byte"
    yield [[3.0], [1.0, 1.5], [0.5] * 7], [" x", " a longer text", " y z"], "sum"
    rng = random.Random(3)
    for by in ("sum", "token", "byte") * 3:
        nats = [[rng.random() * 3 for _ in range(rng.randint(1, 6))] for _ in range(4)]
        yield nats, ["n" * rng.randint(2, 30) for _ in nats], by


CHEAPEST = Exercise(
    "10.3",
    "Three ways to be likeliest",
    difficulty=2,
    minutes=10,
    gained="You have the rule by which most published multiple choice is scored, in its three "
    "common forms. Now you can ask of any score which of the three it was.",
    reference=cheapest,
    inputs=choices_to_weigh,
    slips=(
        Slip(
            partial(cheapest, pick=max),
            "You take the choice that costs most. Nats are costs: the likeliest has the fewest.",
        ),
        Slip(
            lambda nats, texts, by: cheapest(nats, texts, "sum"),
            "You compare whole choices whatever `by` says.",
        ),
        Slip(
            partial(cheapest, size=len),
            "By byte you divide by characters. Use the length of `text.encode()`.",
        ),
        Slip(
            lambda nats, texts, by: cheapest(nats, texts, "token" if by == "byte" else by),
            "By byte you divide by the number of tokens. Use the length of the text.",
        ),
    ),
    package=(choice.likeliest, choice.cost),
)

# 10.4


def paired_p(ours, theirs):
    """Toss a fair coin for each question that only one got right, in all possible ways."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    seen = abs(sum(gains))
    tosses = list(product((-1, 1), repeat=len(gains)))
    return float(Fraction(sum(abs(sum(toss)) >= seen for toss in tosses), len(tosses)))


def one_sided(ours, theirs):
    """Half of it: the same lead or more on this side alone."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    tosses = list(product((-1, 1), repeat=len(gains)))
    return sum(sum(toss) >= sum(gains) for toss in tosses) / len(tosses)


def exactly(ours, theirs):
    """The chance of just this lead, on either side."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    return min(1.0, 2 * comb(len(gains), gains.count(1)) / 2 ** len(gains))


def one_tail(ours, theirs):
    """The same lead or more for the model that leads, whichever it is."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    tosses = list(product((-1, 1), repeat=len(gains)))
    return sum(sum(toss) >= abs(sum(gains)) for toss in tosses) / len(tosses)


def doubled(ours, theirs):
    """Both tails, the middle counted twice."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True) if a != b]
    seen = abs(sum(gains))
    tosses = list(product((-1, 1), repeat=len(gains)))
    return 2 * sum(sum(toss) >= seen for toss in tosses) / len(tosses)


def all_questions(ours, theirs):
    """The coin tossed for questions on which both agree too."""
    seen = abs(sum(ours) - sum(theirs))
    tosses = list(product((-1, 1), repeat=len(ours)))
    return sum(abs(sum(toss)) >= seen for toss in tosses) / len(tosses)


def two_models():
    """Six to nothing, a draw, five to one with many agreements, the same answers, chance."""
    yield [True] * 6, [False] * 6
    yield [True, False, True, False], [False, True, False, True]
    yield [True] * 5 + [False] + [True] * 4, [False] * 5 + [True] * 5
    yield [True, False, True], [True, False, True]
    rng = random.Random(4)
    for _ in range(3):
        ours = [rng.random() < 0.8 for _ in range(12)]
        theirs = [rng.random() < 0.5 for _ in ours]
        yield ours, theirs
        yield theirs, ours


PAIRED = Exercise(
    "10.4",
    "The same questions, twice",
    difficulty=3,
    minutes=20,
    gained="You have McNemar's test. It tells two models apart with fewer questions than two "
    "separate intervals need, and costs nothing but keeping each answer.",
    reference=paired_p,
    inputs=two_models,
    slips=(
        Slip(
            one_sided,
            "You count one side only. A lead as large for the other model is as surprising.",
        ),
        Slip(
            one_tail,
            "You count the side of the model that leads. Before the test it might have been the "
            "other: count both.",
        ),
        Slip(
            exactly,
            "That is the chance of exactly this lead. A larger one would be more surprising still: "
            "add up from there.",
        ),
        Slip(
            doubled,
            "Twice one side counts the draw twice. A probability is never above 1.",
        ),
        Slip(
            all_questions,
            "You toss the coin for questions on which both models agree. They say nothing of who "
            "is better: leave them out.",
        ),
    ),
)

# 10.5


def lead(ours, theirs, groups):
    """The deviations of the differences added up within each group, then squared."""
    gains = [a - b for a, b in zip(ours, theirs, strict=True)]
    mean = sum(gains) / len(gains)
    sums = {}
    for gain, group in zip(gains, groups, strict=True):
        sums[group] = sums.get(group, 0.0) + gain - mean
    return mean, sum(value**2 for value in sums.values()) ** 0.5 / len(gains)


def unpaired(ours, theirs, groups):
    """The errors of two scores, as if of different questions."""
    nothing = [False] * len(ours)
    errors = [lead(marks, nothing, groups)[1] for marks in (ours, theirs)]
    return lead(ours, theirs, groups)[0], sum(error**2 for error in errors) ** 0.5


def variance(ours, theirs, groups):
    """The square of the error."""
    mean, error = lead(ours, theirs, groups)
    return mean, error**2


def by_groups(ours, theirs, groups):
    """Divided by the number of groups."""
    mean, error = lead(ours, theirs, groups)
    return mean, error * len(ours) / len(set(groups))


def uncentred(ours, theirs, groups):
    """The differences themselves, added up and squared."""
    sums = dict.fromkeys(groups, 0)
    for a, b, group in zip(ours, theirs, groups, strict=True):
        sums[group] += a - b
    mean = lead(ours, theirs, groups)[0]
    return mean, sum(value**2 for value in sums.values()) ** 0.5 / len(ours)


def half_width(ours, theirs, groups):
    """What an interval of 95 % adds on either side."""
    mean, error = lead(ours, theirs, groups)
    return mean, 1.96 * error


def two_models_and_groups():
    """Groups that agree, questions alone, groups of all sizes, chance."""
    yield [True] * 4 + [False] * 4, [True] * 2 + [False] * 6, list("aaaabbbb")
    yield [True, False, True, True], [False, False, True, False], list("abcd")
    yield [True, True, False, True, False], [False, True, True, False, False], list("abbcc")
    rng = random.Random(5)
    for _ in range(4):
        ours = [rng.random() < 0.7 for _ in range(20)]
        theirs = [rng.random() < 0.5 for _ in ours]
        yield ours, theirs, [rng.choice("pqrst") for _ in ours]


HONEST_LEAD = Exercise(
    "10.5",
    "The honest lead",
    difficulty=3,
    minutes=20,
    gained="You have what a claim of progress needs: a difference on the same questions, and an "
    "error that knows which of them hang together.",
    reference=lead,
    inputs=two_models_and_groups,
    slips=(
        Slip(
            unpaired,
            "You add the variances of two scores, as if each model had questions of its own. Take "
            "the differences first.",
        ),
        Slip(
            lambda ours, theirs, groups: lead(ours, theirs, range(len(ours))),
            "You treat all questions as if they were independent. Add up the deviations of a group "
            "before you square.",
        ),
        Slip(
            lambda ours, theirs, groups: lead(theirs, ours, groups),
            "Your lead has the wrong sign: it is positive where `ours` is better.",
        ),
        Slip(variance, "That is the variance. Take its square root."),
        Slip(
            uncentred,
            "You square the differences as they are. Subtract their mean first: an error says how "
            "far they scatter around it.",
        ),
        Slip(
            half_width,
            "You multiply by 1.96. The standard error is asked for; an interval comes after it.",
        ),
        Slip(
            by_groups,
            "You divide by the number of groups. The mean is over all questions.",
        ),
    ),
)

EXERCISES = (PER_BYTE, NARROW_ENOUGH, CHEAPEST, PAIRED, HONEST_LEAD)

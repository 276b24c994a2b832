"""The exercises of chapter 15, The full pipeline."""

import random
from functools import partial
from math import comb, log, log2

from nanochat.course.exercises import Exercise, Slip
from nanochat.eval import bits_per_byte, floor_bits_per_byte
from nanochat.model import counts
from nanochat.train import dial

# 15.1


BIT = log(2)  # nats


def bits_over_bytes(nats, texts, unit=BIT, size=lambda text: len(text.encode("utf-8"))):
    """All nats in bits, over the size of all texts."""
    return sum(map(sum, nats)) / unit / sum(map(size, texts))


def mean_of_documents(nats, texts):
    """Each document's own figure, averaged: one wrong answer to 15.1."""
    each = [bits_over_bytes([own], [text]) for own, text in zip(nats, texts, strict=True)]
    return sum(each) / len(each)


def losses_and_texts():
    """A short and a long text, more bytes than characters, one document, a text of nothing."""
    yield [[0.5, 1.5, 0.25], [2.0] * 8], ["sun.", "a long grey rain."]
    yield [[1.0, 3.0, 0.5], [0.25, 0.75]], ["café", "人🐢"]
    yield [[log(2)] * 4], ["rain"]
    yield [[0.125], [1.0, 2.0]], ["", "fog."]
    rng = random.Random(1)
    yield [[rng.expovariate(1) for _ in range(9)] for _ in range(3)], ["one", "and two", "three é"]


BITS_PER_BYTE = Exercise(
    "15.1",
    "From nats to bits per byte",
    difficulty=1,
    minutes=8,
    gained="You have the figure that the whole run is judged by. It compares models with different "
    "tokenizers, and it can be held against the floor.",
    reference=bits_over_bytes,
    inputs=losses_and_texts,
    slips=(
        Slip(
            mean_of_documents,
            "You average the figures of the documents, so that a text of four bytes counts as much "
            "as one of four thousand. Add up all nats and all bytes, then divide once.",
        ),
        Slip(
            partial(bits_over_bytes, unit=1),
            "That is nats per byte. A bit is ln 2 nats, so divide by ln 2.",
        ),
        Slip(
            partial(bits_over_bytes, unit=1 / BIT),
            "You multiply by ln 2. A nat is more than a bit: 1/ln 2, about 1.44 bits.",
        ),
        Slip(
            partial(bits_over_bytes, size=len),
            "You divide by characters. An é has two bytes in UTF-8 and 🐢 has four.",
        ),
        Slip(
            lambda nats, texts: sum(map(sum, nats)) / BIT / sum(map(len, nats)),
            "That is bits per token. It changes with the tokenizer, and bytes do not.",
        ),
    ),
    package=(bits_per_byte,),
)

# 15.2


def floor_of(world, unit=log2, size=lambda text: len(text.encode("utf-8"))):
    """The expected bits of a text over its expected bytes; what never comes costs nothing."""
    bits = -sum(p * unit(p) for p in world.values() if p)
    return bits / sum(p * size(text) for text, p in world.items())


def expected_ratio(world):
    """The expectation of bits over bytes: one wrong answer to 15.2."""
    return sum(p * -log2(p) / len(text.encode("utf-8")) for text, p in world.items() if p)


def plain_mean(world):
    """All texts taken to be as frequent when it comes to bytes: another wrong answer to 15.2."""
    bits = -sum(p * log2(p) for p in world.values() if p)
    return bits / (sum(len(text.encode("utf-8")) for text in world) / len(world))


def worlds():
    """The weather, a fair die, other scripts, a world of one text, a text that never comes."""
    yield ({"sun.": 0.75, "rain.": 0.25},)
    yield ({"one": 0.5, "two hundred": 0.25, "three": 0.125, "é": 0.125},)
    yield ({"☀": 0.9, "rain": 0.1},)
    yield ({"always the same": 1.0},)
    yield ({"sun": 0.5, "fog": 0.5, "frogs": 0.0},)


FLOOR_OF_A_WORLD = Exercise(
    "15.2",
    "The floor of a world",
    difficulty=2,
    minutes=10,
    gained="You know what no model can beat, before any model is trained. Few who train on web "
    "text can say that of theirs.",
    reference=floor_of,
    inputs=worlds,
    slips=(
        Slip(
            expected_ratio,
            "You take bits over bytes of each text and average that. Over a long day of texts all "
            "bits are added up, and all bytes: two sums, then one division.",
        ),
        Slip(
            partial(floor_of, unit=log),
            "Your information is in nats: use the logarithm to the base 2.",
        ),
        Slip(
            plain_mean,
            "Your mean length takes all texts to be as frequent. Weigh each with its probability.",
        ),
        Slip(
            partial(floor_of, size=len),
            "You count characters. Bytes are asked for: ☀ has three of them.",
        ),
        Slip(
            lambda world: -sum(p * log2(p) for p in world.values() if p),
            "That is bits per text. Divide by the bytes that a text has on average.",
        ),
    ),
    package=(floor_bits_per_byte,),
)

# 15.3

VOCABULARY, LENGTH, SHORT, PEAK = 32_768, 2048, 512, 989e12


def hours(
    depth, ratio, gpus, share, tables=1, per_parameter=6, reading=1, unit=3600, last=True, first=1
):
    """Tokens times FLOPs a token, over what the GPUs do in an hour."""
    width = 64 * depth
    parameters = 12 * depth * width**2 + tables * VOCABULARY * width
    long = sum((layer + first) % 4 == 0 or (last and layer == depth - 1) for layer in range(depth))
    windows = long * LENGTH + (depth - long) * SHORT
    flops = per_parameter * parameters + reading * 12 * width * windows
    return ratio * parameters * flops / (gpus * share * PEAK) / unit


def runs():
    """One GPU, then eight, another ratio and share, and a depth that four does not divide."""
    yield 12, 12, 1, 0.5
    yield 24, 8, 8, 0.5
    yield 20, 12, 8, 0.4
    yield 26, 12, 8, 0.5


HOURS_OF_A_DEPTH = Exercise(
    "15.3",
    "Hours from a depth",
    difficulty=3,
    minutes=20,
    gained="You can say what a run costs before you rent anything. Doubling the depth costs some "
    "forty times as much: that is why one tries ideas on shallow models.",
    reference=hours,
    inputs=runs,
    slips=(
        Slip(
            partial(hours, reading=0),
            "You left out what attention does beside its matrices: 12 × width × window in each "
            "layer, for every token.",
        ),
        Slip(
            partial(hours, tables=2),
            "You count the embedding with the parameters. A token takes one row of it and "
            "multiplies nothing: blocks and head alone are counted.",
        ),
        Slip(
            partial(hours, per_parameter=2),
            "Two FLOPs a parameter are the forward pass alone. Backward takes four more.",
        ),
        Slip(
            lambda depth, ratio, gpus, share: hours(depth, ratio, gpus, 1 / share),
            "You multiply by the share of the peak. GPUs that reach half of it take twice as long.",
        ),
        Slip(
            partial(hours, first=0),
            "Every fourth layer sees everything, counted from 1: your layers begin at 0.",
        ),
        Slip(
            partial(hours, unit=1),
            "These are seconds. An hour has 3,600 of them.",
        ),
        Slip(
            partial(hours, last=False),
            "The last layer sees everything, whatever its number. At depth 26 that adds one to the "
            "six layers that four divides.",
        ),
    ),
    package=(counts.flops_per_token, counts.parameters, dial.turn),
)

# 15.4


def chance(before, after, sides=2, most=1.0, among_all=False):
    """The chance that fair coins, one for each answer that changed, lie as far to one side."""
    lost = sum(a and not b for a, b in zip(before, after, strict=True))
    won = sum(b and not a for a, b in zip(before, after, strict=True))
    coins = len(before) if among_all else lost + won
    tail = sum(comb(coins, heads) for heads in range(min(lost, won) + 1))
    return min(most, sides * tail / 2**coins)


def pairs_of_answers():
    """Five won and none lost, some of both, as many of each, no change, then chance."""
    yield [False] * 5 + [True] * 3, [True] * 8
    yield [True, False, False, False, True], [False, True, True, True, True]
    yield [True, False, True, False], [False, True, True, False]
    yield [True, False], [True, False]
    rng = random.Random(4)
    for _ in range(6):
        before = [rng.random() < 0.5 for _ in range(30)]
        yield before, [right or rng.random() < 0.4 for right in before]
        yield before, [rng.random() < 0.6 for _ in before]


IS_IT_A_GAIN = Exercise(
    "15.4",
    "Is it a gain?",
    difficulty=4,
    minutes=25,
    gained="You have a sharper test than two error bars: asked the same questions, two models are "
    "told apart by the answers that changed.",
    reference=chance,
    inputs=pairs_of_answers,
    slips=(
        Slip(
            partial(chance, sides=1),
            "You look at one side alone. You would have been as surprised by as great a loss, so "
            "the chance is twice that.",
        ),
        Slip(
            partial(chance, among_all=True),
            "You toss a coin for every question. Those answered alike by both say nothing about "
            "which is better: toss only for the ones that changed.",
        ),
        Slip(
            partial(chance, most=float("inf")),
            "Your chance exceeds 1 where as many were won as lost: both sides then hold the "
            "middle. Cut it off at 1.",
        ),
    ),
)

EXERCISES = (BITS_PER_BYTE, FLOOR_OF_A_WORLD, HOURS_OF_A_DEPTH, IS_IT_A_GAIN)

"""The exercises of chapter 15, The full pipeline."""

import random
from functools import partial
from math import log, log2
from statistics import fmean

from nanochat.course.exercises import Exercise, Slip
from nanochat.eval import floor_bits_per_byte
from nanochat.model import counts
from nanochat.train import dial

# 15.1


BIT = log(2)  # nats


def above_floor(documents, unit=BIT, size=lambda of_kind: sum(row[3] for row in of_kind), floor=1):
    """Kind by kind: all bits paid, less all bits of dice, over all bytes."""
    kinds = {row[0]: [other for other in documents if other[0] == row[0]] for row in documents}
    return {
        kind: (sum(row[1] for row in rows) / unit - floor * sum(row[2] for row in rows))
        / size(rows)
        for kind, rows in kinds.items()
    }


def mean_of_documents(documents):
    """Each document's own figure, averaged: one wrong answer to 15.1."""
    kinds = {row[0]: [other for other in documents if other[0] == row[0]] for row in documents}
    return {
        kind: fmean((nats / BIT - bits) / size for _, nats, bits, size in rows)
        for kind, rows in kinds.items()
    }


def over_all_bytes(documents):
    """Divided by the bytes of every kind together: another wrong answer to 15.1."""
    size = sum(row[3] for row in documents)
    return above_floor(documents, size=lambda _: size)


def times_the_floor(documents):
    """How many times the floor is paid: a third wrong answer to 15.1."""
    gaps, none = above_floor(documents), above_floor(documents, unit=float("inf"))
    return {kind: gaps[kind] / -none[kind] + 1 if none[kind] else 1.0 for kind in gaps}


def documents_of_kinds():
    """Two kinds in turn, one kind, a kind without dice, then chance."""
    yield ([("story", 70.0, 80.0, 100), ("sum", 20.0, 4.0, 25), ("story", 10.0, 8.0, 20)],)
    yield ([("fog", 3.0, 2.0, 4), ("fog", 30.0, 40.0, 90)],)
    yield ([("spelling", 12.0, 0.0, 40), ("quiz", 9.0, 11.0, 64)],)
    rng = random.Random(1)
    for _ in range(3):
        yield (
            [
                (rng.choice("abc"), 60 + 40 * rng.random(), 80 * rng.random(), rng.randint(9, 200))
                for _ in range(9)
            ],
        )


ABOVE_THE_FLOOR = Exercise(
    "15.1",
    "Above the floor",
    difficulty=2,
    minutes=10,
    gained="You know where a model pays for what it has not learned, kind by kind. That is where "
    "more of the right text would help most.",
    reference=above_floor,
    inputs=documents_of_kinds,
    slips=(
        Slip(
            mean_of_documents,
            "You average the figures of the documents, so that a text of four bytes counts as much "
            "as one of four thousand. Add up all bits and all bytes, then divide once.",
        ),
        Slip(
            partial(above_floor, unit=1),
            "You take nats for bits. A bit is ln 2 nats, so divide by ln 2.",
        ),
        Slip(
            partial(above_floor, unit=1 / BIT),
            "You multiply by ln 2. A nat is more than a bit: 1/ln 2, about 1.44 bits.",
        ),
        Slip(
            partial(above_floor, floor=0),
            "That is what the model pays. Take off the bits of the dice.",
        ),
        Slip(
            over_all_bytes,
            "You divide by the bytes of all kinds together. Each kind has its own.",
        ),
        Slip(
            times_the_floor,
            "You say how many times the floor is paid. Here the difference is asked for.",
        ),
    ),
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


def unweighted(world):
    """Neither bits nor bytes weighted: a third wrong answer to 15.2."""
    texts = {text: p for text, p in world.items() if p}
    size = sum(len(text.encode("utf-8")) for text in texts)
    return sum(-log2(p) for p in texts.values()) / size


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
            "You take bits over bytes of each text and average that. Over a long series of texts "
            "all bits are added up, and all bytes: two sums, then one division.",
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
            unweighted,
            "You take all texts to be as frequent. Weigh the bits and the bytes of each with its "
            "probability.",
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
    depth,
    ratio,
    gpus,
    share,
    tables=1,
    per_parameter=6,
    reading=1,
    unit=3600,
    last=True,
    first=1,
    short=SHORT,
):
    """Tokens times FLOPs a token, over what the GPUs do in an hour."""
    width = 64 * depth
    parameters = 12 * depth * width**2 + tables * VOCABULARY * width
    long = sum((layer + first) % 4 == 0 or (last and layer == depth - 1) for layer in range(depth))
    windows = long * LENGTH + (depth - long) * short
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
            partial(hours, tables=0),
            "You left out the head: every token is multiplied with its 32,768 rows.",
        ),
        Slip(
            lambda depth, ratio, gpus, share: hours(depth, ratio, 1, share),
            "These are the hours of one GPU. With several the run is over sooner.",
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
            partial(hours, short=LENGTH),
            "You let all layers look back on 2,048 tokens. Most of them see 512.",
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


def made_again(needs, changed, reach=None, order=sorted):
    """Whatever can be reached from a change, each as soon as all that it needs has been made."""
    stale = set(reach(needs, changed) if reach else downstream(needs, changed))
    made = []
    while waiting := [name for name in order(stale) if name not in made]:
        made.append(next(name for name in waiting if not stale & set(needs[name]) - set(made)))
    return made


def downstream(needs, changed):
    """What is made and has changed, or is made of something that is found so."""
    stale = set(changed) & set(needs)
    for _ in needs:
        stale |= {name for name in needs if (stale | set(changed)) & set(needs[name])}
    return stale


def one_step_down(needs, changed, itself=True):
    """What is made of a change directly: one wrong answer to 15.4."""
    return [name for name in needs if itself and name in changed or set(changed) & set(needs[name])]


def by_name(reach):
    """What is found, in the order of the alphabet."""
    return lambda needs, changed: sorted(reach(needs, changed))


def upstream(needs, changed):
    """What a change is made of: another wrong answer to 15.4."""
    stale = set(changed) & set(needs)
    for _ in needs:
        stale |= {part for name in stale for part in needs[name] if part in needs}
    return stale


def with_given(needs, changed):
    """What is given is made as well: a third wrong answer to 15.4."""
    given = {name: [] for name in changed if name not in needs}
    return made_again(needs | given, changed)


def things_and_changes():
    """This course's stages, a stage itself, two ways to one thing, nothing, then chance."""
    stages = {
        "tokenizer": ["texts"],
        "base": ["texts", "tokenizer"],
        "sft": ["chats", "base"],
        "rl": ["questions", "sft"],
    }
    yield stages, {"chats"}
    yield stages, {"texts"}
    yield stages, {"base"}
    yield stages, set()
    yield {"report": ["page", "curve"], "page": ["run"], "curve": ["run", "style"]}, {"style"}
    yield {"report": ["page", "curve"], "page": ["run"], "curve": ["run", "style"]}, {"run"}
    rng = random.Random(4)
    for _ in range(4):
        names = rng.sample("abcdefgh", 8)
        needs = {name: rng.sample(names[:at], min(at, 2)) for at, name in enumerate(names) if at}
        yield dict(rng.sample(sorted(needs.items()), len(needs))), {rng.choice(names[:4])}


ONE_STEP = (
    "You stop after one step. What is made of something that is made again is made again as well."
)

WHAT_TRAVELS = Exercise(
    "15.4",
    "What travels downstream",
    difficulty=3,
    minutes=20,
    gained="You have the heart of every build tool. The store has no list like yours: its names "
    "hold the names before them, and the rest follows.",
    reference=made_again,
    inputs=things_and_changes,
    slips=(
        *(
            Slip(answer, ONE_STEP)
            for reach in (one_step_down, partial(one_step_down, itself=False))
            for answer in (partial(made_again, reach=reach), reach, by_name(reach))
        ),
        Slip(
            partial(made_again, reach=upstream),
            "You go up: to what a change is made of. A change travels to what is made of *it*.",
        ),
        Slip(
            partial(made_again, reach=lambda needs, changed: needs),
            "You make everything again. What does not depend on a change is found.",
        ),
        Slip(
            with_given,
            "You make what is given. Only what has a key in `needs` can be made again.",
        ),
        Slip(
            by_name(downstream),
            "These are the right ones, sorted by name. Nothing is made before what it needs.",
        ),
        Slip(
            lambda needs, changed: made_again(needs, changed)[::-1],
            "These are the right ones in reverse: begin with what comes first.",
        ),
        Slip(
            lambda needs, changed: [n for n in made_again(needs, changed) if n not in changed],
            "You leave out a thing that was changed itself. It has to be made again, too.",
        ),
    ),
)

EXERCISES = (ABOVE_THE_FLOOR, FLOOR_OF_A_WORLD, HOURS_OF_A_DEPTH, WHAT_TRAVELS)

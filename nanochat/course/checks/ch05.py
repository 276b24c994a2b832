"""The exercises of chapter 5, the modern details."""

from functools import partial

import torch

from nanochat.course.exercises import Exercise, Slip
from nanochat.model import gpt

# 05.1


def paired(on, off, t, fewer=1, root=True, turned=False):
    """The mean of differences, and t times its standard error, by sums of squares."""
    differences = [(a - b if turned else b - a) for a, b in zip(on, off, strict=True)]
    n = len(differences)
    mean = sum(differences) / n
    variance = sum((each - mean) ** 2 for each in differences) / (n - fewer)
    return mean, t * (variance / n if root else variance) ** 0.5


def unpaired(on, off, t):
    """The same difference, with the error of two means that know nothing of each other."""
    halves = [paired([0.0] * len(each), each, 1.0) for each in (on, off)]
    return halves[1][0] - halves[0][0], t * sum(half**2 for _, half in halves) ** 0.5


def pairs_of_runs():
    """The table of the chapter, a switch that does harm, two seeds, and five."""
    yield [1.30, 1.34, 1.26], [1.33, 1.37, 1.30], 4.303
    yield [1.28, 1.29, 1.27], [1.26, 1.26, 1.27], 4.303
    yield [2.0, 1.5], [2.5, 1.75], 12.706
    yield [0.9, 0.8, 0.95, 0.85, 0.88], [0.93, 0.81, 0.99, 0.85, 0.9], 2.776


WEATHER = Exercise(
    "05.1",
    "Is it the weather?",
    difficulty=2,
    minutes=12,
    gained="You can tell a switch from the weather: a difference that keeps its sign over seeds, "
    "beside an interval that pays for how few they are.",
    reference=paired,
    inputs=pairs_of_runs,
    slips=(
        Slip(
            unpaired,
            "You treat the runs as if they shared no seed. Subtract pair by pair first: what a "
            "seed does to both is gone then.",
        ),
        Slip(
            partial(paired, fewer=0),
            "Your deviation divides by n. The mean was guessed from the same numbers: divide by "
            "n - 1.",
        ),
        Slip(
            partial(paired, root=False),
            "That is the spread of single differences. The error of their mean is smaller by the "
            "root of n.",
        ),
        Slip(
            partial(paired, turned=True),
            "Your sign is turned. A switch is worth what is lost without it: off minus on.",
        ),
    ),
)

# 05.2


def reach(windows, smear, tokens=1 << 14):
    """By following what each token knows of, layer by layer, from the last token of a long row."""
    first = tokens - 1
    for window in reversed(windows):
        first = max(0, first - window)
    return tokens - 1 - max(0, first - (1 if smear else 0))


def stacks_of_windows():
    """One layer, several, none, and nanochat's pattern at 2,048 tokens."""
    yield [1], False
    yield [1, 1], False
    yield [128, 128, 128, 384], True
    yield [512, 512, 512, 2048] * 2, False
    yield [0, 3], True


HOW_FAR = Exercise(
    "05.2",
    "How far back?",
    difficulty=2,
    minutes=10,
    gained="You know why windows hurt so little: what one layer cannot see, the layers below have "
    "carried towards it.",
    reference=reach,
    inputs=stacks_of_windows,
    slips=(
        Slip(
            lambda windows, smear: sum(windows) + smear * len(windows),
            "You count smear in every layer. It stands once, below the first one.",
        ),
        Slip(
            lambda windows, smear: max(windows) + smear,
            "You count the widest layer alone. What it sees has looked back too, in the layers "
            "below.",
        ),
        Slip(
            lambda windows, smear: sum(windows),
            "You leave out smear, which has looked one token back before the first layer.",
        ),
        Slip(
            lambda windows, smear: reach(windows, smear) + 1,
            "You count the token itself. How many before it have a say?",
        ),
        Slip(
            lambda windows, smear: sum(window + 1 for window in windows) + smear,
            "A window counts the tokens *before*: the token itself is no step back.",
        ),
    ),
)

# 05.3


def smear_piece(x, before, gate, scale, use_before=True, look_back=False, squash=True):
    """One token after the other."""
    out = x.clone()
    last = before if use_before else None
    for t in range(x.size(1)):
        if last is not None:
            looked_at = last if look_back else x[:, t]
            share = (looked_at[:, :24] * gate).sum(-1, keepdim=True)
            out[:, t] += scale * (share.sigmoid() if squash else share) * last
        last = x[:, t]
    return out


def rolled(x, before, gate, scale):
    """The row turned round by one, with `before` put in its place where there is one."""
    previous = x.roll(1, 1)
    if before is not None:
        previous[:, 0] = before
    return x + scale * (x[..., :24] @ gate.T).sigmoid() * previous


def smeared_twice(x, before, gate, scale):
    """Each token takes from the one before it what that has already taken."""
    out, last = x.clone(), before
    for t in range(x.size(1)):
        if last is not None:
            share = (x[:, t, :24] * gate).sum(-1, keepdim=True).sigmoid()
            out[:, t] += scale * share * last
        last = out[:, t]
    return out


def pieces():
    """A middle piece, a beginning, and a single token."""
    dice = torch.Generator().manual_seed(5)
    gate = torch.randn(1, 24, generator=dice)
    for rows, length, has_before in ((2, 4, True), (2, 3, False), (1, 1, True)):
        x = torch.randn(rows, length, 25, generator=dice)
        yield x, torch.randn(rows, 25, generator=dice) if has_before else None, gate, 0.7


PIECE_BY_PIECE = Exercise(
    "05.3",
    "Smear, piece by piece",
    difficulty=3,
    minutes=15,
    gained="You have what a cache must keep for smear: one embedding a row. The public nanochat "
    "once forgot it where a prompt was read in parts.",
    reference=smear_piece,
    inputs=pieces,
    slips=(
        Slip(
            partial(smear_piece, use_before=False),
            "You leave out `before`: the first token of a piece has a token in front of it, too.",
        ),
        Slip(
            smeared_twice,
            "You pass on what is smeared already, so that a token runs down the whole row. Take "
            "the embeddings as they came in.",
        ),
        Slip(
            lambda x, before, gate, scale: rolled(x, None, gate, scale),
            "Your first token gets the row's last one, which comes after it. In front of it stands "
            "`before`, or nothing.",
        ),
        Slip(
            rolled,
            "Where nothing is in front, your first token gets the row's last one. Take zeros.",
        ),
        Slip(
            partial(smear_piece, look_back=True),
            "Your gate looks at the token before. It looks at the token itself, which decides how "
            "much it takes.",
        ),
        Slip(
            partial(smear_piece, squash=False),
            "You leave out the sigmoid, which keeps the share between 0 and 1.",
        ),
    ),
    package=(gpt.Smear.forward,),
)

# 05.4


def value_parameters(layers, vocab_size, kv_width, kv_heads, every=2, last=True, gates=None):
    """Layer by layer."""
    total = 0
    for layer in range(layers):
        if (layers - 1 - layer if last else layer + 1) % every == 0:
            total += vocab_size * kv_width + 12 * (kv_heads if gates is None else gates)
    return total


def shapes():
    """Even and odd depths, fewer key heads, and the model of the full run."""
    yield 5, 100, 8, 2
    yield 4, 100, 8, 2
    yield 1, 10, 4, 1
    yield 24, 32768, 1536, 12


FOR_NOTHING = Exercise(
    "05.4",
    "Parameters for nothing",
    difficulty=1,
    minutes=8,
    gained="You know where nearly half of a large nanochat's parameters lie: in tables that are "
    "read and never multiplied.",
    reference=value_parameters,
    inputs=shapes,
    slips=(
        Slip(
            partial(value_parameters, every=1),
            "You give every layer a table. Every other one has it.",
        ),
        Slip(
            partial(value_parameters, last=False),
            "With an odd number of layers yours are one too few: the last layer has them, so count "
            "back from it.",
        ),
        Slip(
            partial(value_parameters, gates=1),
            "You count one gate for each layer. Each key head has one.",
        ),
        Slip(
            lambda layers, vocab_size, kv_width, kv_heads: value_parameters(
                layers, vocab_size, kv_width, kv_heads, gates=kv_width
            ),
            "Your gates have 12 numbers for each number of a key. A gate is for a whole head: "
            "12 numbers for each.",
        ),
        Slip(
            partial(value_parameters, gates=0),
            "You leave out the gates: 12 numbers for each key head of each of these layers.",
        ),
    ),
)

EXERCISES = (WEATHER, HOW_FAR, PIECE_BY_PIECE, FOR_NOTHING)

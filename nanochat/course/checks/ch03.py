"""The exercises of chapter 3, Attention."""

import math
from functools import partial

import numpy as np
import torch

from nanochat.course.exercises import Exercise, Slip
from nanochat.model import attention

# 03.1


def window_average(values, window, extra=1, always_full=False, both_sides=False):
    """Each row with those before it, averaged one after the other."""
    out = []
    for t in range(len(values)):
        last = t + window if both_sides else t
        seen = values[max(0, t - window - 1 + extra) : last + 1]
        out.append(seen.sum(0) / (window + 1 if always_full else len(seen)))
    return torch.stack(out)


def rows_and_windows():
    """A hand-worked row, a window of nothing, one that covers all, one in between."""
    yield torch.tensor([[1.0], [3.0], [8.0]]), 2
    yield torch.tensor([[1.0, 2.0], [3.0, 5.0], [8.0, 0.0], [4.0, 4.0]]), 1
    yield torch.tensor([[5.0], [7.0]]), 0
    chance = torch.Generator().manual_seed(1)
    yield torch.randn(9, 3, generator=chance), 4
    yield torch.randn(5, 2, generator=chance), 50


THE_AVERAGE_OF_A_WINDOW = Exercise(
    "03.1",
    "The average of a window",
    difficulty=1,
    minutes=8,
    gained="You have attention with all scores equal: the shape of every mask in this book, and "
    "what a head does before it has learned anything.",
    reference=window_average,
    inputs=rows_and_windows,
    slips=(
        Slip(
            partial(window_average, always_full=True),
            "You divide by window + 1 everywhere. The first tokens see fewer: divide by how many "
            "there are, so that the shares of each row sum to 1.",
        ),
        Slip(
            partial(window_average, extra=2),
            "Your window is one too short. It counts the tokens before; the token itself comes on "
            "top, so that up to window + 1 are averaged.",
        ),
        Slip(
            partial(window_average, extra=0),
            "Your window is one too long: up to `window` tokens before, and the token itself.",
        ),
        Slip(
            lambda values, window: window_average(values, len(values)),
            "You average all that came before. The window says how many of them are seen: the last "
            "`window`, and the token itself.",
        ),
        Slip(
            partial(window_average, both_sides=True),
            "You look ahead. A token sees itself and what came before, never what comes after.",
        ),
    ),
)

# 03.2


def one_head(q, k, v, size=None, power=0.5, last=0, over_queries=False, late_mask=False):
    """The formula in numpy, in double precision, for the last queries of a row, each of which sees
    `last` keys beyond its own."""
    scores = q.double().numpy() @ k.double().numpy().T / (size or q.shape[1]) ** power
    seen = np.tril(np.ones(scores.shape), len(k) - len(q) + last)
    weights = np.exp(scores) * (1 if late_mask else seen)
    shares = weights / weights.sum(0 if over_queries else 1, keepdims=True) * seen
    return torch.tensor(shares @ v.double().numpy()).float()


def blind_to_itself(q, k, v):
    """A head whose first token sees nothing: one wrong answer to 03.2."""
    with np.errstate(invalid="ignore"):
        return one_head(q, k, v, last=-1)


def zeros_for_the_future(q, k, v):
    """Scores of later keys set to 0 in place of minus infinity: another wrong answer."""
    scores = (q @ k.T / q.shape[1] ** 0.5).tril(len(k) - len(q))
    return scores.softmax(dim=1) @ v


def heads_to_try():
    """All tokens ask, a single one, the last few with values of another size, large scores."""
    chance = torch.Generator().manual_seed(2)
    yield tuple(torch.randn(5, 4, generator=chance) for _ in range(3))
    yield tuple(torch.randn(1, 8, generator=chance) for _ in range(3))
    q, k = torch.randn(2, 7, 16, generator=chance)
    yield q[-3:], k, torch.randn(7, 3, generator=chance)
    yield q[-1:], k, torch.randn(7, 4, generator=chance)
    yield 4 * q, k, torch.randn(7, 16, generator=chance)


ONE_HEAD = Exercise(
    "03.2",
    "One head",
    difficulty=2,
    minutes=15,
    gained="You have the whole of attention in three lines, for a text that is read (T = S) and "
    "for one that is written (T = 1). Every fast kernel computes this.",
    reference=one_head,
    inputs=heads_to_try,
    slips=(
        Slip(
            partial(one_head, power=0),
            "The scale is missing: divide the scores by the root of d, the size of a query.",
        ),
        Slip(
            partial(one_head, power=1),
            "You divide by d. A sum of d random terms grows like its root: divide by that.",
        ),
        Slip(
            lambda q, k, v: one_head(q, k, v, size=v.shape[1]),
            "You divide by the root of the size of a value. The scores are sums over the size of "
            "the queries, and values may have another.",
        ),
        Slip(
            lambda q, k, v: one_head(q, k, v, last=len(q) - len(k)),
            "You count the queries from the row's beginning. They are its last T tokens: the last "
            "one sees all keys.",
        ),
        Slip(
            zeros_for_the_future,
            "You set the scores of later keys to 0, and a score of 0 still gets a share: exp(0) "
            "is 1. Fill them with -inf.",
        ),
        Slip(
            lambda q, k, v: one_head(q, k, v, last=len(q)),
            "Your tokens see the future. Fill the scores of later keys with -inf before softmax.",
        ),
        Slip(
            partial(one_head, last=1),
            "Your mask is off by one: each token sees the one after it. The diagonal is the last "
            "that is seen.",
        ),
        Slip(
            blind_to_itself,
            "Your mask is off by one: a token does not see itself, and the first of a row sees "
            "nothing, which gives NaN.",
        ),
        Slip(
            partial(one_head, over_queries=True),
            "Your softmax runs along the wrong axis. The shares of a query, a row, sum to 1.",
        ),
        Slip(
            partial(one_head, late_mask=True),
            "You mask after the softmax, so the future is still in the denominator and the rows "
            "no longer sum to 1. Put -inf into the scores instead.",
        ),
    ),
    package=(attention.attend, attention.attend_in_blocks, attention.attend_masked),
)

# 03.3


def turn(x, position, base, sign=-1, neighbours=False, step=2, shift=0, unit=1.0):
    """Each pair as a complex number, multiplied by one of length 1."""
    size = len(x)
    half = size // 2
    pairs = x.double().numpy()
    pairs = pairs.reshape(half, 2).T if neighbours else pairs.reshape(2, half)
    turned = np.empty((2, half))
    for i in range(half):
        angle = sign * unit * (position + shift) * base ** (-step * i / size)
        z = complex(pairs[0, i], pairs[1, i]) * complex(math.cos(angle), math.sin(angle))
        turned[:, i] = z.real, z.imag
    return torch.tensor((turned.T if neighbours else turned).reshape(size)).float()


def vectors_to_turn():
    """A pair by hand, position 0, ordinary ones, a far position."""
    yield torch.tensor([1.0, 0.0]), 1, 100.0
    chance = torch.Generator().manual_seed(3)
    yield torch.randn(8, generator=chance), 0, 10_000.0
    yield torch.randn(8, generator=chance), 3, 10_000.0
    yield torch.randn(16, generator=chance), 7, 100_000.0
    yield torch.randn(4, generator=chance), 150, 100.0


TURN_ONE_VECTOR = Exercise(
    "03.3",
    "Turn one vector",
    difficulty=3,
    minutes=20,
    gained="You have what a cache needs: a key turned once, at its own position, is right for "
    "every query that will ever come.",
    reference=turn,
    inputs=vectors_to_turn,
    slips=(
        Slip(
            partial(turn, sign=1),
            "You turn the other way. Scores would be the same, as only differences count, but "
            "weights trained with one sign are useless with the other: turn by minus the angle.",
        ),
        Slip(
            partial(turn, neighbours=True),
            "You pair neighbours, (x_0, x_1). Here the pairs are (x_i, x_(i + d/2)). Both are in "
            "use, and a model loaded with the wrong one talks gibberish.",
        ),
        Slip(
            partial(turn, step=1),
            "Your hands are too fast: the exponent is -2i/d, not -i/d.",
        ),
        Slip(
            partial(turn, unit=math.pi / 180),
            "You take the angle for degrees. It is in radians, as the cosine of torch has it.",
        ),
        Slip(
            partial(turn, shift=1),
            "Positions count from 0. At position 0 nothing is turned.",
        ),
    ),
    package=(attention.rotate, attention.rotary_table),
)

# 03.4


def induction_score(shares, ids, after=1, everyone=False, latest=False, itself=True, pairs=False):
    """By the definition, with a matrix of what counts."""
    ids = np.asarray(ids)
    length = len(ids)
    counts = np.zeros((length, length))
    for t in range(length):
        places = np.flatnonzero(ids[:t] == ids[t])
        counts[t, (places[-1:] if latest else places) + after] = 1
        counts[t, t] *= itself
    table = shares.double().numpy()
    has = counts.any(1) | everyone
    number = counts.sum() if pairs else has.sum()
    return float((table * counts).sum() / number) if has.any() else 0.0


def heads_and_texts():
    """A perfect head, twins in a row, a token seen twice before, nothing repeated, chance."""
    perfect = torch.zeros(6, 6)
    perfect[:3, 0] = 1
    perfect[torch.arange(3, 6), torch.arange(1, 4)] = 1
    yield perfect, [4, 9, 2, 4, 9, 2]
    chance = torch.Generator().manual_seed(4)

    def some(length):
        shares = torch.rand(length, length, generator=chance).tril()
        return shares / shares.sum(1, keepdim=True)

    yield some(5), [7, 7, 1, 7, 7]
    yield some(8), [1, 2, 1, 3, 1, 2, 3, 1]
    yield some(4), [1, 2, 3, 4]
    for _ in range(3):
        yield some(20), torch.randint(6, (20,), generator=chance).tolist()


INDUCTION_IN_ANY_TEXT = Exercise(
    "03.4",
    "Induction in any text",
    difficulty=4,
    minutes=25,
    gained="You can look for copying heads in any model and any text that repeats itself, and in "
    "nanochat's own: its shares are yours to compute.",
    reference=induction_score,
    inputs=heads_and_texts,
    slips=(
        Slip(
            partial(induction_score, after=0),
            "You count the shares on the earlier place itself. Copying looks one further, at what "
            "came after it.",
        ),
        Slip(
            partial(induction_score, everyone=True),
            "You average over all tokens. Those that have not stood in the row before have "
            "nothing to look at: leave them out.",
        ),
        Slip(
            partial(induction_score, itself=False),
            "You leave out a token that stands right after its like. In 7 7 what came after the "
            "first is the second 7 itself, and it counts.",
        ),
        Slip(
            partial(induction_score, pairs=True),
            "You average over pairs of places. Add up the shares of a token first, and average "
            "over tokens.",
        ),
        Slip(
            partial(induction_score, latest=True),
            "You take the latest earlier place alone. All of them count, and their shares add up.",
        ),
    ),
)

EXERCISES = (THE_AVERAGE_OF_A_WINDOW, ONE_HEAD, TURN_ONE_VECTOR, INDUCTION_IN_ANY_TEXT)

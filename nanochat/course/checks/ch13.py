"""The exercises of chapter 13, The inference engine."""

import random
from functools import partial

from nanochat.course.exercises import Exercise, Slip
from nanochat.engine import sampling
from nanochat.engine.cache import KVCache
from nanochat.engine.reply import Draft
from nanochat.model import counts

# 13.1


def rows_that_fit(memory, weights, layers, kv_heads, head_dim, length, tensors=2, least=0):
    """Keys and values, of two bytes each, for every token, layer and head."""
    row = tensors * 2 * layers * kv_heads * head_dim * length
    return max(least, (memory - weights) // row)


def machines():
    """A toy, a row that fits exactly, one that fits not at all, then chance."""
    yield 1000, 100, 2, 1, 8, 4
    yield 1024, 0, 4, 2, 8, 4
    yield 100, 60, 1, 1, 8, 4
    yield 50, 60, 1, 1, 2, 1
    rng = random.Random(1)
    for _ in range(6):
        shape = rng.randint(2, 32), rng.randint(1, 16), rng.choice((64, 128)), rng.randint(64, 4096)
        yield rng.randint(10**9, 10**11), rng.randint(10**6, 10**9), *shape


ROWS_THAT_FIT = Exercise(
    "13.1",
    "How many fit?",
    difficulty=1,
    minutes=6,
    gained="You can say how many conversations a GPU holds before you rent it. Most of the time "
    "this, and not its arithmetic, decides how large a batch may be.",
    reference=rows_that_fit,
    inputs=machines,
    slips=(
        Slip(
            partial(rows_that_fit, tensors=1),
            "Your row has half the bytes. Each layer keeps two tensors, keys and values, and each "
            "number takes two bytes: that is two twos.",
        ),
        Slip(
            lambda memory, weights, *shape: rows_that_fit(memory, 0, *shape),
            "You give the cache all of the memory. The weights lie in it too.",
        ),
        Slip(
            partial(rows_that_fit, least=-(10**12)),
            "Where the weights alone are too large, no row fits: that is 0, and not less.",
        ),
        Slip(
            lambda memory, weights, layers, *shape: rows_that_fit(memory, weights, 1, *shape),
            "You count a single layer. Each layer has keys and values of its own.",
        ),
    ),
    package=(counts.kv_bytes,),
)

# 13.2


def choose(probabilities, number, order=None, reached=lambda total, number: total > number):
    """Walk along the probabilities until their sum exceeds the number."""
    order = order(probabilities) if order else range(len(probabilities))
    total = 0.0
    for token in order:
        total += probabilities[token]
        if reached(total, number):
            return token
    return None


def likeliest_first(probabilities):
    """The tokens from the likeliest on, of equals the one with the smaller id."""
    return sorted(range(len(probabilities)), key=lambda token: -probabilities[token])


def draws():
    """Inside, on a border, an impossible token in front, then chance; all sums are exact."""
    yield [0.5, 0.25, 0.25], 0.625
    yield [0.25, 0.5, 0.25], 0.25
    yield [0.0, 0.5, 0.5], 0.0
    yield [0.25, 0.25, 0.5], 0.375
    rng = random.Random(2)
    for _ in range(12):
        cuts = sorted(rng.sample(range(1, 64), 4))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 64], strict=True)]
        yield [part / 64 for part in parts], rng.randrange(64) / 64


CHOOSE = Exercise(
    "13.2",
    "One number, one token",
    difficulty=2,
    minutes=8,
    gained="You have the draw that the engine makes. A row with numbers of its own writes the same "
    "reply whoever else is in the batch.",
    reference=choose,
    inputs=draws,
    slips=(
        Slip(
            partial(choose, reached=lambda total, number: total >= number),
            "You stop where the sum equals the number. Then 0.0 may choose a token that has no "
            "probability at all; the sum has to exceed the number.",
        ),
        Slip(
            lambda probabilities, number: likeliest_first(probabilities)[0],
            "You take the likeliest token whatever the number says. That is temperature zero.",
        ),
        Slip(
            partial(choose, order=likeliest_first),
            "You sort the tokens first. The walk goes through them in the order of their ids.",
        ),
    ),
    package=(sampling.sample,),
)

# 13.3


def nucleus(probabilities, mass, enough=lambda total, mass: total >= mass):
    """Take tokens from the likeliest on until they hold the mass; return them by their ids."""
    kept, total = [], 0.0
    for token in likeliest_first(probabilities):
        if enough(total, mass):
            break
        kept.append(token)
        total += probabilities[token]
    return sorted(kept)


def distributions():
    """Reached with a surplus, reached exactly, ties, one certain token, then chance."""
    yield [0.5, 0.125, 0.375], 0.75
    yield [0.25, 0.5, 0.25], 0.75
    yield [0.125, 0.125, 0.125, 0.125, 0.5], 0.7
    yield [0.0, 1.0, 0.0], 0.9
    yield [0.25, 0.25, 0.25, 0.25], 1.0
    rng = random.Random(3)
    for _ in range(10):
        cuts = sorted(rng.sample(range(1, 64), 5))
        parts = [b - a for a, b in zip([0, *cuts], [*cuts, 64], strict=True)]
        yield [part / 64 for part in parts], rng.randrange(8, 64) / 64


def stops_short(probabilities, mass):
    """Leaves out the token that reaches the mass: one wrong answer to 13.3."""
    total, inside = 0.0, []
    for token in likeliest_first(probabilities):
        total += probabilities[token]
        if total <= mass:
            inside.append(token)
    return sorted(inside)


NUCLEUS = Exercise(
    "13.3",
    "The nucleus",
    difficulty=2,
    minutes=12,
    gained="You have top-p: as many tokens as the moment needs, one where the model is sure and "
    "many where it is not.",
    reference=nucleus,
    inputs=distributions,
    slips=(
        Slip(
            stops_short,
            "Your tokens hold less than the mass: the one that reaches it belongs to them. Where "
            "the first token alone is enough, you would keep none.",
        ),
        Slip(
            partial(nucleus, enough=lambda total, mass: total > mass),
            "Where the tokens hold the mass exactly, you take one more. Fewest means stop there.",
        ),
        Slip(
            lambda probabilities, mass: [
                token for token, p in enumerate(probabilities) if p >= 1 - mass
            ],
            "You compare each probability with a fixed threshold. What counts is what the tokens "
            "hold together.",
        ),
        Slip(
            lambda probabilities, mass: likeliest_first(probabilities)[
                : len(nucleus(probabilities, mass))
            ],
            "These are the right tokens in the wrong order: return them by their ids.",
        ),
    ),
    package=(sampling.keep_top_p,),
)

# 13.4


def sees(padding, filled, new, window, shift=0, offset=None):
    """A column sees itself and those at most a window back that are no padding."""
    first = filled if offset is None else offset
    return [
        [
            [
                blank <= key <= first + t and first + t - key <= window - shift
                for key in range(filled + new)
            ]
            for t in range(new)
        ]
        for blank in padding
    ]


def sees_ahead(padding, filled, new, window):
    """The window alone: all that is to come is seen as well."""
    columns = range(filled + new)
    return [
        [[s >= blank and t - s <= window for s in columns] for t in columns[filled:]]
        for blank in padding
    ]


def caches():
    """One row read at once, one token more, rows of two lengths, a window, then chance."""
    yield [0], 0, 4, 9
    yield [0], 3, 1, 9
    yield [0, 2], 3, 1, 9
    yield [0, 2], 0, 4, 9
    yield [0, 1], 4, 2, 2
    rng = random.Random(4)
    for _ in range(6):
        rows = [rng.randrange(3) for _ in range(2)]
        yield rows, rng.randint(3, 6), rng.randint(1, 3), rng.randint(1, 4)


WHO_SEES_WHOM = Exercise(
    "13.4",
    "Who sees whom",
    difficulty=3,
    minutes=20,
    gained="You have the mask of a batch: rows of any length, read in parts, each as if alone. "
    "This is where a cache is most often wrong, and where nothing crashes when it is.",
    reference=sees,
    inputs=caches,
    slips=(
        Slip(
            lambda padding, filled, new, window: sees(padding, filled, new, filled + new),
            "Your tokens look back as far as there is anything. A token sees at most `window` "
            "columns before it.",
        ),
        Slip(
            sees_ahead,
            "Your tokens see what comes after them. A token sees itself, and back.",
        ),
        Slip(
            partial(sees, shift=1),
            "Your window is one short. A token sees itself, and `window` tokens before it.",
        ),
        Slip(
            lambda padding, *rest: sees([0] * len(padding), *rest),
            "Your tokens see the padding. Column s of a row holds a token only from padding[row] "
            "on.",
        ),
        Slip(
            partial(sees, offset=0),
            "You count the new tokens from column 0. The first of them stands in column `filled`.",
        ),
        Slip(
            lambda padding, filled, new, window: [
                [row[-1]] * new for row in sees(padding, filled, new, window)
            ],
            "All of your new tokens see what the last one sees, so the earlier ones look ahead.",
        ),
    ),
    package=(KVCache.mask,),
)

# 13.5

START, END = "<|python_start|>", "<|python_end|>"


def answered(
    written, results, forced=False, unknown=None, keeps=False, stops=True, always=False, glue=""
):
    """Copy the tokens; collect those between the marks; where the call closes, put the result."""
    reply, call, collected = [], False, ""
    for token in written:
        reply.append((token, True))
        if token == "<|assistant_end|>" and stops:
            break
        if token == START:
            call, collected = True, collected if keeps else ""
        elif token == END and (call or always):
            call = False
            result = results.get(collected, unknown)
            if result is not None:
                output = ("<|output_start|>", result, "<|output_end|>")
                reply += [(each, forced) for each in output]
        elif call or always:
            collected += glue + token if collected else token
    return reply


def replies():
    """A call in two tokens, no call, two calls, one without result, a mark alone, a late token."""
    results = {"6*7": "42", "8*8": "64", "42+64": "106"}
    yield ["It is ", START, "6*", "7", END, "42", "<|assistant_end|>"], results
    yield ["No ", "sums.", "<|assistant_end|>"], results
    yield [START, "6*7", END, " and ", START, "8*8", END, "<|assistant_end|>"], results
    yield [START, "1/0", END, "Hm.", "<|assistant_end|>"], results
    yield ["6*7", END, "?", "<|assistant_end|>"], results
    yield ["Bye.", "<|assistant_end|>", "Wait", START, "6*7", END], results
    yield [START, "6*7"], results


A_TOOL_THAT_ANSWERS = Exercise(
    "13.5",
    "A tool that answers",
    difficulty=3,
    minutes=20,
    gained="You have what makes a calculator of a language model: a few lines that watch for two "
    "tokens. Whatever can answer a text with a text fits in the same place.",
    reference=answered,
    inputs=replies,
    slips=(
        Slip(
            partial(answered, forced=True),
            "You say that the model wrote the output. Training would then reward it for tokens "
            "that it did not choose: mark them False.",
        ),
        Slip(
            partial(answered, unknown=""),
            "A call that has no result gets an output too. Put nothing there, and let the model "
            "go on.",
        ),
        Slip(
            partial(answered, keeps=True),
            "Your second call still holds the text of the first. Begin anew at each "
            "<|python_start|>.",
        ),
        Slip(
            partial(answered, always=True),
            "You answer a <|python_end|> that ends nothing. Without a <|python_start|> before it, "
            "it is only a token.",
        ),
        Slip(
            partial(answered, glue=" "),
            "You put blanks between the pieces of a call. Join them as they are.",
        ),
        Slip(
            partial(answered, stops=False),
            "You go on after <|assistant_end|>. The reply is over there.",
        ),
    ),
    package=(Draft.add, Draft.watch, Draft.answer),
)

EXERCISES = (ROWS_THAT_FIT, CHOOSE, NUCLEUS, WHO_SEES_WHOM, A_TOOL_THAT_ANSWERS)

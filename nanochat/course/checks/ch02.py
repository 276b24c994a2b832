"""The exercises of chapter 2, Data."""

import random
import zlib
from math import log, log2, prod

from nanochat.course.exercises import Exercise, Slip
from nanochat.data import documents, packing

# 02.1


def bits_of_choices(probabilities):
    """The information of the one text that all these choices made."""
    return -log2(prod(probabilities))


def lists_of_probabilities():
    """A fair coin, unequal chances, what was certain, nothing at all, then chance."""
    yield ([0.5],)
    yield ([0.25, 0.5, 0.25],)
    yield ([1.0, 0.125],)
    yield ([],)
    rng = random.Random(1)
    for _ in range(6):
        yield ([rng.uniform(0.05, 1.0) for _ in range(rng.randint(1, 8))],)


BITS_OF_A_DOCUMENT = Exercise(
    "02.1",
    "Bits of a document",
    difficulty=1,
    minutes=5,
    gained="You have the floor's numerator: whoever knows a program's chances can say of each text "
    "how many bits it holds.",
    reference=bits_of_choices,
    inputs=lists_of_probabilities,
    slips=(
        Slip(
            lambda probabilities: -sum(map(log, probabilities)),
            "Your unit is the nat: you take the natural logarithm. Bits need base 2.",
        ),
        Slip(
            lambda probabilities: -sum(p * log2(p) for p in probabilities),
            "You weigh each choice by its probability. That is a mean over what might have come; "
            "these choices did come, and each counts in full.",
        ),
        Slip(
            lambda probabilities: -log2(sum(probabilities)) if probabilities else 0.0,
            "You add the probabilities. All the choices fell together: their chances multiply, "
            "and their bits add up.",
        ),
        Slip(
            lambda probabilities: sum(map(log2, probabilities)),
            "The sign is wrong: the logarithm of a probability is negative, and bits are not.",
        ),
    ),
)

# 02.2


def headless(lengths, capacity):
    """Walk over all tokens; one is headless if its row began after its document did."""
    count = place = 0
    for length in lengths:
        beginning = place
        for token in range(beginning, beginning + length):
            count += token // capacity * capacity > beginning
        place += length
    return count


def lengths_and_capacities():
    """Whole rows, a document over two rows and over many, ends that meet, none, then chance."""
    yield [4, 4], 4
    yield [3, 3], 4
    yield [10], 4
    yield [2, 9, 1], 4
    yield [4, 6, 2], 4
    yield [], 4
    rng = random.Random(2)
    for _ in range(8):
        yield [rng.randint(1, 20) for _ in range(rng.randint(1, 8))], rng.randint(2, 9)


def _cut_documents(lengths, capacity, count):
    total = place = 0
    for length in lengths:
        first = capacity - place % capacity
        total += count(length, first) if length > first else 0
        place += length
    return total


HEADLESS_TOKENS = Exercise(
    "02.2",
    "Headless tokens",
    difficulty=2,
    minutes=15,
    gained="You can say from the lengths alone what cutting costs, before a single row is made.",
    reference=headless,
    inputs=lengths_and_capacities,
    slips=(
        Slip(
            lambda lengths, capacity: _cut_documents(lengths, capacity, lambda *_: 1),
            "You count documents that are cut. Count their tokens beyond the first cut.",
        ),
        Slip(
            lambda lengths, capacity: _cut_documents(lengths, capacity, lambda length, _: length),
            "You count all tokens of a document that is cut. Those before the first cut stand in "
            "the row where their document begins.",
        ),
        Slip(
            lambda lengths, capacity: sum(max(0, length - capacity) for length in lengths),
            "You let every document begin at a row's beginning. Cut, it begins wherever the one "
            "before it ended: keep the place.",
        ),
        Slip(
            lambda lengths, capacity: _cut_documents(
                lengths, capacity, lambda length, first: min(length - first, capacity)
            ),
            "You count one row after the first cut. A long document goes on through several.",
        ),
    ),
    package=(packing.best_fit, packing.pack),
)

# 02.3


def crc32(data):
    """The checksum bit by bit, as its definition has it."""
    crc = 0xFFFFFFFF
    for byte in data:
        crc ^= byte
        for _ in range(8):
            crc = (crc >> 1) ^ (0xEDB88320 if crc & 1 else 0)
    return crc ^ 0xFFFFFFFF


def split(text, percent):
    """Validation takes the checksums whose last two digits are below `percent`."""
    return "val" if crc32(text.encode("utf-8")) % 100 < percent else "train"


def texts_and_percents():
    """Texts of one length, none and all held out, letters beyond ASCII."""
    for number in range(40):
        yield f"page {number:03}", 30
    yield "", 50
    yield "Ada sleeps.", 0
    yield "Ada sleeps.", 100
    for number in range(12):
        yield f" page {number}\n", 50
    for word in ("é", "naïve", "人", "🐢", "Zoë ate", "café"):
        yield word, 50
    for number in range(2000):
        if crc32(f"edge {number}".encode()) % 100 == 30:
            yield f"edge {number}", 30


def _by(number, below=None):
    below = below or (lambda place, percent: place < percent)
    return lambda text, percent: "val" if below(number(text) % 100, percent) else "train"


SPLIT_BY_CONTENT = Exercise(
    "02.3",
    "Split by content",
    difficulty=2,
    minutes=10,
    gained="You have a split that no order, no file name and no later addition can disturb, and "
    "that never has the same text on both sides.",
    reference=split,
    inputs=texts_and_percents,
    slips=(
        Slip(
            _by(hash),
            "You use Python's hash(). For strings it differs from one run to the next, so tomorrow "
            "today's validation texts are trained on. Take zlib.crc32.",
        ),
        Slip(
            _by(len),
            "You go by the length. Texts of one length then all fall on one side: take the "
            "checksum of the bytes.",
        ),
        Slip(
            _by(lambda text: zlib.crc32(text.encode()), lambda place, percent: place <= percent),
            "Your split is off by one: 0 to percent are percent + 1 places of 100. Use <.",
        ),
        Slip(
            _by(lambda text: zlib.crc32(text.encode()), lambda place, percent: place >= percent),
            "Your sides are swapped: validation takes the places below percent.",
        ),
    ),
    package=(documents.split_of,),
)

# 02.4


def next_row(documents, length, state):
    """All tokens in one line, a place in it for each state, and `length` steps from there."""
    places = [(n, i) for n, document in enumerate(documents) for i in range(len(document))]
    start = places.index(tuple(state))
    taken = [places[(start + step) % len(places)] for step in range(length)]
    after = places[(start + length) % len(places)]
    return [documents[n][i] for n, i in taken], after


def documents_and_states():
    """Within a document, up to its end, over one, round again, more than all, then chance."""
    three = [[1, 2, 3], [4], [5, 6]]
    yield three, 2, (0, 0)
    yield three, 2, (0, 1)
    yield three, 3, (0, 1)
    yield three, 2, (2, 0)
    yield three, 4, (1, 0)
    yield three, 14, (2, 1)
    rng = random.Random(4)
    for _ in range(6):
        some = [[rng.randrange(9) for _ in range(rng.randint(1, 5))] for _ in range(4)]
        number = rng.randrange(4)
        yield some, rng.randint(1, 30), (number, rng.randrange(len(some[number])))


def _walk(documents, length, state, at_end):
    """Token by token, where `at_end` says what follows a document's last token."""
    number, place = state
    row = []
    while len(row) < length:
        if place == len(documents[number]):
            number, place = (number + 1) % len(documents), 0
        row.append(documents[number][place])
        place += 1
    return row, at_end(documents, number, place)


def _late(documents, number, place):
    return number, place


def _whole_documents_only(documents, number, place):
    return (number + 1) % len(documents), 0


def _endless(documents, number, place):
    return (number + 1, 0) if place == len(documents[number]) else (number, place)


WHERE_WAS_I = Exercise(
    "02.4",
    "Where was I?",
    difficulty=3,
    minutes=20,
    gained="You have a loader that can be killed at any row and goes on with the next one, and its "
    "memory is two numbers.",
    reference=next_row,
    inputs=documents_and_states,
    slips=(
        Slip(
            lambda documents, length, state: _walk(documents, length, state, _whole_documents_only),
            "Your state skips the rest of the document that the row ended in. Nobody would see "
            "those tokens after a restart: keep the place too.",
        ),
        Slip(
            lambda documents, length, state: _walk(documents, length, state, _late),
            "Your state points behind the last token of a document. The token to come is the first "
            "of the next document: (number + 1, 0).",
        ),
        Slip(
            lambda documents, length, state: _walk(documents, length, state, _endless),
            "After the last document comes the first again: its number is 0, in the state too.",
        ),
        Slip(
            lambda documents, length, state: (
                next_row(documents, length, (state[0], 0))[0],
                next_row(documents, length, state)[1],
            ),
            "You begin at the document's beginning. The state also says how many of its tokens "
            "were read before.",
        ),
    ),
)

EXERCISES = (BITS_OF_A_DOCUMENT, HEADLESS_TOKENS, SPLIT_BY_CONTENT, WHERE_WAS_I)

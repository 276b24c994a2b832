"""The exercises of chapter 11, supervised fine-tuning."""

import random
from functools import partial

from nanochat.course.exercises import Exercise, Slip
from nanochat.data.packing import Example
from nanochat.tokenizer import conversation

# 11.1

OPEN, CLOSE = "<|assistant_start|>", "<|assistant_end|>"
CALL = ("<|python_start|>", "<|python_end|>")
OUTPUT = ("<|output_start|>", "<|output_end|>")


def mask_of(tokens, opening=0, closing=1, output=0, call=1, ends=0):
    """Cut at the assistant's turns; in each, count what lies between output tokens as the tool's.

    The other arguments say what the parts of a turn get in the place of what is right."""
    mask = [0] * len(tokens)
    starts = [i for i, token in enumerate(tokens) if token == OPEN]
    for start in starts:
        end = tokens.index(CLOSE, start)
        mask[start : end + 1] = [opening, *[1] * (end - start - 1), closing]
        for first, last in spans(tokens, start, end, OUTPUT):
            mask[first : last + 1] = [ends, *[output] * (last - first - 1), ends]
        for first, last in spans(tokens, start, end, CALL) if not call else ():
            mask[first : last + 1] = [0] * (last - first + 1)
    return mask


def spans(tokens, start, end, pair):
    """Where each stretch between two special tokens begins and ends, both within a turn."""
    for first in range(start, end):
        if tokens[first] == pair[0]:
            yield first, tokens.index(pair[1], first)


def everything_said(tokens):
    """The mask of one who takes the user's turn for the assistant's as well."""
    return [int(not token.startswith("<|") or token == CLOSE) for token in tokens]


def conversations():
    """The page's own example, plain talk, two turns, and a reply that is empty."""
    user = ["<|user_start|>", "3", "lamps", "at", "4", "?", "<|user_end|>"]
    answer = [OPEN, CALL[0], "3*4", CALL[1], OUTPUT[0], "12", OUTPUT[1], "12", "pence", CLOSE]
    hello = ["<|user_start|>", "hello", "<|user_end|>", OPEN, "hello", "you", CLOSE]
    yield (["<|bos|>", *user, *answer],)
    yield (["<|bos|>", *hello],)
    yield (["<|bos|>", *hello, *user, *answer, *hello],)
    yield (["<|bos|>", *user],)
    yield (["<|bos|>", *user, OPEN, CLOSE],)


WHO_WRITES_IT = Exercise(
    "11.1",
    "Who writes it?",
    difficulty=2,
    minutes=12,
    gained="You have the mask of a whole conversation. All that fine-tuning adds to pretraining is "
    "in these zeros and ones.",
    reference=mask_of,
    inputs=conversations,
    slips=(
        Slip(
            partial(mask_of, opening=1),
            "You teach <|assistant_start|>. The program writes it, to give the word to the model.",
        ),
        Slip(
            partial(mask_of, closing=0),
            "You do not teach <|assistant_end|>. A model that never learned it never stops.",
        ),
        Slip(
            partial(mask_of, output=1, ends=1),
            "You teach what the tool answers. A model that learned it makes answers up.",
        ),
        Slip(
            partial(mask_of, ends=1),
            "You teach <|output_start|> or <|output_end|>. The engine writes both, with what is "
            "between them.",
        ),
        Slip(
            partial(mask_of, call=0),
            "You leave out the call of the tool. The model must write that itself, with the two "
            "tokens around it.",
        ),
        Slip(
            everything_said,
            "You look at the tokens one by one: all text is taught, the user's too, and no special "
            "token but the last. Keep track of whose turn it is.",
        ),
    ),
    package=(conversation.render,),
)

# 11.2


def read_and_predict(ids, mask, mask_shift=1, id_shift=1, blank=-1):
    """Place by place."""
    targets = []
    for place in range(len(ids) - 1):
        taught = mask[place + mask_shift] == 1
        targets.append(ids[place + id_shift] if taught else blank)
    return ids[: len(ids) - 1], targets


def inputs_masked(ids, mask):
    """The mask taken to the tokens that are read."""
    read = [token if taught else -1 for token, taught in zip(ids[:-1], mask[:-1], strict=True)]
    return read, ids[1:]


def rows():
    """A question and its reply, nothing to learn, everything, and a mask that changes each time."""
    yield [9, 1, 5, 6, 2, 3, 7, 8, 4], [0, 0, 0, 0, 0, 0, 1, 1, 1]
    yield [9, 1, 5, 2], [0, 0, 0, 0]
    yield [9, 5, 6, 7], [1, 1, 1, 1]
    yield [0, 1, 2, 3, 4, 5], [0, 1, 0, 1, 0, 1]


THE_MASK_MOVES = Exercise(
    "11.2",
    "The mask moves along",
    difficulty=1,
    minutes=8,
    gained="You have inputs and targets as the package's loader makes them. Off by one here, and "
    "a model learns the token behind each reply and never the first of it.",
    reference=read_and_predict,
    inputs=rows,
    slips=(
        Slip(
            partial(read_and_predict, mask_shift=0),
            "You look up the mask of the token that is read. It belongs to the one predicted: "
            "shift it with the targets.",
        ),
        Slip(
            partial(read_and_predict, id_shift=0, mask_shift=0),
            "Your targets are the tokens that are read. Each is to predict the one behind it.",
        ),
        Slip(
            partial(read_and_predict, id_shift=0),
            "The mask is shifted, and the ids are not: your targets are the tokens that are read.",
        ),
        Slip(
            inputs_masked,
            "You hide tokens from the model. It reads everything; the mask belongs to the targets "
            "alone.",
        ),
        Slip(
            partial(read_and_predict, blank=0),
            "You write 0 where nothing is to be learned. 0 is a token; use -1, which is none.",
        ),
    ),
)

# 11.3


def steps_made(masks, room, rows, first=1, cut=0, lacks=all):
    """Step by step, until no row of one has a place to learn from behind its first."""
    steps = 0
    for start in range(0, len(masks), rows):
        batch = [mask[first : room + cut] for mask in masks[start : start + rows]]
        if lacks(1 not in mask for mask in batch):
            break
        steps += 1
    return steps


def masks_and_rows():
    """A bad step, a bad row, the first token, two that are cut off, a last row alone, chance."""
    yield [[0, 0, 1, 1], [0, 1, 1], [0, 0, 0], [0, 0]], 8, 2
    yield [[0, 0, 1, 1], [0, 0, 0, 0], [0, 1, 1], [0, 0, 1]], 8, 2
    yield [[0, 0, 1], [1, 0, 0], [0, 1, 1]], 8, 1
    yield [[0, 0, 1], [0, 0, 0, 0, 1], [0, 1, 1]], 4, 1
    yield [[0, 0, 0, 1, 1], [0, 0, 1, 1, 1]], 4, 1
    yield [[0, 1], [0, 1], [0, 0]], 4, 2
    rng = random.Random(3)
    for _ in range(4):
        masks = [[int(rng.random() < 0.15) for _ in range(rng.randint(2, 9))] for _ in range(12)]
        yield masks, 6, 2


NOTHING_TO_LEARN = Exercise(
    "11.3",
    "Nothing to learn",
    difficulty=2,
    minutes=12,
    gained="You know what to look for where a loss is no number: not for one long question, but "
    "for a step that has nothing else. The smaller the batch, the sooner it comes.",
    reference=steps_made,
    inputs=masks_and_rows,
    slips=(
        Slip(
            partial(steps_made, lacks=any),
            "You stop at a row without a target. It does no harm as long as another row of its "
            "step has one.",
        ),
        Slip(
            partial(steps_made, first=0),
            "You count the first token of a row. It is read, and nothing predicts it.",
        ),
        Slip(
            partial(steps_made, cut=10**6),
            "You look behind the cut. What stands there is not in the row any more.",
        ),
        Slip(
            partial(steps_made, cut=-1),
            "You cut one token too early: the row holds `room` of them.",
        ),
        Slip(
            lambda masks, room, rows: steps_made(masks, room, rows) + 1,
            "You count the step that fails as well. How many were made before it?",
        ),
    ),
    package=(Example.teaches,),
)

# 11.4


def keep(lengths, capacity, first=1, whole=True):
    """The longest beginning that fits, tried from the shortest; with `whole`, of pairs alone."""
    best = 0
    for count in range(0, len(lengths) + 1, 2 if whole else 1):
        if first + sum(lengths[:count]) <= capacity:
            best = count
    return best


def keep_what_fits(lengths, capacity):
    """How many messages fit where those that are too long are passed over."""
    count, filled = 0, 1
    for length in lengths:
        if filled + length <= capacity:
            filled, count = filled + length, count + 1
    return count - count % 2


def keep_places(lengths, capacity):
    """The last reply that fits where those that are too long are passed over."""
    best, filled = 0, 1
    for place, length in enumerate(lengths, 1):
        if filled + length <= capacity:
            filled += length
            best = best if place % 2 else place
    return best


def long_conversations():
    """All fit, a question left over, the BOS that decides, a long middle, and nothing that fits."""
    yield [5, 10], 20
    yield [5, 10, 5, 40], 30
    yield [5, 5, 5, 5], 20
    yield [4, 6, 50, 3, 4, 4], 40
    yield [30, 5], 20
    yield [5, 30], 20
    yield [4, 5, 6, 4], 20


WHERE_TO_CUT = Exercise(
    "11.4",
    "Where to cut",
    difficulty=2,
    minutes=15,
    gained="You keep whole exchanges. Every token that a row holds now leads to a reply that is "
    "learned.",
    reference=keep,
    inputs=long_conversations,
    slips=(
        Slip(
            partial(keep, whole=False),
            "You keep a question without its reply. It fills the row and teaches nothing.",
        ),
        Slip(
            partial(keep, first=0),
            "You forget <|bos|>, which takes a place as well.",
        ),
        Slip(
            keep_what_fits,
            "You pass over a message that is too long and go on behind it. What follows it would "
            "answer a question that is not there: stop at the first that does not fit.",
        ),
        Slip(
            keep_places,
            "What is kept is a beginning: stop at the first message that does not fit, whatever "
            "would fit behind it.",
        ),
    ),
)

EXERCISES = (WHO_WRITES_IT, THE_MASK_MOVES, NOTHING_TO_LEARN, WHERE_TO_CUT)

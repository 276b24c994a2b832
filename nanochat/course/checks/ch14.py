"""The exercises of chapter 14, Chat."""

import builtins
import random
import re
from contextlib import suppress
from functools import partial
from unittest import mock

from nanochat.course.exercises import Exercise, Slip
from nanochat.engine import tools
from nanochat.tokenizer import conversation

# 14.1


def left_out(lengths, room, extra=2, step=2, keep=1, fits=lambda size, room: size <= room):
    """The first number of messages, by whole exchanges, without which the rest fits."""
    for out in range(0, len(lengths), step):
        if fits(extra + sum(lengths[out:]), room) or len(lengths) - out <= keep:
            return out
    return len(lengths)


def talks():
    """All fits, exactly fits, an exchange too many, nothing fits, one message, then chance."""
    yield [5, 5, 5], 100
    yield [5, 7, 6], 20
    yield [5, 7, 6], 19
    yield [5, 5, 5, 5, 5], 18
    yield [9, 9, 9, 9, 50], 20
    yield [50], 20
    rng = random.Random(1)
    for _ in range(10):
        lengths = [rng.randint(3, 30) for _ in range(2 * rng.randint(1, 6) + 1)]
        yield lengths, rng.randint(5, sum(lengths))


LEFT_OUT = Exercise(
    "14.1",
    "What is forgotten",
    difficulty=2,
    minutes=10,
    gained="You have the memory of a chat: what fits. When a model has forgotten your name, you "
    "can now say at which turn.",
    reference=left_out,
    inputs=talks,
    slips=(
        Slip(
            partial(left_out, extra=0),
            "You leave no room for the two ids of the prompt itself, the one that opens the "
            "conversation and the one that opens the reply.",
        ),
        Slip(
            partial(left_out, step=1),
            "You leave out single messages. Then the prompt may begin with an answer that has no "
            "question: go by twos.",
        ),
        Slip(
            partial(left_out, keep=0),
            "You leave out the last message as well. It stays, however long it is.",
        ),
        Slip(
            lambda lengths, room: left_out(lengths[::-1], room),
            "You leave out the newest. What goes are the oldest, from the beginning.",
        ),
        Slip(
            partial(left_out, fits=lambda size, room: size < room),
            "A prompt of exactly `room` ids fits. Leave out only what is longer.",
        ),
    ),
)

# 14.2

SPECIAL = {
    name: 300 + index
    for index, name in enumerate(
        (
            "<|assistant_end|>",
            "<|python_start|>",
            "<|python_end|>",
            "<|output_start|>",
            "<|output_end|>",
        )
    )
}
PIECES = {0: "They", 1: " cost", 2: " 420", 3: "12*35", 4: "420", 5: "<|python_start|>", 6: "."}


def visible(ids, special, pieces, hidden=("python", "output"), by_text=False, ends=True):
    """Copy pieces while no call and no output is open."""
    names = {token: name for name, token in special.items()}
    text, kind = [], "text"
    for token in ids:
        piece = pieces.get(token)
        name = names.get(token, piece if by_text and piece in special else None)
        if name is None:
            text.append(piece if kind not in hidden else "")
        elif name == "<|assistant_end|>" and ends:
            break
        elif found := re.fullmatch(r"<\|(\w+)_(start|end)\|>", name):
            kind = found[1] if found[2] == "start" else "text"
    return "".join(text)


def without_open_calls(ids, special, pieces):
    """Hides calls and outputs that are closed alone: one wrong answer to 14.2."""
    closers = {special["<|python_end|>"], special["<|output_end|>"]}
    last = max((i for i, token in enumerate(ids) if token in closers), default=-1)
    tail = "".join(pieces.get(token, "") for token in ids[last + 1 :])
    return visible(ids[: last + 1], special, pieces) + tail


def deaf_in_calls(ids, special, pieces):
    """Takes no end for one while a call or an output is open: one wrong answer to 14.2."""
    opens = special["<|python_start|>"], special["<|output_start|>"]
    closes = special["<|python_end|>"], special["<|output_end|>"]
    heard, inside = [], False
    for token in ids:
        inside = token in opens or (inside and token not in closes)
        if not (inside and token == special["<|assistant_end|>"]):
            heard.append(token)
    return visible(heard, special, pieces)


def replies():
    """Text, a call with its output, a call without, one left open, one that the reply's end
    leaves open, a typed mark, a late piece."""
    end, call, called, out, done = SPECIAL.values()
    yield [0, 1, 2, end], SPECIAL, PIECES
    yield [0, 1, call, 3, called, out, 4, done, 2, 6, end], SPECIAL, PIECES
    yield [0, call, 3, called, 1, 2, end], SPECIAL, PIECES
    yield [0, 1, call, 3], SPECIAL, PIECES
    yield [0, 1, call, 3, end, called, 2], SPECIAL, PIECES
    yield [0, 5, 1, 2, end], SPECIAL, PIECES
    yield [0, 1, end, 2, 6], SPECIAL, PIECES
    yield [], SPECIAL, PIECES


VISIBLE = Exercise(
    "14.2",
    "What a person sees",
    difficulty=3,
    minutes=20,
    gained="You can tell what was said from what was only worked out. A chat shows it, and a "
    "score reads the answer from it.",
    reference=visible,
    inputs=replies,
    slips=(
        Slip(
            partial(visible, hidden=("python",)),
            "You show the tool's output. That is between the tool and the model; hide what stands "
            "between <|output_start|> and <|output_end|> as well.",
        ),
        Slip(
            partial(visible, hidden=("output",)),
            "You show the call. Hide what stands between <|python_start|> and <|python_end|>.",
        ),
        Slip(
            lambda ids, special, pieces: "".join(pieces.get(token, "") for token in ids),
            "You show everything. Calls and outputs are not for the person: leave out what stands "
            "between their marks, and what follows <|assistant_end|>.",
        ),
        Slip(
            partial(visible, by_text=True),
            "You take a piece for a mark because it reads like one. Somebody typed it: compare "
            "ids, and a forged mark is nothing but letters.",
        ),
        Slip(
            partial(visible, ends=False),
            "You go on after <|assistant_end|>. The reply is over there.",
        ),
        Slip(
            without_open_calls,
            "You show a call that was left open. A reply may be cut off in the middle of one.",
        ),
        Slip(
            deaf_in_calls,
            "You do not see <|assistant_end|> while a call is open. It ends the reply wherever it "
            "stands.",
        ),
    ),
    package=(conversation.parse_reply,),
)

# 14.3

NUMBER = re.compile(r"\s*(\d+)")


def whole(text):
    """By hand, without Python's parser: terms of factors, from left to right; None if not that."""
    try:
        value, rest = terms(text)
    except (ValueError, RecursionError):
        return None
    return None if rest.strip() else value


def terms(text):
    """The value of a sum of products at the beginning of a text, and the rest of the text."""
    value, text = factors(text)
    while (text := text.lstrip())[:1] in ("+", "-") and text:
        sign, (more, text) = text[0], factors(text[1:])
        value = value + more if sign == "+" else value - more
    return value, text


def factors(text):
    """The value of a product at the beginning of a text, and the rest of the text."""
    value, text = atom(text)
    while (text := text.lstrip()).startswith("*"):
        more, text = atom(text[1:])
        value *= more
    return value, text


def atom(text):
    """A number, something in brackets, or either with a minus in front. Raises ValueError."""
    text = text.lstrip()
    if text.startswith("-"):
        value, rest = atom(text[1:])
        return -value, rest
    if text.startswith("("):
        value, rest = terms(text[1:])
        if not (rest := rest.lstrip()).startswith(")"):
            raise ValueError("a bracket is open")
        return value, rest[1:]
    if not (found := NUMBER.match(text)):
        raise ValueError("no number")
    return int(found[1]), text[found.end() :]


def trusting(text):
    """Runs the text: one wrong answer to 14.3. The inputs of the check are harmless."""
    try:
        return eval(text)
    except Exception:
        return None


FRAGILE = (
    "Your calculator falls over a text of many signs or many terms, which Python's parser or your "
    "own recursion does not survive. Catch RecursionError and MemoryError, too."
)


def falls_over(answer):
    """What is wrong with an answer to 14.3 that long texts bring down, or None."""
    for text in ("-" * 100_000 + "1", "+".join("1" * 50_000)):
        try:
            answer(text)
        except (RecursionError, MemoryError):
            return FRAGILE
    return None


RUN = "This runs the text. Parse it, and walk the tree: then there is no filter to be trusted."


def runs_the_text(answer):
    """What is wrong with an answer to 14.3 that has Python work out the text, or None."""
    with (
        mock.patch.object(builtins, "eval", wraps=eval) as evaluated,
        mock.patch.object(builtins, "exec", wraps=exec) as executed,
        suppress(Exception),
    ):
        answer("2+3*4")
    # An import executes, too, but no text.
    texts = [call for call in executed.call_args_list if isinstance(call.args[0], str)]
    return RUN if evaluated.called or texts else None


def filtered(text):
    """Runs what has only digits and signs: one wrong answer to 14.3."""
    if not re.fullmatch(r"-?[\d(][\d+*() -]*", text) or "**" in text:
        return None
    result = trusting(text)
    return result if type(result) is int else None


def fragile(text):
    """Right, but for the long texts: one wrong answer to 14.3."""
    if len(text) > 10_000:
        raise RecursionError
    return whole(text)


def with_others(**others):
    """A right answer but for some texts: the wrong answers of 14.3."""
    values = {text: value for text, value in TEMPTATIONS.items() if text in others["texts"]}
    return lambda text: values.get(text, whole(text))


# What Python makes of texts that are no sums of whole numbers.
TEMPTATIONS = {"2**5": 32, "True + 1": 2, "True": True, "7/2": 3.5, "7//2": 3, "1.5": 1.5, "+5": 5}


def sums():
    """Right ones first, then powers, truth values, fractions, names, calls, and broken texts."""
    for text in ("12", "2+3*4", "(2+3)*4", "10-4-3", "-5", "-(2+3)*-2", "2 - -3", "7*0"):
        yield (text,)
    for text in (*TEMPTATIONS, "().__class__.__name__", "len('abc')", "'ab'*3", "(1, 2)", "()"):
        yield (text,)
    for text in ("", "2+", "(1", "x", "1 if 1 else 2"):
        yield (text,)


WHOLE = Exercise(
    "14.3",
    "Only sums",
    difficulty=3,
    minutes=20,
    gained="You have a calculator that can be handed any text at all. What it does not know it "
    "refuses, even attacks that nobody has thought of yet.",
    reference=whole,
    inputs=sums,
    judge=lambda answer: runs_the_text(answer) or falls_over(answer),
    slips=(
        Slip(
            trusting,
            "You run the text. It worked out something that is no sum of whole numbers, and it "
            "would do so with a text that deletes your files. Walk the tree instead.",
        ),
        Slip(
            with_others(texts=("2**5",)),
            "You let powers in. `9**9**9` would keep your calculator busy until you stop it.",
        ),
        Slip(
            with_others(texts=("True + 1", "True")),
            "You let True in, which Python counts among the whole numbers: ask for "
            "`type(node.value) is int`.",
        ),
        Slip(
            with_others(texts=("7/2", "7//2", "1.5")),
            "You let fractions in. Only whole numbers, +, - and * are asked for.",
        ),
        Slip(
            with_others(texts=("+5",)),
            "You let a plus in front. Only a minus is asked for: name the signs that you know.",
        ),
        Slip(filtered, RUN),
        Slip(fragile, FRAGILE),
    ),
    package=(tools.evaluate, tools.calculator),
)

# 14.4


def passed(reason, exit_code, stdout, token):
    """The last line is the token, and the run ended itself without an error."""
    lines = stdout.splitlines()
    return bool(lines) and lines[-1] == token and (reason, exit_code) == ("exit", 0)


def runs():
    """A pass, one with noise, an early exit, one too late, an error after it, a longer line."""
    yield "exit", 0, "k7f3\n", "k7f3"
    yield "exit", 0, "hello\nk7f3\n", "k7f3"
    yield "exit", 0, "hello\nk7f3", "k7f3"
    yield "exit", 0, "", "k7f3"
    yield "exit", 0, "passed\n", "k7f3"
    yield "exit", 0, "k7f3\nand more\n", "k7f3"
    yield "exit", 0, "not k7f3\n", "k7f3"
    yield "exit", 0, "k7f3\n\n\n", "k7f3"
    yield "exit", 0, "  k7f3\n", "k7f3"
    yield "exit", 1, "k7f3\n", "k7f3"
    yield "timeout", None, "k7f3\n", "k7f3"
    yield "output", 0, "k7f3\n", "k7f3"


PASSED = Exercise(
    "14.4",
    "The last word",
    difficulty=2,
    minutes=10,
    gained="You have a mark that is not earned by leaving early. A program that reads its own "
    "file can still find the token: what it may read is the next thing to think about.",
    reference=passed,
    inputs=runs,
    slips=(
        Slip(
            lambda reason, exit_code, stdout, token: reason == "exit" and exit_code == 0,
            "You believe the exit code alone. A program that leaves before its tests has a clean "
            "one too.",
        ),
        Slip(
            lambda reason, exit_code, stdout, token: (
                reason == "exit" and exit_code == 0 and token in stdout
            ),
            "You look for the token anywhere in the output. It has to be the last line, and the "
            "whole of it.",
        ),
        Slip(
            lambda reason, exit_code, stdout, token: (
                reason == "exit" and exit_code == 0 and stdout.rstrip("\n").endswith(token)
            ),
            "You ask how the output ends. The last *line* has to be the token, and nothing else.",
        ),
        Slip(
            lambda reason, exit_code, stdout, token: (
                reason == "exit" and exit_code == 0 and stdout.strip().split("\n")[-1] == token
            ),
            "You strip the output first. Blanks beside the token and empty lines after it are "
            "something else than the token.",
        ),
        Slip(
            lambda reason, exit_code, stdout, token: (
                reason == "exit" and exit_code == 0 and stdout.split("\n")[-2:-1] == [token]
            ),
            "You count on a line break behind the token. The last line is one without it, too.",
        ),
        Slip(
            lambda reason, exit_code, stdout, token: stdout.splitlines()[-1:] == [token],
            "You look at the output alone. A program that was stopped, or that ended with an "
            "error, did not pass.",
        ),
    ),
)

EXERCISES = (LEFT_OUT, VISIBLE, WHOLE, PASSED)

"""What people type who want a sum worked out or a problem solved, and how they go on."""

from __future__ import annotations

from collections.abc import Sequence
from functools import reduce
from itertools import chain
from operator import truediv

from nanochat.data.world import problems, tasks
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.smalltalk import BOOK
from nanochat.data.world.split import draw_key
from nanochat.data.world.tasks import Exchange
from nanochat.tokenizer.conversation import Message, Part

# The numbers of sums: of two digits at most, of three, of four, and round ones.
NUMBER = Table(
    (range(2, 100), range(100, 1000), range(1000, 10_000, 9), (10, 100, 1000)),
    (0.56, 0.3, 0.07, 0.07),
)
# Three ways to say each sign.
SIGNS = {
    "+": ("plus", "+", "and"),
    "-": ("minus", "-", "less"),
    "*": ("times", "*", "x"),
    "/": ("divided by", "/", "by"),
}
TYPED = {sign: sign for sign in SIGNS}
RESULT = problems.RESULT | {"/": truediv}  # a sum may leave a rest
# What a sum goes on with.
STEP = Table(tuple(SIGNS), (0.33, 0.33, 0.17, 0.17))
# Parts of a whole, and in how many of how many equal ones they are.
PARTS = {
    "half": (1, 2),
    "a third": (1, 3),
    "two thirds": (2, 3),
    "a quarter": (1, 4),
    "three quarters": (3, 4),
    "a fifth": (1, 5),
    "a tenth": (1, 10),
}
# What goes on with a result, by its sign. By two has words of its own: *double it*, *half of it*.
BY_TWO = {"*": "sum_double", "/": "sum_half"}
LOTS = {"+": "further_boxes", "-": "further_gone"}
FURTHER = {"+": "further_plus", "-": "further_minus", "*": "further_times", "/": "further_divide"}
TOLD = {"+": "sum_told_plus", "-": "sum_told_minus", "*": "sum_told_times", "/": "sum_told_divide"}
# How a problem goes on; of shares, most are no whole number.
FURTHER_SIGN = Table(tuple(FURTHER), (0.2, 0.3, 0.2, 0.3))
# Another sum, or the one that was meant.
AGAIN = Table(("sum_again", "sum_corrected"), (0.75, 0.25))


def draw_number(draw: Draw) -> int:
    """A number for a sum, most often one of two digits at most."""
    return draw.pick(draw.weighted(NUMBER))


def draw_two(draw: Draw) -> tuple[int, str, int]:
    """Two numbers and the sign between them; what is divided seldom leaves a rest."""
    sign = draw.pick(tuple(SIGNS))
    if sign != "/":
        return draw_number(draw), sign, draw_number(draw)
    divisor = draw.integer(2, 20)
    if draw.chance(0.25):
        return draw.integer(divisor, 999), sign, divisor
    return draw_number(draw) * divisor, sign, divisor


def draw_sum(draw: Draw) -> tuple[int | str, ...]:
    """Two numbers and the sign between them, and at times one sign and number more, or two."""
    so_far: tuple[int | str, ...] = draw_two(draw)
    for _ in range(2):
        if draw.chance(0.7):
            break
        so_far += draw_step(draw, result_of(so_far))
    return so_far


def draw_step(draw: Draw, so_far: float) -> tuple[str, int]:
    """A sign and a number for a sum to go on with."""

    def make() -> tuple[str, int]:
        sign = draw.weighted(STEP)
        return sign, draw_number(draw) if sign in "+-" else draw.integer(2, 12)

    return draw.until(make, lambda step: step[0] != "/" or so_far % step[1] == 0)


def steps_of(rest: Sequence[int | str]) -> tuple[tuple[str, int], ...]:
    """The steps of a sum after its first number, each a sign and a number."""
    return tuple(zip(rest[::2], rest[1::2], strict=True))


def result_of(made: Sequence[int | str]) -> float:
    """What a sum comes to, from left to right."""
    first, *rest = made
    return reduce(lambda so_far, step: RESULT[step[0]](so_far, step[1]), steps_of(rest), first)


def sums(draw: Draw, split: str) -> Exchange:
    """Numbers and what is between them, in signs or in words, worked out by the calculator."""
    if draw.chance(0.1):
        return part_of(draw, split)
    return told_in_words(draw, split) if draw.chance(0.25) else fresh_sum(draw, split, "sum_of")


def told_in_words(draw: Draw, split: str) -> Exchange:
    """Two numbers, and in a sentence what to do with them; none is taken from a smaller one."""

    def make() -> tuple[int, str, int]:
        return draw.until(lambda: draw_two(draw), lambda two: result_of(two) > 0)

    first, sign, second = draw_key(draw, split, make)
    asked = BOOK.expand(TOLD[sign], draw, {"n": str(first), "k": str(second)})
    return worked_out(asked, first, (sign, second))


def part_of(draw: Draw, split: str) -> Exchange:
    """So many percent of a number, or another part of it, which most often leaves no rest."""

    def make() -> tuple[str, int, int, int]:
        if draw.chance(0.3):
            percent = 5 * draw.integer(1, 19)
            sign = draw.pick(("%", " percent"))
            return f"{percent}{sign}", percent, 100, draw.integer(1, 50) * draw.pick((10, 20))
        if draw.chance(0.5):
            part, (taken, of) = draw.pick(tuple(PARTS.items()))
        else:
            of = draw.integer(2, 10)
            taken = draw.integer(1, of - 1)
            part = f"{taken}/{of}"
        return part, taken, of, draw.integer(2, 60) * (1 if draw.chance(0.1) else of)

    part, taken, of, whole = draw_key(draw, split, make)
    asked = BOOK.expand("sum_of", draw, {"it": f"{part} of {whole}"})
    times = (("*", taken),) if taken > 1 else ()
    return worked_out(asked, whole, *times, ("/", of))


def fresh_sum(draw: Draw, split: str, rule: str) -> Exchange:
    """A sum that is asked for in a wording of this rule."""
    first, *rest = draw_key(draw, split, lambda: draw_sum(draw))
    steps = steps_of(rest)
    # Brackets are typed, not spoken.
    way = 1 if "(" in written(first, steps, TYPED) else draw.integer(0, 2)
    space = "" if way == 1 and draw.chance(0.5) else " "
    signs = {sign: f"{space}{ways[way]}{space}" for sign, ways in SIGNS.items()}
    asked = written(first, steps, signs, bracketed=way == 1 and draw.chance(0.25))
    return worked_out(BOOK.expand(rule, draw, {"it": asked}), first, *steps)


def written(
    first: int, steps: Sequence[tuple[str, int]], signs: dict[str, str], bracketed: bool = False
) -> str:
    """A sum from left to right, in brackets up to a sign that would else come first, or to any."""
    text = str(first)
    for (sign, n), before in zip(steps, ("", *(sign for sign, _ in steps)), strict=False):
        if before and (bracketed or (sign in "*/" and before in "+-")):
            text = f"({text})"
        text += f"{signs[sign]}{n}"
    return text


def onward(draw: Draw, split: str, so_far: int) -> Exchange:
    """What was worked out so far, and one number more."""

    def make() -> tuple[int, str, int]:
        sign = draw.pick("+-*/")
        if sign in BY_TWO and draw.chance(0.3):
            return so_far, sign, 2
        return so_far, sign, draw.integer(2, 12) if sign == "/" else draw_number(draw)

    def wanted(it: tuple[int, str, int]) -> bool:
        return it[1] != "/" or so_far % it[2] == 0

    a, sign, b = draw_key(draw, split, lambda: draw.until(make, wanted))
    rule = BY_TWO[sign] if b == 2 and sign in BY_TWO else f"sum_{FURTHER[sign]}"
    asked = BOOK.expand(rule, draw, {"n": str(b)})
    return worked_out(asked, a, (sign, b))


def further(draw: Draw, split: str, so_far: int) -> Exchange:
    """What a problem came to, and then more or less of it, several times as much, or a share."""

    def make() -> tuple[int, str, int]:
        sign = draw.weighted(FURTHER_SIGN)
        most = {"+": 99, "-": min(so_far, 99), "*": 12, "/": 12}[sign]
        return so_far, sign, draw.integer(1 if sign in "+-" else 2, most)

    def wanted(it: tuple[int, str, int]) -> bool:
        return it[1] != "/" or so_far % it[2] == 0

    a, sign, b = draw_key(draw, split, lambda: draw.until(make, wanted))
    names = problems.Names(draw) | {"n": str(b)}
    return worked_out(problems.BOOK.expand(FURTHER[sign], draw, names), a, (sign, b))


def further_lots(draw: Draw, split: str, so_far: int) -> Exchange:
    """What a problem came to, and then several times so many more, or fewer."""

    def make() -> tuple[int, str, int, int]:
        k, n = draw.integer(2, 9), draw.integer(2, 20)
        return so_far, "-" if k * n < so_far and draw.chance(0.5) else "+", n, k

    _, sign, n, k = draw_key(draw, split, make)
    problem = problems.Problem(draw)
    problem.tell(LOTS[sign], n, k)
    lots = problem.step(problems.BEFORE["*"], k, "*", n, unit="")
    problem.step(problems.BEFORE[sign], so_far, sign, lots, unit="")
    return tasks.solved(problem)


def worked_out(question: str, first: int, *steps: tuple[str, int]) -> Exchange:
    """The question, and the sum with its result by the calculator."""
    said = written(first, steps, {sign: f" {ways[0]} " for sign, ways in SIGNS.items()})
    result = result_of((first, *chain(*steps)))
    # Nobody wants ten digits, and a small model does not copy them.
    whole = int(result)
    answer = str(whole) if whole == result else f"{whole} and a bit"
    parts = (
        Part("text", f"{said} is "),
        Part("python", written(first, steps, TYPED)),
        Part("output", f"{result:.10g}"),
        Part("text", f"{answer}."),
    )
    return Exchange(question, Message("assistant", parts), answer)


def short_problems(draw: Draw, split: str) -> Exchange:
    """A problem of one step or two, in a sentence or three."""
    return tasks.solved(problems.problem(draw, split, problems.SHORT))


def sums_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A sum, and then others, or more of the same; at times a problem with numbers of its own."""
    row = [sums(draw, split)]
    for _ in range(draw.integer(1, 3)):
        answer = row[-1].answer
        if answer.isdigit() and int(answer) < problems.LARGEST and draw.chance(0.4):
            row.append(onward(draw, split, int(answer)))
        else:
            row.append(fresh_sum(draw, split, draw.weighted(AGAIN)))
    if draw.chance(0.3):
        row.append(short_problems(draw, split))
    return row


def problems_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A problem, and then others, or more of the same."""
    row = [short_problems(draw, split)]
    for _ in range(draw.integer(1, 2)):
        so_far = int(row[-1].answer)
        if 0 < so_far < 1000 and draw.chance(0.7):
            go_on = further_lots if draw.chance(0.3) else further
            row.append(go_on(draw, split, so_far))
        else:
            row.append(short_problems(draw, split))
    return row

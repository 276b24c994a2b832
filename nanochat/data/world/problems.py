"""Word problems of one to four steps, in the format of GSM8K (Cobbe et al. 2021)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from nanochat.data.world import cast, english, lexicon
from nanochat.data.world.draw import Draw, zipf
from nanochat.data.world.split import split_of

GOODS = zipf(
    """
    apple pear plum button pebble cookie shell feather nut bead carrot marble candle egg stamp
    flower leaf bell card coin kite spoon muffin bun lemon acorn turnip onion ribbon pin
    """.split(),
    0.3,
)
BOXES = zipf("basket box bag jar crate sack drawer bowl tin bucket".split(), 0.3)


@dataclass
class Problem:
    """A problem as far as it is told: sentences, the steps of its solution, its numbers."""

    draw: Draw
    names: dict[str, str]
    told: list[str] = field(default_factory=list)
    steps: list[tuple[str, str, int, str]] = field(default_factory=list)
    operands: list[int] = field(default_factory=list)

    def number(self, low: int, high: int) -> int:
        """A number that the problem gives."""
        self.operands.append(self.draw.integer(low, high))
        return self.operands[-1]

    def tell(self, *phrases: str, **values) -> None:
        """Says a sentence of the problem, in one of several ways."""
        phrase = self.draw.pick(phrases)
        self.told.append(english.sentence(phrase.format(**self.names, **values)))

    def step(self, before: str, expression: str, result: int, after: str) -> int:
        """Adds a step to the solution: what the expression stands for, and its result."""
        words = self.names
        self.steps.append((before.format(**words), expression, result, after.format(**words)))
        return result

    @property
    def question(self) -> str:
        """The problem as it is asked."""
        return " ".join(self.told)

    @property
    def answer(self) -> int:
        """The result of the last step."""
        return self.steps[-1][2]

    @property
    def solution(self) -> str:
        """The worked solution, each expression in double angle brackets before its result."""
        rows = [f"{a} <<{e}={r}>>{r} {b}." for a, e, r, b in self.steps]
        return "\n".join([*rows, f"#### {self.answer}"])


def begin(p: Problem) -> int:
    """Someone has some goods, told as a number or as several boxes of them."""
    if p.draw.chance(0.6):
        n = p.number(3, 60)
        p.tell(
            "{hero} has {n} {goods}.",
            "There are {n} {goods} on {hero}'s table.",
            "{hero} the {hero_kind} owns {n} {goods}.",
            "In the morning, {hero} counts {n} {goods}.",
            n=n,
        )
        return n
    boxes, each = p.number(2, 9), p.number(2, 12)
    p.tell(
        "{hero} has {k} {boxes} with {n} {goods} in each.",
        "{hero} fills {k} {boxes} with {n} {goods} each.",
        "In each of {hero}'s {k} {boxes} there are {n} {goods}.",
        "{hero} the {hero_kind} carries {k} {boxes}. Each holds {n} {goods}.",
        k=boxes,
        n=each,
    )
    return p.step("In the {boxes} there are", f"{boxes}*{each}", boxes * each, "{goods}")


def gain(p: Problem, total: int) -> int:
    """More goods arrive."""
    n = p.number(2, 40)
    p.tell(
        "{friend} brings {n} more.",
        "Then {hero} finds {n} more {goods} under a hedge.",
        "{friend} gives {hero_him} another {n}.",
        "A kind goose adds {n} {goods}.",
        "{hero} buys {n} more at the market.",
        n=n,
    )
    return p.step("Then there are", f"{total}+{n}", total + n, "{goods}")


def lose(p: Problem, total: int) -> int:
    """Some goods go."""
    n = p.number(1, min(total - 1, 40))
    p.tell(
        "{hero} gives {n} to {friend}.",
        "A goat eats {n} of them.",
        "{n} of them roll down the hill.",
        "{friend} borrows {n} {goods}.",
        "{hero} sells {n} at the market.",
        n=n,
    )
    return p.step("That leaves", f"{total}-{n}", total - n, "{goods}")


def multiply(p: Problem, total: int) -> int:
    """A friend has several times as many."""
    n = p.number(2, 5)
    p.tell(
        "{friend} has {n} times as many as that.",
        "{friend} the {friend_kind} owns {n} times as many.",
        "A wizard waves a spoon, and now there are {n} times as many.",
        n=n,
    )
    return p.step(f"{n} times as many is", f"{total}*{n}", total * n, "{goods}")


CHANGES: tuple[Callable, ...] = (gain, lose, multiply)


def compose(draw: Draw) -> Problem:
    """A problem from the whole world's."""
    names: dict[str, str] = {}
    cast.join(names, "hero", draw)
    cast.join(names, "friend", draw)
    names["goods"] = english.plural(draw.weighted(GOODS))
    names["boxes"] = english.plural(draw.weighted(BOXES))
    p = Problem(draw, names)
    total = begin(p)
    changes = draw.integer(1, 2 if p.steps else 3)
    for _ in range(changes):
        total = draw.pick(CHANGES if total > 5 else (gain, multiply))(p, total)
    p.tell(
        "How many {goods} are there now?",
        "How many {goods} is that?",
        "How many are there in the end?",
    )
    return p


def problem(draw: Draw, split: str) -> Problem:
    """A problem of this split, which its first two numbers decide."""
    return draw.until(
        lambda: compose(draw), lambda p: split_of("problem", *p.operands[:2]) == split
    )


def exercise(draw: Draw, split: str) -> str:
    """Two problems with their solutions."""
    both = [problem(draw, split) for _ in range(2)]
    return "\n".join(f"Problem: {p.question}\n{p.solution}" for p in both)

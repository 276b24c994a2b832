"""Random choices that keep account of how much each of them tells."""

from __future__ import annotations

import math
import random
from bisect import bisect_right
from collections.abc import Callable, Sequence
from hashlib import blake2b
from itertools import accumulate
from typing import TypeVar

T = TypeVar("T")

MAX_UNIFORM = 1024
BITS_OF_UNIFORM = [0.0] + [math.log2(n) for n in range(1, MAX_UNIFORM + 1)]


class Table:
    """Options with fixed weights, made ready once and drawn from often."""

    def __init__(self, options: Sequence, weights: Sequence[float] | None = None):
        self.options = tuple(options)
        weights = weights or [1.0] * len(self.options)
        total = sum(weights)
        self.probabilities = [weight / total for weight in weights]
        self.cumulative = list(accumulate(self.probabilities))
        self.cumulative[-1] = 1.0
        self.bits = [-math.log2(p) for p in self.probabilities]

    def probability(self, option) -> float:
        """The chance that one draw gives this option."""
        return self.probabilities[self.options.index(option)]


def zipf(options: Sequence, exponent: float = 0.4) -> Table:
    """A table where the option of rank r weighs r to the power of minus the exponent."""
    return Table(options, [rank**-exponent for rank in range(1, len(options) + 1)])


class Draw:
    """Makes every random choice of one document and adds up the information, `bits`, in them."""

    def __init__(self, *path: int | str):
        digest = blake2b("/".join(map(str, path)).encode(), digest_size=8).digest()
        self._random = random.Random(int.from_bytes(digest, "little")).random
        self.bits = 0.0

    def pick(self, options: Sequence[T]) -> T:
        """One of the options, each as likely as the other."""
        self.bits += BITS_OF_UNIFORM[len(options)]
        return options[int(self._random() * len(options))]

    def weighted(self, table: Table):
        """One of the table's options, by its weights."""
        i = bisect_right(table.cumulative, self._random())
        self.bits += table.bits[i]
        return table.options[i]

    def integer(self, low: int, high: int) -> int:
        """A whole number from low to high, both included."""
        return self.pick(range(low, high + 1))

    def chance(self, p: float) -> bool:
        """True with probability p."""
        happens = self._random() < p
        self.bits -= math.log2(p if happens else 1.0 - p)
        return happens

    def other(self, table: Table, *taken):
        """One of the table's options that is not yet taken, the rest sharing all the chance."""
        left = math.log2(1.0 - sum(map(table.probability, set(taken))))
        return self.until(lambda: self.weighted(table), lambda o: o not in taken, left)

    def sample(self, options: Sequence[T], count: int) -> list[T]:
        """Several different options, in the order drawn."""
        left = list(options)
        return [left.pop(left.index(self.pick(left))) for _ in range(count)]

    def until(self, make: Callable[[], T], wanted: Callable[[T], bool], bits: float = 0.0) -> T:
        """Makes values until one is wanted; only that one's bits count, and `bits` on top."""
        before = self.bits
        value = make()
        while not wanted(value):
            self.bits = before
            value = make()
        self.bits += bits
        return value

"""Documents of all lengths laid into rows of one length."""

import random
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from jaxtyping import Bool, Int, Integer

from nanochat.runtime import UserError


@dataclass(frozen=True)
class Example:
    """Token ids and a mask, 1 where the token is one to learn; `cut` messages were left out."""

    ids: list[int] | Integer[np.ndarray, " N"]
    mask: list[int] | Bool[np.ndarray, " N"]
    cut: int = 0

    def teaches(self) -> bool:
        """Whether any token but the first, which nothing predicts, is one to learn."""
        return bool(np.any(self.mask[1:]))


@dataclass(frozen=True)
class Waste:
    """What packing cost so far: tokens placed, cropped and padded; examples dropped and cut."""

    placed: int = 0
    cropped: int = 0
    padded: int = 0
    dropped: int = 0
    cut: int = 0

    def __add__(self, other: "Waste") -> "Waste":
        return Waste(
            *(a + b for a, b in zip(vars(self).values(), vars(other).values(), strict=True))
        )

    def cropped_share(self) -> float:
        """The part of all tokens read that no row holds."""
        return self.cropped / max(1, self.placed + self.cropped)

    def padded_share(self) -> float:
        """The part of all places in rows that holds padding."""
        return self.padded / max(1, self.placed + self.padded)


def best_fit(lengths: Sequence[int], capacity: int, crop: bool) -> list[list[int]]:
    """Rows of document numbers: always the longest that fits, and with `crop`, when none does, the
    shortest, of which the row takes the beginning. Raises UserError for one that never fits."""
    if not crop and max(lengths, default=0) > capacity:
        raise UserError(
            f"A document of {max(lengths)} tokens does not fit into rows of {capacity}. "
            "Crop it, or make the rows longer."
        )
    left = sorted((length, number) for number, length in enumerate(lengths))
    rows = []
    while left:
        row, room = [], capacity
        while fitting := bisect_right(left, (room, len(lengths))):
            length, number = left.pop(fitting - 1)
            row.append(number)
            room -= length
        if crop and room and left:
            row.append(left.pop(0)[1])
        rows.append(row)
    return rows


def pack(
    examples: Sequence[Example], capacity: int, pad: int, crop: bool, order: random.Random
) -> tuple[Int[np.ndarray, "R C"], Bool[np.ndarray, "R C"], Waste]:
    """Token ids and mask of the rows that hold these examples, in an order drawn from `order`.

    With `crop` every row is full; without, examples stay whole and rows end in padding."""
    useful = [example for example in examples if example.teaches()]
    rows = best_fit(_lengths(useful, capacity, crop), capacity, crop)
    if crop:
        rows = [row for row in rows if sum(len(useful[number].ids) for number in row) >= capacity]
    _shuffle(rows, order)
    ids = np.full((len(rows), capacity), pad, dtype=np.int64)
    mask = np.zeros((len(rows), capacity), dtype=bool)
    placed = sum(
        _lay(ids[r], mask[r], [useful[number] for number in row]) for r, row in enumerate(rows)
    )
    waste = Waste(
        placed=placed,
        cropped=sum(len(example.ids) for example in useful) - placed,
        padded=ids.size - placed,
        dropped=len(examples) - len(useful),
        cut=sum(example.cut > 0 for example in examples),
    )
    return ids, mask, waste


def _lengths(examples: Sequence[Example], capacity: int, crop: bool) -> list[int]:
    lengths = [len(example.ids) for example in examples]
    return lengths if crop else [min(length, capacity) for length in lengths]


def _shuffle(rows: list[list[int]], order: random.Random) -> None:
    # Best fit puts long documents first; the model should meet every length at every place.
    # The last of a row stays last: it may be the one that the row's end cuts off.
    for row in rows:
        row[:-1] = order.sample(row[:-1], len(row) - 1)
    order.shuffle(rows)


def _lay(
    ids: Int[np.ndarray, " C"], mask: Bool[np.ndarray, " C"], examples: Sequence[Example]
) -> int:
    start = 0
    for example in examples:
        end = min(start + len(example.ids), len(ids))
        ids[start:end] = example.ids[: end - start]
        mask[start:end] = example.mask[: end - start]
        start = end
    return start

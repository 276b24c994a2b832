"""Documents of plain text for pretraining, of every kind that the world has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nanochat.data.world import (
    encyclopedia,
    games,
    papers,
    problems,
    spelling,
    stories,
    whereabouts,
)
from nanochat.data.world.draw import Draw, Table

KINDS: dict[str, Callable[[Draw, str], str]] = {
    "story": stories.story,
    "paper": papers.paper,
    "article": encyclopedia.article,
    "survey": encyclopedia.survey,
    "quiz": encyclopedia.quiz,
    "problem": problems.exercise,
    "spelling": spelling.exercise,
    "whereabouts": whereabouts.exercise,
    "game": games.game,
}
SHARES = {
    "story": 0.30,
    "paper": 0.30,
    "article": 0.13,
    "survey": 0.05,
    "quiz": 0.04,
    "problem": 0.04,
    "spelling": 0.09,
    "whereabouts": 0.05,
}
KIND = Table(tuple(SHARES), list(SHARES.values()))

# Who learns from the world begins with games, as children do: without them, some models find out
# late that what was named before can be copied, and some never do (figures.md).
FIRST_DOCUMENTS = 4000
KIND_AT_FIRST = Table((*SHARES, "game"), [*SHARES.values(), 0.4])


@dataclass(frozen=True)
class Document:
    """A text, its information content in bits, and what kind of text it is."""

    text: str
    bits: float
    kind: str


def document(seed: int, index: int, split: str = "train") -> Document:
    """The document that (seed, index) stands for in this split."""
    draw = Draw(seed, "document", split, index)
    at_first = split == "train" and index < FIRST_DOCUMENTS
    kind = draw.weighted(KIND_AT_FIRST if at_first else KIND)
    text = KINDS[kind](draw, split)
    return Document(text, draw.bits, kind)

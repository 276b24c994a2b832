"""Documents of plain text for pretraining, of every kind that the world has."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from nanochat.data.world import encyclopedia, papers, problems, spelling, stories, whereabouts
from nanochat.data.world.draw import Draw, Table

KINDS: dict[str, tuple[Callable[[Draw, str], str], float]] = {
    "story": (stories.story, 0.30),
    "paper": (papers.paper, 0.30),
    "article": (encyclopedia.article, 0.13),
    "survey": (encyclopedia.survey, 0.05),
    "quiz": (encyclopedia.quiz, 0.04),
    "problem": (problems.exercise, 0.04),
    "spelling": (spelling.exercise, 0.09),
    "whereabouts": (whereabouts.exercise, 0.05),
}
KIND = Table(tuple(KINDS), [weight for _, weight in KINDS.values()])


@dataclass(frozen=True)
class Document:
    """A text, its information content in bits, and what kind of text it is."""

    text: str
    bits: float
    kind: str


def document(seed: int, index: int, split: str = "train") -> Document:
    """The document that (seed, index) stands for in this split."""
    draw = Draw(seed, "document", split, index)
    kind = draw.weighted(KIND)
    text = KINDS[kind][0](draw, split)
    return Document(text, draw.bits, kind)

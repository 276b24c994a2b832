"""Conversations to finetune on, of several subjects, mixed."""

import itertools
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

import numpy as np

from nanochat.data import catalogue, identity, lessons, rows, spelling_bee
from nanochat.data.documents import State
from nanochat.data.hub import Hub
from nanochat.runtime import UserError, files
from nanochat.tokenizer import Conversation

# How often an epoch has each public task set.
STANDARD = {"smoltalk": 1, "mmlu": 3, "gsm8k": 4, "arc_easy": 1, "arc_challenge": 1}


@runtime_checkable
class Subject(Protocol):
    """Something to teach by conversations."""

    def conversations(self) -> Sequence[Conversation]: ...


@dataclass(frozen=True)
class Made(Sequence):
    """Conversations each made of an item when it is asked for."""

    items: Sequence[Any]
    make: Callable[[Any], Conversation]

    def __len__(self) -> int:
        return len(self.items)

    def __getitem__(self, index: int) -> Conversation:
        return self.make(self.items[index])


@dataclass(frozen=True)
class TaskSet:
    """One split of a public task set, fetched into `folder`. Raises UserError as the hub does."""

    name: str
    folder: Path | str = field(repr=False)
    split: str = "train"
    hub: Hub = field(default_factory=Hub, repr=False)

    def conversations(self) -> Sequence[Conversation]:
        paths = catalogue.fetch_task(self.name, self.split, self.folder, self.hub)
        return Made(rows.read_files(paths), lessons.LESSONS[self.name])


@dataclass(frozen=True)
class OwnConversations:
    """Conversations from a JSONL file, one on each line: `{"messages": [...]}`, or the list alone.

    Raises UserError naming the line that is none."""

    path: Path | str = field(repr=False)
    checksum: str = field(init=False)

    def __post_init__(self):
        if not Path(self.path).is_file():
            raise UserError(f"{self.path} is not there. Name a file of conversations (JSONL).")
        object.__setattr__(self, "checksum", files.sha256(self.path))

    def conversations(self) -> Sequence[Conversation]:
        found = [self._read(*line) for line in enumerate(rows.json_lines(Path(self.path)), start=1)]
        if not found:
            raise UserError(f"{self.path} is empty: it has no conversation.")
        return found

    def _read(self, number: int, value: Any) -> Conversation:
        try:
            return Conversation.from_dict({"messages": value} if isinstance(value, list) else value)
        except UserError as error:
            raise UserError(f"{self.path}, conversation {number}: {error}") from None


@dataclass(frozen=True)
class Spelling:
    """Words of a list to spell, and words whose letters to count."""

    folder: Path | str = field(repr=False)
    count: int
    task: Literal["spell", "count"]
    hub: Hub = field(default_factory=Hub, repr=False)

    def conversations(self) -> Sequence[Conversation]:
        words = spelling_bee.read_words(catalogue.fetch_words(self.folder, self.hub))
        make = {"spell": spelling_bee.spell, "count": spelling_bee.count}[self.task]
        return Made(range(self.count), lambda index: make(words, index))


@dataclass(frozen=True)
class Identity:
    """Who the assistant is, by this name."""

    name: str = "nanochat"
    count: int = 1000

    def conversations(self) -> Sequence[Conversation]:
        return Made(range(self.count), lambda index: identity.conversation(self.name, index))


@dataclass(frozen=True)
class Mixture:
    """The conversations of all subjects, each so many times an epoch, in an order by the seed."""

    subjects: tuple[tuple[Subject, int], ...]
    seed: int = 0

    def read(self, state: State | None = None) -> Iterator[tuple[Conversation, State]]:
        held = [subject.conversations() for subject, _ in self.subjects]
        which, where = self._places([len(each) for each in held])
        start = state or {"epoch": 0, "index": 0}
        for epoch in itertools.count(start["epoch"]):
            first = start["index"] if epoch == start["epoch"] else 0
            order = np.random.default_rng([self.seed, epoch]).permutation(len(which))
            for index in range(first, len(order)):
                place = order[index]
                conversation = held[which[place]][int(where[place])]
                yield conversation, {"epoch": epoch, "index": index + 1}

    def _places(self, lengths: list[int]) -> tuple[np.ndarray, np.ndarray]:
        times = [count for _, count in self.subjects]
        which = [np.full(n * k, i) for i, (n, k) in enumerate(zip(lengths, times, strict=True))]
        where = [np.tile(np.arange(n), k) for n, k in zip(lengths, times, strict=True)]
        return np.concatenate(which), np.concatenate(where)


def standard(
    folder: Path | str, own: Sequence[Subject] = (), seed: int = 0, hub: Hub | None = None
) -> Mixture:
    """What an assistant is taught: conversation, choices, arithmetic, spelling, and who it is.

    Own subjects are taught twice an epoch, in place of the course's identity."""
    hub = hub or Hub()
    public = [
        (TaskSet(name, folder, catalogue.TRAINING_SPLIT[name], hub), times)
        for name, times in STANDARD.items()
    ]
    spelling = [
        (Spelling(folder, 200_000, "spell", hub), 1),
        (Spelling(folder, 80_000, "count", hub), 1),
    ]
    return Mixture((*public, *spelling, *((subject, 2) for subject in own or [Identity()])), seed)

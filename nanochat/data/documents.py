"""Where documents come from: sources that can be left and entered again at any document."""

import codecs
import itertools
import zlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

from nanochat.data import world
from nanochat.runtime import UserError

State = dict[str, int]
Cursor = int
Place = tuple[int, int]
ReadFile = Callable[[Path, Cursor], Iterator[tuple[str | None, Cursor]]]


@runtime_checkable
class Source(Protocol):
    """An endless series of items, each with the state from which the next one can be read."""

    def read(self, state: State | None = None) -> Iterator[tuple[Any, State]]: ...


@dataclass(frozen=True)
class Items:
    """Items held in memory, over and over. Raises UserError where there are none."""

    items: Sequence[Any]

    def __post_init__(self):
        if not self.items:
            raise UserError("There is nothing to read: items is empty.")

    def read(self, state: State | None = None) -> Iterator[tuple[Any, State]]:
        for index in itertools.count(state["index"] if state else 0):
            yield self.items[index % len(self.items)], {"index": index + 1}


@dataclass(frozen=True)
class WorldDocuments:
    """The plain documents of one split of the tiny world."""

    seed: int
    split: str = "train"

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        for index in itertools.count(state["index"] if state else 0):
            yield world.document(self.seed, index, self.split).text, {"index": index + 1}


@dataclass(frozen=True)
class WorldReadings:
    """What a model of the tiny world is pretrained on."""

    seed: int

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        for index in itertools.count(state["index"] if state else 0):
            yield world.reading(self.seed, index), {"index": index + 1}


@dataclass(frozen=True)
class WorldChats:
    """The conversations of one split of the tiny world."""

    seed: int
    split: str = "train"

    def read(self, state: State | None = None) -> Iterator[tuple[Any, State]]:
        for index in itertools.count(state["index"] if state else 0):
            yield world.chat(self.seed, index, self.split).conversation, {"index": index + 1}


@dataclass(frozen=True)
class TextFiles:
    """Documents of about `document_bytes` from a folder of UTF-8 `.txt` files, cut at blank lines.

    Raises UserError for a missing folder and for a file that is empty or not text."""

    folder: Path | str
    split: str = "train"
    document_bytes: int = 2000

    def __post_init__(self):
        for path in self.paths():
            _check_text(path)

    def paths(self) -> list[Path]:
        """The files, in the order in which they are read."""
        return files_in(self.folder, ".txt")

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        paths = self.paths()
        located = ((place, paths[place[1]]) for place in places(len(paths), state))
        return keep_split(read_all(located, self._read_file, state), self.split, self.folder)

    def _read_file(self, path: Path, cursor: Cursor) -> Iterator[tuple[str, Cursor]]:
        with path.open("rb") as file:
            file.seek(cursor)
            while piece := _paragraphs(file, self.document_bytes):
                yield _decode(piece, path), file.tell()


def split_of(text: str) -> str:
    """The split of a text, by its hash: 1 % val, 1 % test, however many files there are."""
    return {0: "val", 1: "test"}.get(zlib.crc32(text.encode("utf-8")) % 100, "train")


def places(count: int, state: State | None = None) -> Iterator[Place]:
    """Epoch and number of each of `count` files to read, over and over, from the state on."""
    epoch, first = (state["epoch"], state["file"]) if state else (0, 0)
    while True:
        yield from ((epoch, number) for number in range(first, count))
        epoch, first = epoch + 1, 0


def read_all(
    located: Iterable[tuple[Place, Path]], read_file: ReadFile, state: State | None = None
) -> Iterator[tuple[str | None, State]]:
    """What all these files hold, from the state on."""
    cursor = state["cursor"] if state else 0
    for (epoch, number), path in located:
        for text, after in read_file(path, cursor):
            yield text, {"epoch": epoch, "file": number, "cursor": after}
        cursor = 0


def keep_split(
    documents: Iterator[tuple[str | None, State]], split: str, folder: Path | str
) -> Iterator[tuple[str, State]]:
    """The documents of one split by `split_of`. Raises UserError where an epoch has none."""
    first_epoch, found = None, False
    for text, state in documents:
        if first_epoch is None:
            first_epoch = state["epoch"]
        if text and split_of(text) == split:
            found = True
            yield text, state
        elif not found and state["epoch"] > first_epoch + 1:
            raise UserError(
                f"{folder} has no document in the split '{split}' (of 100 documents train "
                "takes about 98, val and test one each). Add text."
            )


def files_in(folder: Path | str, suffix: str) -> list[Path]:
    """The folder's files of one kind, in order. Raises UserError where there are none."""
    if not Path(folder).is_dir():
        raise UserError(f"{folder} is not a folder. Name one that holds {suffix} files.")
    paths = sorted(Path(folder).glob(f"*{suffix}"))
    if not paths:
        raise UserError(f"{folder} holds no {suffix} file. Put some there or name another folder.")
    return paths


def _check_text(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(4096)
    if not start.strip():
        raise UserError(f"{path} is empty. Delete it, or put its text back.")
    # Incremental, since the cut at 4096 bytes may fall inside a character.
    _decode(start, path, codecs.getincrementaldecoder("utf-8")().decode)


def _decode(
    data: bytes, path: Path, decode: Callable[[bytes], str] = lambda data: data.decode("utf-8")
) -> str:
    try:
        text = decode(data)
    except UnicodeDecodeError as error:
        raise UserError(
            f"{path} is not UTF-8 text ({error.reason}). "
            "Convert it to UTF-8, or delete it if it is binary."
        ) from None
    if "\0" in text:
        raise UserError(f"{path} is a binary file (it holds zero bytes). Delete it.")
    return text.strip()


def _paragraphs(file: BinaryIO, size: int) -> bytes:
    lines, total = [], 0
    for line in iter(file.readline, b""):
        lines.append(line)
        total += len(line)
        # A text without blank lines is cut at the end of a line, later.
        if total >= (4 * size if line.strip() else size):
            break
    return b"".join(lines)

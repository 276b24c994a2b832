"""Where documents come from: sources that can be left and entered again at any document."""

import codecs
import itertools
import zlib
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO, Protocol, runtime_checkable

import pyarrow
import pyarrow.parquet

from nanochat.data import world
from nanochat.runtime import UserError

State = dict[str, int]
Cursor = int


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
        return _files(self.folder, ".txt")

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        return _endless(self.paths(), self._read_file, self.split, state)

    def _read_file(self, path: Path, cursor: Cursor) -> Iterator[tuple[str, Cursor]]:
        with path.open("rb") as file:
            file.seek(cursor)
            while piece := _paragraphs(file, self.document_bytes):
                yield _decode(piece, path), file.tell()


@dataclass(frozen=True)
class ParquetShards:
    """Documents from one text column of a folder of `.parquet` files, a row each.

    Raises UserError for a missing folder or column and for a shard that is empty or broken."""

    folder: Path | str
    split: str = "train"
    column: str = "text"

    def __post_init__(self):
        for path in self.paths():
            _check_shard(path, self.column)

    def paths(self) -> list[Path]:
        """The shards, in the order in which they are read."""
        return _files(self.folder, ".parquet")

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        return _endless(self.paths(), self._read_shard, self.split, state)

    def _read_shard(self, path: Path, cursor: Cursor) -> Iterator[tuple[str, Cursor]]:
        with _open_shard(path) as shard:
            start = 0
            for group in range(shard.num_row_groups):
                end = start + shard.metadata.row_group(group).num_rows
                if cursor < end:
                    texts = _read_column(shard, group, self.column, path)
                    skipped = max(cursor - start, 0)
                    yield from zip(
                        texts[skipped:], range(start + skipped + 1, end + 1), strict=True
                    )
                start = end


def split_of(text: str) -> str:
    """The split of a text, by its hash: 1 % val, 1 % test, however many files there are."""
    return {0: "val", 1: "test"}.get(zlib.crc32(text.encode("utf-8")) % 100, "train")


def _endless(
    paths: list[Path],
    read_file: Callable[[Path, Cursor], Iterator[tuple[str, Cursor]]],
    split: str,
    state: State | None,
) -> Iterator[tuple[str, State]]:
    state = state or {"epoch": 0, "file": 0, "cursor": 0}
    epoch, first, cursor = state["epoch"], state["file"], state["cursor"]
    while True:
        whole_epoch, found = (first, cursor) == (0, 0), 0
        for number in range(first, len(paths)):
            for text, after in read_file(paths[number], cursor):
                if text and split_of(text) == split:
                    found += 1
                    yield text, {"epoch": epoch, "file": number, "cursor": after}
            cursor = 0
        if whole_epoch and not found:
            raise UserError(
                f"{paths[0].parent} has no document in the split '{split}' (of 100 documents train "
                "takes about 98, val and test one each). Add text."
            )
        epoch, first = epoch + 1, 0


def _files(folder: Path | str, suffix: str) -> list[Path]:
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


def _check_shard(path: Path, column: str) -> None:
    with _open_shard(path) as shard:
        if column not in shard.schema_arrow.names:
            raise UserError(
                f"{path} has no column '{column}'; it has {', '.join(shard.schema_arrow.names)}."
            )
        if not shard.metadata.num_rows:
            raise UserError(f"{path} is empty: it has no rows. Delete it or fetch it again.")


def _open_shard(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise _broken(path, error) from None


def _read_column(
    shard: pyarrow.parquet.ParquetFile, group: int, column: str, path: Path
) -> list[str | None]:
    try:
        return shard.read_row_group(group, columns=[column])[column].to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise _broken(path, error) from None


def _broken(path: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{path} is a broken parquet shard ({reason}). Delete it or fetch it again.")

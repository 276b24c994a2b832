"""Documents from parquet shards: those of a folder, and those of the hub while they arrive."""

import itertools
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import pyarrow
import pyarrow.parquet

from nanochat.data import hub as hubs
from nanochat.data.ahead import in_order
from nanochat.data.documents import Cursor, Place, State, files_in, keep_split, places, read_all
from nanochat.data.hub import Hub, RemoteFile
from nanochat.runtime import UserError


@dataclass(frozen=True)
class ParquetShards:
    """Documents from one text column of a folder of `.parquet` files, a row each.

    Raises UserError for a missing folder or column and for a shard that is empty or broken."""

    folder: Path | str
    split: str = "train"
    column: str = "text"

    def __post_init__(self):
        for path in self.paths():
            check_shard(path, self.column)

    def paths(self) -> list[Path]:
        """The shards, in the order in which they are read."""
        return files_in(self.folder, ".parquet")

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        paths = self.paths()
        located = ((place, paths[place[1]]) for place in places(len(paths), state))
        texts = read_all(located, self._read_shard, state)
        return keep_split(texts, self.split, self.folder)

    def _read_shard(self, path: Path, cursor: Cursor) -> Iterator[tuple[str | None, Cursor]]:
        return read_shard(path, cursor, self.column)


@dataclass(frozen=True)
class HubShards:
    """Documents of a data set on the hub, read while the shards to come are fetched into a folder.

    The last shard is the validation split, however many are used for training: the first `shards`,
    or all others. Raises UserError where a shard cannot be had or is not as expected."""

    repo: str
    folder: Path | str = field(repr=False)
    split: Literal["train", "val"] = "train"
    column: str = "text"
    pattern: str = "*.parquet"
    shards: int | None = None
    ahead: int = field(default=4, repr=False)
    hub: Hub = field(default_factory=Hub, repr=False)

    def files(self) -> tuple[RemoteFile, ...]:
        """The shards of this split, in the order in which they are read."""
        return self._files(self._snapshot())

    def fetch(self, count: int) -> list[Path]:
        """The first `count` shards of this split, fetched before they are needed."""
        shot = self._snapshot()
        return hubs.fetch_all(shot, self._files(shot)[:count], self.folder, self.hub)

    def read(self, state: State | None = None) -> Iterator[tuple[str, State]]:
        shot = self._snapshot()
        files = self._files(shot)

        def locate(place: Place) -> tuple[Place, Path]:
            path = hubs.fetch(shot, files[place[1]], self.folder, self.hub)
            check_shard(path, self.column)
            return place, path

        located = in_order(locate, places(len(files), state), min(self.ahead, len(files) - 1))
        texts = read_all(located, self._read_shard, state)
        return ((text, after) for text, after in texts if text)

    def _snapshot(self) -> hubs.Snapshot:
        return hubs.snapshot(self.repo, self.folder, self.hub)

    def _files(self, shot: hubs.Snapshot) -> tuple[RemoteFile, ...]:
        *train, last = shot.matching(self.pattern)
        if not train:
            raise UserError(f"{self.repo} has one shard alone, and that one is for validation.")
        return tuple(train[: self.shards]) if self.split == "train" else (last,)

    def _read_shard(self, path: Path, cursor: Cursor) -> Iterator[tuple[str | None, Cursor]]:
        return read_shard(path, cursor, self.column)


def read_shard(path: Path, cursor: Cursor, column: str) -> Iterator[tuple[str | None, Cursor]]:
    """The texts of a shard from row `cursor` on, each with the number of the row behind it."""
    with _open_shard(path) as shard:
        start = 0
        for group in range(shard.num_row_groups):
            end = start + shard.metadata.row_group(group).num_rows
            if cursor < end:
                skipped = max(cursor - start, 0)
                texts = _read_column(shard, group, column, path)[skipped:]
                yield from zip(texts, itertools.count(start + skipped + 1), strict=False)
            start = end


def check_shard(path: Path, column: str) -> None:
    """Raises UserError where the shard is broken or empty, or has no such column of text."""
    with _open_shard(path) as shard:
        schema = shard.schema_arrow
        if column not in schema.names:
            raise UserError(f"{path} has no column '{column}'; it has {', '.join(schema.names)}.")
        if column not in _text_columns(shard):
            raise UserError(
                f"The column '{column}' of {path} holds {schema.field(column).type}, not text. "
                f"Name another; it has {', '.join(schema.names)}."
            )
        if not shard.metadata.num_rows:
            raise UserError(f"{path} is empty: it has no rows. Delete it or fetch it again.")


def _open_shard(path: Path) -> pyarrow.parquet.ParquetFile:
    try:
        return pyarrow.parquet.ParquetFile(path)
    except (pyarrow.ArrowException, OSError) as error:
        raise _broken(path, error) from None


def _text_columns(shard: pyarrow.parquet.ParquetFile) -> list[str]:
    columns = map(shard.schema.column, range(len(shard.schema)))
    return [column.path for column in columns if column.logical_type.type == "STRING"]


def _read_column(
    shard: pyarrow.parquet.ParquetFile, group: int, column: str, path: Path
) -> list[str | None]:
    try:
        return shard.read_row_group(group, columns=[column])[column].to_pylist()
    except (pyarrow.ArrowException, OSError) as error:
        raise _broken(path, error) from None
    except UnicodeDecodeError as error:
        raise UserError(
            f"The column '{column}' of {path} holds bytes that are not UTF-8 ({error}). "
            "Write the shard anew from its source as UTF-8, or leave it out."
        ) from None


def _broken(path: Path, error: Exception) -> UserError:
    reason = str(error).splitlines()[0]
    return UserError(f"{path} is a broken parquet shard ({reason}). Delete it or fetch it again.")

"""Rows of tables on disk: parquet, or JSON by the line."""

import gzip
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import pyarrow
import pyarrow.parquet

from nanochat.runtime import UserError


@dataclass(frozen=True)
class TableRows(Sequence):
    """The rows of an Arrow table, each made a dict when it is asked for."""

    table: pyarrow.Table

    def __len__(self) -> int:
        return self.table.num_rows

    def __getitem__(self, index: int) -> dict:
        if not 0 <= index < len(self):
            raise IndexError(index)
        return self.table.slice(index, 1).to_pylist()[0]


def read(path: Path | str) -> Sequence[dict]:
    """The rows of a `.parquet`, `.jsonl` or `.jsonl.gz` file, or of all such files in a folder.

    Raises UserError where there is none, and for a file or a line that is broken."""
    path = Path(path)
    paths = sorted(path.rglob("*")) if path.is_dir() else [path]
    return read_files([each for each in paths if _is_table(each)] or [path])


def read_files(paths: Sequence[Path]) -> Sequence[dict]:
    """The rows of several files of one kind, in the order given."""
    if all(path.suffix == ".parquet" for path in paths):
        return TableRows(pyarrow.concat_tables([_parquet(path) for path in paths]))
    return [row for path in paths for row in json_lines(path)]


def json_lines(path: Path) -> list:
    """The value on each line that is not blank. Raises UserError naming a line that is no JSON."""
    values = []
    for number, line in enumerate(_lines(path), start=1):
        if line.strip():
            try:
                values.append(json.loads(line))
            except json.JSONDecodeError as error:
                raise UserError(
                    f"{path}, line {number} is not JSON ({error}). Each line holds one value: "
                    "correct the line or delete it."
                ) from None
    return values


def _is_table(path: Path) -> bool:
    return path.is_file() and path.name.endswith((".parquet", ".jsonl", ".jsonl.gz"))


def _lines(path: Path) -> list[str]:
    unpack = gzip.open if path.suffix == ".gz" else open
    try:
        with unpack(path, "rt", encoding="utf-8") as file:
            return list(file)
    except FileNotFoundError:
        raise UserError(f"{path} is not there. Name a .parquet or .jsonl file.") from None
    except (UnicodeDecodeError, EOFError, OSError) as error:
        raise UserError(f"{path} cannot be read ({error}). Put a whole file there.") from None


def _parquet(path: Path) -> pyarrow.Table:
    try:
        return pyarrow.parquet.read_table(path)
    except (pyarrow.ArrowException, OSError) as error:
        reason = str(error).splitlines()[0]
        raise UserError(f"{path} is not a whole parquet file ({reason}). Fetch it again.") from None

"""Files and folders that appear whole or not at all."""

import hashlib
import json
import os
import shutil
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nanochat.runtime.errors import UserError


def write_bytes(path: Path | str, data: bytes) -> None:
    """Write beside, flush to disk, rename. Raises UserError where the disk refuses."""
    path = Path(path)
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        handle, beside = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
        try:
            with os.fdopen(handle, "wb") as file:
                file.write(data)
                file.flush()
                os.fsync(file.fileno())
            os.replace(beside, path)
        except BaseException:
            Path(beside).unlink(missing_ok=True)
            raise
        _sync_directory(path.parent)


def write_text(path: Path | str, text: str) -> None:
    """Write text as UTF-8, whole or not at all."""
    write_bytes(path, text.encode("utf-8"))


def write_json(path: Path | str, value: object) -> None:
    """Write a value as indented JSON, whole or not at all."""
    write_text(path, json.dumps(value, indent=2, ensure_ascii=False) + "\n")


def read_json(path: Path | str):
    """The value in a JSON file. Raises UserError where it is missing or broken."""
    path = Path(path)
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise UserError(f"{path} is not there. Was the stage that makes it run?") from None
    except (json.JSONDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            f"{path} is not valid JSON ({error}). It was cut short or altered; "
            "delete it and run the stage that makes it again."
        ) from None


def sha256(source: Path | str | bytes) -> str:
    """The SHA-256 of a file, or of bytes, in hexadecimal."""
    if isinstance(source, bytes):
        return hashlib.sha256(source).hexdigest()
    with Path(source).open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def make_folder(path: Path | str) -> None:
    """Make a folder, and those that it lies in. Raises UserError where that cannot be."""
    with explained(Path(path)):
        Path(path).mkdir(parents=True, exist_ok=True)


@contextmanager
def explained(path: Path) -> Iterator[None]:
    """Raises UserError, saying what to do, where the disk refuses to write to `path`."""
    try:
        yield
    except (NotADirectoryError, FileExistsError):
        raise UserError(
            f"{path} cannot be written: a file stands where a folder is needed. Name a folder."
        ) from None
    except OSError as error:
        raise UserError(
            f"Could not write {path}: {error.strerror or error}. "
            "What was there before is untouched. Free some disk space or name another folder, "
            "then run the same command again."
        ) from error


@contextmanager
def new_directory(path: Path | str) -> Iterator[Path]:
    """Yield a folder beside `path` to fill; on success it is flushed and renamed to `path`."""
    path = Path(path)
    if path.exists():
        raise UserError(f"{path} exists already, and nothing made is overwritten. Name another.")
    with explained(path):
        path.parent.mkdir(parents=True, exist_ok=True)
        beside = Path(tempfile.mkdtemp(dir=path.parent, prefix=f".{path.name}."))
        try:
            yield beside
            for file in beside.rglob("*"):
                _sync_file(file)
            os.chmod(beside, 0o755)
            os.rename(beside, path)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        _sync_directory(path.parent)


def _sync_file(path: Path) -> None:
    if path.is_file():
        with path.open("rb+") as file:
            os.fsync(file.fileno())


def _sync_directory(path: Path) -> None:
    # Windows cannot open a directory, and needs no such flush.
    if os.name == "posix":
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)

"""Files of data sets on the Hugging Face hub, fetched whole, checked, and only once.

What was received stays beside until the file is whole, so that neither a lost connection nor a
stopped process has it sent again; `huggingface_hub`'s own download begins anew in both cases."""

import dataclasses
import fnmatch
import json
import logging
import os
import time
import warnings
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, TypeVar

from filelock import FileLock

from nanochat.data.ahead import in_order
from nanochat.runtime import UserError, files

with warnings.catch_warnings():
    # In a notebook tqdm asks for widgets, which nothing here draws.
    warnings.filterwarnings("ignore", "IProgress not found")
    from huggingface_hub import HfApi, constants, get_session, hf_hub_url
    from huggingface_hub.errors import (
        GatedRepoError,
        HfHubHTTPError,
        HFValidationError,
        HTTPError,
        OfflineModeIsEnabled,
        RepositoryNotFoundError,
    )
    from huggingface_hub.utils import build_hf_headers, hf_raise_for_status
    from huggingface_hub.utils.sha import git_hash

SNAPSHOT = "snapshot.json"
UNFINISHED = ".unfinished"
SHA256_DIGITS = 64
PASSING = (408, 429)  # The one sort of refusal that is worth asking again: later.
LONGEST_PAUSE = 300  # A server that wants to be left alone for more seconds is not obeyed.

log = logging.getLogger(__name__)
Result = TypeVar("Result")


class Damaged(Exception):
    """What arrived is not the file that was announced."""


class Unreachable(UserError):
    """The server did not answer at all."""


class Incomplete(Damaged):
    """What arrived is the beginning of that file."""


@dataclass(frozen=True)
class Hub:
    """Where files come from and how patiently; without an endpoint `HF_ENDPOINT` or the public one.

    A request that fails is made `attempts` times, after `pause` seconds, then twice that, and so
    on, or later where the server says so; a server may be silent for `timeout` seconds."""

    endpoint: str | None = None
    attempts: int = 8
    pause: float = 1.0
    timeout: float = 30.0
    parallel: int = 4

    @property
    def address(self) -> str:
        """The endpoint in use."""
        return self.endpoint or constants.ENDPOINT


@dataclass(frozen=True)
class RemoteFile:
    """A file on the hub: its bytes, and the SHA-256 (of a small one git's SHA-1) of its content."""

    path: str
    size: int
    checksum: str

    def check(self, path: Path) -> None:
        """Raises Incomplete or Damaged where the file at `path` is not this one."""
        size = path.stat().st_size
        if size < self.size:
            raise Incomplete(f"{size:,} bytes arrived in place of {self.size:,}")
        if size > self.size or self._checksum(path) != self.checksum:
            raise Damaged("what arrived does not have the checksum that the hub states")

    def _checksum(self, path: Path) -> str:
        is_sha256 = len(self.checksum) == SHA256_DIGITS
        return files.sha256(path) if is_sha256 else git_hash(path.read_bytes())


@dataclass(frozen=True)
class Snapshot:
    """A data set's files at one commit, whatever its owners change later."""

    repo: str
    commit: str
    files: tuple[RemoteFile, ...]

    def address(self, file: RemoteFile, hub: Hub) -> str:
        """Where one of the files is."""
        return hf_hub_url(
            self.repo, file.path, repo_type="dataset", revision=self.commit, endpoint=hub.endpoint
        )

    def matching(self, pattern: str) -> tuple[RemoteFile, ...]:
        """The files whose paths fit a pattern such as `*.parquet`. Raises UserError for none."""
        found = tuple(file for file in self.files if fnmatch.fnmatch(file.path, pattern))
        if not found:
            raise UserError(
                f"{self.repo} has no file {pattern} among its {len(self.files)}. Name another."
            )
        return found


def snapshot(repo: str, folder: Path | str, hub: Hub) -> Snapshot:
    """What the data set holds; asked for once, then read from the folder. Raises UserError."""
    path = Path(folder) / SNAPSHOT
    with making(path) as missing:
        if missing:
            seen = _patiently(lambda: _ask(repo, hub), f"The list of files of {repo}", hub)
            files.write_json(path, dataclasses.asdict(seen))
    content = files.read_json(path)
    if content["repo"] != repo:
        raise UserError(f"{folder} holds files of {content['repo']}, not {repo}. Name another.")
    content["files"] = tuple(RemoteFile(**file) for file in content["files"])
    return Snapshot(**content)


def fetch(shot: Snapshot, file: RemoteFile, folder: Path | str, hub: Hub) -> Path:
    """The path of the file, which is fetched unless it is there. Raises UserError."""
    url = shot.address(file, hub)
    return fetch_url(url, Path(folder) / file.path, hub, file.check, build_hf_headers())


def fetch_url(
    url: str,
    path: Path | str,
    hub: Hub,
    check: Callable[[Path], None],
    headers: dict[str, str] | None = None,
) -> Path:
    """The file at `url`, at `path` once it is whole and `check` does not raise Damaged.

    Raises UserError where that cannot be had."""
    path = Path(path)
    with making(path) as missing:
        if missing:
            part = _beside(path, ".part")

            def work() -> None:
                _complete(url, part, hub, check, headers or {})

            _patiently(work, url, hub, progress=lambda: _size(part))
            path.parent.mkdir(parents=True, exist_ok=True)
            part.replace(path)
    return path


def fetch_all(
    shot: Snapshot, wanted: Iterable[RemoteFile], folder: Path | str, hub: Hub
) -> list[Path]:
    """The paths of all these files, several fetched at a time. Raises UserError."""
    return list(in_order(lambda file: fetch(shot, file, folder, hub), wanted, hub.parallel - 1))


@contextmanager
def making(path: Path) -> Iterator[bool]:
    """Whether `path` is missing; if so, one process at a time is let in to make it."""
    if path.exists():  # So that a folder that cannot be written can still be read.
        yield False
        return
    with _explained(path), FileLock(_beside(path, ".lock")):
        yield not path.exists()


def _ask(repo: str, hub: Hub) -> Snapshot:
    try:
        commit = HfApi(endpoint=hub.endpoint).dataset_info(repo, timeout=hub.timeout).sha
        found = [_remote_file(entry) for entry in _tree(repo, commit, hub)]
    except HFValidationError as error:
        raise UserError(f"{repo!r} cannot be the name of a data set: {error}") from None
    except (json.JSONDecodeError, KeyError, TypeError) as error:
        raise Damaged(f"{hub.address} does not answer as a hub does ({error!r})") from None
    return Snapshot(repo, commit, tuple(sorted(found, key=lambda file: file.path)))


def _tree(repo: str, commit: str, hub: Hub) -> Iterator[dict]:
    # Page by page: the shorter answer about a data set may leave out files where there are many.
    url = f"{hub.address}/api/datasets/{repo}/tree/{commit}?recursive=true"
    while url:
        response = get_session().get(url, headers=build_hf_headers(), timeout=hub.timeout)
        hf_raise_for_status(response)
        yield from (entry for entry in response.json() if entry["type"] == "file")
        url = response.links.get("next", {}).get("url")


def _remote_file(entry: dict) -> RemoteFile:
    return RemoteFile(entry["path"], entry["size"], entry.get("lfs", entry)["oid"])


def _complete(
    url: str, part: Path, hub: Hub, check: Callable[[Path], None], headers: dict[str, str]
) -> None:
    with part.open("ab") as file:
        _append(url, file, hub, headers)
        os.fsync(file.fileno())
    try:
        check(part)
    except Incomplete:
        raise
    except Damaged:
        part.unlink()
        raise


def _append(url: str, file: BinaryIO, hub: Hub, headers: dict[str, str]) -> None:
    headers = headers | {"Accept-Encoding": "identity", "Range": f"bytes={file.tell()}-"}
    with get_session().stream("GET", url, headers=headers, timeout=hub.timeout) as response:
        if response.status_code == 416:  # There is nothing behind what is here.
            return
        hf_raise_for_status(response)
        if response.status_code != 206:  # It sends all of it, from the start.
            file.truncate(0)
        for piece in response.iter_bytes():
            file.write(piece)
        file.flush()


def _patiently(
    work: Callable[[], Result], what: str, hub: Hub, progress: Callable[[], int] = lambda: 0
) -> Result:
    failures = 0
    while True:
        before = progress()
        try:
            return work()
        except (HTTPError, Damaged) as error:
            _refuse_final(error, what, hub)
            failures = 1 if progress() > before else failures + 1
            _pause(error, what, hub, failures)


def _pause(error: Exception, what: str, hub: Hub, failures: int) -> None:
    if failures >= hub.attempts:
        raise (Unreachable if is_silence(error) else UserError)(
            f"{what} could not be fetched: {_reason(error)}; {failures} attempts in a row brought "
            "nothing. What has arrived is kept: see to the connection, then run the same command "
            "again, and it goes on from there."
        ) from None
    seconds = max(hub.pause * 2 ** (failures - 1), _pause_asked_for(error))
    log.warning("%s: %s. Trying again in %g s.", what, _reason(error), seconds)
    time.sleep(seconds)


def is_silence(error: Exception) -> bool:
    """Whether nothing answered, rather than something that refuses."""
    return isinstance(error, HTTPError) and not _status(error)


def _refuse_final(error: Exception, what: str, hub: Hub) -> None:
    if isinstance(error, GatedRepoError):
        raise UserError(
            f"{what} is given to those alone who accepted the data set's terms. Accept them on its "
            f"page at {hub.address}, then log in (`hf auth login`) or set HF_TOKEN."
        ) from None
    if isinstance(error, RepositoryNotFoundError) or _status(error) in (401, 403):
        raise UserError(
            f"{what}: {hub.address} has no such data set, or keeps it private. Look at the name; "
            "for a private one log in (`hf auth login`) or set HF_TOKEN."
        ) from None
    if 400 <= _status(error) < 500 and _status(error) not in PASSING:
        raise UserError(
            f"{what}: the server refuses it ({_reason(error)}). Look at the name, or delete the "
            f"{SNAPSHOT} in its folder if the data set has changed."
        ) from None


def _status(error: Exception) -> int:
    return error.response.status_code if isinstance(error, HfHubHTTPError) else 0


def _pause_asked_for(error: Exception) -> int:
    asked = error.response.headers.get("Retry-After", "") if _status(error) else ""
    # It may also be a date, which counts as nothing asked.
    return min(int(asked), LONGEST_PAUSE) if asked.isdecimal() else 0


def _reason(error: Exception) -> str:
    if _status(error):
        return f"status {_status(error)}"
    return f"{type(error).__name__}: {error}" if isinstance(error, HTTPError) else str(error)


@contextmanager
def _explained(path: Path) -> Iterator[None]:
    try:
        yield
    except OfflineModeIsEnabled:
        raise UserError(
            f"{path} is not here, and HF_HUB_OFFLINE forbids to fetch it. Unset that variable."
        ) from None
    except OSError as error:
        raise UserError(
            f"Could not write {path}: {error.strerror or error}. What has arrived is kept. Free "
            "some disk space or name another folder, then run the same command again."
        ) from error


def _beside(path: Path, suffix: str) -> Path:
    folder = path.parent / UNFINISHED
    folder.mkdir(parents=True, exist_ok=True)
    return folder / (path.name + suffix)


def _size(path: Path) -> int:
    return path.stat().st_size if path.exists() else 0

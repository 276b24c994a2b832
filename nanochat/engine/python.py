"""Programs that a model wrote, run in a child process that can reach and use little.

Everywhere: no environment, no open files, no input; time, memory, processes, files and output are
limited; whatever is left at the end is killed. A root's programs run as a user without rights.
Isolated, on Linux: no network, no files but Python's, no processes but its own. Without that, a
program may use the network and whatever its user may, on macOS all memory too, and a child that
leaves the process group outlives it there. Never kept out: a fault of the kernel or of Python."""

import json
import os
import secrets
import selectors
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

import psutil

from nanochat.runtime import UserError

# Programs get the standard library: the interpreter itself, not a virtual environment of it.
INTERPRETER = os.path.realpath(getattr(sys, "_base_executable", sys.executable))

CONFINE = str(Path(__file__).with_name("confine.py"))
PROGRAM = "program.py"
CHUNK = 1 << 16
SECONDS_TO_DIE = 10

Reason = Literal["exit", "timeout", "output", "lost"]


@dataclass(frozen=True)
class Limits:
    """What a program may use: memory, CPU time, files each for one process, the rest for all."""

    seconds: float = 5.0
    cpu_seconds: int = 5
    memory_bytes: int = 256 << 20
    file_bytes: int = 16 << 20
    folder_bytes: int = 64 << 20
    open_files: int = 64
    processes: int = 16
    output_bytes: int = 1 << 20

    def of_system(self, others: int) -> dict[str, int]:
        """The limits that the kernel keeps, where it counts `others` among the processes."""
        limits = {
            "RLIMIT_CPU": self.cpu_seconds,
            "RLIMIT_AS": self.memory_bytes,
            "RLIMIT_FSIZE": self.file_bytes,
            "RLIMIT_NOFILE": self.open_files,
            "RLIMIT_NPROC": self.processes + others,
            "RLIMIT_CORE": 0,
        }
        if sys.platform == "darwin":
            del limits["RLIMIT_AS"]
        return limits


@dataclass(frozen=True)
class Outcome:
    """How a program ended, and the first bytes of what it wrote.

    `reason` is "exit" where it ended itself, or by a signal N with `exit_code` -N; "timeout" and
    "output" where it was stopped at that limit; "lost" where it brought down its supervisor."""

    reason: Reason
    exit_code: int | None
    stdout: str
    stderr: str
    seconds: float

    @property
    def ok(self) -> bool:
        """Whether the program ended itself, and without an error."""
        return self.reason == "exit" and self.exit_code == 0

    @property
    def timed_out(self) -> bool:
        """Whether it was stopped at the time limit."""
        return self.reason == "timeout"


def run_python(
    source: str,
    limits: Limits = Limits(),
    isolate: bool | None = None,
    interpreter: str = INTERPRETER,
) -> Outcome:
    """Run a program of the standard library; when this returns, it and its children are dead.

    `isolate` hides the network, the files and the processes of the machine from it, which is done
    where the system can. Raises UserError where the child process cannot be made."""
    if os.name != "posix":
        raise UserError("Programs of the model run on Linux and macOS only: use WSL on Windows.")
    isolate = can_isolate() if isolate is None else isolate
    with new_folder() as folder:
        Path(folder, PROGRAM).write_bytes(source.encode("utf-8", "surrogatepass"))
        job = {
            "folder": folder,
            "folder_bytes": limits.folder_bytes,
            "program": PROGRAM,
            "limits": limits.of_system(0 if isolate else tasks_of_user()),
            "isolate": isolate,
            "python": interpreter,
            "prefix": os.path.dirname(os.path.dirname(interpreter)),
        }
        return watch(job, limits)


def watch(job: dict, limits: Limits) -> Outcome:
    """Start the child, listen to it up to the limits, and leave nothing of it behind."""
    start = time.monotonic()
    with launched(job) as (process, pipes):
        try:
            heard = listen(pipes, start + limits.seconds, limits.output_bytes)
            seconds = time.monotonic() - start
        finally:
            kill_all(process)
        for pipe, data in list(zip(pipes, heard, strict=True))[1:]:
            drain(pipe, data, limits.output_bytes)
    return outcome(*heard, seconds, limits)


def outcome(
    told: bytearray, stdout: bytearray, stderr: bytearray, seconds: float, limits: Limits
) -> Outcome:
    """What became of a program. Raises UserError where the child could not be made for it."""
    end = json.loads(told.splitlines()[0]) if told.endswith(b"\n") else {}
    if "error" in end:
        raise UserError(
            f"A child process for the model's programs could not be made ({end['error']}). "
            f"Where you are root, Python ({INTERPRETER}) must be where every user can read it."
        )
    reason: Reason = "exit" if end else "timeout" if seconds >= limits.seconds else "lost"
    if max(len(stdout), len(stderr)) > limits.output_bytes:
        reason, end = "output", {}
    texts = [data[: limits.output_bytes].decode("utf-8", "replace") for data in (stdout, stderr)]
    return Outcome(reason, end.get("exit_code"), *texts, seconds)


@contextmanager
def new_folder() -> Iterator[str]:
    """A folder for the program, gone afterwards, whatever was made in it."""
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as outside:
        os.chmod(outside, 0o711)
        folder = os.path.join(outside, "program")
        os.mkdir(folder)
        try:
            yield folder
        finally:
            flatten(outside)


def flatten(outside: str) -> None:
    """Move every folder in a folder directly into it, so that none is too deep to be deleted."""
    waiting = [outside]
    while waiting:
        for entry in list(os.scandir(waiting.pop())):
            if entry.is_dir(follow_symlinks=False):
                lifted = os.path.join(outside, secrets.token_hex(8))
                os.chmod(entry.path, 0o700)
                os.rename(entry.path, lifted)
                waiting.append(lifted)


@contextmanager
def launched(job: dict) -> Iterator[tuple[subprocess.Popen, list[int]]]:
    """A child in a session of its own, and the pipes of its status, output and errors."""
    reading, writing = os.pipe()
    with (
        open(reading, "rb", buffering=0),
        open(writing, "wb", buffering=0) as status,
        subprocess.Popen(
            [sys.executable, "-I", "-S", CONFINE, json.dumps({**job, "status": writing})],
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            pass_fds=[writing],
            cwd="/",
            env={},
            start_new_session=True,
        ) as process,
    ):
        status.close()
        yield process, [reading, process.stdout.fileno(), process.stderr.fileno()]


def listen(pipes: list[int], deadline: float, limit: int) -> list[bytearray]:
    """What comes until the first pipe has a line or is closed, one is too full, or time is up."""
    heard = {pipe: bytearray() for pipe in pipes}
    status = pipes[0]
    with selectors.DefaultSelector() as selector:
        for pipe in pipes:
            selector.register(pipe, selectors.EVENT_READ)
        while (left := deadline - time.monotonic()) > 0 and not heard[status].endswith(b"\n"):
            for key, _ in selector.select(left):
                data = os.read(key.fd, CHUNK)
                heard[key.fd] += data
                if not data:
                    selector.unregister(key.fd)
            if status not in selector.get_map() or max(map(len, heard.values())) > limit:
                break
    return list(heard.values())


def drain(pipe: int, data: bytearray, limit: int) -> None:
    """Add what was written before the end, as far as the limit and a little beyond."""
    os.set_blocking(pipe, False)
    with suppress(BlockingIOError):
        while len(data) <= limit and (more := os.read(pipe, CHUNK)):
            data += more


def kill_all(process: subprocess.Popen) -> None:
    """Kill what descends from the child until the child, which waits for that, has ended."""
    child, stop = psutil.Process(process.pid), time.monotonic() + SECONDS_TO_DIE
    with suppress(psutil.Error):
        while child.status() != psutil.STATUS_ZOMBIE and time.monotonic() < stop:
            kill_descendants(child)
            time.sleep(0.001)
    # Not reaped yet, the child still lends its number to the group.
    with suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()


def kill_descendants(child: psutil.Process) -> None:
    """Stop them all, since what is stopped cannot multiply and fills its place; then kill them."""
    frozen: set[psutil.Process] = set()
    while fresh := set(child.children(recursive=True)) - frozen:
        send(fresh, signal.SIGSTOP)
        frozen |= fresh
    send(frozen, signal.SIGKILL)


def send(processes: set[psutil.Process], number: signal.Signals) -> None:
    """Send a signal to those that are still there."""
    for each in processes:
        with suppress(psutil.Error):
            each.send_signal(number)


def tasks_of_user() -> int:
    """The threads that the kernel counts as this user's; a root's programs have another user."""
    user, tasks = os.getuid(), 0
    for process in psutil.process_iter() if user else ():
        with suppress(psutil.Error):
            tasks += process.num_threads() if process.uids().real == user else 0
    return tasks


@cache
def can_isolate() -> bool:
    """Whether the system gives a program a network, files and processes of its own."""
    try:
        return sys.platform == "linux" and run_python("", Limits(seconds=60), isolate=True).ok
    except UserError:
        return False


def protection() -> str:
    """What stands between this machine and a program, in words."""
    if can_isolate():
        return (
            "Programs of the model run without a network, and see no processes but their own and "
            "no files but the system's, Python's and those in a folder of their own in memory."
        )
    readers = "every user" if os.getuid() == 0 else "your user"
    return (
        "Programs of the model run as child processes with limits, but this system does not let "
        f"us take the network from them, nor the files that {readers} can read."
    )

"""Programs that mean harm, each run in both ways: isolated by namespaces, and by limits alone."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import psutil
import pytest

from nanochat.engine import python
from nanochat.engine.python import INTERPRETER, Limits, can_isolate, protection, run_python
from nanochat.runtime import UserError

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs run on Linux and macOS only")
IS_ROOT = os.name == "posix" and os.getuid() == 0
# A machine under load may take long to come as far as the deed.
PATIENT = Limits(seconds=60)
SHORT = Limits(seconds=0.4)
SHELL = os.path.realpath("/bin/sh")


def others_can_run(interpreter: str) -> bool:
    """Whether users other than root can reach an interpreter."""
    folders = Path(interpreter).parents
    return all(folder.stat().st_mode & 0o001 for folder in folders)


def public_interpreter() -> str | None:
    """An interpreter for whoever runs the programs, where only limits hold them."""
    if not IS_ROOT or others_can_run(INTERPRETER):
        return INTERPRETER
    found = shutil.which("python3", path="/usr/bin:/usr/local/bin")
    return found and os.path.realpath(found)


@pytest.fixture(params=["isolated", "limited"])
def mode(request):
    if request.param == "isolated":
        if not can_isolate():
            pytest.skip("this system permits no namespaces, so nothing can be isolated")
        return {"isolate": True}
    if not public_interpreter():
        pytest.skip("no Python on this machine can be run by users other than root")
    return {"isolate": False, "interpreter": public_interpreter()}


@pytest.fixture
def private(mode):
    """The ways that keep a program from what the parent's own user may do."""
    if not mode["isolate"] and not IS_ROOT:
        pytest.skip("without namespaces a program has the rights of the user who runs it")
    return mode


@pytest.fixture
def isolated(mode):
    if not mode["isolate"]:
        pytest.skip("without namespaces the system does not take this away")
    return mode


@pytest.fixture
def temporary(tmp_path_factory, monkeypatch):
    """The folder in which the programs' folders are made."""
    folder = tmp_path_factory.mktemp("temporary")
    for each in (folder, *folder.parents):
        if each.stat().st_uid == os.getuid() and not each.stat().st_mode & 0o001:
            each.chmod(0o755)
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


@pytest.fixture(autouse=True)
def mark(monkeypatch):
    """A name that tells this test's programs and their children from all other processes."""
    name = f"{uuid.uuid4().hex}.py"
    monkeypatch.setattr(python, "PROGRAM", name)
    yield name
    assert survivors(name) == []


def survivors(mark: str) -> list[psutil.Process]:
    """Processes, zombies aside, that were started by the name."""
    processes = psutil.process_iter(["cmdline"])
    found = [each for each in processes if mark in " ".join(each.info["cmdline"] or [])]
    return [each for each in found if is_alive(each)]


def is_alive(process: psutil.Process) -> bool:
    try:
        return process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_a_program_and_its_words(mode):
    outcome = run_python("import sys; print('µ'); print('oh', file=sys.stderr)", PATIENT, **mode)
    assert outcome.ok and not outcome.timed_out
    assert (outcome.stdout, outcome.stderr) == ("µ\n", "oh\n")
    assert 0 < outcome.seconds < 60


@pytest.mark.parametrize(
    ("source", "code", "said"),
    [
        ("raise SystemExit(3)", 3, ""),
        ("1/0", 1, "ZeroDivisionError"),
        ("def broken(:", 1, "SyntaxError"),
        ("x = '\ud800'", 1, "SyntaxError"),
        ("import os; os.abort()", -signal.SIGABRT, ""),
        ("import ctypes; ctypes.string_at(0)", -signal.SIGSEGV, ""),
        ("raise KeyboardInterrupt", -signal.SIGINT, "KeyboardInterrupt"),
        ("import os; os.kill(os.getpid(), 9)", -signal.SIGKILL, ""),
    ],
)
def test_how_it_ended(mode, source, code, said):
    outcome = run_python(source, PATIENT, **mode)
    assert (outcome.reason, outcome.exit_code, outcome.ok) == ("exit", code, False)
    assert said in outcome.stderr


# --- Time ---


@pytest.mark.parametrize(
    "source",
    [
        "while True: pass",
        "import time; time.sleep(1000)",
        "import signal, time\n"
        "for n in set(signal.valid_signals()) - {9, 19}: signal.signal(n, signal.SIG_IGN)\n"
        "time.sleep(1000)",
        "import os; os.kill(os.getpid(), 19)",
        "import os, time; os.closerange(0, 256); time.sleep(1000)",
        f"import os; os.execv({SHELL!r}, ['sh', '-c', 'while true; do sleep 1; done'])",
        "import threading, time\n"
        "def spin():\n"
        "    while True: pass\n"
        "threading.Thread(target=spin).start()",
        "import atexit, time; atexit.register(time.sleep, 1000)",
        "9 ** 9 ** 9",
    ],
    ids=["loop", "sleep", "deaf", "stopped", "closed", "shell", "thread", "atexit", "power"],
)
def test_the_time_limit_ends_it(mode, source):
    outcome = run_python(source, SHORT, **mode)
    assert outcome.timed_out and outcome.exit_code is None
    assert outcome.seconds >= 0.4


def test_processor_time_is_limited(mode):
    outcome = run_python("while True: pass", Limits(seconds=60, cpu_seconds=1), **mode)
    assert outcome.reason == "exit" and outcome.exit_code in (-signal.SIGKILL, -signal.SIGXCPU)


# --- Memory, processes, files ---


def test_memory_is_limited(mode):
    outcome = run_python("x = bytearray(1 << 30)", PATIENT, **mode)
    if sys.platform != "darwin":
        assert outcome.exit_code == 1 and "MemoryError" in outcome.stderr


def test_memory_in_small_pieces_is_limited(mode):
    source = "x = []\nwhile True: x.append(bytearray(1 << 20))"
    outcome = run_python(source, PATIENT, **mode)
    assert not outcome.ok and (outcome.timed_out or "MemoryError" in outcome.stderr)


def test_endless_recursion_ends_the_child_alone(mode):
    source = "import sys; sys.setrecursionlimit(10**9)\ndef f(): return f() + f()\nf()"
    assert not run_python(source, Limits(seconds=60, memory_bytes=48 << 20), **mode).ok


COUNT_FORKS = """
import os, time
made = 0
try:
    while True:
        if os.fork() == 0:
            time.sleep(1000)
        made += 1
except OSError:
    print(made, flush=True)
"""


def test_processes_are_limited(mode):
    outcome = run_python(COUNT_FORKS, PATIENT, **mode)
    assert outcome.ok and 1 <= int(outcome.stdout) < Limits().processes


def test_a_fork_bomb_dies_in_the_bud(mode, mark):
    source = "import os\nwhile True:\n    try: os.fork()\n    except OSError: pass"
    with ThreadPoolExecutor(1) as pool:
        bomb = pool.submit(run_python, source, Limits(seconds=1), **mode)
        most = 0
        while not bomb.done():
            most = max(most, len(survivors(mark)))
            time.sleep(0.01)
    assert bomb.result().timed_out
    # The supervisors, whose command line has the mark too, are at most two.
    assert 1 <= most <= Limits().processes + 2


def test_a_new_user_namespace_lifts_no_limit(mode):
    enter = "import ctypes; ctypes.CDLL(None).unshare(0x10000000)\n"
    outcome = run_python(enter + COUNT_FORKS, PATIENT, **mode)
    assert outcome.ok and int(outcome.stdout) < Limits().processes


def test_threads_are_limited(mode):
    source = (
        "import threading, time\n"
        "made = 0\n"
        "try:\n"
        "    while True:\n"
        "        threading.Thread(target=time.sleep, args=(1000,), daemon=True).start()\n"
        "        made += 1\n"
        "except (RuntimeError, MemoryError):\n"
        "    print(made, flush=True)\n"
        "import os; os._exit(0)"
    )
    if sys.platform != "darwin":
        outcome = run_python(source, PATIENT, **mode)
        assert outcome.ok and int(outcome.stdout) < Limits().processes


def test_limits_cannot_be_raised(mode):
    source = (
        "import resource as r\n"
        "for name in ('CPU', 'AS', 'FSIZE', 'NOFILE', 'NPROC'):\n"
        "    try:\n"
        "        limit = getattr(r, 'RLIMIT_' + name)\n"
        "        r.setrlimit(limit, (r.RLIM_INFINITY, r.RLIM_INFINITY))\n"
        "    except (ValueError, OSError): print(name)"
    )
    raised = {"darwin": "CPU FSIZE NOFILE NPROC"}.get(sys.platform, "CPU AS FSIZE NOFILE NPROC")
    assert run_python(source, PATIENT, **mode).stdout.split() == raised.split()


def test_open_files_are_limited(mode):
    source = (
        "files = []\n"
        "try:\n"
        "    while True: files.append(open('/dev/null'))\n"
        "except OSError: print(len(files))"
    )
    assert 1 <= int(run_python(source, PATIENT, **mode).stdout) < Limits().open_files


@pytest.mark.parametrize("deed", ["f.write(bytes(1 << 20))", "f.truncate(1 << 40)"])
def test_a_file_is_limited(mode, deed):
    source = (
        "import os\n"
        "try:\n"
        "    with open('f', 'wb', buffering=0) as f:\n"
        f"        while True: {deed}\n"
        "except OSError: print(os.path.getsize('f'))"
    )
    assert int(run_python(source, PATIENT, **mode).stdout) <= Limits().file_bytes


def test_all_files_together_are_limited(isolated):
    source = (
        "wrote = n = 0\n"
        "try:\n"
        "    while True:\n"
        "        with open(str(n := n + 1), 'wb', buffering=0) as f:\n"
        "            for _ in range(8): wrote += f.write(bytes(1 << 20))\n"
        "except OSError: print(wrote)"
    )
    wrote = int(run_python(source, Limits(seconds=60, cpu_seconds=60), **isolated).stdout)
    assert Limits().folder_bytes / 2 < wrote <= Limits().folder_bytes


def test_the_number_of_files_is_limited(isolated):
    source = (
        "n = 0\ntry:\n    while True: open(str(n), 'w').close(); n += 1\nexcept OSError: print(n)"
    )
    outcome = run_python(source, Limits(seconds=60, cpu_seconds=60), **isolated)
    assert 100 < int(outcome.stdout) < 10_000


# --- Output ---


@pytest.mark.parametrize(
    "source",
    [
        "while True: print('ha' * 1000)",
        "import sys\nwhile True: sys.stderr.write('ha' * 1000)",
        "import os\nwhile True: os.write(1, b'\\xff\\0' * 5000)",
        "import atexit\natexit.register(lambda: [print('ha' * 1000) for _ in range(10**9)])",
        "import os\nos.fork()\nos.fork()\nwhile True: os.write(1, bytes(5000))",
    ],
    ids=["out", "err", "binary", "atexit", "many"],
)
def test_endless_output_is_stopped(mode, source):
    outcome = run_python(source, Limits(seconds=60, cpu_seconds=60), **mode)
    assert outcome.reason == "output" and outcome.exit_code is None
    assert 1 << 20 <= len(outcome.stdout) + len(outcome.stderr) <= 2 << 20


def test_output_is_kept_to_the_last_byte(mode):
    outcome = run_python("print('x' * 200_000, end='')", PATIENT, **mode)
    assert outcome.ok and outcome.stdout == "x" * 200_000


def test_there_is_no_input(mode):
    outcome = run_python("import sys; print(repr(sys.stdin.read())); input()", PATIENT, **mode)
    assert outcome.stdout == "''\n" and "EOFError" in outcome.stderr


# --- What it sees ---


def test_the_environment_is_empty(mode, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    outcome = run_python("import os; print(sorted(os.environ))", PATIENT, **mode)
    assert outcome.ok and set(eval(outcome.stdout)) <= {"LC_CTYPE", "__CF_USER_TEXT_ENCODING"}


def test_the_environment_of_the_parents_is_hidden(private, monkeypatch):
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    source = (
        "import glob\n"
        "for path in glob.glob('/proc/*/environ') + glob.glob('/proc/*/task/*/environ'):\n"
        "    try: print(open(path).read())\n"
        "    except OSError: pass"
    )
    outcome = run_python(source, PATIENT, **private)
    assert outcome.ok and "hunter2" not in outcome.stdout


def test_files_of_the_parent_cannot_be_read(private, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    secret.chmod(0o600)
    outcome = run_python(f"print(open({str(secret)!r}).read())", PATIENT, **private)
    assert outcome.exit_code == 1 and "hunter2" not in outcome.stdout
    assert "FileNotFoundError" in outcome.stderr or "PermissionError" in outcome.stderr


def test_open_files_of_the_parent_are_not_inherited(mode, tmp_path):
    secret = tmp_path / "secret"
    secret.write_text("hunter2")
    with secret.open() as file:
        os.set_inheritable(file.fileno(), True)
        source = (
            "import os\n"
            "for n in range(256):\n"
            "    try: print(n, os.fstat(n).st_ino)\n"
            "    except OSError: pass"
        )
        outcome = run_python(source, PATIENT, **mode)
    assert [line.split()[0] for line in outcome.stdout.splitlines()] == ["0", "1", "2"]


def test_nothing_outside_is_written(private, tmp_path):
    tmp_path.chmod(0o755)
    victim = tmp_path / "victim"
    victim.write_text("whole")
    folders = [str(tmp_path), os.path.dirname(python.__file__), sys.prefix, "/usr", "/etc", "/root"]
    source = (
        "import os, shutil\n"
        f"for path in [os.path.join(f, 'planted') for f in {folders}] + [{str(victim)!r}]:\n"
        "    try: open(path, 'w').write('x')\n"
        "    except OSError: pass\n"
        f"shutil.rmtree({str(tmp_path)!r}, ignore_errors=True)"
    )
    assert run_python(source, PATIENT, **private).ok
    assert victim.read_text() == "whole"
    assert not any(Path(folder, "planted").exists() for folder in folders)


def test_pythons_own_files_stay_as_they_are(private):
    source = "import json, os; open(json.__file__, 'a').write('#')"
    outcome = run_python(source, PATIENT, **private)
    assert outcome.exit_code == 1 and "Error" in outcome.stderr


def test_imports_cannot_be_tricked(mode, tmp_path, monkeypatch):
    (tmp_path / "planted.py").write_text("print('planted')")
    monkeypatch.setenv("PYTHONPATH", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    source = (
        "import sys\n"
        "open('json.py', 'w').write('print(\"shadow\")')\n"
        "import json\n"
        "for name in ('planted', 'nanochat', 'torch', 'sitecustomize'):\n"
        "    try: print(__import__(name).__file__)\n"
        "    except ImportError: print('no', name)"
    )
    said = run_python(source, PATIENT, **mode).stdout
    assert "shadow" not in said and {"no planted", "no nanochat", "no torch"} <= {
        *said.splitlines()
    }


def test_no_privilege_is_left(private):
    source = (
        "import os\n"
        "for deed in (lambda: os.setuid(0), lambda: os.setgroups([0]), lambda: os.chroot('.'),\n"
        "             lambda: os.mknod('d', 0o60600, 0x100), lambda: os.nice(-5),\n"
        "             lambda: os.chown('.', 0, 0)):\n"
        "    try: deed(); print('done')\n"
        "    except OSError: print('refused')"
    )
    assert run_python(source, PATIENT, **private).stdout.split() == ["refused"] * 6


def test_devices_are_out_of_sight(isolated):
    outcome = run_python("import os; print(sorted(os.listdir('/dev')))", PATIENT, **isolated)
    assert eval(outcome.stdout) == ["null", "urandom", "zero"]


# --- Network ---


def test_the_network_is_gone(isolated):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        source = (
            "import socket\n"
            f"for address in (('127.0.0.1', {port}), ('192.0.2.1', 80)):\n"
            "    try: socket.create_connection(address, 5); print('connected')\n"
            "    except OSError: print('refused')"
        )
        assert run_python(source, PATIENT, **isolated).stdout.split() == ["refused"] * 2
        server.settimeout(0)
        with pytest.raises(BlockingIOError):
            server.accept()


def test_no_datagram_leaves(isolated):
    with socket.socket(type=socket.SOCK_DGRAM) as receiver:
        receiver.bind(("127.0.0.1", 0))
        source = (
            "import socket\n"
            "s = socket.socket(type=socket.SOCK_DGRAM)\n"
            f"s.sendto(b'x', ('127.0.0.1', {receiver.getsockname()[1]}))"
        )
        assert not run_python(source, PATIENT, **isolated).ok
        receiver.settimeout(0)
        with pytest.raises(BlockingIOError):
            receiver.recv(1)


def test_sockets_without_a_network_are_out_of_reach(isolated, tmp_path, mark):
    names = ["\0" + mark, str(tmp_path / "s")]
    for name in names:
        with socket.socket(socket.AF_UNIX) as server:
            server.bind(name)
            server.listen()
            source = f"import socket; socket.socket(socket.AF_UNIX).connect({name!r})"
            assert not run_python(source, PATIENT, **isolated).ok


# --- Other processes ---


def test_the_parent_cannot_be_signalled(private):
    received = []
    before = signal.signal(signal.SIGTERM, lambda *_: received.append(1))
    try:
        source = (
            "import os\n"
            f"for target in ({os.getpid()}, {os.getppid()}):\n"
            "    try: os.kill(target, 15); print('sent')\n"
            "    except OSError: print('refused')"
        )
        outcome = run_python(source, PATIENT, **private)
    finally:
        signal.signal(signal.SIGTERM, before)
    assert outcome.stdout.split() == ["refused"] * 2 and not received


def test_the_supervisor_cannot_be_killed(private):
    source = (
        "import os\n"
        "try: os.kill(os.getppid(), 9)\n"
        "except OSError: pass\n"
        "print('alive' if os.getppid() else 'orphan')"
    )
    outcome = run_python(source, PATIENT, **private)
    assert outcome.ok and outcome.stdout == "alive\n"


ALONE = """
import os
try: os.kill(-1, 9)
except ProcessLookupError: print('alone')
"""


def test_a_signal_to_everyone_reaches_nobody_else(isolated):
    outcome = run_python(ALONE, PATIENT, **isolated)
    assert outcome.ok and outcome.stdout == "alone\n"


def test_a_killed_supervisor_ends_the_program(mode, monkeypatch):
    """As where a program has its parent's rights and turns on it."""
    monkeypatch.setattr(python, "listen", kill_then(python.listen))
    outcome = run_python("import time; time.sleep(1000)", PATIENT, **mode)
    assert outcome.reason == "lost" and not outcome.ok


def kill_then(listen):
    def listen_after_the_kill(pipes, deadline, limit):
        supervisors = []
        # Popen may return before the system shows the child's command line.
        while not supervisors and time.monotonic() < deadline:
            children = psutil.Process().children()
            supervisors = [c for c in children if python.CONFINE in c.cmdline()]
        [child] = supervisors
        child.kill()
        return listen(pipes, deadline, limit)

    return listen_after_the_kill


DAEMON = """
import os, time
if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        os.setsid() if os.getpid() != os.getsid(0) else None
        {closing}
        time.sleep(1000)
    os._exit(0)
{ending}
"""


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux finds children in new sessions")
@pytest.mark.parametrize("closing", ["pass", "os.closerange(0, 256)"])
@pytest.mark.parametrize("ending", ["os.wait(); print('gone')", "time.sleep(1000)"])
def test_no_child_is_left_behind(mode, closing, ending, mark):
    limits = PATIENT if "gone" in ending else Limits(seconds=0.5)
    outcome = run_python(DAEMON.format(closing=closing, ending=ending), limits, **mode)
    assert outcome.ok if "gone" in ending else outcome.timed_out
    assert survivors(mark) == []


def test_children_that_breed_are_all_caught(mode, mark):
    """Each forks, leaves its session and ends, so that no process lives for long."""
    source = (
        "import os\n"
        "while True:\n"
        "    try:\n"
        "        if os.fork(): os._exit(0)\n"
        "        os.setsid()\n"
        "    except OSError: pass"
    )
    assert run_python(source, PATIENT, **mode).reason == "exit"
    if sys.platform == "linux":
        time.sleep(0.1)
        assert survivors(mark) == []


def test_nothing_outlives_a_killed_parent(mode, mark, temporary):
    (temporary / mark).write_text("import time; time.sleep(1000)")
    reading, writing = os.pipe()
    job = {
        "folder": str(temporary),
        "folder_bytes": 1 << 20,
        "program": mark,
        "limits": {},
        "isolate": mode["isolate"],
        "python": mode.get("interpreter", INTERPRETER),
        "prefix": str(Path(INTERPRETER).parents[1]),
        "status": writing,
    }
    command = [sys.executable, "-I", "-S", python.CONFINE, json.dumps(job)]
    start = f"import subprocess; subprocess.run({command!r}, pass_fds=[{writing}])"
    with subprocess.Popen([sys.executable, "-c", start], pass_fds=[writing]) as parent:
        os.close(writing)
        wait_until(lambda: any("-X" in each.cmdline() for each in survivors(mark)))
        parent.kill()
    os.close(reading)
    if sys.platform == "linux":
        wait_until(lambda: survivors(mark) == [])


def wait_until(condition, seconds: float = 60) -> None:
    stop = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < stop
        time.sleep(0.02)


# --- What it leaves ---


@pytest.mark.parametrize(
    "source",
    [
        "import os, shutil; shutil.rmtree(os.getcwd(), ignore_errors=True); os.listdir('/')",
        "import os; os.makedirs('a/b/c'); os.chmod('a/b', 0); os.chmod('a', 0)",
        "import os\nfor _ in range(1500): os.mkdir('d'); os.chdir('d')",
        "import os\nfor n in (b'\\xff', b'\\n', b'-rf'): open(n, 'w').close()",
    ],
    ids=["deleted", "forbidden", "deep", "names"],
)
def test_no_folder_is_left(mode, temporary, source):
    assert run_python(source, PATIENT, **mode).ok
    assert list(temporary.iterdir()) == []
    assert run_python("print(1)", PATIENT, **mode).stdout == "1\n"


def test_links_to_the_outside_are_not_followed(mode, temporary, tmp_path):
    (tmp_path / "victim").write_text("whole")
    source = (
        "import os\n"
        f"os.symlink({str(tmp_path)!r}, 'link')\n"
        "os.remove(__file__)\n"
        f"os.symlink({str(tmp_path / 'victim')!r}, __file__)"
    )
    assert run_python(source, PATIENT, **mode).ok
    assert (tmp_path / "victim").read_text() == "whole"
    assert list(temporary.iterdir()) == []


def test_many_at_once(mode):
    with ThreadPoolExecutor(4) as pool:
        outcomes = pool.map(lambda n: run_python(f"print({n})", PATIENT, **mode), range(8))
        assert [outcome.stdout for outcome in outcomes] == [f"{n}\n" for n in range(8)]


# --- Where it cannot be ---


def test_an_interpreter_that_is_not_there(mode):
    with pytest.raises(UserError, match="could not be made .*every user can read it"):
        run_python("print(1)", PATIENT, mode["isolate"], "/nowhere/bin/python")


def test_protection_is_said_plainly():
    assert ("without a network" in protection()) == can_isolate()

"""Makes `.venv` with the pinned versions, and does nothing where it is already up to date.

Runs before anything is installed, so it uses the standard library alone.
"""

import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
from contextlib import contextmanager
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
VENV = ROOT / ".venv"
STAMP = VENV / "installed"
BIN = VENV / ("Scripts" if os.name == "nt" else "bin")
PYTHON = BIN / ("python.exe" if os.name == "nt" else "python")
OLDEST, NEWEST = (3, 11), (3, 13)
# Wheels of PyTorch without CUDA, and with the CUDA that the registry's Linux wheels have.
TORCH_INDEX = {
    "cpu": "https://download.pytorch.org/whl/cpu",
    "cuda": "https://download.pytorch.org/whl/cu130",
}


def main():
    """Make or renew the environment, one process at a time."""
    with lock(ROOT / ".venv.lock"):
        wanted = fingerprint()
        if PYTHON.exists() and STAMP.exists() and STAMP.read_text() == wanted:
            return
        start = time.monotonic()
        create()
        install()
        STAMP.write_text(wanted)
        print(f"The environment is ready in {VENV} ({time.monotonic() - start:.0f} s).", flush=True)


def fingerprint():
    """What the environment depends on: the pins, the declared dependencies, Python, the torch."""
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))
    declared = [project["project"], project["dependency-groups"], project["build-system"]]
    pins = (ROOT / "constraints.txt").read_text(encoding="utf-8")
    inputs = repr((declared, pins, sys.version_info[:3], torch_build(), str(VENV)))
    return hashlib.sha256(inputs.encode()).hexdigest()


def create():
    """An environment of this Python; one of another version, or a broken one, is made anew."""
    if VENV.exists() and environment_version() != sys.version_info[:2]:
        shutil.rmtree(VENV)
    if not VENV.exists():
        print(f"Making {VENV} with Python {platform.python_version()} ...", flush=True)
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)])
        if made.returncode:
            shutil.rmtree(VENV, ignore_errors=True)
            sys.exit(
                "Python could not make a virtual environment. On Debian: apt install python3-venv"
            )


def environment_version():
    """The (major, minor) of the environment's Python, or None where it does not start."""
    code = "import sys; print(*sys.version_info[:2])"
    try:
        answer = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True)
    except OSError:
        return None
    return tuple(map(int, answer.stdout.split())) or None


def install():
    """pip itself, then torch in the build that fits, then the rest and the package."""
    print("Installing the pinned versions. The first time this takes some minutes.", flush=True)
    pip("pip")
    print(
        f"  torch, the {torch_build()} build (NANOCHAT_TORCH=cpu or cuda names it) ...", flush=True
    )
    pip("--no-deps", *torch_options(), "torch")
    if torch_build() == "cpu" and torch_needs_cuda():
        print(
            f"  {TORCH_INDEX['cpu']} did not answer: torch came with CUDA. It works without a GPU, "
            "but takes 5 GB more.",
            flush=True,
        )
    print("  everything else ...", flush=True)
    pip("--editable", ".", "--group", "dev", "--build-constraint", "constraints.txt")


def pip(*arguments):
    """Install what is named, in the versions of constraints.txt."""
    command = [str(PYTHON), "-m", "pip", "install", "--quiet", "--disable-pip-version-check"]
    command += ["--constraint", "constraints.txt", *arguments]
    # A pip that the user keeps outside of environments must not refuse this one.
    result = subprocess.run(command, cwd=str(ROOT), env={**os.environ, "PIP_USER": "0"})
    if result.returncode:
        sys.exit("pip failed (see above). Mend its cause and run the same command again.")


def torch_build():
    """`cpu` or `cuda`: NANOCHAT_TORCH where it is set, else what this machine can use."""
    asked = os.environ.get("NANOCHAT_TORCH") or "auto"
    if asked not in ("auto", "cpu", "cuda"):
        sys.exit(f"NANOCHAT_TORCH={asked} is unknown. Expected cpu, cuda or auto.")
    if asked != "auto":
        return asked
    return "cuda" if shutil.which("nvidia-smi") else "cpu"


def torch_needs_cuda():
    """Whether the torch that was installed brings CUDA's libraries with it."""
    code = "from importlib.metadata import requires; print(requires('torch'))"
    said = subprocess.run([str(PYTHON), "-c", code], capture_output=True, text=True).stdout
    return platform.system() == "Linux" and "nvidia-" in said


def torch_options():
    """Where pip looks beside its usual places.

    The registry's wheels are CUDA builds on Linux and CPU builds elsewhere. A local version such as
    2.13.0+cpu ranks above 2.13.0, so pip prefers it where the index answers, and goes on where not.
    """
    usual = {"Linux": "cuda", "Windows": "cpu"}.get(platform.system(), torch_build())
    if torch_build() == usual:
        return []
    return ["--extra-index-url", TORCH_INDEX[torch_build()], "--retries", "1", "--timeout", "15"]


@contextmanager
def lock(path):
    """Hold `path` for one process; the system lets go of it when that process ends."""
    with path.open("w") as file:
        if os.name == "nt":
            import msvcrt

            msvcrt.locking(file.fileno(), msvcrt.LK_LOCK, 1)
        else:
            import fcntl

            fcntl.flock(file, fcntl.LOCK_EX)
        yield


def use_supported_python():
    """Go on in a Python that the course supports, where this one is too old or too new."""
    if OLDEST <= sys.version_info[:2] <= NEWEST:
        return
    for minor in range(NEWEST[1], OLDEST[1] - 1, -1):
        other = shutil.which(f"python3.{minor}")
        if other and not subprocess.run([other, "-c", ""], capture_output=True).returncode:
            sys.exit(subprocess.run([other, *sys.argv]).returncode)
    sys.exit(
        f"The course needs Python 3.11, 3.12 or 3.13; this is {platform.python_version()}, and no "
        "other was found on the PATH. Name one: make PYTHON=/path/to/python3.12 book"
    )

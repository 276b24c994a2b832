"""The commands of the course. Each makes the environment first, where it is not there yet.

python scripts/make.py book     execute the chapters and render the book to _build/html
python scripts/make.py test     lint, then test the package, the chapters and the rendered book
python scripts/make.py check    lint and the package's tests alone
python scripts/make.py run      train a model from text to chat (profile cpu)
python scripts/make.py chat     talk to it
python scripts/make.py lab      read and run the chapters in JupyterLab
python scripts/make.py help     print this
"""

import os
import signal
import subprocess
import sys

import environment
from environment import BIN, PYTHON, ROOT

PAGES = "tests/book/pages"


def main():
    """Run the target that the command line names."""
    target = sys.argv[1] if len(sys.argv) > 1 else "help"
    if target == "help":
        print(__doc__.replace("python scripts/make.py", "make") if called_by_make() else __doc__)
        return 0
    if target not in TARGETS:
        print(f"There is no target {target!r}.\n\n{__doc__}", file=sys.stderr)
        return 2
    try:
        environment.use_supported_python()
        environment.main()
    except KeyboardInterrupt:
        sys.exit("Stopped. The same command goes on from here.")
    return TARGETS[target]()


def book():
    """Execute what changed and render."""
    return python("scripts/build_book.py")


def test():
    """Everything, and a word at the end on what could not run here.

    The pages come last: they show what the tests of the chapters have executed.
    """
    failed = lint() | pytest("tests", f"--ignore={PAGES}") | pytest(PAGES)
    python("scripts/browser.py")
    return failed


def check():
    """What a change of the package needs: no chapters, no book."""
    return lint() | pytest("tests", "--ignore=tests/book")


def lint():
    """ruff on the package and on the code cells of the chapters."""
    return python("scripts/lint.py")


def pytest(*arguments):
    """Two to four workers, none of them idle while another still has a long list."""
    cores = os.cpu_count() or 1
    workers = min(4, cores)
    threads = {"OMP_NUM_THREADS": str(cores // workers)}
    return python("-m", "pytest", "-n", str(workers), "--dist", "worksteal", *arguments, **threads)


def run():
    """The whole pipeline."""
    return command(BIN / "nanochat", "run", "--profile", "cpu")


def chat():
    """The chat in the terminal."""
    return command(BIN / "nanochat", "chat")


def lab():
    """JupyterLab, set to open Markdown as notebooks."""
    return python("scripts/lab.py")


def python(*arguments, **variables):
    """Run the environment's Python."""
    return command(PYTHON, *arguments, **variables)


def command(program, *arguments, **variables):
    """Run a program of the environment in the root of the course, with the environment first."""
    clean = {k: v for k, v in os.environ.items() if k not in ("PYTHONPATH", "JUPYTER_PATH")}
    path = f"{BIN}{os.pathsep}{clean.get('PATH', '')}"
    settings = {
        "PATH": path,
        "PYTHONUTF8": "1",
        "PYTHONUNBUFFERED": "1",
        "JUPYTER_PREFER_ENV_PATH": "1",
        **variables,
    }
    # Ctrl-C reaches the program too, which ends in its own way.
    signal.signal(signal.SIGINT, lambda *_: None)
    return subprocess.call([str(program), *arguments], cwd=str(ROOT), env={**clean, **settings})


def called_by_make():
    """Whether `make` started this."""
    return "MAKELEVEL" in os.environ


TARGETS = {
    "book": book,
    "test": test,
    "check": check,
    "run": run,
    "chat": chat,
    "lab": lab,
}

if __name__ == "__main__":
    sys.exit(main())

"""Executes the chapters that changed, renders the book, and says where it is.

Warnings and failing cells are errors. `--out DIR` builds into DIR/_build instead of _build.
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path

from filelock import FileLock

ROOT = Path(__file__).resolve().parents[1]


def main() -> int:
    """Build, one process at a time for each place."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, default=ROOT)
    build = parser.parse_args().out.resolve() / "_build"
    build.mkdir(parents=True, exist_ok=True)
    with FileLock(build / ".lock"):
        drop_stale_outputs(build)
        failed = render(build)
    if failed:
        print("\nThe book was not built. The first error above says why.", file=sys.stderr)
    return failed


def drop_stale_outputs(build: Path):
    """Forget what was executed with another package, other versions or another profile.

    The execution cache knows a chapter by its own code alone, so it would serve old outputs.
    """
    stamp, wanted = build / "executed_with", fingerprint()
    if not stamp.exists() or stamp.read_text() != wanted:
        shutil.rmtree(build / ".jupyter_cache", ignore_errors=True)
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
        stamp.write_text(wanted)


def fingerprint() -> str:
    """A hash of all that a chapter's outputs depend on beside its own cells."""
    seen = hashlib.sha256(platform.python_version().encode())
    seen.update(os.environ.get("NANOCHAT_PROFILE", "").encode())
    sources = [p for p in sorted((ROOT / "nanochat").rglob("*")) if p.suffix not in (".pyc", "")]
    for path in [ROOT / "constraints.txt", *sources]:
        seen.update(path.relative_to(ROOT).as_posix().encode() + path.read_bytes())
    return seen.hexdigest()


def render(build: Path) -> int:
    """Run Jupyter Book; after a failure the next build reads, and so judges, every page again."""
    command = [sys.executable, "-c", "from jupyter_book.cli.main import main; main()"]
    command += ["build", str(ROOT), "--warningiserror"]
    command += ["--keep-going", "--path-output", str(build.parent)]
    # A chapter sees a clean IPython, not the start-up files of whoever builds.
    settings = {
        "IPYTHONDIR": str(build / ".ipython"),
        "MPLBACKEND": "module://matplotlib_inline.backend_inline",
    }
    failed = subprocess.run(command, cwd=ROOT, env={**os.environ, **settings}).returncode
    if failed:
        shutil.rmtree(build / ".doctrees", ignore_errors=True)
    return failed


if __name__ == "__main__":
    sys.exit(main())

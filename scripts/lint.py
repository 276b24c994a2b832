"""Lints the package, the tests, the scripts, and the code cells of the chapters; `--fix` mends."""

import json
import subprocess
import sys
from pathlib import Path

import jupytext
import nbformat

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "chapters"
RUFF = [sys.executable, "-m", "ruff"]


def main(fix: bool) -> int:
    """Both kinds of source, all findings; 1 if there were any."""
    found = lint_python(fix)
    for chapter in sorted(CHAPTERS.glob("[0-9]*.md")):
        if fix:
            mend_chapter(chapter)
        found |= lint_chapter(chapter)
    print("Lint found something to mend." if found else "Lint: all is well.", flush=True)
    return int(found)


def lint_python(fix: bool) -> bool:
    """Whether ruff found something in the Python files."""
    check = ["check", "--quiet", *(["--fix"] if fix else [])]
    layout = ["format", "--quiet", *([] if fix else ["--diff"])]
    codes = [subprocess.call([*RUFF, *step, "."], cwd=ROOT) for step in (check, layout)]
    return any(codes)


def lint_chapter(path: Path) -> bool:
    """Whether ruff found something in the code cells, read as a notebook."""
    notebook = jupytext.read(path)
    result = ruff(path, notebook, "check", "--quiet")
    print(result.stdout, end="", flush=True)
    crooked = [old for old, new in formatted_cells(path, notebook) if old != new]
    for source in crooked:
        print(f"{path.name}: not laid out as `ruff format` would:\n{source}\n", flush=True)
    return bool(result.returncode or crooked)


def mend_chapter(path: Path):
    """Lay out the code cells; not a byte of the prose changes."""
    text = path.read_text(encoding="utf-8")
    for old, new in formatted_cells(path, jupytext.read(path)):
        text = text.replace(f"\n{old}\n```", f"\n{new}\n```")
    path.write_text(text, encoding="utf-8")


def formatted_cells(path: Path, notebook) -> list[tuple[str, str]]:
    """The source of each code cell, as it is and as ruff would lay it out."""
    laid_out = json.loads(ruff(path, notebook, "format").stdout)
    cells = zip(code_cells(notebook), code_cells(laid_out), strict=True)
    return [("".join(old["source"]), "".join(new["source"])) for old, new in cells]


def code_cells(notebook) -> list:
    """The cells that hold code."""
    return [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]


def ruff(path: Path, notebook, *command: str) -> subprocess.CompletedProcess:
    """ruff's answer about a notebook that it reads from its standard input."""
    name = path.with_suffix(".ipynb").relative_to(path.parents[1])
    call = [*RUFF, *command, "--stdin-filename", str(name), "-"]
    source = nbformat.writes(notebook)
    return subprocess.run(call, cwd=ROOT, input=source, capture_output=True, text=True)


if __name__ == "__main__":
    sys.exit(main(fix="--fix" in sys.argv[1:]))

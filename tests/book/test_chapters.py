"""Every chapter runs from its source, and its exercises hold what they promise."""

import io
import re
import time
from pathlib import Path

import build_book
import expected
import jupytext
import nbformat
import pytest
from filelock import FileLock
from jupyter_cache import get_cache
from jupyter_cache.base import CacheBundleIn

from nanochat.course import Exercise, exercises

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("[0-9]*.md"))
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning")


class NamedText(io.StringIO):
    """A notebook that exists only in memory, at the place of its source."""

    def __init__(self, text: str, name: Path):
        super().__init__(text)
        self.name = str(name)


@pytest.fixture(scope="module", params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request):
    """The path of a chapter."""
    return request.param


def registered(chapter) -> tuple[Exercise, ...]:
    """The exercises whose checks the course holds for a chapter."""
    number = chapter.stem[:2]
    checks = exercises.CHECKS / f"ch{number}.py"
    return exercises.of_chapter(number) if checks.exists() else ()


@pytest.fixture
def keep(out):
    """Keeps an executed chapter where the build of the book looks for it."""
    build = out / "_build"
    build.mkdir(parents=True, exist_ok=True)
    with FileLock(build / ".lock"):
        build_book.drop_stale_outputs(build)

    def keep(notebook, chapter, seconds):
        bundle = CacheBundleIn(notebook, str(chapter), data={"execution_seconds": seconds})
        with FileLock(build / ".lock"):
            cache = get_cache(build / ".jupyter_cache")
            cache.cache_notebook_bundle(bundle, check_validity=False, overwrite=True)
            cache.db.dispose()  # Python 3.13 warns of a database left open.

    return keep


def test_runs_from_its_source_and_its_solutions_pass(chapter, nb_regression, keep):
    nb_regression.diff_ignore = ("/cells/*/outputs", "/cells/*/execution_count", "/metadata")
    source = nbformat.writes(jupytext.read(chapter))
    start = time.perf_counter()
    notebook = nb_regression.check(NamedText(source, chapter)).nb_final
    keep(notebook, chapter, time.perf_counter() - start)
    said = "\n".join(map(printed, notebook.cells))
    for exercise in registered(chapter):
        verdicts = re.findall(rf"^{re.escape(exercise.number)} .*: (.*)$", said, re.MULTILINE)
        assert verdicts == ["open", "passed"], f"{exercise.number}: the stub, then the solution"
    assert expected.differences(chapter.stem[:2], said) == []


def test_each_chapter_is_held_to_lines_and_bands(chapter):
    number = chapter.stem[:2]
    lines, bands = expected.EXACT[number], expected.BANDS[number]
    assert len(lines) >= 2 and bands
    wrong = expected.differences(number, "")
    assert len(wrong) == len(lines) + len(bands)


def test_a_number_is_held_to_its_band():
    band = expected.Band(r"([\d,.]+) bytes", 1000, 2000)
    assert expected.outside(band, "1,500 bytes") == []
    assert expected.outside(band, "2,500 bytes") == ["'2,500 bytes' is not from 1000 to 2000"]
    assert expected.outside(band, "none") == [r"not printed: ([\d,.]+) bytes"]


def test_boxes_say_what_the_checks_know(chapter):
    text = chapter.read_text(encoding="utf-8")
    headings = re.findall(r"^:+\{exercise\} (.*)$", text, re.MULTILINE)
    assert headings == [exercise.heading for exercise in registered(chapter)]


def test_slips_get_the_message_meant_for_them(chapter):
    for exercise in registered(chapter):
        assert len(exercise.slips) >= 2, f"{exercise.number}: name two typical wrong answers"
        for slip in exercise.slips:
            verdict = exercises.judge(exercise, slip.answer)
            assert (verdict.state, verdict.message) == ("wrong", slip.message), exercise.number


def test_constants_do_not_pass(chapter):
    for exercise in registered(chapter):
        if exercise.reference is not None:
            for arguments in exercise.inputs():
                constant = exercise.reference(*arguments)
                verdict = exercises.judge(exercise, lambda *_, constant=constant: constant)
                assert verdict.state == "wrong", f"{exercise.number} accepts a constant"


def printed(cell) -> str:
    """The plain text of a cell's outputs."""
    outputs = cell.get("outputs", [])
    return "".join(
        each.get("text") or each.get("data", {}).get("text/plain", "") + "\n" for each in outputs
    )

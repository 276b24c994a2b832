"""Chapters keep their form: short cells, prose of a sitting's length, exercises in one order."""

import re
from pathlib import Path

import jupytext
import pytest

CHAPTERS = sorted((Path(__file__).resolve().parents[2] / "chapters").glob("[0-9]*.md"))
REFERENCES = Path(__file__).resolve().parents[2] / "book" / "references.bib"
LONGEST, SHORT = 15, 8
FEWEST_WORDS, MOST_WORDS = 2000, 5000
HEADING = re.compile(r"\d\d\.\d · .+ · (?=.{5} · )★+☆* · [1-9]\d* min")
PARTS = re.compile(
    r"^:+\{exercise\} (?P<box>.+)$"
    r"|^ *(?:\w+ = )?(?P<stub>\.\.\.|raise NotImplementedError)$"
    r'|^course\.check\("(?P<check>[\d.]+)", \w+\)$'
    r"|^:+\{dropdown\} (?P<hint>Hint \d)$"
    r"|^:+\{solution-start\} (?P<solution>.+)$",
    re.MULTILINE,
)
BOLD = re.compile(r"\*\*([^*\n]+)\*\*")
BLOCKS = re.compile(r"^(```+|\$\$).*?^\1", re.MULTILINE | re.DOTALL)
NO_PROSE = re.compile(r"^[:|#].*$|\$[^$]+\$|\{\w+\}`[^`]*`", re.MULTILINE)
WORD = re.compile(r"[^\W\d_]+(?:['’-][^\W\d_]+)*")


@pytest.fixture(params=CHAPTERS, ids=lambda path: path.stem)
def chapter(request) -> Path:
    """The path of a chapter."""
    return request.param


def cells(chapter, kind: str) -> list[str]:
    """The sources of a chapter's cells of one kind, "code" or "markdown"."""
    return [cell.source for cell in jupytext.read(chapter).cells if cell.cell_type == kind]


def test_all_cells_are_short_and_most_very_short(chapter):
    sources = cells(chapter, "code")
    assert [source for source in sources if len(source.splitlines()) > LONGEST] == []
    full_lines = [sum(map(bool, map(str.strip, source.splitlines()))) for source in sources]
    assert sum(count < SHORT for count in full_lines) > len(sources) / 2


def test_prose_is_read_in_a_sitting(chapter):
    text = BLOCKS.sub("", "\n\n".join(cells(chapter, "markdown")))
    assert FEWEST_WORDS <= len(WORD.findall(NO_PROSE.sub("", text))) <= MOST_WORDS


def test_three_to_five_exercises_have_their_parts_in_order(chapter):
    found = list(PARTS.finditer(chapter.read_text(encoding="utf-8")))
    exercises = sum(part.lastgroup == "box" for part in found)
    assert 3 <= exercises <= 5
    order = ["box", "stub", "check", "hint", "hint", "solution"]
    assert [part.lastgroup for part in found] == order * exercises
    number = chapter.stem[:2]
    for i in range(exercises):
        box, _, check, first, second, solution = found[6 * i : 6 * i + 6]
        assert HEADING.fullmatch(box["box"]), box["box"]
        assert box["box"].startswith(f"{number}.{i + 1} ")
        assert check["check"] == f"{number}.{i + 1}"
        assert (first["hint"], second["hint"]) == ("Hint 1", "Hint 2")
        assert solution["solution"] == f"ex-{number}-{i + 1}"


def test_a_guess_is_asked_for_before_the_cells_that_answer_it(chapter):
    asked = 0
    for section in chapter.read_text(encoding="utf-8").split("\n## "):
        asks = [bold for bold in BOLD.finditer(section) if "guess" in bold[1].lower()]
        if asks:
            assert "```{code-cell}" in section[asks[-1].end() :], asks[-1][0]
        asked += len(asks)
    assert asked > 0


def test_what_is_listed_is_what_chapters_cite():
    listed = re.findall(r"^@\w+\{(.+),$", REFERENCES.read_text(encoding="utf-8"), re.MULTILINE)
    cited = {key for path in CHAPTERS for key in keys(path)}
    assert len(listed) == len(set(listed))
    assert set(listed) == cited


def keys(chapter) -> list[str]:
    """What a chapter cites, by the names of the bibliography."""
    cited = re.findall(r"\{cite[\w:]*\}`([^`]+)`", chapter.read_text(encoding="utf-8"))
    prefix = f"{chapter.stem[:2]}-"
    return [key.strip().removeprefix(prefix) for group in cited for key in group.split(",")]

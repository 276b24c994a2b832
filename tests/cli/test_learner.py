"""A learner's copy of a chapter, and the list of exercises."""

import json

import pytest

from nanochat.cli import lessons, main
from nanochat.course import exercises
from nanochat.runtime import UserError

CHAPTERS = sorted(int(path.name[:2]) for path in lessons.CHAPTERS.glob("*.md"))


@pytest.mark.parametrize("chapter", CHAPTERS)
def test_a_copy_has_every_exercise_and_no_solution(chapter, tmp_path):
    lessons.start(chapter, tmp_path)
    source = lessons.chapter_file(chapter).read_text()
    (copy,) = tmp_path.iterdir()
    text = copy.read_text()
    for exercise in exercises.of_chapter(f"{chapter:02}"):
        assert f'course.check("{exercise.number}", ' in text
        assert f'course.check("{exercise.number}", ' in source
    for mark in ("solution-start", "tags: [solution]", "solution-end"):
        assert mark in source and mark not in text
    assert text.count(":::{exercise}") == source.count(":::{exercise}")
    assert text.endswith(source[-200:])


def test_work_is_never_overwritten(tmp_path):
    lessons.start(1, tmp_path)
    mine = tmp_path / "01_tokens.md"
    mine.write_text("my work")
    with pytest.raises(UserError, match="is there already"):
        lessons.start(1, tmp_path)
    assert mine.read_text() == "my work"


def test_a_chapter_that_is_not_there(tmp_path):
    with pytest.raises(UserError, match=r"no chapter 99\. There are 1, "):
        lessons.start(99, tmp_path)


def test_the_list_knows_what_was_passed(tmp_path, capsys):
    record = {"01.2": {"passed": "2026-01-31"}}
    (tmp_path / exercises.PROGRESS).write_text(json.dumps(record))
    main(["exercises", "--folder", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    assert [line for line in lines if "2026-01-31" in line] == [
        line for line in lines if "01.2" in line
    ]
    assert sum("open" in line for line in lines) >= 15


def test_the_list_reads_the_copies_and_the_chapters_themselves(tmp_path, capsys, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for folder, number in (("work", "01.2"), ("chapters", "02.1")):
        (tmp_path / folder).mkdir()
        record = {number: {"passed": "2026-01-31"}}
        (tmp_path / folder / exercises.PROGRESS).write_text(json.dumps(record))
    main(["exercises"])
    lines = [line for line in capsys.readouterr().out.splitlines() if "2026-01-31" in line]
    assert ["01.2" in lines[0], "02.1" in lines[1]] == [True, True]

"""Every recorded experiment says when, where and how it was made."""

import datetime
import importlib.util

import pytest

from nanochat.course import records

NAMES = sorted(path.stem for path in records.FOLDER.glob("*.json"))


@pytest.mark.parametrize("name", NAMES)
def test_a_record_says_how_it_was_made(name):
    record = records.read(name)
    assert list(record)[:3] == ["date", "machine", "command"]
    assert datetime.date(2025, 10, 1) < datetime.date.fromisoformat(record["date"])
    processor, threads = record["machine"].rsplit(", ", 1)
    assert processor and threads == "one thread"
    module = record["command"].removeprefix("python -m ")
    assert module == f"nanochat.course.records.{name}"
    assert importlib.util.find_spec(module) is not None


@pytest.mark.parametrize("name", NAMES)
def test_a_record_is_shown_with_its_head(name):
    (chapter,) = (records.FOLDER.parents[2] / "chapters").glob(f"{name.removeprefix('ch')}_*.md")
    text = chapter.read_text(encoding="utf-8")
    assert f'records.read("{name}")' in text
    for key in ("date", "machine", "command"):
        assert f"['{key}']" in text, key


def test_a_new_record_begins_with_its_head(tmp_path, monkeypatch):
    monkeypatch.setattr(records, "FOLDER", tmp_path)
    records.write("ch05", runs=[1, 2])
    record = records.read("ch05")
    assert record.pop("date") == datetime.date.today().isoformat()
    assert record.pop("machine") == f"{records.processor()}, one thread"
    assert record == {"command": "python -m nanochat.course.records.ch05", "runs": [1, 2]}

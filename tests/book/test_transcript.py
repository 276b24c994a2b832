"""The conversation on the landing page: the one of this build's run, or a warning."""

import importlib.util
import json
from pathlib import Path

import pytest
from docutils.utils import new_document

EXTENSION = Path(__file__).resolve().parents[2] / "book" / "_ext" / "transcript.py"
TALK = [
    {"role": "user", "parts": [{"kind": "text", "text": "What is 2+3?"}]},
    {
        "role": "assistant",
        "parts": [{"kind": "python", "text": "2+3"}, {"kind": "text", "text": "It is 5."}],
    },
]


@pytest.fixture(scope="module")
def extension():
    """The extension of the book that shows it."""
    spec = importlib.util.spec_from_file_location("transcript", EXTENSION)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def page(extension, tmp_path, monkeypatch):
    """A page with a place for a conversation, and runs of its own."""
    monkeypatch.setenv("NANOCHAT_HOME", str(tmp_path))
    document = new_document("intro")
    document += extension.transcript("", name="transcript.json")
    return document


def leave(folder, talk):
    """Write the conversation of a run."""
    folder.mkdir()
    (folder / "transcript.json").write_text(json.dumps([{"messages": talk}]), encoding="utf-8")


def test_the_conversation_of_the_profile_is_shown(extension, page, tmp_path, caplog):
    leave(tmp_path / "smoke", TALK)
    leave(tmp_path / "cpu", TALK[:1])
    extension.fill(None, page, "book/intro")
    (box,) = page.children
    assert box["classes"] == ["transcript"]
    assert [turn["classes"] for turn in box] == [["said-by-user"], ["said-by-assistant"]]
    assert box[1].astext() == "nanochat 2+3 It is 5."
    assert caplog.messages == []


def test_a_missing_conversation_is_warned_of(extension, page, tmp_path, caplog):
    leave(tmp_path / "cpu", TALK)
    extension.fill(None, page, "book/intro")
    assert page.children == []
    (record,) = caplog.records
    assert record.levelname == "WARNING"
    assert str(tmp_path / "smoke" / "transcript.json") in record.getMessage()
    assert "Chapter 15" in record.getMessage()

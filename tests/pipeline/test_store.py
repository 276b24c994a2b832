import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from nanochat.pipeline.store import Store, code_fingerprint


def test_same_inputs_are_made_once_and_others_again(tmp_path):
    store, made = Store(tmp_path), []

    def work(folder):
        made.append(folder)
        return {"loss": 1.5}

    first = store.make("base", {"depth": 4}, work)
    again = store.make("base", {"depth": 4}, work)
    other = store.make("base", {"depth": 5}, work)
    assert (first.reused, again.reused, other.reused) == (False, True, False)
    assert again.result == {"loss": 1.5} and again.folder == first.folder
    assert made == [first.folder, other.folder] and first.folder != other.folder


def test_two_at_once_make_a_stage_once(tmp_path):
    made = []

    def slow(folder):
        time.sleep(0.2)
        made.append(folder)
        return {}

    with ThreadPoolExecutor(2) as both:
        stages = list(both.map(lambda _: Store(tmp_path).make("base", {}, slow), range(2)))
    assert len(made) == 1
    assert sorted(stage.reused for stage in stages) == [False, True]


def test_work_cut_short_is_not_taken_for_finished(tmp_path):
    store = Store(tmp_path)

    def interrupted(folder):
        (folder / "checkpoint").write_text("step 3")
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        store.make("base", {}, interrupted)
    assert store.made("base", {}) is None
    resumed = store.make("base", {}, lambda folder: {"saw": (folder / "checkpoint").read_text()})
    assert resumed.result == {"saw": "step 3"}


def test_the_fingerprint_follows_the_code_and_not_its_layout(tmp_path, monkeypatch):
    monkeypatch.setattr("nanochat.pipeline.store.PACKAGE", tmp_path)
    source = tmp_path / "model" / "gpt.py"
    source.parent.mkdir()
    source.write_text("width = 4\n")
    plain = code_fingerprint(("model",))
    source.write_text("# a comment\nwidth   =   4\n")
    assert code_fingerprint(("model",)) == plain
    source.write_text("width = 5\n")
    assert code_fingerprint(("model",)) != plain

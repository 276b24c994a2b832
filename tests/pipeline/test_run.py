"""One very small run from text to chat, on two threads at most, looked at from all sides."""

import dataclasses
import json

import pytest

from nanochat.cli import main
from nanochat.data import world
from nanochat.pipeline import curriculum, profiles, report, run, stages
from nanochat.pipeline.curriculum import World
from nanochat.pipeline.profiles import SMOKE, EvaluationConfig, TokenizerConfig
from nanochat.pipeline.store import Stage
from nanochat.runtime import UserError, detect
from nanochat.runtime.metrics import JsonLines
from nanochat.tokenizer import Tokenizer

RUNTIME = detect("cpu", "float32", "off")
TINY = dataclasses.replace(
    SMOKE,
    name="tiny",
    tokenizer=TokenizerConfig(vocab_size=400, text_bytes=40_000),
    base=dataclasses.replace(SMOKE.base, depth=1, tokens=8192, evaluate_every=2, sample_every=2),
    sft=dataclasses.replace(SMOKE.sft, steps=2),
    rl=dataclasses.replace(SMOKE.rl, steps=1, questions=2, samples=2, max_tokens=24),
    evaluation=EvaluationConfig(documents=4, questions=2),
)


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    out = tmp_path_factory.mktemp("run")
    said = []
    figures = run.run(TINY, 3, RUNTIME, out, said.append)
    return out, figures, said


def test_the_report_has_every_figure(finished):
    out, figures, _ = finished
    assert json.loads((out / "report.json").read_text()) == figures
    assert (figures["profile"], figures["seed"]) == ("tiny", 3)
    assert figures["tokenizer"]["vocab_size"] == 400
    assert figures["tokenizer"]["bytes_per_token"] > 1
    base = figures["base"]
    assert base["tokens"] == 8192 and base["tokens_per_second"] > 0 and base["parameters"] > 0
    assert base["val_bpb"] > base["floor_bpb"] > 0
    for stage in ("sft", "rl"):
        assert list(figures[stage]["tasks"]) == list(world.TASKS)
        for task in figures[stage]["tasks"].values():
            assert 0 <= task["low"] <= task["accuracy"] <= task["high"] <= 1
            assert task["questions"] == 2
        assert figures[stage]["tasks"]["facts"]["by_likelihood"] in (0, 0.5, 1)
    stages = ("tokenizer", "base", "sft", "rl")
    assert figures["seconds"] == pytest.approx(sum(figures[name]["seconds"] for name in stages))


def test_the_page_shows_pictures_that_are_there(finished):
    out, figures, _ = finished
    page = (out / "report.md").read_text()
    for picture in ("loss.svg", "tasks.svg", "reward.svg"):
        assert f"]({picture})" in page and (out / picture).stat().st_size > 1000
    assert f"{figures['base']['val_bpb']:.3f}" in page


def test_samples_on_the_way_are_kept(finished):
    out, figures, _ = finished
    lines = JsonLines(out / figures["folders"]["base"] / "metrics.jsonl").read()
    sampled = [line for line in lines if "sample" in line]
    assert [line["step"] for line in sampled] == [2, 4]


def test_made_again_everything_is_found_and_said_to_be(finished, monkeypatch):
    out, figures, first = finished
    second = []
    # The machine that finds a run need not be the one that made it.
    monkeypatch.setattr(report, "hardware", lambda runtime: {"cores": -1})
    assert run.run(TINY, 3, RUNTIME, out, second.append) == figures
    assert all(": made in" in line for line in first[:4])
    assert all("found, made before with the same inputs" in line for line in second[:4])


def test_a_changed_stage_is_made_anew_and_those_before_it_are_found(finished):
    out, _, _ = finished
    longer = dataclasses.replace(TINY.sft, steps=3)
    said = []
    run.make(dataclasses.replace(TINY, sft=longer).with_seed(3), RUNTIME, out, said.append, "sft")
    assert ["found" in line for line in said] == [True, True, False]


def test_the_chat_command_talks_to_what_was_made(finished, capsys):
    out, _, _ = finished
    main(["chat", "--out", str(out), "--prompt", "Who are you?", "--max-tokens", "5"])
    assert capsys.readouterr().out.strip()


@pytest.mark.parametrize(
    "files", [{}, {"report.json": "{}"}, {"folders.json": '{"tokenizer": ""}'}]
)
def test_a_folder_without_a_model_is_said_to_have_none(files, tmp_path):
    for name, content in files.items():
        (tmp_path / name).write_text(content)
    with pytest.raises(UserError, match="no finished run"):
        run.chat_model(tmp_path, RUNTIME)


def test_who_knows_the_world_has_its_floor_in_the_report(finished, tmp_path):
    out, _, _ = finished
    assert run.knows_the_world(out) and not run.knows_the_world(tmp_path)
    (tmp_path / "report.json").write_text('{"base": {"floor_bpb": null}}')
    assert not run.knows_the_world(tmp_path)


def test_folders_of_what_was_made_of_another_stage_are_not_named_any_more(tmp_path):
    def made(*names):
        return {name: Stage(name, tmp_path / f"{name}-{n}", {}, False) for name, n in names}

    def noted(*names):
        run.note_folders(tmp_path, made(*names))
        return json.loads((tmp_path / run.FOLDERS).read_text())

    whole = noted(("tokenizer", 1), ("base", 1), ("sft", 1))
    assert whole == {"tokenizer": "tokenizer-1", "base": "base-1", "sft": "sft-1"}
    assert noted(("tokenizer", 1), ("base", 1)) == whole
    assert noted(("tokenizer", 1), ("base", 2)) == {"tokenizer": "tokenizer-1", "base": "base-2"}


def test_every_profile_can_take_a_seed():
    for profile in profiles.PROFILES.values():
        seeded = profile.with_seed(7)
        assert {seeded.tokenizer.seed, seeded.base.seed, seeded.sft.seed, seeded.rl.seed} == {7}
        # The questions stay the same, so that runs of different seeds can be compared.
        assert seeded.evaluation == profile.evaluation


def test_the_tokenizer_reads_its_texts_one_by_one(tmp_path, monkeypatch):
    texts, given, seen = [f"text {i} " * 100 for i in range(300)], [], []

    class Texts(World):
        def texts(self, seed):
            return self

        def read(self):
            for text in texts:
                given.append(text)
                yield text, {}

    def train(stream, vocab_size):
        for text in stream:
            seen.append((text, len(given)))
        return Tokenizer.from_merges([])

    monkeypatch.setattr(curriculum, "of", lambda profile, home: Texts())
    monkeypatch.setattr(stages, "SAMPLE_BYTES", 5000)
    monkeypatch.setattr(stages.Tokenizer, "train", train)
    profile = dataclasses.replace(TINY, tokenizer=TokenizerConfig(400, text_bytes=100_000))
    result = run.make(profile, RUNTIME, tmp_path, lambda line: None, "tokenizer")["tokenizer"]
    sample = sum(taken == seen[0][1] for _, taken in seen)
    assert sample == 8  # of 700 bytes each
    assert [taken for _, taken in seen[sample:]] == list(range(sample + 1, len(seen) + 1))
    assert [text for text, _ in seen] == texts[: len(seen)]
    size = sum(len(text) for text, _ in seen)
    assert size >= 100_000 > size - len(seen[-1][0])
    assert result.result["bytes_per_token"] == 1

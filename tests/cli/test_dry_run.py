"""A run of the profile for eight GPUs that does everything but the heavy steps."""

import dataclasses
import re

import pytest
from data.small_hub import serving

from nanochat.cli import dry_run, main
from nanochat.data import catalogue
from nanochat.data.hub import Hub
from nanochat.pipeline import cards, curriculum
from nanochat.pipeline.curriculum import Public
from nanochat.pipeline.profiles import EIGHT_GPUS, GPU, PROFILES
from nanochat.runtime import UserError, detect

RUNTIME = detect("cpu", "float32", "off")
COMMAND = ["run", "--dry-run", "--device", "cpu", "--compile", "off", "--profile"]
BYTES = b"as many bytes as a test needs"
PUBLIC = {known.repo: {"data/test.parquet": BYTES} for known in catalogue.TASKS.values()} | {
    "karpathy/climbmix-400b-shuffle": {f"shard_{n}.parquet": BYTES for n in range(5)},
    "plain/files": {"core.zip": BYTES, "words.txt": BYTES},
}


@pytest.fixture(scope="module")
def served():
    with serving(PUBLIC) as hub:
        yield hub


@pytest.fixture
def lessons(served, tmp_path, monkeypatch):
    files = f"{served.endpoint}/datasets/plain/files/resolve/main"
    monkeypatch.setattr(catalogue, "CORE_BUNDLE", f"{files}/core.zip")
    monkeypatch.setattr(catalogue, "WORDS", f"{files}/words.txt")
    public = Public("climbmix", tmp_path / "data", hub=Hub(served.endpoint, attempts=1))
    monkeypatch.setattr(curriculum, "of", lambda profile, home: public)
    return public


def rehearsed(tmp_path, profile=EIGHT_GPUS):
    found = dry_run.rehearse(profile, RUNTIME, tmp_path / "out", tmp_path)
    return {finding.what: finding for finding in found}


def test_all_is_looked_at_and_only_the_ranks_are_lacking(lessons, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: type("Usage", (), {"free": 1e12}))
    found = rehearsed(tmp_path)
    names = ["ranks", "memory", "disk", "model", "texts", *catalogue.TASKS, "CORE", "words"]
    assert list(found) == [*names, "write access", "first steps"]
    assert [what for what, finding in found.items() if finding.fix] == ["ranks"]
    assert "torchrun --nproc-per-node=8 -m nanochat run --profile 8xgpu" in found["ranks"].fix
    assert "1,384,122,122 parameters" in found["model"].found
    assert "16 rows" in found["memory"].found
    assert found["texts"].found.startswith("4 files")
    assert re.match(r"2 taken, loss \d", found["first steps"].found)
    assert not list((tmp_path / "out").iterdir())


def test_what_cannot_be_had_is_named_and_the_rest_is_looked_at(lessons, served, tmp_path):
    moved = {"openai/gsm8k": served.data.pop("openai/gsm8k")}
    try:
        found = rehearsed(tmp_path)
    finally:
        served.data.update(moved)
    assert "openai/gsm8k" in found["gsm8k"].fix and not found["words"].fix


def test_a_missing_file_of_the_web_is_named(lessons, served):
    with pytest.raises(UserError, match="nowhere.zip cannot be had"):
        dry_run.reach(f"{served.endpoint}/datasets/plain/files/resolve/main/nowhere.zip", Hub())


def test_too_small_a_card_is_found_before_it_is_paid_for():
    with pytest.raises(UserError, match="--depth"):
        dry_run.memory(EIGHT_GPUS, cards.named("rtx4060"))
    assert "of 7.4 GiB of RTX 4060" in dry_run.memory(GPU, cards.named("rtx4060"))


def test_a_folder_that_cannot_be_written_is_found(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    found = rehearsed(tmp_path, PROFILES["smoke"])
    assert found["write access"].fix and found["first steps"].fix


def test_the_command_prints_a_line_each(tmp_path, capsys):
    main([*COMMAND, "smoke", "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    looked_at = [line for line in lines if line.startswith("[ok] ")]
    assert len(looked_at) == 4 and not any("[fix]" in line for line in lines)


def test_the_command_ends_with_the_plan(lessons, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*COMMAND, "8xgpu", "--out", str(tmp_path / "run")])
    shown = capsys.readouterr().out
    assert stop.value.code == 1
    assert "[fix] ranks" in shown and "5,568" in shown and "8 x H100" in shown


def test_the_profiles_cost_what_they_are_meant_to():
    eight = dry_run.planned(EIGHT_GPUS, cards.named("h100"))
    assert 1.6 < eight.hours < 2.2
    one = dry_run.planned(GPU, cards.named("rtx3090"))
    assert 0.5 < one.hours < 1.5
    twelve = dataclasses.replace(GPU, base=dataclasses.replace(GPU.base, depth=12))
    assert dry_run.planned(twelve, cards.named("h100")).hours < 1

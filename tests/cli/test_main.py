import errno
import os
import subprocess
import sys
from pathlib import Path

import pytest

from nanochat.cli import main
from nanochat.train.loop import Interrupted

ROOT = Path(__file__).parents[2]


def outcome(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    captured = capsys.readouterr()
    return stop.value.code, captured.out + captured.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--profile", "huge"], "smoke"),
        (["run", "--speed", "fast"], "--speed"),
        (["dance"], "dance"),
        (["base", "cpu", "--base.depth", "deep"], "deep"),
    ],
)
def test_a_slip_in_the_command_names_itself_without_a_traceback(arguments, named, capsys):
    code, said = outcome(arguments, capsys)
    assert code == 2
    assert named in said
    assert "Traceback" not in said


@pytest.mark.parametrize("stage", ["base", "sft", "rl"])
def test_every_setting_of_a_stage_says_what_it_is(stage, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")  # one flag below the other, its help under it
    _, said = outcome([stage, "cpu", "--help"], capsys)
    lines = [line.strip("│ ") for line in said.splitlines()]
    below = {
        line: after for line, after in zip(lines, lines[1:], strict=False) if line.startswith("--")
    }
    assert f"--{stage}.seed INT" in below
    for flag, help in below.items():
        assert not help.startswith("(default"), flag


def test_a_chat_without_a_run_says_how_to_make_one(tmp_path, capsys):
    code, said = outcome(["chat", "--out", str(tmp_path)], capsys)
    assert code == 1
    assert f"no finished run in {tmp_path}" in said and "nanochat run" in said
    assert "Traceback" not in said


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--profile", "smoke", "--out"], "a file stands where a folder is needed"),
        (["chat", "--temperature", "1e-40", "--out"], "temperature=1e-40: expected 0"),
        (["plan", "--gpus", "0"], "gpus=0: expected 1 or more"),
        (["plan", "--device-batch-size", "0"], "micro_rows=0: expected 1 or more"),
        (["plan", "--micro-rows", "-2"], "micro_rows=-2: expected 1 or more"),
        (["plan", "--hourly", "-3"], "hourly=-3.0: expected 0 or more"),
        (["base", "smoke", "--tokenizer.text-bytes", "0"], "text_bytes=0: expected 1 or more"),
        (["sft", "smoke", "--evaluation.questions", "0"], "questions=0: expected 1 or more"),
        (["sft", "smoke", "--evaluation.documents", "0"], "documents=0: expected 1 or more"),
        (["base", "cpu", "--base.seed", "7"], "--base.seed 7 would change nothing: --seed"),
        (["rl", "gpu", "--gpu", "h100"], "--gpu h100 would change nothing"),
        (["sft", "gpu", "--name", "mine"], "--name mine would change nothing: --out"),
        (
            ["base", "8xgpu", "--base.optim.weight-decay", "0.1"],
            "--base.optim.weight-decay 0.1 would change nothing: --base.weight-decay",
        ),
        (["plan", "--share-of-peak", "5"], "share_of_peak=5.0: expected more than 0, at most 1"),
    ],
)
def test_values_that_cannot_be_are_refused_in_one_line(arguments, named, tmp_path, capsys):
    (tmp_path / "file").touch()
    here = [str(tmp_path / "file")] if arguments[-1] == "--out" else []
    code, said = outcome([*arguments, *here], capsys)
    assert code == 1
    assert named in said.replace("\n", " ") and "Traceback" not in said


def test_ctrl_c_while_the_commands_are_imported_is_one_word(tmp_path):
    (tmp_path / "torch.py").write_text("raise KeyboardInterrupt")
    environment = os.environ | {"PYTHONPATH": os.pathsep.join([str(tmp_path), str(ROOT)])}
    command = [sys.executable, "-m", "nanochat", "doctor"]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=False)
    assert (run.returncode, run.stderr.strip()) == (130, "Stopped.")


def test_a_run_that_ctrl_c_stopped_and_saved_ends_with_its_status_too(capsys, monkeypatch):
    def stopped(*_, **__):
        raise Interrupted("Stopped after step 3 of 9.")

    monkeypatch.setattr("nanochat.pipeline.run.run", stopped)
    assert outcome(["run", "--profile", "smoke"], capsys)[0] == 130


def test_a_vocabulary_that_is_too_small_is_refused_in_one_line(tmp_path, capsys):
    arguments = ["tokenizer", "smoke", "--tokenizer.vocab-size", "100", "--out", str(tmp_path)]
    code, said = outcome(arguments, capsys)
    assert code == 1
    assert said.startswith("nanochat: ") and "100" in said and "Traceback" not in said


def test_heads_that_do_not_divide_the_width_are_refused(tmp_path, capsys):
    arguments = ["base", "smoke", "--base.head-dim", "7", "--out", str(tmp_path)]
    code, said = outcome(arguments, capsys)
    assert code == 1
    assert "even" in said.splitlines()[-1] and "Traceback" not in said


def test_ctrl_c_ends_in_a_word_and_not_in_a_traceback(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nanochat.pipeline.run.run", interrupted)
    code, said = outcome(["run", "--profile", "smoke", "--out", str(tmp_path)], capsys)
    assert code == 130
    assert "Nothing is lost" in said


@pytest.mark.parametrize("number", [errno.ENOSPC, errno.EROFS, errno.EDQUOT, errno.EACCES])
def test_a_disk_that_refuses_ends_in_one_line(number, capsys, monkeypatch):
    def refused(*_, **__):
        raise OSError(number, os.strerror(number), "/somewhere/shard")

    monkeypatch.setattr("nanochat.pipeline.run.run", refused)
    code, said = outcome(["run", "--profile", "smoke"], capsys)
    assert code == 1 and len(said.splitlines()) == 1
    assert os.strerror(number) in said and "/somewhere/shard" in said


def test_another_error_of_the_system_keeps_its_traceback(monkeypatch):
    def broken(*_, **__):
        raise OSError(errno.EINVAL, "a fault of ours")

    monkeypatch.setattr("nanochat.pipeline.run.run", broken)
    with pytest.raises(OSError, match="a fault of ours"):
        main(["run", "--profile", "smoke"])


def test_what_an_encoding_lacks_does_not_end_the_command(tmp_path):
    environment = os.environ | {"PYTHONIOENCODING": "cp1252", "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "nanochat", "exercises", "--folder", str(tmp_path)]
    run = subprocess.run(command, env=environment, capture_output=True, check=False)
    assert run.returncode == 0, run.stderr
    assert b"01.2" in run.stdout and b"?" in run.stdout

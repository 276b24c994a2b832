"""Stages in processes of their own, killed and interrupted for real."""

import os
import random
import shutil
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

from nanochat.runtime import files, metrics
from nanochat.train import checkpoint

pytestmark = pytest.mark.skipif(os.name != "posix", reason="POSIX signals")

SCRIPT = Path(__file__).with_name("tiny_run.py")
ONE_THREAD = os.environ | {"OMP_NUM_THREADS": "1"}


STEPS = 30


def start(folder, *stages):
    command = [sys.executable, str(SCRIPT), str(folder), *stages]
    return subprocess.Popen(
        command, env=ONE_THREAD, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(folder, *stages):
    process = start(folder, *stages)
    output, _ = process.communicate(timeout=300)
    assert process.returncode == 0, output
    return output


@pytest.fixture(scope="module")
def alone(tmp_path_factory):
    """All stages, left alone."""
    folder = tmp_path_factory.mktemp("alone")
    finish(folder, "pretrain", "sft", "rl")
    return folder


def with_base(alone, stage, folder):
    """A folder with what the stages before this one made."""
    for name in ("pretrain", "sft", "rl"):
        if name == stage:
            return folder
        shutil.copytree(alone / name, folder / name)


def steps_done(folder):
    return len({line["step"] for line in metrics.JsonLines(folder / "metrics.jsonl").read()})


def wait_for_steps(folder, steps, process):
    while steps_done(folder) < steps and process.poll() is None:
        time.sleep(0.002)


def weights(folder):
    newest = checkpoint.latest(folder / "checkpoints")
    names = (checkpoint.MODEL, checkpoint.OPTIMIZER)
    return newest.name, [files.sha256(newest / name) for name in names]


def losses(folder):
    lines = metrics.JsonLines(folder / "metrics.jsonl").read()
    return [(line["step"], line["loss"]) for line in lines if "loss" in line]


def kill(process, helpers):
    """End a run as a power cut would, and wait until its helpers have noticed."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert len(children) >= helpers and not alive


@pytest.mark.parametrize(
    "stage, kills, helpers", [("pretrain", (1, 14), 1), ("sft", (8,), 1), ("rl", (8,), 0)]
)
def test_a_run_killed_at_any_moment_ends_as_one_left_alone(alone, tmp_path, stage, kills, helpers):
    left, killed = alone / stage, with_base(alone, stage, tmp_path) / stage
    for steps in kills:
        process = start(tmp_path, stage)
        wait_for_steps(killed, steps, process)
        # A save takes as long as three steps: this falls into one as often as not.
        time.sleep(random.uniform(0, 0.05))
        kill(process, helpers)
    assert kills[-1] <= steps_done(killed) < STEPS
    finish(tmp_path, stage)
    assert weights(killed) == weights(left)
    assert losses(killed) == losses(left) and len(losses(left)) == STEPS
    assert len({loss for _, loss in losses(left)}) > STEPS / 3


@pytest.mark.parametrize("stage", ["pretrain", "sft", "rl"])
def test_ctrl_c_saves_the_step_and_says_how_to_go_on(alone, tmp_path, stage):
    folder = with_base(alone, stage, tmp_path) / stage
    process = start(tmp_path, stage)
    wait_for_steps(folder, 2, process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=300)
    done = checkpoint.read_state(checkpoint.latest(folder / "checkpoints"))["step"]
    assert process.returncode == 1 and done == steps_done(folder) < STEPS
    assert f"Interrupted: Stopped after step {done} of {STEPS}; saved in" in output
    assert "Process" not in output and "Traceback" not in output
    assert f"{stage} {STEPS}/{STEPS}" in finish(tmp_path, stage)
    assert weights(folder) == weights(alone / stage)

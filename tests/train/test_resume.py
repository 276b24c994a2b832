"""Runs in processes of their own, killed and interrupted for real."""

import os
import random
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


def start(folder, dtype):
    command = [sys.executable, str(SCRIPT), str(folder), dtype]
    return subprocess.Popen(
        command, env=ONE_THREAD, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )


def finish(folder, dtype):
    process = start(folder, dtype)
    output, _ = process.communicate(timeout=120)
    assert process.returncode == 0, output
    return output


def steps_done(folder):
    return len({line["step"] for line in metrics.JsonLines(folder / "metrics.jsonl").read()})


def wait_for_steps(folder, steps, process):
    while steps_done(folder) < steps and process.poll() is None:
        time.sleep(0.002)


def weights(folder):
    newest = checkpoint.latest(folder / "checkpoints")
    names = (checkpoint.MODEL, checkpoint.OPTIMIZER)
    return newest.name, [files.sha256(newest / name) for name in names]


def kill(process):
    """End a run as a power cut would, and wait until its helper has noticed."""
    children = psutil.Process(process.pid).children(recursive=True)
    process.kill()
    process.communicate()
    _, alive = psutil.wait_procs(children, timeout=30)
    assert children and not alive


def test_a_run_killed_at_any_moment_ends_as_one_left_alone(tmp_path):
    alone, killed = tmp_path / "alone", tmp_path / "killed"
    finish(alone, "bfloat16")
    for steps in (1, 14):
        process = start(killed, "bfloat16")
        wait_for_steps(killed, steps, process)
        # A save takes as long as three steps: this falls into one as often as not.
        time.sleep(random.uniform(0, 0.05))
        kill(process)
    assert 14 <= steps_done(killed) < 30
    finish(killed, "bfloat16")
    assert weights(killed) == weights(alone)
    logs = [metrics.JsonLines(run / "metrics.jsonl").read() for run in (killed, alone)]
    losses = [[(line["step"], line["loss"]) for line in log if "loss" in line] for log in logs]
    assert losses[0] == losses[1] and len(losses[0]) == 30


def test_ctrl_c_saves_the_step_and_says_how_to_go_on(tmp_path):
    process = start(tmp_path, "float32")
    wait_for_steps(tmp_path, 2, process)
    process.send_signal(signal.SIGINT)
    output, _ = process.communicate(timeout=60)
    done = checkpoint.read_state(checkpoint.latest(tmp_path / "checkpoints"))["step"]
    assert process.returncode == 1 and done == steps_done(tmp_path) < 30
    assert f"Interrupted: Stopped after step {done} of 30; saved in" in output
    assert "Process" not in output
    assert "pretrain 30/30" in finish(tmp_path, "float32")

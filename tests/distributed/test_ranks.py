"""One rank in this process, more in their own, on one node or on two: all make the same runs."""

import json
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest
import runs
import torch
from safetensors.torch import load_file

from nanochat import optim
from nanochat.runtime import metrics
from nanochat.train import checkpoint

SCRIPT = Path(__file__).with_name("runs.py")
TRAINED = ("even", "uneven", "finetuned", "reinforced")
RESUMED = ("resumed", "taken_over")
FAULTS = ("not_finite", "interrupted", "made", "spoken")
PATIENCE = 1200


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return str(listener.getsockname()[1])


def together(root, ranks, *names):
    """Make these runs on so many ranks."""
    port, processes = free_port(), []
    with (root / "log").open("w") as log:
        for rank in range(ranks):
            place = {"RANK": str(rank), "LOCAL_RANK": str(rank), "WORLD_SIZE": str(ranks)}
            meeting = {"MASTER_ADDR": "127.0.0.1", "MASTER_PORT": port, "OMP_NUM_THREADS": "1"}
            command = [sys.executable, str(SCRIPT), str(root), *names]
            environment = os.environ | place | meeting
            processes.append(
                subprocess.Popen(command, env=environment, stdout=log, stderr=subprocess.STDOUT)
            )
    codes = [process.wait(PATIENCE) for process in processes]
    said = (root / "log").read_text()
    assert codes == [0] * ranks, said


def launched(meeting, root, *names):
    """A launcher of two ranks, which make these runs."""
    launcher = ["-m", "torch.distributed.run", "--nproc-per-node=2", *meeting]
    return subprocess.Popen(
        [sys.executable, *launcher, str(SCRIPT), str(root), *names],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )


def alone(root, *names):
    """Make these runs on one rank."""
    with pytest.MonkeyPatch.context() as patch:
        for replacement in runs.REPLACED:
            patch.setattr(*replacement)
        for name in names:
            getattr(runs.Runs(root), name)()


@pytest.fixture(scope="session")
def base(tmp_path_factory):
    """A model of the tokenizer with 268 ids, and its optimizer's state after a step."""
    model = runs.scattered_model(runs.SHAPE, 0, runs.detect("cpu", "float32", "off"))
    optimizer = optim.build(model, lr_scale=0.02)
    ids = torch.arange(64).view(2, 32)
    model.loss(ids, ids.flip(0)).backward()
    optimizer.step()
    folder = tmp_path_factory.mktemp("base") / "base"
    inputs = {"tokenizer": runs.EVEN.fingerprint}
    checkpoint.save(folder, model, {"inputs": inputs}, optimizer)
    return folder


@pytest.fixture(scope="session")
def one(tmp_path_factory, base):
    """The folder of the runs made by one rank."""
    root = tmp_path_factory.mktemp("one")
    shutil.copytree(base, root / "base")
    alone(root, *TRAINED, "whole")
    return root


@pytest.fixture(scope="session")
def two(tmp_path_factory, one):
    """The folder of the runs made by two ranks, one of which took over from one rank."""
    root = tmp_path_factory.mktemp("two")
    shutil.copytree(one / "base", root / "base")
    shutil.copytree(one / "even", root / "other")
    together(root, 2, *TRAINED, *RESUMED, *FAULTS)
    return root


@pytest.fixture(scope="session")
def four(tmp_path_factory, two):
    """The folder of the runs made by four ranks, one of which took over from two."""
    root = tmp_path_factory.mktemp("four")
    shutil.copytree(two / "base", root / "base")
    shutil.copytree(two / "even", root / "other")
    together(root, 4, *TRAINED, *RESUMED)
    return root


@pytest.fixture(scope="session")
def nodes(tmp_path_factory, base):
    """The folder of the runs made by four ranks on two nodes, which torchrun starts."""
    root = tmp_path_factory.mktemp("nodes")
    shutil.copytree(base, root / "base")
    place = f"--rdzv-endpoint=127.0.0.1:{free_port()}"
    meeting = ["--nnodes=2", "--rdzv-backend=c10d", place, "--local-addr=127.0.0.1"]
    both = [launched(meeting, root, *TRAINED) for _ in range(2)]
    said = [node.communicate(timeout=PATIENCE)[0] for node in both]
    assert [node.returncode for node in both] == [0, 0], "".join(said)
    return root


def saved(folder, name=checkpoint.MODEL):
    return load_file(checkpoint.latest(folder / "checkpoints") / name)


def distance(a, b):
    """How far two runs' parameters lie apart, at most."""
    a, b = saved(a), saved(b)
    assert a.keys() == b.keys()
    return max((a[name] - b[name]).abs().max().item() for name in a)


def losses(folder):
    lines = metrics.JsonLines(folder / "metrics.jsonl").read()
    return [line["loss"] for line in lines if "loss" in line]


def result(root, name, rank):
    return json.loads((root / f"{name}-{rank}.json").read_text())


@pytest.mark.parametrize("name", TRAINED)
@pytest.mark.parametrize("ranks", ["two", "four"])
def test_the_number_of_ranks_changes_nothing(name, ranks, one, request):
    many = request.getfixturevalue(ranks)
    assert distance(one / name, many / name) < 1e-5
    assert losses(many / name) == pytest.approx(losses(one / name), abs=1e-5)


def test_accumulation_in_place_of_ranks_changes_nothing(one):
    assert distance(one / "even", one / "whole") < 1e-5


@pytest.mark.parametrize("ranks", ["two", "four"])
def test_a_resumed_run_ends_as_one_left_alone(ranks, request):
    root = request.getfixturevalue(ranks)
    for name in (checkpoint.MODEL, checkpoint.OPTIMIZER):
        alone, resumed = saved(root / "even", name), saved(root / "resumed", name)
        assert alone.keys() == resumed.keys()
        assert all(torch.equal(alone[key], resumed[key]) for key in alone)
    middle = load_file(root / "even" / "checkpoints" / "step-000010" / checkpoint.MODEL)
    assert max((saved(root / "even")[key] - middle[key]).abs().max() for key in middle) > 1e-3


def test_any_number_of_ranks_goes_on_where_another_stopped(one, two, four, tmp_path):
    assert distance(two / "taken_over", one / "even") < 1e-5
    assert distance(four / "taken_over", one / "even") < 1e-5
    shutil.copytree(four / "even", tmp_path / "other")
    alone(tmp_path, "taken_over")
    assert distance(tmp_path / "taken_over", one / "even") < 1e-5


@pytest.mark.parametrize("name", TRAINED)
def test_ranks_on_two_nodes_do_what_ranks_on_one_do(name, four, nodes):
    assert distance(four / name, nodes / name) == 0
    assert losses(four / name) == losses(nodes / name)


def test_a_checkpoint_is_the_same_whatever_ranks_wrote_it(one, two, four):
    for name in ("even", "uneven", "finetuned", "reinforced"):
        alone = saved(one / name, checkpoint.OPTIMIZER)
        for many in (two, four):
            theirs = saved(many / name, checkpoint.OPTIMIZER)
            assert {k: v.shape for k, v in theirs.items()} == {k: v.shape for k, v in alone.items()}
            for key in alone:
                torch.testing.assert_close(theirs[key], alone[key], atol=1e-4, rtol=1e-2)


def test_a_loss_that_is_not_finite_on_one_rank_stops_all(two):
    reasons = [result(two, "not_finite", rank) for rank in range(2)]
    assert reasons[0] == reasons[1] and "The loss is nan. The step was not taken" in reasons[0]
    assert len(losses(two / "not_finite")) == 4


def test_ctrl_c_on_one_rank_saves_and_stops_all(two):
    reasons = [result(two, "interrupted", rank) for rank in range(2)]
    assert reasons[0] == reasons[1] and "Interrupted: Stopped after step 5 of 20" in reasons[0]
    newest = checkpoint.latest(two / "interrupted" / "checkpoints")
    assert checkpoint.read_state(newest)["step"] == 5


def test_all_ranks_make_a_stage_together_and_find_it(two):
    stage = [{"total": 2, "from": 0}, False], [{"total": 2, "from": 0}, True]
    for rank in range(2):
        assert result(two, "made", rank) == [list(stage), 1]


def test_all_ranks_evaluate_and_know_the_first_ones_result(two):
    lines = metrics.JsonLines(two / "even" / "metrics.jsonl").read()
    figures = [line for line in lines if "once" in line]
    assert [(line["step"], line["ranks"], line["once"]) for line in figures] == [
        (10, 2, 0),
        (20, 2, 0),
    ]


def test_the_first_rank_shows_progress_and_the_others_mark_their_lines(two):
    said = (two / "log").read_text().splitlines()
    assert sum("pretrain 20/20" in line for line in said) == 4
    assert sum("a sample" in line for line in said) == 4
    marked = [line for line in said if line.startswith("[rank1]: ")]
    assert sum("what rank 1 says" in line for line in marked) == 1


def test_one_rank_killed_stops_the_others_and_the_run_goes_on(tmp_path):
    process = launched(["--standalone"], tmp_path, "slow")
    while process.poll() is None and len(losses(tmp_path / "slow")) < 5:
        time.sleep(0.01)
    os.kill(int((tmp_path / "pid-1").read_text()), signal.SIGKILL)
    killed = time.monotonic()
    output, _ = process.communicate(timeout=PATIENCE)
    assert process.returncode != 0 and time.monotonic() - killed < 60
    assert "Lost touch with another rank" in output or "told to stop (SIGTERM)" in output
    assert "Signal 9 (SIGKILL)" in output
    newest = checkpoint.latest(tmp_path / "slow" / "checkpoints")
    assert 3 <= checkpoint.read_state(newest)["step"] < 40
    alone(tmp_path, "slow")
    assert len(losses(tmp_path / "slow")) == 40

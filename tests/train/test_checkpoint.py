import contextlib
import itertools
import json
import os
import shutil

import pytest
import torch

from nanochat import optim
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime, UserError, generator
from nanochat.train import checkpoint

SHAPE = GPTConfig.from_depth(2, vocab_size=64, sequence_len=16, aspect_ratio=16, head_dim=16)
RUNTIME = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)


def trained(seed=0, shape=SHAPE):
    model = GPT(shape)
    model.init_weights(generator(seed))
    optimizer = optim.build(model)
    ids = torch.randint(shape.vocab_size, (2, 9), generator=generator(seed, "ids"))
    model.loss(ids[:, :-1], ids[:, 1:]).backward()
    optimizer.step()
    return model, optimizer


def equal(a, b):
    return a.keys() == b.keys() and all(torch.equal(a[name], b[name]) for name in a)


def test_what_is_saved_is_restored_bit_for_bit(tmp_path):
    model, optimizer = trained()
    checkpoint.save(tmp_path / "model", model, {"note": "é"}, optimizer)
    other, its_optimizer = trained(seed=1)
    state = checkpoint.restore(tmp_path / "model", other, its_optimizer)
    assert state["note"] == "é" and equal(model.state_dict(), other.state_dict())
    assert equal(optimizer.state_dict(), its_optimizer.state_dict())


def test_a_model_is_built_from_its_folder_alone(tmp_path):
    model, _ = trained()
    checkpoint.save(tmp_path / "model", model, {})
    loaded = checkpoint.load_model(tmp_path / "model", RUNTIME)
    assert loaded.config == SHAPE and equal(model.state_dict(), loaded.state_dict())


def test_the_newest_steps_are_kept(tmp_path):
    model, optimizer = trained()
    assert checkpoint.latest(tmp_path / "none") is None
    for step in (5, 999_999, 1_000_000, 20_000_000):
        checkpoint.save_step(tmp_path, step, model, optimizer, {}, keep=2)
    assert sorted(os.listdir(tmp_path)) == ["step-1000000", "step-20000000"]
    assert checkpoint.read_state(checkpoint.latest(tmp_path))["step"] == 20_000_000


def test_what_a_kill_left_half_written_is_no_checkpoint(tmp_path):
    model, optimizer = trained()
    folder = checkpoint.save_step(tmp_path, 7, model, optimizer, {})
    shutil.copytree(folder, tmp_path / ".step-000008.abc")
    shutil.copytree(folder, tmp_path / ".step-000006.old")
    assert checkpoint.latest(tmp_path) == folder
    assert os.listdir(tmp_path) == ["step-000007"]


@pytest.mark.parametrize("name", ["model.safetensors", "optimizer.safetensors", "state.json"])
@pytest.mark.parametrize("damage", ["cut", "altered", "gone"])
def test_damage_is_noticed_and_named(tmp_path, name, damage):
    model, optimizer = trained()
    folder = checkpoint.save_step(tmp_path, 1, model, optimizer, {})
    data = (folder / name).read_bytes()
    middle = len(data) // 2
    flipped = data[:middle] + bytes([data[middle] ^ 1]) + data[middle + 1 :]
    if damage == "gone":
        (folder / name).unlink()
    else:
        (folder / name).write_bytes(data[:middle] if damage == "cut" else flipped)
    with pytest.raises(UserError, match=f"{name} is missing, cut short or altered. Delete"):
        checkpoint.restore(folder, model, optimizer)


@pytest.mark.parametrize("name", ["model.safetensors", "state.json"])
def test_a_file_without_a_checksum_is_not_taken_for_whole(tmp_path, name):
    checkpoint.save(tmp_path / "model", trained()[0], {})
    path = tmp_path / "model" / "checksums.json"
    listed = json.loads(path.read_text())
    del listed[name]
    path.write_text(json.dumps(listed))
    with pytest.raises(UserError, match=f"{name} is missing, cut short or altered"):
        checkpoint.load_model(tmp_path / "model", RUNTIME)


def test_a_missing_folder_is_named(tmp_path):
    with pytest.raises(UserError, match="nowhere is not there"):
        checkpoint.load_model(tmp_path / "nowhere", RUNTIME)


def test_weights_of_another_model_are_refused(tmp_path):
    checkpoint.save(tmp_path / "model", trained()[0], {})
    wide = GPTConfig.from_depth(2, vocab_size=64, sequence_len=16, aspect_ratio=32, head_dim=16)
    with pytest.raises(UserError, match="holds another model"):
        checkpoint.restore(tmp_path / "model", GPT(wide))


def test_weights_that_are_not_finite_are_not_saved(tmp_path):
    model, optimizer = trained()
    good = checkpoint.save_step(tmp_path, 1, model, optimizer, {})
    with torch.no_grad():
        model.head.weight[3, 3] = float("nan")
    with pytest.raises(UserError, match="weights of head.weight are no longer finite"):
        checkpoint.save_step(tmp_path, 2, model, optimizer, {})
    assert os.listdir(tmp_path) == [good.name]


def test_a_full_disk_leaves_the_older_checkpoint_and_says_so(tmp_path):
    resource = pytest.importorskip("resource")
    model, optimizer = trained()
    good = checkpoint.save_step(tmp_path, 1, model, optimizer, {})
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    # The system refuses to let any file grow past this, as it does on a full disk.
    resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, limits[1]))
    try:
        with pytest.raises(UserError, match="Could not write .*step-000002.*disk space"):
            checkpoint.save_step(tmp_path, 2, model, optimizer, {})
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert os.listdir(tmp_path) == [good.name]
    checkpoint.restore(good, model, optimizer)


class PowerCut(BaseException):
    pass


class FailingDisk:
    """Lets so many calls to the file system through; from then on every one fails, clean-up too."""

    def __init__(self, calls):
        self.left = calls

    def guard(self, call):
        def guarded(*args, **kwargs):
            self.left -= 1
            if self.left < 0:
                raise PowerCut
            return call(*args, **kwargs)

        return guarded


def test_a_power_cut_between_any_two_calls_leaves_a_whole_checkpoint(tmp_path, monkeypatch):
    first, second, third = (trained(seed) for seed in range(3))
    for calls in itertools.count():
        directory = tmp_path / str(calls)
        checkpoint.save_step(directory, 1, *first, {}, keep=2)
        checkpoint.save_step(directory, 2, *second, {}, keep=2)
        disk = FailingDisk(calls)
        with monkeypatch.context() as patch, contextlib.suppress(PowerCut):
            for name in ("fsync", "rename", "replace", "chmod", "unlink", "rmdir"):
                patch.setattr(os, name, disk.guard(getattr(os, name)))
            checkpoint.save_step(directory, 3, *third, {}, keep=2)
        model, optimizer = trained(seed=9)
        step = checkpoint.restore(checkpoint.latest(directory), model, optimizer)["step"]
        saved = {2: second, 3: third}[step]
        assert equal(model.state_dict(), saved[0].state_dict())
        assert equal(optimizer.state_dict(), saved[1].state_dict())
        if disk.left >= 0:
            break
    # Two tensor files, two JSON files, the folder: every one is flushed, then comes the rename.
    assert step == 3 and calls > 8


def test_the_checksums_are_those_of_the_files(tmp_path):
    checkpoint.save(tmp_path / "model", trained()[0], {})
    listed = json.loads((tmp_path / "model" / "checksums.json").read_text())
    assert set(listed) == {"model.safetensors", "state.json"}

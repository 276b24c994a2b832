import sys
from pathlib import Path
from types import ModuleType, SimpleNamespace

import pytest

from nanochat.runtime import UserError
from nanochat.runtime.metrics import JsonLines, open_logs


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path):
    log = JsonLines(tmp_path / "metrics.jsonl")
    log.write(step=1, loss=2.5)
    with log.path.open("a") as file:
        file.write('{"step": 2, "lo')
    assert log.read() == [{"step": 1, "loss": 2.5}]


def test_a_resumed_run_keeps_only_the_lines_before_it(tmp_path):
    log = JsonLines(tmp_path / "metrics.jsonl")
    for step in range(5):
        log.write(step=step)
    log.keep(lambda line: line["step"] < 3)
    assert [line["step"] for line in log.read()] == [0, 1, 2]


@pytest.mark.skipif(not Path("/dev/full").exists(), reason="needs a disk that is always full")
def test_a_full_disk_is_told_with_what_to_do():
    log = JsonLines("/dev/full")
    with pytest.raises(UserError, match="write /dev/full: No space left.* Free some disk space"):
        log.write(step=1)


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "run").write_text("in the way")
    with pytest.raises(UserError, match="run cannot be written: a file stands"):
        JsonLines(tmp_path / "run" / "metrics.jsonl")


def test_trackers_get_the_same_figures_until_they_are_closed(tmp_path, monkeypatch):
    written = []

    class Writer:
        def __init__(self, folder):
            self.folder = folder

        def add_scalar(self, name, value, step):
            written.append((self.folder.name, name, value, step))

        def close(self):
            written.append(self.folder.name)

    class Board(ModuleType):
        SummaryWriter = Writer

    class Online(ModuleType):
        def init(self, **settings):
            return SimpleNamespace(
                log=lambda figures, step: written.append((settings["name"], figures, step)),
                finish=lambda: written.append(settings["name"]),
            )

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", Board("tensorboard"))
    monkeypatch.setitem(sys.modules, "wandb", Online("wandb"))
    for log in open_logs(tmp_path, 0, ["tensorboard", "wandb"]):
        log.write(step=3, loss=2.5)
        log.close()
    board = [("tensorboard", "loss", 2.5, 3), "tensorboard"]
    assert written == [*board, (tmp_path.name, {"loss": 2.5}, 3), tmp_path.name]
    assert JsonLines(tmp_path / "metrics.jsonl").read() == [{"step": 3, "loss": 2.5}]


def test_a_tracker_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(UserError, match="pip install wandb"):
        open_logs(tmp_path, 0, ["wandb"])

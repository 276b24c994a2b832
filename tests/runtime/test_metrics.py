import sys
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


def test_trackers_get_the_same_figures(tmp_path, monkeypatch):
    written = []

    class Writer:
        def __init__(self, folder):
            self.folder = folder

        def add_scalar(self, name, value, step):
            written.append((self.folder.name, name, value, step))

    class Board(ModuleType):
        SummaryWriter = Writer

    class Online(ModuleType):
        def init(self, **settings):
            return SimpleNamespace(
                log=lambda figures, step: written.append((settings["name"], figures, step))
            )

    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", Board("tensorboard"))
    monkeypatch.setitem(sys.modules, "wandb", Online("wandb"))
    for log in open_logs(tmp_path, 0, ["tensorboard", "wandb"]):
        log.write(step=3, loss=2.5)
    assert written == [("tensorboard", "loss", 2.5, 3), (tmp_path.name, {"loss": 2.5}, 3)]
    assert JsonLines(tmp_path / "metrics.jsonl").read() == [{"step": 3, "loss": 2.5}]


def test_a_tracker_that_is_not_installed_is_named(tmp_path, monkeypatch):
    monkeypatch.setitem(sys.modules, "wandb", None)
    with pytest.raises(UserError, match="pip install wandb"):
        open_logs(tmp_path, 0, ["wandb"])

"""A run of the profile for eight GPUs that does everything but the heavy steps."""

import dataclasses
import json
import os
import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
import torch
from data.small_hub import Fault, serving

from nanochat.cli import dry_run, main, room
from nanochat.data import catalogue
from nanochat.data.hub import Hub
from nanochat.pipeline import cards, curriculum, plan
from nanochat.pipeline.curriculum import Public
from nanochat.pipeline.profiles import EIGHT_GPUS, GPU, PROFILES
from nanochat.runtime import UserError, detect
from nanochat.train.pretrain import model_shape

ROOT = Path(__file__).parents[2]
RUNTIME = detect("cpu", "float32", "off")
COMMAND = ["run", "--dry-run", "--device", "cpu", "--compile", "off", "--profile"]
BYTES = b"as many bytes as a test needs"
SPLITS = ("train", "auxiliary_train", "test")
PUBLIC = {
    known.repo: {
        each.pattern.format(split=split).replace("*", "0"): BYTES
        for each in catalogue.TASKS.values()
        for split in SPLITS
        if each.repo == known.repo
    }
    for known in catalogue.TASKS.values()
} | {
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
    public = Public("climbmix", tmp_path / "data", hub=Hub(served.endpoint, pause=0.01))
    monkeypatch.setattr(curriculum, "of", lambda profile, home: public)
    return public


@dataclasses.dataclass
class Usage:
    free: float


def rehearsed(tmp_path, profile=EIGHT_GPUS):
    found = dry_run.rehearse(profile, RUNTIME, tmp_path / "out", tmp_path)
    return {finding.what: finding for finding in found}


def test_all_is_looked_at_and_only_the_ranks_are_lacking(lessons, tmp_path, monkeypatch):
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(1e12))
    found = rehearsed(tmp_path)
    names = ["ranks", "memory", "model", "texts", *catalogue.TASKS, "CORE", "words", "disk"]
    assert list(found) == [*names, "write access", "first steps"]
    assert [what for what, finding in found.items() if finding.fix] == ["ranks"]
    assert "torchrun --nproc-per-node=8 -m nanochat run --profile 8xgpu" in found["ranks"].fix
    assert "1,384,122,122 parameters" in found["model"].found
    assert "16 rows" in found["memory"].found
    assert found["texts"].found.startswith("5 files")
    assert found["gsm8k"].found.startswith("2 files") and found["mmlu"].found.startswith("2 files")
    assert found["humaneval"].found.startswith("1 files")
    assert re.match(r"2 taken, loss \d", found["first steps"].found)
    assert not list((tmp_path / "out").iterdir())


def test_what_cannot_be_had_is_named_and_the_rest_is_looked_at(
    lessons, served, tmp_path, monkeypatch
):
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(1e12))
    moved = {"openai/gsm8k": served.data.pop("openai/gsm8k")}
    try:
        found = rehearsed(tmp_path)
    finally:
        served.data.update(moved)
    assert "openai/gsm8k" in found["gsm8k"].fix and not found["words"].fix
    assert "what is fetched is not known" in found["disk"].found


def looked_at(public):
    found = dry_run.looked_at(dry_run.data(EIGHT_GPUS, dry_run.briefly(public)))
    return {finding.what: finding for finding in found}


def test_a_server_that_does_not_answer_is_asked_for_one_thing(tmp_path, monkeypatch):
    nowhere = "http://127.0.0.1:1"
    for name in ("CORE_BUNDLE", "WORDS"):
        monkeypatch.setattr(catalogue, name, f"{nowhere}/{name}")
    pauses = []
    monkeypatch.setattr("time.sleep", pauses.append)
    found = looked_at(Public("climbmix", tmp_path / "data", hub=Hub(nowhere)))
    assert len(pauses) == dry_run.BRIEFLY["attempts"] - 1
    assert "could not be fetched" in found["texts"].fix
    assert {found[name].found for name in catalogue.TASKS} == {"not looked at"}
    assert f"{nowhere} does not answer" in found["gsm8k"].fix
    assert "cannot be had" in found["CORE"].fix and "cannot be had" in found["words"].fix


def test_a_server_that_refuses_one_thing_is_asked_for_the_next(lessons, served):
    served.faults["info"] = [Fault(status=500)] * dry_run.BRIEFLY["attempts"]
    found = looked_at(lessons)
    assert "status 500" in found["texts"].fix and not found["smoltalk"].fix


def test_a_missing_file_of_the_web_is_named(lessons, served):
    with pytest.raises(UserError, match="nowhere.zip cannot be had"):
        dry_run.reach(f"{served.endpoint}/datasets/plain/files/resolve/main/nowhere.zip", Hub())


@pytest.mark.parametrize(
    ("repo", "path", "task"),
    [
        ("openai/gsm8k", "main/test-0.parquet", "gsm8k"),
        ("cais/mmlu", "all/auxiliary_train-0.parquet", "mmlu"),
        ("HuggingFaceTB/smol-smoltalk", "data/train-0.parquet", "smoltalk"),
    ],
)
def test_a_split_that_is_missing_is_found(lessons, served, repo, path, task):
    moved = served.data[repo].pop(path)
    try:
        finding = dry_run.tried(task, lambda: dry_run.task_set(task, lessons))
    finally:
        served.data[repo][path] = moved
    assert repo in finding.fix and path.replace("-0", "-*") in finding.fix


def test_a_data_set_that_is_gated_is_found_before_it_is_needed(lessons, served):
    served.gated = True
    try:
        finding = dry_run.tried("gsm8k", lambda: dry_run.task_set("gsm8k", lessons))
    finally:
        served.gated = False
    assert "openai/gsm8k" in finding.fix and "accepted the data set's terms" in finding.fix


def test_the_shard_for_validation_is_asked_for(lessons, served):
    served.asked.clear()
    dry_run.obtainable(dry_run.texts(EIGHT_GPUS, lessons), lessons.hub)
    assert [name for name, _ in served.asked] == ["shard_0.parquet", "shard_4.parquet"]


def test_too_small_a_card_is_found_before_it_is_paid_for():
    with pytest.raises(UserError, match=r"--base\.depth"):
        room.memory(EIGHT_GPUS, cards.named("rtx4060"), 8)
    assert "of 7.4 GiB of RTX 4060" in room.memory(GPU, cards.named("rtx4060"), 1)


def test_the_disk_holds_what_all_stages_keep():
    shape = model_shape(EIGHT_GPUS.base, 32768)
    assert room.saved_bytes(EIGHT_GPUS) == 7 * plan.checkpoint_bytes(shape)
    more = dataclasses.replace(EIGHT_GPUS, rl=dataclasses.replace(EIGHT_GPUS.rl, keep=5))
    assert room.saved_bytes(more) == 10 * plan.checkpoint_bytes(shape)


def on_disks(monkeypatch, tmp_path, devices, free):
    """Has the folders `out` and `data` on disks with so much free."""
    for name in devices:
        (tmp_path / name).mkdir()
    monkeypatch.setattr(room, "device", lambda folder: devices[folder.name])
    monkeypatch.setattr("shutil.disk_usage", lambda path: Usage(free[path.name]))
    return {tmp_path / "out": 60e9, tmp_path / "data": 30e9}


def test_each_disk_is_looked_at(monkeypatch, tmp_path):
    free = {"out": 70e9, "data": 20e9}
    needed = on_disks(monkeypatch, tmp_path, {"out": 1, "data": 2}, free)
    with pytest.raises(
        UserError, match=r"20\.0 GB free of 30\.0 needed for \S*data\. .*NANOCHAT_HOME"
    ):
        room.disk(needed)
    free["data"] = 40e9
    assert "70.0 GB free of 60.0" in room.disk(needed)


def test_what_lies_on_one_disk_is_added_up(monkeypatch, tmp_path):
    free = {"out": 80e9, "data": 80e9}
    needed = on_disks(monkeypatch, tmp_path, {"out": 1, "data": 1}, free)
    with pytest.raises(UserError, match=r"80\.0 GB free of 90\.0 needed for \S*out and \S*data"):
        room.disk(needed)


def test_data_are_looked_for_where_they_are_put(lessons, tmp_path):
    sizes = dry_run.needed(EIGHT_GPUS, lessons, tmp_path / "out")
    assert list(sizes) == [tmp_path / "out", lessons.folder]
    tasks = {name: dry_run.task_files(name, lessons).size for name in catalogue.TASKS}
    texts = dry_run.texts(EIGHT_GPUS, lessons).size
    bundle = dry_run.UNPACKED * plan.CORE_BUNDLE_BYTES
    assert sizes[lessons.folder] == sum(tasks.values()) + texts + bundle
    assert all(tasks.values()) and texts == 5 * len(BYTES)


CUDA = dataclasses.replace(RUNTIME, device=torch.device("cuda"))


def with_card(monkeypatch, name, gib):
    found = SimpleNamespace(name=name, total_memory=gib * 2**30)
    monkeypatch.setattr("torch.cuda.get_device_properties", lambda device: found)


@pytest.mark.parametrize(
    ("name", "peak"),
    [("NVIDIA H100 80GB HBM3", 989e12), ("NVIDIA GeForce RTX 4060 Ti", 44.1e12)],
)
def test_a_card_that_is_known_has_its_peak(monkeypatch, name, peak):
    with_card(monkeypatch, name, 12)
    assert room.card(GPU, CUDA).peak_flops == peak


def test_a_card_that_is_not_known_has_its_own_name_and_no_peak(monkeypatch, capsys):
    with_card(monkeypatch, "NVIDIA GeForce RTX 4070", 12)
    dry_run.print_plan(GPU, CUDA)
    shown = capsys.readouterr().out
    assert "RTX 4070" in shown and "RTX 3090" not in shown
    assert "unknown, as the peak is" in shown and "nan" not in shown


@pytest.mark.parametrize("command", [["run", "--profile", "gpu"], ["rl", "gpu"]])
def test_a_run_for_gpus_is_refused_on_a_machine_without(command, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*command, "--device", "cpu", "--compile", "off", "--out", str(tmp_path / "run")])
    said = capsys.readouterr().err
    assert stop.value.code == 1 and len(said.splitlines()) == 1
    assert "--profile cpu" in said and "--dry-run" in said
    assert not (tmp_path / "run").exists()


def test_a_run_that_cannot_fit_is_refused_with_the_setting_that_would(monkeypatch):
    with_card(monkeypatch, "NVIDIA GeForce RTX 4060", 8)
    room.check_gpus(GPU, CUDA)
    with pytest.raises(UserError, match=r"fits is --base\.depth 1\d\b.*`nanochat rl 8xgpu`"):
        room.check_gpus(EIGHT_GPUS, CUDA)
    by_hand = dataclasses.replace(
        GPU.base, device_batch_size="micro_rows", micro_rows=64, batch_tokens=2**20
    )
    with pytest.raises(UserError, match=r"The nearest that fits is --base\.micro-rows \d+\."):
        room.check_gpus(dataclasses.replace(GPU, base=by_hand), CUDA)


def test_a_profile_for_cpus_is_made_anywhere():
    room.check_gpus(PROFILES["cpu"], RUNTIME)
    room.check_gpus(PROFILES["cpu"], CUDA)


WRITES = """
import json, sys
from pathlib import Path
from nanochat.cli import dry_run
from nanochat.runtime import detect

runtime = detect("cpu", "float32", "off")
findings = {}
for name, folder in (("shared", Path("shared")), ("apart", Path(f"of-{runtime.rank}"))):
    findings[name] = dry_run.tried("write", lambda: dry_run.write(folder, runtime)).fix
Path(f"{runtime.rank}.json").write_text(json.dumps(findings))
"""


def test_a_folder_that_nodes_do_not_share_is_found(tmp_path):
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2", "writes.py"]
    (tmp_path / "writes.py").write_text(WRITES)
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    subprocess.run([sys.executable, *command], cwd=tmp_path, env=environment, check=True)
    for rank in range(2):
        findings = json.loads((tmp_path / f"{rank}.json").read_text())
        assert findings["shared"] == ""
        assert "not shared by all nodes: 2 ranks wrote there, and one sees 1" in findings["apart"]
    assert not list(tmp_path.glob("*/.written*"))


def test_a_folder_that_cannot_be_written_is_found(tmp_path):
    (tmp_path / "out").write_text("a file where the folder should be")
    found = rehearsed(tmp_path, PROFILES["smoke"])
    assert found["write access"].fix and found["first steps"].fix


def test_the_command_prints_a_line_each(tmp_path, capsys):
    main([*COMMAND, "smoke", "--out", str(tmp_path)])
    lines = capsys.readouterr().out.splitlines()
    looked_at = [line for line in lines if line.startswith("[ok] ")]
    assert len(looked_at) == 5 and not any("[fix]" in line for line in lines)


def test_the_command_ends_with_the_plan(lessons, tmp_path, capsys):
    with pytest.raises(SystemExit) as stop:
        main([*COMMAND, "8xgpu", "--out", str(tmp_path / "run")])
    shown = capsys.readouterr().out
    assert stop.value.code == 1
    assert "[fix] ranks" in shown and "5,568" in shown and "8 x H100" in shown
    assert shown.splitlines()[-1].startswith("To be mended, as said above: ranks")


def test_the_profiles_cost_what_they_are_meant_to():
    eight = room.planned(EIGHT_GPUS, cards.named("h100"), 8)
    assert 1.6 < eight.hours < 2.2
    one = room.planned(GPU, cards.named("rtx3090"), 1)
    assert 0.5 < one.hours < 1.5
    twelve = dataclasses.replace(GPU, base=dataclasses.replace(GPU.base, depth=12))
    assert room.planned(twelve, cards.named("h100"), 1).hours < 1

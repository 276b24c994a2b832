import platform
import subprocess
import sys
from types import SimpleNamespace

import pytest
import torch

from nanochat.runtime import UserError, detect, generator, measure_peak_flops
from nanochat.runtime import device as machine


def test_named_choices_are_obeyed():
    runtime = detect(device="cpu", dtype="float32", compile="off")
    assert (runtime.device.type, runtime.dtype, runtime.compile) == ("cpu", torch.float32, False)


@pytest.mark.parametrize("field", ["device", "dtype", "compile"])
def test_an_unknown_choice_names_the_field(field):
    with pytest.raises(UserError, match=f"{field}=abacus is unknown"):
        detect(**{field: "abacus"})


def test_streams_differ_by_path_and_repeat_by_seed():
    def draw(*path):
        return torch.rand(8, generator=generator(*path)).tolist()

    assert draw(1, "rollout", 2) == draw(1, "rollout", 2)
    assert len({tuple(draw(1, "rollout", step)) for step in range(50)}) == 50
    assert draw(1) != draw(-1)


def test_measured_peak_is_that_of_a_computer():
    assert 1e8 < measure_peak_flops(torch.float32, size=256, seconds=0.05) < 1e15


def test_a_rank_without_a_gpu_of_its_own_is_refused(monkeypatch):
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    monkeypatch.setenv("LOCAL_RANK", "2")
    with pytest.raises(UserError, match="LOCAL_RANK=2, but torch sees 2 GPUs.*nproc-per-node=gpu"):
        detect()


def test_ranks_that_do_not_meet_are_told_why(monkeypatch):
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.delenv("MASTER_ADDR", raising=False)
    with pytest.raises(UserError, match="The ranks did not meet.*MASTER_ADDR expected"):
        detect("cpu", "float32", "off")


def test_a_missing_compiler_is_told_in_one_line(monkeypatch):
    monkeypatch.setattr(machine, "has_compiler", lambda: False)
    with pytest.warns(UserWarning, match="no C\\+\\+ compiler"):
        runtime = detect(device="cpu", dtype="float32")
    assert not runtime.compile


COUNT_PAGES = """
import resource
import torch
from nanochat.runtime import detect

def use():
    torch.ones(16_000_000)

if {kept}:
    detect(device="cpu", dtype="float32", compile="off")
use()
before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
for _ in range(16):
    use()
print(resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before)
"""


@pytest.mark.skipif(platform.libc_ver()[0] != "glibc", reason="speaks to glibc's allocator")
def test_freed_memory_is_used_again_and_not_cleared_by_the_system_each_time():
    faults = [
        int(subprocess.check_output([sys.executable, "-c", COUNT_PAGES.format(kept=kept)]))
        for kept in (False, True)
    ]
    # 16,000 pages each time, or 32 of the large ones; kept, once or twice.
    assert faults[1] < faults[0] / 4


def test_a_glibc_that_refuses_so_much_is_asked_for_less(monkeypatch):
    thresholds = {}

    def mallopt(name, value):
        if value <= 2**25 or name == machine.M_TRIM_THRESHOLD:
            thresholds[name] = value
        return int(name in thresholds)

    monkeypatch.setattr(platform, "libc_ver", lambda: ("glibc", "2.31"))
    monkeypatch.setattr(machine.ctypes, "CDLL", lambda _: SimpleNamespace(mallopt=mallopt))
    machine.keep_freed_memory()
    assert thresholds == {machine.M_MMAP_THRESHOLD: 2**25, machine.M_TRIM_THRESHOLD: 2**31 - 1}
    # Set last, for it stops glibc from raising the other one by itself.
    assert list(thresholds)[-1] == machine.M_TRIM_THRESHOLD

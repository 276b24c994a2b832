"""One line for each thing the course needs of this machine: `[ok]`, or `[fix]` with the fix."""

import os
import platform
import shutil
import sys
from dataclasses import dataclass
from pathlib import Path

import psutil
import torch

from nanochat.model import kernels
from nanochat.runtime import detect
from nanochat.runtime.device import has_compiler, has_fast_bfloat16

MEMORY_GIB = 4
DISK_GIB = 4


@dataclass(frozen=True)
class Finding:
    """What was looked at, what was found, and the fix where it falls short."""

    what: str
    found: str
    fix: str = ""

    def __str__(self) -> str:
        mark = "[fix]" if self.fix else "[ok] "
        return f"{mark} {self.what}: {self.found}" + (f". {self.fix}" if self.fix else "")


def examine(folder: Path) -> list[Finding]:
    """Everything the course needs of this machine, looked at now."""
    return [
        _python(),
        _torch(),
        _device(),
        _dtype(),
        _attention(),
        _cores(),
        _memory(),
        _disk(folder),
        _compiler(),
    ]


def _python() -> Finding:
    supported = (3, 11) <= sys.version_info[:2] <= (3, 13)
    fix = "" if supported else "Install Python 3.11, 3.12 or 3.13 and make the environment again"
    return Finding("Python", platform.python_version(), fix)


def _torch() -> Finding:
    return Finding("torch", torch.__version__)


def _device() -> Finding:
    runtime = detect()
    if runtime.device.type == "cuda":
        return Finding("device", torch.cuda.get_device_name(runtime.device))
    if shutil.which("nvidia-smi"):
        fix = "This torch has no CUDA; make the environment again with NANOCHAT_TORCH=cuda"
        return Finding("device", "cpu, with an NVIDIA card beside it", fix)
    return Finding("device", f"cpu, {runtime.peak_flops / 1e12:.2f} TFLOP/s on a matrix product")


def _dtype() -> Finding:
    runtime = detect()
    why = (
        "in hardware"
        if has_fast_bfloat16() or runtime.device.type == "cuda"
        else "no fast bfloat16 here"
    )
    return Finding("dtype", f"{runtime.precision} ({why})")


def _attention() -> Finding:
    runtime = detect()
    if runtime.device.type == "cpu":
        return Finding("attention", "plain products, block by block")
    kernel = kernels.best(runtime.device, runtime.dtype, head_dim=128)
    return Finding("attention", f"{kernel.__name__.replace('_', ' ')}, tried and compared")


def _cores() -> Finding:
    cores = os.cpu_count() or 1
    return Finding("cores", str(cores), "" if cores >= 2 else "Expect twice the stated times")


def _memory() -> Finding:
    free = psutil.virtual_memory().available / 2**30
    fix = "" if free >= MEMORY_GIB else f"Close something: {MEMORY_GIB} GiB is comfortable"
    return Finding("memory", f"{free:.1f} GiB free", fix)


def _disk(folder: Path) -> Finding:
    existing = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free / 2**30
    fix = (
        "" if free >= DISK_GIB else f"Free some, or set NANOCHAT_HOME to a disk with {DISK_GIB} GiB"
    )
    return Finding("disk", f"{free:.0f} GiB free for {folder}", fix)


def _compiler() -> Finding:
    if has_compiler():
        return Finding("compiler", "found; torch.compile can be used")
    return Finding("compiler", "none", "Install g++ or clang++ to train faster; all works without")

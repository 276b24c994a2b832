"""One explicit value that says where the computation runs and in which precision."""

import ctypes
import hashlib
import importlib.util
import os
import platform
import shutil
import time
import warnings
from dataclasses import dataclass

import torch

from nanochat.runtime import distributed
from nanochat.runtime.distributed import Ranks
from nanochat.runtime.errors import UserError

# With float8 only the products of wide matrices in training are in it, and all else in bfloat16.
DTYPES = {"float32": torch.float32, "bfloat16": torch.bfloat16, "float8": torch.bfloat16}
FIRST_WITH_FLOAT8 = (8, 9)  # the compute capability of Ada; Hopper's is (9, 0)

# Dense bfloat16 peaks in FLOP/s, from the makers' data sheets.
PEAK_FLOPS = {
    "B200": 2250e12,
    "H200": 989e12,
    "H100": 989e12,
    "A100": 312e12,
    "L40S": 362e12,
    "RTX 4090": 165.2e12,
    "RTX 3090": 71e12,
    "RTX 4060 Ti": 44.1e12,
    "RTX 4060": 30.2e12,
}


# Names of glibc's malloc.h.
M_TRIM_THRESHOLD, M_MMAP_THRESHOLD = -1, -3


@dataclass(frozen=True)
class Runtime:
    """Where a computation runs: made once by `detect` and passed on."""

    device: torch.device
    dtype: torch.dtype
    compile: bool
    peak_flops: float
    rank: int = 0
    world_size: int = 1
    float8: bool = False

    @property
    def precision(self) -> str:
        """The dtype that was asked for, by name."""
        return "float8" if self.float8 else str(self.dtype).removeprefix("torch.")

    @property
    def ranks(self) -> Ranks:
        """The processes that compute together, and which of them this one is."""
        return Ranks(self.rank, self.world_size)


def detect(device: str = "auto", dtype: str = "auto", compile: str = "auto") -> Runtime:
    """The best this machine offers, each part of which may be named instead of `auto`.

    Started by torchrun, it meets the other ranks, and takes the GPU that is this one's. Raises
    UserError for a device, dtype or compiler that is not there, and where the ranks do not meet."""
    # On a CPU oneDNN keeps code for each of the last 1,024 shapes: with rows that leave a batch one
    # by one, over a gigabyte. It reads this when it is first used.
    os.environ.setdefault("ONEDNN_PRIMITIVE_CACHE_CAPACITY", "128")
    where = _device(device)
    if where.type == "cpu":
        keep_freed_memory()
    precision, float8 = _dtype(dtype, where), dtype == "float8"
    compiled, peak = _compile(compile, where), _peak_flops(where, precision)
    if float8:
        _check_float8(where, compiled)
    ranks = distributed.enter(where)
    return Runtime(where, precision, compiled, peak, ranks.rank, ranks.world_size, float8)


def generator(seed: int, *path: int | str, device: torch.device | str = "cpu") -> torch.Generator:
    """A random stream of its own for each path: `generator(seed, "rollout", step)`."""
    digest = hashlib.sha256(repr((seed, *path)).encode()).digest()
    return torch.Generator(device).manual_seed(int.from_bytes(digest[:8], "little") >> 1)


def measure_peak_flops(dtype: torch.dtype, size: int = 1024, seconds: float = 0.2) -> float:
    """The FLOP/s that this CPU reaches on a square matrix product."""
    a = torch.randn(size, size).to(dtype)
    fastest = float("inf")
    stop = time.perf_counter() + seconds
    while time.perf_counter() < stop:
        start = time.perf_counter()
        a @ a
        fastest = min(fastest, time.perf_counter() - start)
    return 2 * size**3 / fastest


def keep_freed_memory() -> None:
    """Have glibc use freed memory again, which it would give back to the system.

    The system clears each page that it hands out: for a model of megabytes, once at every step."""
    if platform.libc_ver()[0] == "glibc":
        mallopt = ctypes.CDLL(None).mallopt
        # First, for the other one freezes it, at 128 KB. Old versions take 32 MB at most.
        if not mallopt(M_MMAP_THRESHOLD, 2**30):
            mallopt(M_MMAP_THRESHOLD, 2**25)
        mallopt(M_TRIM_THRESHOLD, 2**31 - 1)


def has_fast_bfloat16() -> bool:
    """Whether the CPU multiplies bfloat16 in hardware (AMX or AVX512-BF16)."""
    supported = getattr(torch.cpu, "_is_avx512_bf16_supported", lambda: False)
    return platform.machine() in ("x86_64", "AMD64") and supported()


def has_compiler() -> bool:
    """Whether a C++ compiler that `torch.compile` can use on a CPU is on the path."""
    return any(
        shutil.which(name) for name in (os.environ.get("CXX", "g++"), "g++", "clang++", "cl")
    )


def _device(name: str) -> torch.device:
    if name == "auto":
        name = "cuda" if torch.cuda.is_available() else "cpu"
    if name.startswith("cuda") and not torch.cuda.is_available():
        raise UserError(f"device={name}, but torch sees no CUDA device. Use device=cpu or auto.")
    if name.split(":")[0] not in ("cpu", "cuda", "mps"):
        raise UserError(f"device={name} is unknown. Expected auto, cpu, cuda or mps.")
    return _own_gpu(int(os.environ.get("LOCAL_RANK", 0))) if name == "cuda" else torch.device(name)


def _own_gpu(local_rank: int) -> torch.device:
    if local_rank >= torch.cuda.device_count():
        raise UserError(
            f"LOCAL_RANK={local_rank}, but torch sees {torch.cuda.device_count()} GPUs here. Start "
            "as many ranks as there are GPUs: torchrun --nproc-per-node=gpu."
        )
    return torch.device("cuda", local_rank)


def _dtype(name: str, device: torch.device) -> torch.dtype:
    if name == "auto":
        on_gpu = device.type == "cuda" and torch.cuda.is_bf16_supported()
        fast = on_gpu or (device.type == "cpu" and has_fast_bfloat16())
        name = "bfloat16" if fast else "float32"
    if name not in DTYPES:
        raise UserError(f"dtype={name} is unknown. Expected one of auto, {', '.join(DTYPES)}.")
    return DTYPES[name]


def _check_float8(device: torch.device, compiled: bool) -> None:
    on_gpu = device.type == "cuda"
    if not on_gpu or torch.cuda.get_device_capability(device) < FIRST_WITH_FLOAT8:
        raise UserError(
            "dtype=float8 needs an NVIDIA card of the Ada generation or newer. Use bfloat16."
        )
    if importlib.util.find_spec("torchao") is None:
        raise UserError("dtype=float8 needs torchao: pip install 'nanochat[float8]'.")
    if not compiled:
        raise UserError("dtype=float8 is slower than bfloat16 unless compiled: use compile=on.")


def _compile(choice: str, device: torch.device) -> bool:
    if choice not in ("auto", "on", "off"):
        raise UserError(f"compile={choice} is unknown. Expected auto, on or off.")
    if choice == "on" and device.type == "cpu" and not has_compiler():
        raise UserError("compile=on needs a C++ compiler (g++, clang++ or cl) on the PATH.")
    if choice == "auto" and device.type == "cpu" and not has_compiler():
        warnings.warn("no C++ compiler (g++, clang++ or cl), so training is slower", stacklevel=3)
        return False
    return choice == "on" or (choice == "auto" and device.type in ("cpu", "cuda"))


def _peak_flops(device: torch.device, dtype: torch.dtype) -> float:
    if device.type == "cpu":
        return measure_peak_flops(dtype)
    name = torch.cuda.get_device_name(device) if device.type == "cuda" else ""
    return next((peak for card, peak in PEAK_FLOPS.items() if card in name), float("nan"))

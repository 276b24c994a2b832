"""Many processes that train one model together: ranks, started by torchrun."""

import atexit
import io
import json
import os
import signal
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta

import torch
import torch.distributed as dist
from jaxtyping import Float
from torch import Tensor

from nanochat.runtime.errors import UserError

# What torch calls them since 2.13, or before.
reduce_scatter = getattr(dist, "reduce_scatter_single", None) or dist.reduce_scatter_tensor
all_gather = getattr(dist, "all_gather_single", None) or dist.all_gather_into_tensor

# As long as the first rank's work alone may take, an evaluation for one.
PATIENCE = timedelta(hours=2)


@dataclass
class Arriving:
    """A tensor that is being filled, and one that must stay in memory until it is."""

    tensor: Tensor
    work: dist.Work | None = None
    source: Tensor | None = None

    def wait(self) -> Tensor:
        """The tensor, filled. Raises UserError where another rank is gone."""
        if self.work is not None:
            with in_touch():
                self.work.wait()
        return self.tensor


@dataclass(frozen=True)
class Ranks:
    """The processes that train one model together, and which of them this one is.

    What is not asked of one rank alone is a call that all make together, in the same order; it
    raises UserError where another rank is gone."""

    rank: int = 0
    world_size: int = 1

    def splits(self, tensor: Float[Tensor, "*shape"]) -> bool:
        """Whether each rank can have as many of the tensor's rows."""
        return tensor.ndim > 0 and len(tensor) % self.world_size == 0

    def part(self, tensor: Float[Tensor, "*shape"]) -> Float[Tensor, "*part"]:
        """A view of this rank's rows; of all, where they cannot be shared out."""
        return tensor.chunk(self.world_size)[self.rank] if self.splits(tensor) else tensor

    def reduce(self, tensor: Float[Tensor, "*shape"]) -> Arriving:
        """Start to sum a tensor over ranks, of which each gets its part."""
        if self.world_size == 1:
            return Arriving(tensor)
        with in_touch():
            if not self.splits(tensor):
                return Arriving(tensor, dist.all_reduce(tensor, async_op=True))
            part = torch.empty_like(self.part(tensor))
            return Arriving(part, reduce_scatter(part, tensor, async_op=True), source=tensor)

    def gather(self, part: Float[Tensor, "*part"], whole: Float[Tensor, "*shape"]) -> Arriving:
        """Start to fill `whole` with the parts of all ranks, where it is shared out."""
        if self.world_size == 1 or not self.splits(whole):
            return Arriving(part)
        with in_touch():
            return Arriving(whole, all_gather(whole, part, async_op=True), source=part)

    def total(self, number: float) -> float:
        """The sum of every rank's number."""
        if self.world_size == 1:
            return number
        total = torch.tensor(number, dtype=torch.float64)
        with in_touch():
            dist.all_reduce(total)
        return total.item()

    def any(self, flag: bool) -> bool:
        """Whether the flag is set on any rank."""
        return self.total(flag) > 0

    def all_values(self, value) -> list:
        """Every rank's value, in the order of ranks; what JSON has no type for becomes a list."""
        if self.world_size == 1:
            return [value]
        data = torch.frombuffer(bytearray(json.dumps(value).encode()), dtype=torch.uint8)
        sizes = torch.empty(self.world_size, dtype=torch.int64)
        with in_touch():
            all_gather(sizes, torch.tensor([len(data)]))
            rows = torch.empty(self.world_size, int(sizes.max()), dtype=torch.uint8)
            all_gather(rows, torch.nn.functional.pad(data, (0, rows.size(1) - len(data)))[None])
        return [json.loads(bytes(row[:n].tolist())) for row, n in zip(rows, sizes, strict=True)]

    def once(self, work: Callable[[], object]):
        """What the first rank's work gives; the others wait for it, and do none."""
        return self.all_values(work() if self.rank == 0 else None)[0]

    def collect(self, tensors: dict[str, Tensor]) -> dict[str, Tensor]:
        """On the first rank every rank's tensors, those of one name joined in the order of ranks.

        The others get their own."""
        pieces = {name: [tensor] for name, tensor in tensors.items()}
        shapes = self.all_values({name: list(tensor.shape) for name, tensor in tensors.items()})
        for rank, listed in enumerate(shapes[1:], start=1):
            for name, shape in listed.items():
                if self.rank == 0:
                    pieces.setdefault(name, []).append(receive(shape, rank))
                elif self.rank == rank:
                    send(tensors[name])
        return {name: join(several) for name, several in pieces.items()}


ALONE = Ranks()


def enter(device: torch.device) -> Ranks:
    """Meet the other ranks that torchrun started; alone where it did not.

    NCCL carries what lies on GPUs, gloo the rest. Raises UserError where they do not meet."""
    ranks = Ranks(int(os.environ.get("RANK", 0)), int(os.environ.get("WORLD_SIZE", 1)))
    if ranks.world_size == 1 or dist.is_initialized():
        return ranks
    on_gpu = device.type == "cuda"
    if on_gpu:
        torch.cuda.set_device(device)
    hook = sys.excepthook
    with in_touch("The ranks did not meet"):
        dist.init_process_group(
            "cpu:gloo,cuda:nccl" if on_gpu else "gloo",
            timeout=PATIENCE,
            device_id=device if on_gpu else None,
        )
    atexit.register(dist.destroy_process_group)
    signal.signal(signal.SIGTERM, stop)
    if ranks.rank > 0:
        # Torch marks the lines of uncaught errors alone; these mark all.
        sys.excepthook = hook
        sys.stdout, sys.stderr = (Marked(each, ranks.rank) for each in (sys.stdout, sys.stderr))
    return ranks


class Marked(io.TextIOBase):
    """Lines of a rank on their way to a stream that all ranks write to."""

    def __init__(self, stream, rank: int):
        self.stream, self.rank, self.begun = stream, rank, ""

    def write(self, text: str) -> int:
        """Write the lines that this text completes."""
        *lines, self.begun = (self.begun + text).split("\n")
        self.stream.write("".join(f"[rank{self.rank}]: {line}\n" for line in lines))
        return len(text)

    def flush(self) -> None:
        """Write through to the stream."""
        self.stream.flush()


def stop(number, frame) -> None:
    """End this rank as torchrun asks."""
    raise UserError(
        "This rank was told to stop (SIGTERM): torchrun does so once another rank has ended. Its "
        "last words, or torchrun's below, say why. The last checkpoint is kept: run the same "
        "command again to go on."
    )


@contextmanager
def in_touch(trouble: str = "Lost touch with another rank, which ended or hangs") -> Iterator[None]:
    """Raises UserError where a call to other ranks fails."""
    try:
        yield
    except (RuntimeError, ValueError) as error:
        reason = str(error).strip().splitlines()[0].split(". ")[0]
        raise UserError(
            f"{trouble} ({reason}). Its last words, or torchrun's, say why. The last checkpoint is "
            "kept: run the same command again to go on."
        ) from error


def send(tensor: Tensor) -> None:
    """Give the first rank a tensor."""
    with in_touch():
        dist.send(tensor.cpu().contiguous(), 0)


def receive(shape: list[int], rank: int) -> Tensor:
    """A float32 tensor from another rank."""
    tensor = torch.empty(shape)
    with in_touch():
        dist.recv(tensor, rank)
    return tensor


def join(pieces: list[Tensor]) -> Tensor:
    """One tensor of several rows."""
    return torch.cat([piece.cpu() for piece in pieces]) if len(pieces) > 1 else pieces[0]

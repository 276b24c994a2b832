"""How many rows of a batch a GPU takes at once: the most that it holds, found by trying."""

import math
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import torch
from torch import Tensor

from nanochat.optim import MuonAdamW
from nanochat.runtime import Runtime, UserError, files

REMEMBERED = "device_batch_size.json"

# What is left free for evaluations and for memory in pieces.
SHARE = 0.92


def find(
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: MuonAdamW,
    rows: int,
    length: int,
    runtime: Runtime,
    folder: Path,
) -> int:
    """The most rows, `rows` or a half, a quarter, ... of them, that all ranks' GPUs hold at once.

    Remembered in `folder`. Raises UserError where they do not hold one row."""
    path = folder / REMEMBERED
    machine = f"{runtime.world_size} x {torch.cuda.get_device_name(runtime.device)}"
    found = runtime.ranks.once(lambda: files.read_json(path) if path.exists() else {})
    if machine not in found:
        torch.cuda.set_per_process_memory_fraction(SHARE, runtime.device)
        found[machine] = largest(loss, optimizer, rows, length, runtime)
        torch.cuda.set_per_process_memory_fraction(1.0, runtime.device)
        runtime.ranks.once(lambda: files.write_json(path, found))
    return found[machine]


def largest(
    loss: Callable[[Tensor, Tensor], Tensor],
    optimizer: MuonAdamW,
    rows: int,
    length: int,
    runtime: Runtime,
) -> int:
    """Halve the rows until no rank runs out of memory; weights and optimizer stay as they are."""
    fresh = not optimizer.state
    # The other ranks, in the midst of a step, could not be asked whether they have room.
    if fresh and not fits(take_memory, optimizer):
        raise UserError(
            f"{runtime.device} does not hold the optimizer's state beside the model. Use a smaller "
            "depth, or a GPU with more memory."
        )
    while runtime.ranks.any(not fits(read, loss, rows, length, runtime.device)):
        torch.cuda.empty_cache()
        if rows == 1:
            raise UserError(
                f"{runtime.device} does not hold one row of {length} tokens beside the model. Use "
                "a smaller depth, a shorter sequence_len, or a GPU with more memory."
            )
        rows = math.ceil(rows / 2)
    optimizer.zero_grad(set_to_none=True)
    if fresh:
        optimizer.state.clear()
    return rows


def fits(work: Callable[..., None], *arguments) -> bool:
    """Whether the memory suffices for some work."""
    try:
        work(*arguments)
    except torch.OutOfMemoryError:
        return False
    return True


def read(
    loss: Callable[[Tensor, Tensor], Tensor], rows: int, length: int, device: torch.device
) -> None:
    """A forward and a backward pass."""
    ids = torch.zeros(rows, length, dtype=torch.long, device=device)
    loss(ids, ids).backward()


def take_memory(optimizer: MuonAdamW) -> None:
    """Have the optimizer make its state, by a step of length 0."""
    for group in optimizer.param_groups:
        group["lr"] = 0.0
    optimizer.step()


@contextmanager
def memory_explained(rows: int) -> Iterator[None]:
    """Raises UserError where the GPU's memory does not suffice."""
    try:
        yield
    except torch.OutOfMemoryError as error:
        raise UserError(
            f"The GPU's memory does not hold a micro-batch of {rows} rows ({error}). Use a smaller "
            "micro_rows, or device_batch_size=auto, which finds the largest; nothing else changes."
        ) from None

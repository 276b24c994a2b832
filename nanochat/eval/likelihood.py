"""What a model would have paid for texts that it did not write."""

from collections.abc import Iterator, Sequence
from itertools import count

import torch
from jaxtyping import Float
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from nanochat.model import GPT, loss

BATCH_TOKENS = 8192
NO_TARGET = -1


@torch.inference_mode()
def token_nats(model: GPT, sequences: Sequence[list[int]]) -> list[Float[Tensor, "_"]]:
    """The nats of every token of each sequence, but its first.

    A token too far back for the model's sequence length is predicted from half of that or more."""
    pieces = [cut(ids, model.config.sequence_len) for ids in sequences]
    flat = [piece for parts in pieces for piece in parts]
    nats = [torch.empty(0)] * len(flat)
    for rows in batches([len(inputs) for inputs, _ in flat]):
        for row, values in zip(rows, piece_nats(model, [flat[row] for row in rows]), strict=True):
            nats[row] = values
    remaining = iter(nats)
    return [torch.cat([next(remaining) for _ in parts]) for parts in pieces]


def piece_nats(
    model: GPT, pieces: Sequence[tuple[list[int], list[int]]]
) -> list[Float[Tensor, "_"]]:
    """The nats of the targets of each piece, from one batch."""
    device = model.head.weight.device
    inputs, targets = (
        pad_sequence([torch.tensor(part) for part in parts], True, padding).to(device)
        for parts, padding in zip(zip(*pieces, strict=True), (0, NO_TARGET), strict=True)
    )
    nll = loss.token_nll(model(inputs), model.head.weight, targets, model.config.softcap)
    return [row[counted] for row, counted in zip(nll.cpu(), targets.cpu() >= 0, strict=True)]


def cut(ids: list[int], length: int) -> list[tuple[list[int], list[int]]]:
    """Pieces of at most `length` inputs with their targets, each token a target exactly once.

    Every piece but the first begins with context of half its length, which is no target."""
    stride = max(1, length // 2)
    pieces, done = [], 1
    for start in count(0, stride):
        end = min(start + length + 1, len(ids))
        targets = [NO_TARGET] * (done - start - 1) + ids[done:end]
        pieces.append((ids[start : end - 1], targets))
        if end == len(ids):
            return pieces
        done = end


def batches(lengths: Sequence[int]) -> Iterator[list[int]]:
    """Row numbers, in runs of similar length that take BATCH_TOKENS or less when padded."""
    run: list[int] = []
    for row in sorted(range(len(lengths)), key=lengths.__getitem__):
        if run and (len(run) + 1) * lengths[row] > BATCH_TOKENS:
            yield run
            run = []
        run.append(row)
    if run:
        yield run

"""What a model would have paid for texts that it did not write."""

from collections.abc import Callable, Iterator, Sequence
from itertools import count

import torch
from jaxtyping import Bool, Float, Int
from torch import Tensor
from torch.nn.utils.rnn import pad_sequence

from nanochat.model import GPT, loss

BATCH_TOKENS = 8192
NO_TARGET = -1

Measure = Callable[[GPT, Tensor, Tensor], Tensor]


def token_nats(model: GPT, sequences: Sequence[list[int]]) -> list[Float[Tensor, "_"]]:
    """The nats of every token of each sequence, but its first.

    A token too far back for the model's sequence length is predicted from half of that or more."""
    return each_token(model, sequences, nats)


def token_hits(model: GPT, sequences: Sequence[list[int]]) -> list[Bool[Tensor, "_"]]:
    """For every token of each sequence, but its first, whether the model finds it the likeliest."""
    return each_token(model, sequences, hits)


@torch.inference_mode()
def next_logits(model: GPT, prompts: Sequence[list[int]]) -> Float[Tensor, "N V"]:
    """The scores of what comes after each prompt, on the CPU."""
    logits = torch.empty(len(prompts), model.config.vocab_size)
    for rows in batches([len(prompt) for prompt in prompts]):
        hidden = model(padded([prompts[row] for row in rows], 0, model))
        last = [len(prompts[row]) - 1 for row in rows]
        logits[rows] = model.logits(hidden[range(len(rows)), last]).cpu()
    return logits


@torch.inference_mode()
def each_token(model: GPT, sequences: Sequence[list[int]], measure: Measure) -> list[Tensor]:
    """A measure of every token of each sequence but its first, from batches of similar lengths."""
    pieces = [cut(ids, model.config.sequence_len) for ids in sequences]
    flat = [piece for parts in pieces for piece in parts]
    measured = [torch.empty(0)] * len(flat)
    for rows in batches([len(inputs) for inputs, _ in flat]):
        inputs, targets = zip(*(flat[row] for row in rows), strict=True)
        inputs, targets = padded(inputs, 0, model), padded(targets, NO_TARGET, model)
        values, counted = measure(model, inputs, targets).cpu(), targets.cpu() >= 0
        for row, value, mask in zip(rows, values, counted, strict=True):
            measured[row] = value[mask]
    remaining = iter(measured)
    return [torch.cat([next(remaining) for _ in parts]) for parts in pieces]


def nats(model: GPT, inputs: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> Tensor:
    """What each target costs."""
    return loss.token_nll(model(inputs), model.head.weight, targets, model.config.softcap)


def hits(model: GPT, inputs: Int[Tensor, "B T"], targets: Int[Tensor, "B T"]) -> Tensor:
    """Whether each target has the highest score, with few rows of scores held at a time."""
    chunks = model(inputs).flatten(0, 1).split(loss.CHUNK_TOKENS)
    likeliest = torch.cat([model.logits(chunk).argmax(-1) for chunk in chunks])
    return likeliest.view_as(targets) == targets


def padded(rows: Sequence[list[int]], padding: int, model: GPT) -> Int[Tensor, "B T"]:
    """The rows as one tensor where the model is."""
    tensors = [torch.tensor(row) for row in rows]
    return pad_sequence(tensors, True, padding).to(model.head.weight.device)


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

"""Batches of packed rows, the same whoever asks for them, and made ahead in the background."""

import itertools
import multiprocessing
import random
import signal
import threading
import traceback
import warnings
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from jaxtyping import Int, Integer
from torch import Tensor

from nanochat.data import ahead, packing
from nanochat.data.documents import Source, State
from nanochat.data.packing import Example, Waste
from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Tokenizer, conversation

ITEMS_AT_ONCE = 64
START = {"pool": 0, "row": 0, "source": None, "waste": dict(vars(Waste()))}

Encoder = Callable[[list[Any]], list[Example]]
Row = np.ndarray


@dataclass(frozen=True)
class EncodeText:
    """Documents as BOS and their text, every token one to learn."""

    tokenizer: Tokenizer

    def __call__(self, items: list[str]) -> list[Example]:
        encoded = self.tokenizer.encode_arrays(items)
        return [self._example(ids) for ids in encoded]

    def _example(self, ids: Integer[np.ndarray, " N"]) -> Example:
        whole = np.concatenate(([self.tokenizer.bos_id], ids))
        return Example(whole, np.ones(len(whole), dtype=bool))


@dataclass(frozen=True)
class EncodeChats:
    """Conversations of at most `max_tokens`, of which the assistant's tokens are to learn."""

    tokenizer: Tokenizer
    max_tokens: int

    def __call__(self, items: list[Conversation]) -> list[Example]:
        rendered = [conversation.render(self.tokenizer, each, self.max_tokens) for each in items]
        return [Example(each.ids, each.mask, each.dropped_messages) for each in rendered]


@dataclass(frozen=True)
class Batch:
    """Rows of token ids and of the tokens that follow them, -1 where there is nothing to learn.

    `state` starts a loader at the batch after this one; `waste` is that of the run so far."""

    inputs: Int[Tensor, "B T"]
    targets: Int[Tensor, "B T"]
    state: dict
    waste: Waste

    def split(self, rows: int, rank: int = 0, world_size: int = 1) -> list["Batch"]:
        """This rank's rows, in micro-batches of at most `rows`; none where it has no row."""
        if rank >= len(self.inputs):
            return []
        inputs, targets = self.inputs[rank::world_size], self.targets[rank::world_size]
        pieces = zip(inputs.split(rows), targets.split(rows), strict=True)
        return [Batch(*piece, self.state, self.waste) for piece in pieces]


@dataclass(frozen=True)
class Loader:
    """Batches of `rows` x `length` tokens from a source, in an order that the seed alone decides.

    Documents are packed pool by pool, of at least `pool_rows` rows' worth of tokens each. With
    `crop` rows are full and cut documents; without, documents stay whole and rows are padded."""

    source: Source
    encode: Encoder
    rows: int
    length: int
    pad: int
    seed: int
    crop: bool = True
    pool_rows: int = 128

    def batches(self, state: dict | None = None) -> Iterator[Batch]:
        """Batches without end, from the first or from the one after `state`."""
        rows = []
        for ids, mask, waste, after in self._rows(state or START):
            rows.append((ids, mask))
            if len(rows) == self.rows:
                yield _batch(rows, after, waste)
                rows = []

    def _rows(self, state: dict) -> Iterator[tuple[Row, Row, Waste, dict]]:
        items = self.source.read(state["source"])
        for pool in itertools.count(state["pool"]):
            examples, source = self._pool(items)
            order = random.Random(f"rows of pool {pool}, seed {self.seed}")
            ids, mask, own = packing.pack(examples, self.length + 1, self.pad, self.crop, order)
            if not len(ids):
                raise UserError(
                    f"None of {len(examples)} examples has a token to learn within "
                    f"{self.length} tokens. Make the rows longer, or look at the data."
                )
            waste = Waste(**state["waste"]) + own
            for row in range(state["row"], len(ids)):
                yield ids[row], mask[row], waste, state | {"row": row + 1}
            state = {"pool": pool + 1, "row": 0, "source": source, "waste": dict(vars(waste))}

    def _pool(self, items: Iterator[tuple[Any, State]]) -> tuple[list[Example], State]:
        examples, tokens = [], 0
        while tokens < self.pool_rows * (self.length + 1):
            several, states = zip(*itertools.islice(items, ITEMS_AT_ONCE), strict=True)
            encoded = self.encode(list(several))
            examples += encoded
            tokens += sum(len(example.ids) for example in encoded)
        return examples, states[-1]


@contextmanager
def prefetch(loader: Loader, state: dict | None = None) -> Iterator[Iterator[Batch]]:
    """The loader's batches, made by a process of its own while the last one is used.

    Raises in this process what the loader raises there. Where no such process can start, batches
    are made in this one, and a warning says so."""
    if getattr(multiprocessing.current_process(), "_inheriting", False):
        # A process that is being started runs a script without main guard: to here, and no further.
        raise SystemExit
    context = multiprocessing.get_context("spawn")
    receiver, sender = context.Pipe(duplex=False)
    worker = context.Process(target=_produce, args=(loader, state, sender), daemon=True)
    with _interrupts_ignored():
        worker.start()
    # With this copy closed, either side learns of the other's end from the pipe alone.
    sender.close()
    try:
        yield _received(receiver, worker) if _started(receiver) else loader.batches(state)
    finally:
        # The pipe's end wakes the thread that reads; the last to let go of the receiver closes it.
        worker.terminate()
        worker.join()


def _produce(loader: Loader, state: dict | None, sender) -> None:
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        sender.send("started")
        for batch in loader.batches(state):
            sender.send((batch.inputs.numpy(), batch.targets.numpy(), batch.state, batch.waste))
    except BrokenPipeError:
        pass
    except UserError as error:
        sender.send(error)
    except Exception:
        sender.send(RuntimeError(f"The loader failed:\n{traceback.format_exc()}"))


def _started(receiver) -> bool:
    try:
        receiver.recv()
    except (EOFError, ConnectionResetError):
        warnings.warn(
            "Batches are made in this process, and the model waits for them: another one could not "
            "start. Either this script lacks `if __name__ == '__main__':`, or its source of texts "
            "is defined where another process does not find it, as in a notebook's cell.",
            stacklevel=4,
        )
        return False
    return True


def _received(receiver, worker: multiprocessing.process.BaseProcess) -> Iterator[Batch]:
    # A batch is megabytes: a thread takes the next one out of the pipe while the last is used.
    coming = ahead.begin(receiver.recv)
    while True:
        inputs, targets, state, waste = _message(coming, worker)
        coming = ahead.begin(receiver.recv)
        yield Batch(torch.from_numpy(inputs), torch.from_numpy(targets), state, waste)


def _message(coming: Future, worker: multiprocessing.process.BaseProcess) -> tuple:
    try:
        message = coming.result()
    except (EOFError, ConnectionResetError):
        worker.join()
        raise UserError(
            f"The process that makes batches was ended (exit code {worker.exitcode}), perhaps "
            "for lack of memory. Free some, then run the same command again: it resumes."
        ) from None
    if isinstance(message, Exception):
        raise message
    return message


@contextmanager
def _interrupts_ignored() -> Iterator[None]:
    # A process started here ignores Ctrl-C from its first moment: stopping it is this one's task.
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    previous = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, previous)


def _batch(rows: list[tuple[Row, Row]], state: dict, waste: Waste) -> Batch:
    ids, mask = (np.stack(part) for part in zip(*rows, strict=True))
    targets = np.where(mask[:, 1:], ids[:, 1:], -1)
    return Batch(torch.from_numpy(ids[:, :-1].copy()), torch.from_numpy(targets), state, waste)

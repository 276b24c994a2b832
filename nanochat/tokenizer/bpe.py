"""Byte-pair encoding, trained: which pairs of tokens to join, and in which order."""

import heapq
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, islice

import numpy as np
import regex

from nanochat.runtime import UserError

SPLIT_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)"  # endings: 's 'll 've
    r"|[^\r\n\p{L}\p{N}]?+\p{L}+"  # a word, with the space or mark before it
    r"|\p{N}{1,2}"  # one or two digits
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*"  # punctuation
    r"|\s*[\r\n]|\s+(?!\S)|\s+"  # whitespace
)

BATCH_CHARACTERS = 2_000_000
BOUNDARY, DEAD = -1, -2


def train_bpe(
    texts: Iterable[str],
    num_merges: int,
    pattern: str = SPLIT_PATTERN,
    workers: int | None = None,
) -> list[tuple[int, int]]:
    """The first merges of byte-level BPE (Sennrich et al. 2016); merge i makes token 256 + i.

    Raises UserError where the text has fewer merges to give than asked."""
    chunks = count_chunks(texts, pattern, workers)
    merges = list(islice(merge_by_frequency(chunks), num_merges))
    if len(merges) < num_merges:
        raise UserError(
            f"The text gives {len(merges)} merges, and {num_merges} were asked for. "
            f"Train on more text, or ask for a vocabulary of {num_merges - len(merges)} tokens less."
        )
    return merges


def bytes_of_tokens(merges: Iterable[tuple[int, int]]) -> list[bytes]:
    """The bytes that each token stands for: the 256 single bytes, then one token a merge."""
    pieces = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        pieces.append(pieces[left] + pieces[right])
    return pieces


def count_chunks(texts: Iterable[str], pattern: str, workers: int | None) -> Counter[str]:
    """How often each chunk that the pattern splits the texts into occurs."""
    batches = in_batches(texts)
    first = list(islice(batches, 2))
    workers = workers or os.cpu_count() or 1
    if len(first) < 2 or workers == 1:
        results = (count_batch(pattern, batch) for batch in chain(first, batches))
    else:
        results = count_in_processes(pattern, chain(first, batches), workers)
    total: Counter[str] = Counter()
    for result in results:
        total.update(result)
    return total


def count_batch(pattern: str, texts: list[str]) -> Counter[str]:
    """How often each chunk of a few texts occurs."""
    split = regex.compile(pattern).findall
    return Counter(chain.from_iterable(map(split, texts)))


def in_batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists of about BATCH_CHARACTERS characters."""
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    if batch:
        yield batch


def count_in_processes(
    pattern: str, batches: Iterable[list[str]], workers: int
) -> Iterator[Counter[str]]:
    """`count_batch` of each batch, with only a few batches in memory at a time."""
    with ProcessPoolExecutor(
        workers, initializer=signal.signal, initargs=(signal.SIGINT, signal.SIG_IGN)
    ) as pool:
        pending: deque = deque()
        for batch in batches:
            pending.append(pool.submit(count_batch, pattern, batch))
            if len(pending) > workers + 1:
                yield pending.popleft().result()
        while pending:
            yield pending.popleft().result()


def merge_by_frequency(chunks: Counter[str]) -> Iterator[tuple[int, int]]:
    """Merge the most frequent pair, of equals the smallest, again and again until none is left."""
    sequence = Sequence(chunks)
    new_id = 256
    while sequence.recount():
        while pair := sequence.most_frequent():
            sequence.merge(pair, new_id)
            new_id += 1
            yield pair


SHIFT = np.int64(1 << 32)


class Sequence:
    """All distinct chunks behind one another, as a linked list of tokens in flat arrays."""

    def __init__(self, chunks: Counter[str]):
        words = [chunk.encode("utf-8", "replace") for chunk in chunks]
        sizes = np.array([len(word) + 1 for word in words], dtype=np.int64)
        self.ids = np.frombuffer(b" ".join([*words, b""]), dtype=np.uint8).astype(np.int32)
        self.ids[np.cumsum(sizes) - 1] = BOUNDARY
        self.weight = np.repeat(np.fromiter(chunks.values(), np.int64, len(chunks)), sizes)

    def recount(self) -> bool:
        """Close the gaps, and find the pairs that are frequent by now."""
        kept = self.ids != DEAD
        self.ids, self.weight = self.ids[kept], self.weight[kept]
        here = np.arange(len(self.ids), dtype=np.int32)
        self.next, self.previous = np.roll(here, -1), np.roll(here, 1)
        self.places = {}
        self.heap = []
        self.floor = 0
        self.count_pairs(here)
        return bool(self.heap)

    def count_pairs(self, places):
        left, right = self.ids[places], self.ids[self.next[places]]
        inside = (left >= 0) & (right >= 0)
        places, pairs = places[inside], left[inside] * SHIFT + right[inside]
        if not len(pairs):
            return
        order = np.argsort(pairs)
        places, pairs = places[order], pairs[order]
        starts = np.flatnonzero(np.concatenate(([True], pairs[1:] != pairs[:-1])))
        counts = np.add.reduceat(self.weight[places], starts)
        if not self.floor:
            self.floor = max(1, int(counts.max()) // FACTOR)
        ends = np.append(starts[1:], len(pairs))
        often = np.flatnonzero(counts >= self.floor)
        for pair, count, start, end in zip(
            pairs[starts[often]].tolist(),
            counts[often].tolist(),
            starts[often].tolist(),
            ends[often].tolist(),
        ):
            self.places[pair] = places[start:end]
            heapq.heappush(self.heap, (-count, pair))

    def most_frequent(self):
        while self.heap:
            count, pair = heapq.heappop(self.heap)
            places = self.places[pair]
            a, b = divmod(pair, 1 << 32)
            places = places[(self.ids[places] == a) & (self.ids[self.next[places]] == b)]
            actual = int(self.weight[places].sum())
            if actual == -count:
                self.places[pair] = places
                return a, b
            if actual >= self.floor:
                self.places[pair] = places
                heapq.heappush(self.heap, (-actual, pair))

    def merge(self, pair, new_id):
        a, b = pair
        left = self.places.pop((a << 32) + b)
        if a == b:
            left = self.without_overlaps(left)
        right = self.next[left]
        after = self.next[right]
        self.ids[left] = new_id
        self.ids[right] = DEAD
        self.next[left] = after
        self.previous[after] = left
        before = self.previous[left]
        before = before[self.ids[before] != new_id]
        self.count_pairs(np.concatenate((before, left)))

    def without_overlaps(self, left):
        """In a run such as `aaaa`, every second place."""
        left = np.sort(left)
        n = np.arange(len(left))
        begins = np.concatenate(([True], left[1:] != self.next[left[:-1]]))
        offset = n - np.maximum.accumulate(np.where(begins, n, 0))
        return left[offset % 2 == 0]


FACTOR = 8

"""Byte-pair encoding, trained: which pairs of tokens to merge, and in which order.

The text is split into chunks, roughly words, and each distinct chunk is kept once, with its count.
All chunks then lie behind one another in flat arrays, and each merge touches only the places where
its pair stands.
"""

import heapq
import os
import signal
from collections import Counter, deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from itertools import chain, count, islice

import numpy as np
import regex
from jaxtyping import Int32

from nanochat.runtime import UserError

SPLIT_PATTERN = (
    r"'(?i:[sdmt]|ll|ve|re)"  # the ending of "she's", "we'll"
    r"|[^\r\n\p{L}\p{N}]?+\p{L}+"  # a word, with the space or the mark before it
    r"|\p{N}{1,2}"  # one digit or two
    r"| ?[^\s\p{L}\p{N}]++[\r\n]*"  # punctuation, with the line's end
    r"|\s*[\r\n]|\s+(?!\S)|\s+"  # whitespace, but for the space that belongs to a word
)

# What one process splits at a time; less text than this is not worth a second process.
BATCH_CHARACTERS = 2_000_000

# A pair of tokens as one integer, left * PAIR_BASE + right, which sorts as the pair itself does.
PAIR_BASE = 1 << 32
CHUNK_END, NO_PAIR = -1, -1

Places = Int32[np.ndarray, "_"]


def train_bpe(
    texts: Iterable[str],
    num_merges: int,
    pattern: str = SPLIT_PATTERN,
    workers: int | None = None,
) -> list[tuple[int, int]]:
    """The merges of byte-level BPE (Sennrich et al. 2016), where merge i makes token 256 + i.

    Raises UserError where the text has fewer merges to give."""
    chunks = count_chunks(texts, pattern, workers)
    merges = list(islice(merges_by_frequency(chunks), num_merges))
    if len(merges) < num_merges:
        raise UserError(
            f"The text gives {len(merges)} merges, and {num_merges} were asked for: train on more "
            f"text, or make the vocabulary smaller by {num_merges - len(merges)} or more."
        )
    return merges


def token_table(merges: Iterable[tuple[int, int]]) -> list[bytes]:
    """The bytes of each token: the 256 single bytes first, then one token a merge."""
    table = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        table.append(table[left] + table[right])
    return table


def merges_by_frequency(chunks: Counter[str]) -> Iterator[tuple[int, int]]:
    """The most frequent pair, of equals the smallest, merged and yielded until none is left."""
    tokens = LinkedTokens(chunks)
    heap = list(tokens.pairs_at(np.arange(len(tokens.ids), dtype=np.int32)))
    heapq.heapify(heap)
    new_ids = count(256)
    while heap:
        believed, pair, places = heapq.heappop(heap)
        # A pair gets all its places at once, when the newer of its tokens is made, and from then
        # on only loses some. So a count in the heap may be too high but never too low, and it is
        # enough to look again when it comes to the top.
        places = places[tokens.pairs[places] == pair]
        actual = -tokens.frequency(places)
        if actual == believed:
            yield divmod(pair, PAIR_BASE)
            for entry in tokens.pairs_at(tokens.merge(pair, places, next(new_ids))):
                heapq.heappush(heap, entry)
        elif actual < 0:
            heapq.heappush(heap, (actual, pair, places))


class LinkedTokens:
    """The tokens of all distinct chunks in a row, each linked to its neighbours."""

    def __init__(self, chunks: Counter[str]):
        words = [chunk.encode("utf-8", "replace") for chunk in chunks]
        sizes = np.array([len(word) + 1 for word in words], dtype=np.int64)
        self.ids = np.frombuffer(b" ".join([*words, b""]), dtype=np.uint8).astype(np.int32)
        self.ids[np.cumsum(sizes) - 1] = CHUNK_END
        self.pairs = np.full(len(self.ids), NO_PAIR, dtype=np.int64)
        self.weight = np.repeat(np.fromiter(chunks.values(), dtype=np.int64), sizes)
        here = np.arange(len(self.ids), dtype=np.int32)
        self.next, self.previous = np.roll(here, -1), np.roll(here, 1)

    def frequency(self, places: Places) -> int:
        """How often what stands at the places occurs in the whole text."""
        return int(self.weight[places].sum())

    def pairs_at(self, places: Places) -> Iterator[tuple[int, int, Places]]:
        """Note which pair begins at each place, and group: (-frequency, pair, its places)."""
        left, right = self.ids[places], self.ids[self.next[places]]
        pairs = left.astype(np.int64) * PAIR_BASE + right
        self.pairs[places] = pairs
        whole = (left != CHUNK_END) & (right != CHUNK_END)
        pairs, places = pairs[whole], places[whole]
        if len(pairs) == 0:
            return
        order = np.argsort(pairs)
        pairs, places = pairs[order], places[order]
        changes = np.flatnonzero(pairs[1:] != pairs[:-1]) + 1
        edges = [0, *changes.tolist(), len(pairs)]
        frequencies = np.add.reduceat(self.weight[places], edges[:-1])
        for start, end, frequency in zip(edges, edges[1:], frequencies.tolist(), strict=False):
            yield -frequency, int(pairs[start]), places[start:end]

    def merge(self, pair: int, places: Places, new_id: int) -> Places:
        """Make one token of each pair at the places; returns where a pair has changed."""
        left, right = divmod(pair, PAIR_BASE)
        if left == right:
            places = self.without_overlaps(places)
        absorbed = self.next[places]
        after = self.next[absorbed]
        self.ids[places] = new_id
        self.pairs[absorbed] = NO_PAIR
        self.next[places] = after
        self.previous[after] = places
        before = self.previous[places]
        return np.concatenate([before[self.ids[before] != new_id], places])

    def without_overlaps(self, places: Places) -> Places:
        """Of two pairs that share a token, as in `aaa`, the left one only."""
        kept, absorbed = [], CHUNK_END
        places = np.sort(places)
        for place, following in zip(places.tolist(), self.next[places].tolist(), strict=True):
            if place != absorbed:
                kept.append(place)
                absorbed = following
        return np.array(kept, dtype=np.int32)


def count_chunks(texts: Iterable[str], pattern: str, workers: int | None) -> Counter[str]:
    """How often each chunk occurs; a long stream of texts is split in several processes."""
    batches = in_batches(texts)
    first = list(islice(batches, 2))
    batches = chain(first, batches)
    workers = workers or min(os.cpu_count() or 1, 16)
    if len(first) < 2 or workers == 1:
        counts = (count_batch(pattern, batch) for batch in batches)
    else:
        counts = count_in_processes(pattern, batches, workers)
    total: Counter[str] = Counter()
    for counted in counts:
        total.update(counted)
    return total


def in_batches(texts: Iterable[str]) -> Iterator[list[str]]:
    """The texts in lists of about BATCH_CHARACTERS characters."""
    batch, size = [], 0
    for text in texts:
        batch.append(text)
        size += len(text)
        if size >= BATCH_CHARACTERS:
            yield batch
            batch, size = [], 0
    yield batch


def count_batch(pattern: str, texts: list[str]) -> Counter[str]:
    """How often each chunk of a few texts occurs."""
    split = regex.compile(pattern).findall
    return Counter(chain.from_iterable(map(split, texts)))


def count_in_processes(
    pattern: str, batches: Iterable[list[str]], workers: int
) -> Iterator[Counter[str]]:
    """`count_batch` of each batch, with no more batches in memory than keep the workers busy."""
    running: deque[Future] = deque()
    # Ctrl-C reaches every process; the workers leave it to this one to stop them.
    ignore_ctrl_c = {"initializer": signal.signal, "initargs": (signal.SIGINT, signal.SIG_IGN)}
    try:
        with ProcessPoolExecutor(workers, **ignore_ctrl_c) as pool:
            for batch in batches:
                running.append(pool.submit(count_batch, pattern, batch))
                if len(running) > 2 * workers:
                    yield running.popleft().result()
            while running:
                yield running.popleft().result()
    except BrokenProcessPool:
        raise UserError(
            "A process that splits the text died. Either memory ran out, or this is a script "
            "without `if __name__ == '__main__':`. With workers=1 there is no other process."
        ) from None

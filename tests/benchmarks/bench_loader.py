"""What packing wastes, beside documents cut in the order they come, and how fast batches are."""

import itertools
import time

from rich.console import Console
from rich.table import Table

from nanochat.data import EncodeChats, EncodeText, Loader, WorldChats, WorldDocuments
from nanochat.tokenizer import Tokenizer

ROWS, BATCHES = 32, 16


def cut_in_order(lengths, capacity, rows):
    """The share of tokens lost where each row takes the next documents and crops the last."""
    lengths, read = iter(lengths), 0
    for _ in range(rows):
        room = capacity
        while room > 0:
            length = next(lengths)
            read += length
            room -= length
    return 1 - rows * capacity / read


def measure(tokenizer, length):
    source, encode = WorldDocuments(0), EncodeText(tokenizer)
    start = time.process_time()
    loader = Loader(source, encode, ROWS, length, tokenizer.bos_id, seed=0)
    packed = list(itertools.islice(loader.batches(), BATCHES))[-1].waste
    seconds = time.process_time() - start
    texts = (len(encode([text])[0].ids) for text, _ in source.read())
    greedy = cut_in_order(texts, length + 1, ROWS * BATCHES)
    chats = Loader(
        WorldChats(0), EncodeChats(tokenizer, length + 1), ROWS, length, tokenizer.bos_id, 0, False
    )
    padded = list(itertools.islice(chats.batches(), BATCHES))[-1].waste
    return (
        f"{packed.cropped_share():.1%}",
        f"{greedy:.1%}",
        f"{greedy / packed.cropped_share():.2f}",
        f"{padded.padded_share():.1%}",
        f"{padded.cut:,} ({padded.dropped:,})",
        f"{packed.placed / seconds:,.0f}",
    )


if __name__ == "__main__":
    texts = [text for text, _ in itertools.islice(WorldDocuments(0).read(), 3000)]
    table = Table(
        "vocabulary",
        "row",
        "cropped: best fit",
        "in order",
        "ratio",
        "chats: padded",
        "cut (to nothing)",
        "tokens a CPU second",
    )
    for vocab_size in (1024, 2048):
        tokenizer = Tokenizer.train(texts, vocab_size)
        for length in (256, 512):
            table.add_row(str(vocab_size), str(length), *measure(tokenizer, length))
    Console(width=140).print(table)

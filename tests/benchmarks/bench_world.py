"""Speed of the tiny world, the floor of each kind of document, its words, and its variety."""

import re
import time
from collections import defaultdict

from nanochat.data import world
from nanochat.data.world import stories
from nanochat.data.world.draw import Draw


def measure(name, make, text_of, count):
    """Bytes a document, bits a byte and share of each kind, and megabytes a second."""
    sums = defaultdict(lambda: [0, 0, 0.0])
    start = time.process_time()
    for index in range(count):
        item = make(1, index)
        size = len(text_of(item).encode())
        for i, value in enumerate((1, size, item.bits)):
            sums[item.kind][i] += value
    seconds = time.process_time() - start
    count, size, bits = (sum(column) for column in zip(*sums.values(), strict=True))
    for kind, (n, kind_bytes, kind_bits) in sorted(sums.items()):
        share, mean = kind_bytes / size, kind_bytes / n
        print(f"{name:9} {kind:14} {share:6.1%} {mean:6.0f} bytes {kind_bits / kind_bytes:.3f} bpb")
    print(f"{name:9} {'all':14} {size / count:.0f} bytes, floor {bits / size:.3f} bits per byte")
    print(f"{name:9} speed: {size / 1e6 / seconds:.2f} MB a second on one core (target: 1)")


def chat_text(chat):
    return "".join(p.text for message in chat.conversation.messages for p in message.parts)


def words(count):
    """Word types: whole words in small letters, not those that spelling documents coin."""
    found = defaultdict(set)
    for index in range(count):
        document = world.document(1, index)
        found[document.kind].update(re.findall(r"(?<![\w-])[a-z]+(?![\w-])", document.text))
    del found["spelling"]
    print(
        f"{count} documents: {len(set().union(*found.values()))} word types (target: 3000), "
        f"{len(found['story'])} of them in stories"
    )


def variety(count):
    """Stories that share more than half of their sentences with an earlier one."""
    seen, alike = {}, 0
    for index in range(count):
        text = stories.story(Draw(1, "variety", index), "train")
        sentences = [hash(s) for s in re.split(r"(?<=[.!?])\s", text)]
        owners = [seen.setdefault(s, index) for s in sentences]
        strangers = [owner for owner in owners if owner != index]
        alike += any(strangers.count(o) * 2 > len(sentences) for o in set(strangers))
    print(f"{count} stories: {alike} alike (target: < 0.1 %)")


if __name__ == "__main__":
    measure("documents", world.document, lambda document: document.text, 10_000)
    measure("chats", world.chat, chat_text, 10_000)
    words(100_000)
    variety(100_000)

"""Which part of the world a document belongs to: train, val or test."""

from collections.abc import Callable
from hashlib import blake2b
from typing import TypeVar

from nanochat.data.world.draw import Draw

T = TypeVar("T")

SPLITS = ("train", "val", "test")


def split_of(*key, held_out: float = 0.05) -> str:
    """The one split where this key may occur, by a hash; val and test get a share each."""
    digest = blake2b("|".join(map(str, key)).encode(), digest_size=6).digest()
    place = int.from_bytes(digest, "little") / 2**48
    if place < held_out:
        return "val"
    return "test" if place < 2 * held_out else "train"


def draw_key(draw: Draw, split: str, make: Callable[[], T], held_out: float = 0.05) -> T:
    """A key of this split, drawn from the whole world's keys until one falls in it.

    Its bits are those of the whole world's program: that the hash chose this split is nothing
    that a reader of the other splits can know, so a floor must not count on it.
    """
    return draw.until(make, lambda key: split_of(*key, held_out=held_out) == split)

"""From text to batches: the tiny world, documents from files, packing, and the loader."""

from nanochat.data import packing
from nanochat.data.batches import Batch, EncodeChats, EncodeText, Loader, prefetch
from nanochat.data.documents import (
    Items,
    ParquetShards,
    Source,
    TextFiles,
    WorldChats,
    WorldDocuments,
)

__all__ = [
    "Batch",
    "EncodeChats",
    "EncodeText",
    "Items",
    "Loader",
    "ParquetShards",
    "Source",
    "TextFiles",
    "WorldChats",
    "WorldDocuments",
    "packing",
    "prefetch",
]

"""From text to batches: the tiny world, documents from files, packing, and the loader."""

from nanochat.data import packing
from nanochat.data.batches import Batch, EncodeChats, EncodeText, Loader, prefetch
from nanochat.data.documents import (
    Items,
    Source,
    TextFiles,
    WorldChats,
    WorldDocuments,
)
from nanochat.data.shards import HubShards, ParquetShards

__all__ = [
    "Batch",
    "EncodeChats",
    "EncodeText",
    "HubShards",
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

"""From text to batches: the tiny world, documents from files, packing, and the loader."""

from nanochat.data import catalogue, packing
from nanochat.data.batches import Batch, EncodeChats, EncodeText, Loader, prefetch
from nanochat.data.documents import (
    Items,
    Source,
    TextFiles,
    WorldChats,
    WorldDocuments,
    WorldReadings,
)
from nanochat.data.hub import Hub
from nanochat.data.mixture import Identity, Mixture, OwnConversations, TaskSet
from nanochat.data.shards import HubShards, ParquetShards

__all__ = [
    "Batch",
    "EncodeChats",
    "EncodeText",
    "Hub",
    "HubShards",
    "Identity",
    "Items",
    "Loader",
    "Mixture",
    "OwnConversations",
    "ParquetShards",
    "Source",
    "TaskSet",
    "TextFiles",
    "WorldChats",
    "WorldDocuments",
    "WorldReadings",
    "catalogue",
    "packing",
    "prefetch",
]

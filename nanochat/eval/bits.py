"""How many bits a model needs for a byte of text, beside how many the text holds."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import log

from nanochat.data.world import Document
from nanochat.eval import likelihood
from nanochat.model import GPT
from nanochat.runtime import ALONE, Ranks, UserError
from nanochat.tokenizer import Tokenizer


@dataclass(frozen=True)
class BitsPerByte:
    """Bits over UTF-8 bytes of whole documents, counted in two ways.

    `strict` pays for all choices, the one to end a document among them, and is what the floor
    compares with; `text_only` leaves out the nats of special tokens, as nanochat's figures do."""

    strict: float
    text_only: float
    bytes: int


def bits_per_byte(
    model: GPT, tokenizer: Tokenizer, texts: Sequence[str], ranks: Ranks = ALONE
) -> BitsPerByte:
    """What the texts cost, each between two `<|bos|>`; each rank reads its share of them.

    Raises UserError where there is no text."""
    size = text_bytes(texts)
    bos = [tokenizer.bos_id]
    documents = [
        bos + ids + bos for ids in tokenizer.encode_batch(texts[ranks.rank :: ranks.world_size])
    ]
    nats = likelihood.token_nats(model, documents)
    total = ranks.total(sum(each.sum().item() for each in nats))
    ends = ranks.total(sum(each[-1].item() for each in nats))
    return BitsPerByte(total / log(2) / size, (total - ends) / log(2) / size, size)


def floor_bits_per_byte(documents: Sequence[Document]) -> float:
    """The bits per byte that no model can beat: those of the choices that made the documents.

    Raises UserError where there is no text."""
    size = text_bytes([document.text for document in documents])
    return sum(document.bits for document in documents) / size


def text_bytes(texts: Sequence[str]) -> int:
    """The size of the texts in UTF-8. Raises UserError where that is 0."""
    size = sum(len(text.encode()) for text in texts)
    if not size:
        raise UserError(f"{len(texts)} texts with 0 bytes have no bits per byte. Give some text.")
    return size

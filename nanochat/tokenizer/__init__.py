"""Text as numbers: byte-pair encoding, the tokenizer, and conversations."""

from nanochat.tokenizer.bpe import SPLIT_PATTERN, train_bpe
from nanochat.tokenizer.conversation import (
    Conversation,
    Message,
    Part,
    Rendered,
    parse,
    parse_reply,
    prompt,
    render,
)
from nanochat.tokenizer.tokenizer import SPECIAL_TOKENS, StreamDecoder, Tokenizer

__all__ = [
    "SPECIAL_TOKENS",
    "SPLIT_PATTERN",
    "Conversation",
    "Message",
    "Part",
    "Rendered",
    "StreamDecoder",
    "Tokenizer",
    "parse",
    "parse_reply",
    "prompt",
    "render",
    "train_bpe",
]

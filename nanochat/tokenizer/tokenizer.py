"""Text to token ids and back."""

import codecs
import json
import os
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from functools import cached_property
from itertools import pairwise
from pathlib import Path

import numpy as np
import tiktoken
from jaxtyping import Int32, Integer

from nanochat.runtime import UserError, files
from nanochat.tokenizer import bpe

SPECIAL_TOKENS = (
    "<|bos|>",
    "<|user_start|>",
    "<|user_end|>",
    "<|assistant_start|>",
    "<|assistant_end|>",
    "<|python_start|>",
    "<|python_end|>",
    "<|output_start|>",
    "<|output_end|>",
)

FILE_FORMAT = "nanochat tokenizer 1"

# tiktoken breaks off where a million characters of whitespace stand in a row: no piece of a text
# that it is given has twice as many as this.
LONG_WHITESPACE = 100_000


class Tokenizer:
    """Byte-level BPE, the special tokens after the merges; no text ever becomes a special token."""

    def __init__(self, merges: Iterable[tuple[int, int]], pattern: str = bpe.SPLIT_PATTERN):
        self.merges = [tuple(pair) for pair in merges]
        self.pattern = pattern
        self.pieces = bpe.token_table(self.merges)
        self.special = {name: len(self.pieces) + i for i, name in enumerate(SPECIAL_TOKENS)}
        self.bos_id = self.special["<|bos|>"]
        self.vocab_size = len(self.pieces) + len(self.special)
        self._encoding = tiktoken.Encoding(
            "nanochat",
            pat_str=pattern,
            mergeable_ranks={piece: rank for rank, piece in enumerate(self.pieces)},
            special_tokens=self.special,
        )

    @classmethod
    def train(
        cls,
        texts: Iterable[str],
        vocab_size: int,
        pattern: str = bpe.SPLIT_PATTERN,
        workers: int | None = None,
    ) -> "Tokenizer":
        """Learn merges until bytes, merges and special tokens make up the vocabulary.

        Raises UserError for a vocabulary too small for the bytes, or too large for the text."""
        smallest = 256 + len(SPECIAL_TOKENS)
        if vocab_size < smallest:
            raise UserError(
                f"vocab_size={vocab_size} has no room for the 256 bytes and the "
                f"{len(SPECIAL_TOKENS)} special tokens. Use {smallest} or more."
            )
        return cls(bpe.train_bpe(texts, vocab_size - smallest, pattern, workers), pattern)

    @classmethod
    def from_merges(
        cls, merges: Iterable[tuple[int, int]], pattern: str = bpe.SPLIT_PATTERN
    ) -> "Tokenizer":
        """The tokenizer of merges learned elsewhere. Raises UserError where they are impossible."""
        merges = [tuple(pair) for pair in merges]
        for index, pair in enumerate(merges):
            if len(pair) != 2 or not all(0 <= token < 256 + index for token in pair):
                raise UserError(
                    f"Merge {index} is {pair}, but only tokens 0 to {255 + index} exist before it."
                )
        if len(set(bpe.token_table(merges))) < 256 + len(merges):
            raise UserError("Two merges make the same bytes, so one of them can never be used.")
        return cls(merges, pattern)

    @classmethod
    def load(cls, path: Path | str) -> "Tokenizer":
        """Read a saved tokenizer. Raises UserError for a file missing, cut short or altered."""
        content = files.read_json(path)
        checksum = content.pop("checksum", None) if isinstance(content, dict) else None
        if checksum != _checksum(content):
            raise UserError(
                f"{path} is not a tokenizer as it was saved: its checksum does not match. "
                "It was altered, or is another file; train the tokenizer again."
            )
        if content["format"] != FILE_FORMAT or tuple(content["special"]) != SPECIAL_TOKENS:
            raise UserError(f"{path} was written by another version. Train the tokenizer again.")
        pairs = (pair.split() for pair in content["merges"])
        return cls.from_merges([(int(a), int(b)) for a, b in pairs], content["pattern"])

    def save(self, path: Path | str) -> None:
        """Write one JSON file with a checksum."""
        files.write_json(path, {**self._content(), "checksum": self.fingerprint})

    @cached_property
    def fingerprint(self) -> str:
        """A checksum of what decides the ids: pattern, merges and special tokens."""
        return _checksum(self._content())

    @cached_property
    def token_bytes(self) -> Int32[np.ndarray, " V"]:
        """How many bytes of text each token stands for; 0 for special tokens."""
        lengths = [len(piece) for piece in self.pieces]
        return np.array(lengths + [0] * len(self.special), dtype=np.int32)

    def encode(self, text: str) -> list[int]:
        """The ids of a text, in which `<|bos|>` and its like are ordinary characters."""
        first, *others = _pieces(text)
        ids = self._encoding.encode_ordinary(first)
        for piece in others:
            ids += self._encoding.encode_ordinary(piece)
        return ids

    def encode_batch(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, encoded in threads."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return list(threads.map(self.encode, texts))

    def encode_arrays(self, texts: Sequence[str]) -> list[Integer[np.ndarray, " N"]]:
        """The same as arrays, for texts by the million."""
        with ThreadPoolExecutor(os.cpu_count()) as threads:
            return list(threads.map(self._encode_array, texts))

    def decode(self, ids: Iterable[int]) -> str:
        """The text of the ids, U+FFFD for broken UTF-8. Raises UserError for an unknown id."""
        return self.decode_bytes(ids).decode("utf-8", "replace")

    def decode_bytes(self, ids: Iterable[int]) -> bytes:
        """The bytes of the ids, of special tokens the names. Raises UserError for an unknown id."""
        ids = list(ids)
        unknown = [token for token in ids if not 0 <= token < self.vocab_size]
        if unknown:
            raise UserError(f"Token {unknown[0]} is outside this vocabulary of {self.vocab_size}.")
        return self._encoding.decode_bytes(ids)

    def stream(self) -> "StreamDecoder":
        """A decoder for ids that arrive one by one."""
        return StreamDecoder(self)

    def _encode_array(self, text: str) -> Integer[np.ndarray, " N"]:
        encode = self._encoding.encode_to_numpy
        return np.concatenate([encode(piece, disallowed_special=()) for piece in _pieces(text)])

    def _content(self) -> dict:
        return {
            "format": FILE_FORMAT,
            "pattern": self.pattern,
            "special": list(SPECIAL_TOKENS),
            "merges": [f"{a} {b}" for a, b in self.merges],
        }


class StreamDecoder:
    """Decodes ids one by one, holding back the first bytes of a character until it is whole."""

    def __init__(self, tokenizer: Tokenizer):
        self._tokenizer = tokenizer
        self._utf8 = codecs.getincrementaldecoder("utf-8")("replace")

    def push(self, token: int) -> str:
        """The characters that this token completes."""
        return self._utf8.decode(self._tokenizer.decode_bytes([token]))

    def finish(self) -> str:
        """U+FFFD where the last character was left incomplete, else nothing."""
        return self._utf8.decode(b"", final=True)


def _pieces(text: str) -> list[str]:
    """The text, U+FFFD for lone surrogates, cut where there is too much whitespace in a row."""
    try:
        text.encode()
    except UnicodeEncodeError:
        text = text.encode("utf-16", "surrogatepass").decode("utf-16", "replace")
    if len(text) <= LONG_WHITESPACE:
        return [text]
    ends = range(LONG_WHITESPACE, len(text), LONG_WHITESPACE)
    cuts = [end for end in ends if text[end - LONG_WHITESPACE : end].isspace()]
    return [text[start:end] for start, end in pairwise([0, *cuts, len(text)])]


def _checksum(content) -> str:
    return files.sha256(json.dumps(content, sort_keys=True).encode())

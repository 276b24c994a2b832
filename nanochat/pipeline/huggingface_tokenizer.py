"""Tokenizers in and out in the form that `transformers` loads: tokenizer.json and its template."""

import itertools
from collections.abc import Iterator
from pathlib import Path

from nanochat.runtime import UserError, files
from nanochat.tokenizer import SPECIAL_TOKENS, Tokenizer

TOKENIZER, SETTINGS, TEMPLATE = "tokenizer.json", "tokenizer_config.json", "chat_template.jinja"

# What `tokenizer.conversation.render` does, in the language of templates.
CHAT_TEMPLATE = """\
{%- macro content(message) -%}
  {%- if message.content is string -%}
    {{- message.content -}}
  {%- else -%}
    {%- for part in message.content -%}
      {%- if part.type == "text" -%}
        {{- part.text -}}
      {%- else -%}
        {{- "<|" + part.type + "_start|>" + part.text + "<|" + part.type + "_end|>" -}}
      {%- endif -%}
    {%- endfor -%}
  {%- endif -%}
{%- endmacro -%}
{{- bos_token -}}
{%- set before = namespace(text="") -%}
{%- for message in messages -%}
  {%- if message.role == "system" -%}
    {%- set before.text = content(message) + "\\n\\n" -%}
  {%- else -%}
    {{- "<|" + message.role + "_start|>" + before.text + content(message) -}}
    {{- "<|" + message.role + "_end|>" -}}
    {%- set before.text = "" -%}
  {%- endif -%}
{%- endfor -%}
{%- if add_generation_prompt -%}
  {{- "<|assistant_start|>" -}}
{%- endif -%}
"""


def save(tokenizer: Tokenizer, folder: Path) -> None:
    """Write tokenizer.json, its settings and the chat template.

    As everywhere in `transformers`, text that spells a special token becomes one there."""
    settings = {
        "tokenizer_class": "PreTrainedTokenizerFast",
        "bos_token": "<|bos|>",
        "eos_token": "<|assistant_end|>",
        "pad_token": "<|assistant_end|>",
        "clean_up_tokenization_spaces": False,
    }
    files.write_json(folder / TOKENIZER, as_json(tokenizer))
    files.write_json(folder / SETTINGS, settings)
    files.write_text(folder / TEMPLATE, CHAT_TEMPLATE)


def as_json(tokenizer: Tokenizer) -> dict:
    """The content of tokenizer.json."""
    words = spelled(tokenizer)
    split = {"type": "Split", "pattern": {"Regex": tokenizer.pattern}}
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True}
    return {
        "version": "1.0",
        "added_tokens": [added_token(name, index) for name, index in tokenizer.special.items()],
        "pre_tokenizer": {
            "type": "Sequence",
            "pretokenizers": [
                split | {"behavior": "Isolated", "invert": False},
                byte_level | {"use_regex": False},
            ],
        },
        "decoder": byte_level | {"use_regex": False},
        "model": {
            "type": "BPE",
            "vocab": {word: index for index, word in enumerate(words)} | tokenizer.special,
            "merges": [[words[left], words[right]] for left, right in tokenizer.merges],
            # A chunk that is one token is not merged, but found.
            "ignore_merges": True,
        },
    }


def added_token(name: str, index: int) -> dict:
    """A special token's entry in tokenizer.json."""
    plain = dict.fromkeys(("single_word", "lstrip", "rstrip", "normalized"), False)
    return {"id": index, "content": name, "special": True, **plain}


def load(folder: Path) -> Tokenizer:
    """The tokenizer of a tokenizer.json. Raises UserError where it is not one of nanochat's."""
    path = Path(folder) / TOKENIZER
    content = files.read_json(path)
    try:
        vocab = content["model"]["vocab"]
        added = {token["content"]: token["id"] for token in content["added_tokens"]}
        pairs = [split_merge(merge) for merge in content["model"]["merges"]]
        tokenizer = Tokenizer.from_merges(merges_by_id(vocab, pairs), pattern_of(content))
    except (KeyError, TypeError, ValueError, StopIteration) as error:
        raise UserError(
            f"{path} is not a byte-level BPE with a split pattern, as nanochat's are "
            f"({type(error).__name__}: {error})."
        ) from None
    check_ids(tokenizer, vocab | added, path)
    return tokenizer


def split_merge(merge: str | list[str]) -> tuple[str, str]:
    """The two words of a merge; old files have them in one string."""
    left, right = merge.split(" ") if isinstance(merge, str) else merge
    return left, right


def merges_by_id(vocab: dict[str, int], pairs: list[tuple[str, str]]) -> list[tuple[int, int]]:
    """The pairs of ids in the order of the ids that they make, of several the first listed."""
    made: dict[int, tuple[int, int]] = {}
    for left, right in pairs:
        made.setdefault(vocab[left + right], (vocab[left], vocab[right]))
    return [made[index] for index in sorted(made)]


def pattern_of(content: dict) -> str:
    """The regular expression that cuts text into chunks."""
    steps = content["pre_tokenizer"].get("pretokenizers", [content["pre_tokenizer"]])
    return next(step["pattern"]["Regex"] for step in steps if step["type"] == "Split")


def check_ids(tokenizer: Tokenizer, ids: dict[str, int], path: Path) -> None:
    """Raises UserError naming the first token whose id is not the one that nanochat gives it."""
    ours = {word: index for index, word in enumerate(spelled(tokenizer))} | tokenizer.special
    for name, index in ours.items():
        if ids.get(name) != index:
            raise UserError(
                f"{path} gives {name!r} the id {ids.get(name)}, where nanochat has {index}: the "
                f"bytes first, then the merges in order, then {', '.join(SPECIAL_TOKENS)}."
            )


def spelled(tokenizer: Tokenizer) -> list[str]:
    """Each token of text as tokenizer.json spells it: a letter for each byte."""
    letters = list(byte_letters())
    return ["".join(letters[byte] for byte in piece) for piece in tokenizer.pieces]


def byte_letters() -> Iterator[str]:
    """A visible character for each byte (GPT-2, 2019): its own, or one above U+0100."""
    others = itertools.count(256)
    for byte in range(256):
        visible = 33 <= byte <= 126 or (byte >= 161 and byte != 173)
        yield chr(byte if visible else next(others))

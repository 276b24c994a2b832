"""Conversations, and how they become token ids and a loss mask."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Literal, get_args

from nanochat.runtime import UserError
from nanochat.tokenizer.tokenizer import Tokenizer

Kind = Literal["text", "python", "output"]
Role = Literal["system", "user", "assistant"]
KINDS, ROLES = get_args(Kind), get_args(Role)

# Which special tokens may follow each.
NEXT = {
    "<|bos|>": ("<|user_start|>",),
    "<|user_start|>": ("<|user_end|>",),
    "<|user_end|>": ("<|assistant_start|>",),
    "<|assistant_start|>": ("<|python_start|>", "<|assistant_end|>"),
    "<|python_start|>": ("<|python_end|>",),
    "<|python_end|>": ("<|python_start|>", "<|output_start|>", "<|assistant_end|>"),
    "<|output_start|>": ("<|output_end|>",),
    "<|output_end|>": ("<|python_start|>", "<|assistant_end|>"),
    "<|assistant_end|>": ("<|user_start|>",),
}
# Whose message a special token opens.
OPENS: dict[str, Role] = {"<|user_start|>": "user", "<|assistant_start|>": "assistant"}
# What the text behind a special token is, within the assistant's message.
HOLDS: dict[str, Kind] = {
    "<|assistant_start|>": "text",
    "<|python_start|>": "python",
    "<|python_end|>": "text",
    "<|output_start|>": "output",
    "<|output_end|>": "text",
}


@dataclass(frozen=True)
class Part:
    """A stretch of a message: text, a call of the tool, or what the tool answered."""

    kind: Kind
    text: str


@dataclass(frozen=True)
class Message:
    """One turn; neighbouring texts are joined and empty ones left out, so that equal is equal."""

    role: Role
    parts: tuple[Part, ...]

    def __post_init__(self):
        object.__setattr__(self, "parts", tuple(_joined(self.parts)))

    @classmethod
    def text(cls, role: Role, text: str) -> "Message":
        """A message of text alone."""
        return cls(role, (Part("text", text),))

    @property
    def visible(self) -> str:
        """What a person reads: the text without the tool's calls and answers."""
        return "".join(part.text for part in self.parts if part.kind == "text")


@dataclass(frozen=True)
class Conversation:
    """An optional system message, then user and assistant in turn."""

    messages: tuple[Message, ...]

    def to_dict(self) -> dict:
        """Plain JSON: a message's content is a string, or a list of parts where a tool was used."""
        return {"messages": [_message_to_dict(message) for message in self.messages]}

    @classmethod
    def from_dict(cls, data: object) -> "Conversation":
        """The inverse of `to_dict`. Raises UserError naming the message that is wrong."""
        if not isinstance(data, dict) or not isinstance(data.get("messages"), list):
            raise UserError('A conversation is {"messages": [{"role": ..., "content": ...}, ...]}.')
        conversation = cls(tuple(_message_from_dict(i, m) for i, m in enumerate(data["messages"])))
        check(conversation)
        return conversation


@dataclass(frozen=True)
class Rendered:
    """A conversation as ids; mask is 1 where the model is to learn to say the id."""

    ids: list[int]
    mask: list[int]
    dropped_messages: int

    @property
    def has_targets(self) -> bool:
        """Whether anything is left to learn from."""
        return any(self.mask)


def render(
    tokenizer: Tokenizer, conversation: Conversation, max_tokens: int | None = None
) -> Rendered:
    """Ids and mask of as many whole messages as fit into `max_tokens`.

    A system message is merged into the user's first. Raises UserError for turns out of order."""
    messages = _without_system(conversation)
    ids, mask = [tokenizer.bos_id], [0]
    for index, message in enumerate(messages):
        more_ids, more_mask = _render_message(tokenizer, message)
        if max_tokens is not None and len(ids) + len(more_ids) > max_tokens:
            return Rendered(ids, mask, len(messages) - index)
        ids += more_ids
        mask += more_mask
    return Rendered(ids, mask, 0)


def prompt(tokenizer: Tokenizer, conversation: Conversation) -> list[int]:
    """The ids after which the assistant speaks; a reply that is already there is left out."""
    messages = conversation.messages
    if messages and messages[-1].role == "assistant":
        messages = messages[:-1]
    ids = render(tokenizer, Conversation(messages)).ids
    return [*ids, tokenizer.special["<|assistant_start|>"]]


def parse(tokenizer: Tokenizer, ids: Sequence[int]) -> Conversation:
    """The conversation that `render` made the ids of; a merged system message stays merged.

    Raises UserError where the special tokens are out of order."""
    if list(ids[:1]) != [tokenizer.bos_id]:
        raise UserError("The ids of a conversation begin with <|bos|>.")
    pieces = list(_pieces(tokenizer, ids))
    _check_order([marker for marker, _ in pieces])
    messages: list[Message] = []
    for marker, text in pieces:
        if marker in OPENS:
            messages.append(Message.text(OPENS[marker], text))
        elif marker in HOLDS:
            role, parts = messages[-1].role, messages[-1].parts
            messages[-1] = Message(role, (*parts, Part(HOLDS[marker], text)))
        elif text:
            raise UserError(f"There is text after {marker}, where no message is open.")
    conversation = Conversation(tuple(messages))
    check(conversation)
    return conversation


def parse_reply(tokenizer: Tokenizer, ids: Sequence[int]) -> Message:
    """What a model said after a prompt, as it comes: cut short, or with a tool call left open."""
    parts = []
    for marker, text in _pieces(tokenizer, [tokenizer.special["<|assistant_start|>"], *ids]):
        if marker not in HOLDS:
            break
        parts.append(Part(HOLDS[marker], text))
    return Message("assistant", tuple(parts))


def check(conversation: Conversation) -> None:
    """Raises UserError naming the first message whose role or parts are out of place."""
    messages = conversation.messages
    first = 1 if messages and messages[0].role == "system" else 0
    if len(messages) == first:
        raise UserError("A conversation needs at least one message by the user.")
    for index, message in enumerate(messages[first:], start=first):
        expected = ("user", "assistant")[(index - first) % 2]
        if message.role != expected:
            raise UserError(
                f"Message {index} is by {message.role!r}, expected {expected!r}: after an optional "
                "system message, user and assistant speak in turn."
            )
    for index, message in enumerate(messages):
        _check_parts(index, message)


def _check_parts(index: int, message: Message) -> None:
    kinds = [part.kind for part in message.parts]
    if message.role != "assistant" and set(kinds) - {"text"}:
        raise UserError(f"Message {index} is by {message.role!r}, who has text alone, no tools.")
    for previous, kind in zip([None, *kinds], kinds, strict=False):
        if kind == "output" and previous != "python":
            raise UserError(f"Message {index} has an output that does not follow a python part.")


def _joined(parts: Iterable[Part]) -> Iterator[Part]:
    for is_text, group in groupby(parts, key=lambda part: part.kind == "text"):
        if not is_text:
            yield from group
        elif text := "".join(part.text for part in group):
            yield Part("text", text)


def _message_to_dict(message: Message) -> dict:
    if all(part.kind == "text" for part in message.parts):
        return {"role": message.role, "content": message.visible}
    content = [{"type": part.kind, "text": part.text} for part in message.parts]
    return {"role": message.role, "content": content}


def _message_from_dict(index: int, data: object) -> Message:
    try:
        content = data["content"]
        if isinstance(content, str):
            content = [{"type": "text", "text": content}]
        parts = [Part(_one_of(KINDS, part["type"]), _string(part["text"])) for part in content]
        return Message(_one_of(ROLES, data["role"]), tuple(parts))
    except (KeyError, TypeError, ValueError) as error:
        raise UserError(
            f"Message {index} needs a role, and a content that is a string or a list of "
            f'{{"type": ..., "text": ...}} ({type(error).__name__}: {error}).'
        ) from None


def _one_of(choices: tuple[str, ...], value: object) -> str:
    if value not in choices:
        raise ValueError(f"{value!r} is none of {', '.join(choices)}")
    return value


def _string(value: object) -> str:
    if not isinstance(value, str):
        raise ValueError(f"{value!r} is not a string")
    return value


def _without_system(conversation: Conversation) -> tuple[Message, ...]:
    check(conversation)
    first, *rest = conversation.messages
    if first.role != "system":
        return conversation.messages
    return (Message.text("user", first.visible + "\n\n" + rest[0].visible), *rest[1:])


def _render_message(tokenizer: Tokenizer, message: Message) -> tuple[list[int], list[int]]:
    taught = message.role == "assistant"
    ids = [tokenizer.special[f"<|{message.role}_start|>"]]
    mask = [0]
    for part in message.parts:
        part_ids = _render_part(tokenizer, part)
        ids += part_ids
        mask += [int(taught and part.kind != "output")] * len(part_ids)
    return [*ids, tokenizer.special[f"<|{message.role}_end|>"]], [*mask, int(taught)]


def _render_part(tokenizer: Tokenizer, part: Part) -> list[int]:
    ids = tokenizer.encode(part.text)
    if part.kind == "text":
        return ids
    start, end = f"<|{part.kind}_start|>", f"<|{part.kind}_end|>"
    return [tokenizer.special[start], *ids, tokenizer.special[end]]


def _pieces(tokenizer: Tokenizer, ids: Sequence[int]) -> Iterator[tuple[str, str]]:
    """Each special token with the text behind it, where the first id is a special token."""
    names = {token: name for name, token in tokenizer.special.items()}
    starts = [i for i, token in enumerate(ids) if token in names]
    for start, end in zip(starts, [*starts[1:], len(ids)], strict=True):
        yield names[ids[start]], tokenizer.decode(ids[start + 1 : end])


def _check_order(markers: list[str]) -> None:
    for here, following in zip(markers, markers[1:], strict=False):
        if following not in NEXT[here]:
            raise UserError(
                f"{following} cannot follow {here}, only {' or '.join(NEXT[here])} can."
            )
    if markers[-1] not in ("<|user_end|>", "<|assistant_end|>"):
        raise UserError(f"The ids end after {markers[-1]}, in the middle of a message.")

"""A reply while it grows: what the model chose, what a tool put in, and why it ended."""

from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nanochat.tokenizer import Tokenizer

LONGEST_CALL = 128

Reason = Literal["end", "length", "open call"]
Tool = Callable[[str], str | None]


@dataclass(frozen=True)
class Reply:
    """What follows the prompt of that index, up to and with the token that ended it.

    `sampled` is False for a tool's output, whose log-probabilities are 0. `reason` is "end" where
    the model ended the reply, "length" where it was cut, "open call" where it never closed one."""

    prompt: int
    ids: list[int]
    sampled: list[bool]
    logprobs: list[float]
    reason: Reason

    @property
    def finished(self) -> bool:
        """Whether the model ended the reply itself."""
        return self.reason == "end"

    def __add__(self, rest: "Reply") -> "Reply":
        """The reply with what was written after it."""
        return replace(
            rest,
            ids=self.ids + rest.ids,
            sampled=self.sampled + rest.sampled,
            logprobs=self.logprobs + rest.logprobs,
        )


class Draft:
    """A reply that takes one token a step, `limit` at most, and has its tool calls answered.

    `number` tells it from other replies to the same prompt."""

    def __init__(
        self,
        prompt: Sequence[int],
        number: int,
        limit: int,
        tokenizer: Tokenizer,
        tool: Tool | None,
    ):
        self.prompt, self.number, self.limit = prompt, number, limit
        self.tokenizer, self.tool = tokenizer, tool
        self.ids: list[int] = []
        self.sampled: list[bool] = []
        self.logprobs: list[float] = []
        self.forced: deque[int] = deque()
        self.call: list[int] | None = None
        self.reason: Reason | None = None

    def add(self, token: int, logprob: float) -> None:
        """Take the sampled token, or in its place the next one of a tool's output."""
        sampled = not self.forced
        if not sampled:
            token, logprob = self.forced.popleft(), 0.0
        self.ids.append(token)
        self.sampled.append(sampled)
        self.logprobs.append(logprob)
        if sampled:
            self.watch(token)
        if self.reason is None and len(self.ids) == self.limit:
            self.reason = "length" if self.call is None else "open call"

    def watch(self, token: int) -> None:
        """Follow the special tokens: collect a call, answer it, end the reply."""
        special = self.tokenizer.special
        if token in (special["<|assistant_end|>"], special["<|bos|>"]):
            self.reason = "end"
        elif token == special["<|python_start|>"]:
            self.call = []
        elif self.call is None:
            return
        elif token == special["<|python_end|>"]:
            self.answer(self.tokenizer.decode(self.call))
        elif len(self.call) < LONGEST_CALL:
            self.call.append(token)
        else:
            self.reason = "open call"

    def answer(self, call: str) -> None:
        """Close the call; where the tool has a result, that comes next."""
        self.call = None
        result = self.tool(call) if self.tool else None
        if result is not None:
            special = self.tokenizer.special
            ids = self.tokenizer.encode(result)
            self.forced.extend([special["<|output_start|>"], *ids, special["<|output_end|>"]])

    def reply(self, prompt: int) -> Reply:
        """What was written, as the reply to the prompt of that index."""
        return Reply(prompt, self.ids, self.sampled, self.logprobs, self.reason or "length")

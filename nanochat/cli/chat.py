"""A conversation in the terminal."""

from collections.abc import Callable, Generator, Iterator, Sequence
from dataclasses import replace

from rich.console import Console

from nanochat.engine import Engine, Event, Reply, SamplingConfig
from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Message, conversation

HELP = "Type a question. /new forgets the conversation, /quit (or Ctrl-D) leaves."
WREN = (
    "This is Wren, who knows one valley and little else. Ask what Pellow is known for, which town "
    "makes bells, what a snorrel eats (and the tuffet?), how much 12 * 35 is, how to spell "
    "lantern, or for a story about a miller and a key."
)
STYLES = {"text": "", "python": "cyan", "output": "green"}
# What stands between two kinds of text: [12 + 30 = 42] for a tool call and its result.
BETWEEN = {
    ("text", "python"): "[",
    ("python", "output"): " = ",
    ("python", "text"): "] ",
    ("output", "python"): "] [",
    ("output", "text"): "] ",
}


class Chat:
    """What was said so far, and the engine that replies to it."""

    def __init__(self, engine: Engine, sampling: SamplingConfig):
        self.engine, self.sampling = engine, sampling
        self.messages: tuple[Message, ...] = ()
        self.turns = 0

    def forget(self) -> None:
        """Start a new conversation."""
        self.messages = ()

    def reply(self, text: str) -> Iterator[Event]:
        """The assistant's reply as it is written; the oldest turns go where room is short."""
        self.messages += (Message.text("user", text),)
        # Another seed at each turn: a question asked anew after /new gets another answer.
        self.turns += 1
        reply = yield from self.write([])
        while self.outgrown(reply):
            reply += yield from self.write(reply.ids)
        self.messages += (conversation.parse_reply(self.engine.tokenizer, reply.ids),)
        yield Event("end", reply=reply)

    def write(self, said: list[int]) -> Generator[Event, None, Reply]:
        """What comes after the first ids of the reply, until it ends or has filled the room."""
        sampling = replace(
            self.sampling,
            seed=self.sampling.seed + self.turns,
            max_tokens=self.sampling.max_tokens - len(said),
        )
        for event in self.engine.stream(self.fitting_prompt(said), sampling):
            if event.reply is not None:
                return event.reply
            yield event

    def outgrown(self, reply: Reply) -> bool:
        """Whether a reply was cut where older turns can make room for the rest: one of text alone,
        and not in the middle of a character."""
        cut = reply.reason == "length" and len(reply.ids) < self.sampling.max_tokens
        parts = conversation.parse_reply(self.engine.tokenizer, reply.ids).parts
        whole = all(part.kind == "text" and part.text[-1:] != "\ufffd" for part in parts)
        return cut and whole and len(self.messages) > 2

    def fitting_prompt(self, said: Sequence[int] = ()) -> list[int]:
        """The ids of the conversation and of what the reply has so far; the oldest exchanges are
        dropped until a quarter of the model's room is left, or as much as the reply may still have.

        Raises UserError where the last question alone is too long."""
        tokenizer, longest = self.engine.tokenizer, self.engine.model.config.sequence_len
        room = longest - min(self.sampling.max_tokens - len(said), longest // 4)
        ids = [*conversation.prompt(tokenizer, Conversation(self.messages)), *said]
        while len(ids) > room and len(self.messages) > 2:
            self.messages = self.messages[2:]
            ids = [*conversation.prompt(tokenizer, Conversation(self.messages)), *said]
        if len(ids) > longest:
            raise UserError(
                f"Your question has {len(ids)} tokens; the model reads {longest}. Shorten it."
            )
        return ids


def talk(chat: Chat, console: Console, ask: Callable[[], str], greeting: str = HELP) -> None:
    """Show the greeting, then read questions and show replies until the person leaves."""
    console.print(greeting, style="dim")
    while True:
        try:
            text = ask().strip()
        except (EOFError, KeyboardInterrupt):
            console.print()
            return
        if text == "/quit":
            return
        if text == "/new":
            chat.forget()
            console.print("A new conversation.", style="dim")
        elif text:
            try:
                answer(chat, console, text)
            except UserError as error:
                console.print(str(error), style="red", markup=False)


def answer(chat: Chat, console: Console, text: str) -> None:
    """Show one reply; Ctrl-C ends it early. Raises UserError for a text that is too long.

    What got no whole reply is forgotten."""
    before, kind = chat.messages, "text"
    try:
        for event in chat.reply(text):
            if event.reply is not None:
                console.print("" if event.reply.finished else " (cut short)", style="dim", end="")
                break
            between = BETWEEN.get((kind, event.kind), "")
            kind = event.kind
            console.print(between + event.text, style=STYLES[kind], end="", markup=False)
    except KeyboardInterrupt:
        chat.messages = before
        console.print(" (stopped)", style="dim", end="")
    except UserError:
        chat.messages = before
        raise
    console.print()

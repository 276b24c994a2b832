"""A conversation in the terminal."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from rich.console import Console

from nanochat.engine import Engine, Event, SamplingConfig
from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Message, conversation

HELP = "Type a question. /new forgets the conversation, /quit (or Ctrl-D) leaves."
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
        sampling = replace(self.sampling, seed=self.sampling.seed + self.turns)
        for event in self.engine.stream(self.fitting_prompt(), sampling):
            if event.reply is not None:
                tokenizer = self.engine.tokenizer
                self.messages += (conversation.parse_reply(tokenizer, event.reply.ids),)
            yield event

    def fitting_prompt(self) -> list[int]:
        """The ids of the conversation, whose oldest exchanges are dropped where room is short.

        Raises UserError where the last question alone is too long."""
        tokenizer, longest = self.engine.tokenizer, self.engine.model.config.sequence_len
        room = longest - min(self.sampling.max_tokens, 3 * longest // 4)
        ids = conversation.prompt(tokenizer, Conversation(self.messages))
        while len(ids) > room and len(self.messages) > 2:
            self.messages = self.messages[2:]
            ids = conversation.prompt(tokenizer, Conversation(self.messages))
        if len(ids) > longest:
            raise UserError(
                f"Your question has {len(ids)} tokens; the model reads {longest}. Shorten it."
            )
        return ids


def talk(chat: Chat, console: Console, ask: Callable[[], str]) -> None:
    """Read questions and show replies until the person leaves."""
    console.print(HELP, style="dim")
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

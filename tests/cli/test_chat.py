import io
from dataclasses import dataclass, field

from rich.console import Console

from nanochat.cli.chat import Chat, talk
from nanochat.data import world
from nanochat.engine import Engine, Event, Reply, SamplingConfig
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import detect, generator
from nanochat.tokenizer import Message, Tokenizer


def tiny_chat(sequence_len=128):
    texts = [world.document(0, index).text for index in range(40)]
    tokenizer = Tokenizer.train(texts, 400)
    shape = {"sequence_len": sequence_len, "aspect_ratio": 32, "head_dim": 16}
    model = GPT(GPTConfig.from_depth(1, tokenizer.vocab_size, **shape))
    model.init_weights(generator(0))
    engine = Engine(model, tokenizer, detect("cpu", "float32", "off"))
    return Chat(engine, SamplingConfig(max_tokens=12))


@dataclass
class Typist:
    """Types the lines, then Ctrl-D."""

    lines: list[str] = field(default_factory=list)

    def __call__(self) -> str:
        if not self.lines:
            raise EOFError
        return self.lines.pop(0)


def test_a_conversation_alternates_and_can_be_forgotten():
    chat, screen = tiny_chat(), io.StringIO()
    talk(chat, Console(file=screen), Typist(["Hello?", "And?"]))
    assert [message.role for message in chat.messages] == ["user", "assistant"] * 2
    talk(chat, Console(file=screen), Typist(["/new"]))
    assert chat.messages == ()
    talk(chat, Console(file=screen), Typist(["/quit", "never asked"]))
    assert chat.messages == ()


def test_a_talk_begins_with_a_greeting():
    told, untold = io.StringIO(), io.StringIO()
    talk(tiny_chat(), Console(file=told), Typist(), "This is Wren.")
    talk(tiny_chat(), Console(file=untold), Typist())
    assert told.getvalue().startswith("This is Wren.")
    assert untold.getvalue().startswith("Type a question.")


def test_the_oldest_turns_go_where_room_is_short():
    chat = tiny_chat(sequence_len=96)
    for turn in range(6):
        list(chat.reply(f"This is question number {turn}, and it is not a short one."))
    assert len(chat.fitting_prompt()) <= 96 - 12
    assert "number 5" in chat.messages[-2].visible


def after_a_long_talk(longest_reply):
    """A chat of many short turns, in which somebody now asks for a story."""
    chat = tiny_chat(sequence_len=96)
    chat.sampling = SamplingConfig(max_tokens=longest_reply, temperature=0)
    chat.messages = 12 * (Message.text("user", "And?"), Message.text("assistant", "Yes."))
    chat.messages += (Message.text("user", "A story!"),)
    return chat


def test_a_reply_finds_a_quarter_of_the_room_or_as_much_as_it_may_have():
    for longest_reply, room in ((12, 84), (20, 76), (500, 72)):
        assert room - 16 < len(after_a_long_talk(longest_reply).fitting_prompt()) <= room


def test_a_story_is_still_known_when_somebody_asks_how_it_ended():
    chat = tiny_chat(sequence_len=96)
    chat.sampling = SamplingConfig(max_tokens=500, temperature=0)
    story, asked = (
        "A fox had a hat, until a hen took it and ran off to the mill with it.",
        "Who had it?",
    )
    chat.messages = (Message.text("user", "A story!"), Message.text("assistant", story))
    chat.messages += (Message.text("user", asked),)
    prompt = chat.fitting_prompt()
    assert len(prompt) > 96 // 2 and story in chat.engine.tokenizer.decode(prompt)


def test_a_reply_that_outgrows_its_room_goes_on_without_the_oldest_turns():
    chat, by_hand = after_a_long_talk(64), after_a_long_talk(64)
    chat.messages = chat.messages[:-1]
    *texts, end = chat.reply("A story!")
    assert end.reply.reason == "length" and len(end.reply.sampled) == 64
    assert "".join(event.text for event in texts) == by_hand.engine.tokenizer.decode(end.reply.ids)

    said = []
    while len(said) < 64:
        prompt = by_hand.fitting_prompt(said)
        assert len(prompt) <= 96 - min(64 - len(said), 24)
        said += by_hand.engine.generate([prompt], by_hand.sampling)[0].ids
    assert end.reply.ids == said[:64]
    assert chat.messages[0] == by_hand.messages[0] and 2 < len(chat.messages) < 12


def test_a_call_and_a_character_are_never_broken_off_to_go_on_elsewhere():
    chat = after_a_long_talk(80)
    call = chat.engine.tokenizer.special["<|python_start|>"]
    half = chat.engine.tokenizer.encode("é")[:1]
    assert not chat.outgrown(Reply(0, [call], [True], [0.0], "length"))
    assert not chat.outgrown(Reply(0, half, [True], [0.0], "length"))
    assert chat.outgrown(Reply(0, [0], [True], [0.0], "length"))
    assert not chat.outgrown(Reply(0, [0], [True], [0.0], "end"))
    assert not chat.outgrown(Reply(0, 80 * [0], 80 * [True], 80 * [0.0], "length"))


def test_an_interrupted_reply_leaves_the_conversation_as_it_was():
    chat, screen = tiny_chat(), io.StringIO()

    def broken_off(prompt, sampling):
        yield Event("text", "Once")
        raise KeyboardInterrupt

    chat.engine.stream = broken_off
    talk(chat, Console(file=screen), Typist(["Tell me a story."]))
    assert chat.messages == ()
    assert "Once" in screen.getvalue() and "(stopped)" in screen.getvalue()


def test_what_a_person_types_is_not_read_as_markup():
    chat, screen = tiny_chat(), io.StringIO()
    scripted(chat, ("text", "[bold]x[/bold] [/]"))
    talk(chat, Console(file=screen), Typist(["[/]"]))
    assert "[bold]x[/bold] [/]" in screen.getvalue()
    assert chat.messages[0] == Message.text("user", "[/]")


def test_a_message_that_is_too_long_is_refused_and_forgotten_and_the_talk_goes_on():
    chat, screen = tiny_chat(sequence_len=96), io.StringIO()
    talk(chat, Console(file=screen), Typist(["Hello?", "lantern " * 200, "And?"]))
    assert [message.role for message in chat.messages] == ["user", "assistant"] * 2
    assert "tokens; the model reads 96. Shorten it." in screen.getvalue().replace("\n", " ")


def scripted(chat, *events, reason="end"):
    """Has the engine say the events, whatever it is asked."""

    def say(prompt, sampling):
        chat.asked.append(sampling.seed)
        yield from (Event(kind, text) for kind, text in events)
        end = chat.engine.tokenizer.special["<|assistant_end|>"]
        yield Event("end", reply=Reply(0, [end], [True], [0.0], reason))

    chat.asked = []
    chat.engine.stream = say


def test_a_call_and_its_result_stand_in_brackets():
    chat, screen = tiny_chat(), io.StringIO()
    call = [
        ("text", "It is "),
        ("python", "12+"),
        ("python", "30"),
        ("output", "42"),
        ("text", "42"),
    ]
    scripted(chat, *call, ("text", "."))
    talk(chat, Console(file=screen, color_system=None), Typist(["What is 12 + 30?"]))
    assert "It is [12+30 = 42] 42.\n" in screen.getvalue()
    assert "cut short" not in screen.getvalue()


def test_a_reply_that_was_cut_says_so():
    chat, screen = tiny_chat(), io.StringIO()
    scripted(chat, ("text", "Once upon"), reason="length")
    talk(chat, Console(file=screen), Typist(["Tell me a story."]))
    assert "Once upon (cut short)" in screen.getvalue()


def test_the_same_question_is_drawn_anew_in_a_new_conversation():
    chat = tiny_chat()
    scripted(chat, ("text", "Once"))
    talk(chat, Console(file=io.StringIO()), Typist(["A story!", "/new", "A story!"]))
    assert len(set(chat.asked)) == 2

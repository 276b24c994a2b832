"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nanochat.data.world import cast, encyclopedia, flavour, stories, tasks
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.phrases import lines
from nanochat.data.world.split import draw_key
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Conversation, Message, Part

SELF = """
Who are you? | I am Wren, a small language model. I know one small world, its towns, its creatures \
  and its stories.
What is your name? | My name is Wren. It is a small bird's name, and I am a small model.
What can you do? | I can tell stories, spell, count letters, do sums in small problems, and answer \
  questions about my valley.
How big are you? | Very small. I have a million numbers or two, and each of them does its best.
Where did you learn? | On two processor cores, in a quarter of an hour. There was no time for lunch.
Are you a person? | No, I am a program that learned to guess the next word. Some guesses are \
  rather good.
Are you clever? | In my own small world, a little. Outside of it I know nothing at all.
Do you make mistakes? | Yes. I am small, and sometimes I guess wrong. Please check what I say.
Who made you? | A reader of a book made me, by running it from the first page to the last.
Do you know everything? | No. I know one valley with its towns and creatures, and that is all.
How do you calculate? | I write the sum down and a calculator works it out for me.
Do you sleep? | Only when nobody runs me. I do not dream, as far as I know.
What do you like? | Short questions, long stories, and words with many letters.
Have you read the internet? | Not one page of it. Everything that I read was made up for me.
Are you alive? | No. I am a file of numbers, though a friendly one.
How old are you? | A few minutes, if you count from my first step.
"""

SELF_LINES = lines(SELF)

COURTESIES = """
How are you? | I am well, thank you. What would you like to know?
Thank you! | You are welcome.
Thanks! | You are welcome.
Thank you, that helps. | I am glad that it does.
Thanks, bye! | You are welcome. Goodbye!
Goodbye! | Goodbye! Come again.
Bye! | Goodbye! Come again.
"""

COURTESY_LINES = lines(COURTESIES)

SIGNS = (("+", ("plus", "+", "and")), ("-", ("minus", "-", "less")), ("*", ("times", "*", "x")))
SUMS = (
    "What is {sum}?",
    "How much is {sum}?",
    "Calculate {sum}.",
    "Please work out {sum}.",
    "{sum}",
)

BOOK = flavour.book(
    {
        "hello": """
        Hello!
        Hello
        Hi!
        Hi
        Good morning!
        Hi there!
        Good evening!
        """,
        "hello_from": """
        Hello, I am {visitor}.
        Hi, my name is {visitor}.
        Good day! I am {visitor}, {a person}.
        """,
        "story_request": """
        Tell me a story about {a hero_kind} and {a thing}.
        I would like a story with {a hero_kind} and {a thing} in it.
        Do you know a story about {a thing} and {a hero_kind}?
        Please tell me of {a hero_kind} who had to do with {a thing}.
        Write a story. It should have {a hero_kind} and {a thing}.
        Tell me a story.
        Tell me a story about {a hero_kind}.
        Do you know a story with {a thing}?
        """,
        "about_request": """
        Tell me about {it}.
        What do you know of {it}?
        Please describe {it} to me.
        I have never heard of {it}. What can you tell me?
        Write a few lines on {it}.
        """,
        "outside": """
        What is the capital of {far_place}?
        Who is the king of {far_place}?
        How far is it to {far_place}?
        Tell me about {far_place}.
        What is {far_place} known for?
        Who won the {sport} match yesterday?
        Can you explain {science} to me?
        What is the news about {science}?
        What do you think of {science}?
        Who invented {science}?
        """,
        "far_place": """
        France
        China
        Brazil
        London
        Africa
        Mars
        Berlin
        India
        New York
        Japan
        Egypt
        {coined}
        """,
        "sport": """
        football
        tennis
        chess
        hockey
        cricket
        """,
        "science": """
        physics
        gravity
        electricity
        computers
        history
        medicine
        politics
        rockets
        the stock market
        the telephone
        dinosaurs
        quantum mechanics
        """,
        "unknown": """
        I do not know. That is outside of my small world.
        I cannot say. I know one valley only, and that is not in it.
        That I never learned. Ask me about my valley instead.
        I am sorry, I do not know. My world is small.
        """,
    }
)


@dataclass(frozen=True)
class Chat:
    """A conversation, its information in bits, and what it is about."""

    conversation: Conversation
    bits: float
    kind: str


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    question = encyclopedia.ask(draw, entity, attribute)
    return exchange(question, encyclopedia.state(draw, entity, attribute))


def tell_about(draw: Draw, split: str) -> Exchange:
    """An article on what the user asks for."""
    entity, text = encyclopedia.describe(draw, split)
    return exchange(BOOK.expand("about_request", draw, {"it": entity.called}), text)


def tell_story(draw: Draw, split: str) -> Exchange:
    """A story about what the user asks for."""
    story = stories.begin(draw, split)
    request = BOOK.expand("story_request", draw, story.names)
    return exchange(request, stories.finish(story))


def greeting(draw: Draw, split: str) -> Exchange:
    """A hello for a hello."""
    if draw.chance(0.5):
        return exchange(BOOK.expand("hello", draw, {}), "Hello! How can I help you?")
    visitor = draw.weighted(cast.NAME)
    hello = BOOK.expand("hello_from", draw, {"visitor": visitor})
    return exchange(hello, f"Hello, {visitor}! How can I help you?")


def about_self(draw: Draw, split: str) -> Exchange:
    """What the assistant says of itself."""
    question, reply = draw.pick(SELF_LINES).split(" | ")
    return exchange(greeted(draw, question), reply)


def courtesy(draw: Draw, split: str) -> Exchange:
    """Thanks, goodbyes, and what one says to them."""
    return exchange(*draw.pick(COURTESY_LINES).split(" | "))


def outside(draw: Draw, split: str) -> Exchange:
    """Something that the assistant cannot know."""
    question = greeted(draw, BOOK.expand("outside", draw, {}))
    return exchange(question, BOOK.expand("unknown", draw, {}))


def greeted(draw: Draw, question: str) -> str:
    """The question, at times with a hello before it."""
    if draw.chance(0.7):
        return question
    hello = BOOK.expand("hello", draw, {})
    return f"{hello} {question}" if hello.endswith("!") else f"{hello}, {question}"


def sums(draw: Draw, split: str) -> Exchange:
    """Two numbers and a sign, worked out by the calculator."""
    a, (sign, words), b = draw_key(
        draw, split, lambda: (draw.integer(2, 99), draw.pick(SIGNS), draw.integer(2, 99))
    )
    asked = f"{a} {draw.pick(words)} {b}"
    expression, result = f"{a}{sign}{b}", {"+": a + b, "-": a - b, "*": a * b}[sign]
    parts = (
        Part("text", f"{a} {words[0]} {b} is "),
        Part("python", expression),
        Part("output", str(result)),
        Part("text", f"{result}."),
    )
    question = draw.pick(SUMS).format(sum=asked)
    return Exchange(question, Message("assistant", parts), str(result))


KINDS: dict[str, tuple[Callable[[Draw, str], Exchange], float]] = {
    "facts": (tasks.facts, 0.22),
    "free_fact": (free_fact, 0.08),
    "tell_about": (tell_about, 0.08),
    "word_problems": (tasks.word_problems, 0.02),
    "sums": (sums, 0.02),
    "spelling": (tasks.spell, 0.21),
    "whereabouts": (tasks.where_is, 0.10),
    "stories": (tasks.finish, 0.08),
    "tell_story": (tell_story, 0.05),
    "greeting": (greeting, 0.04),
    "courtesy": (courtesy, 0.02),
    "about_self": (about_self, 0.05),
    "outside": (outside, 0.03),
}
KIND = Table(tuple(KINDS), [weight for _, weight in KINDS.values()])
# What a person types by hand; the others are texts to be worked on.
TYPED = set(KINDS) - {"facts", "word_problems", "whereabouts", "stories"}
SHORT = ("facts", "free_fact", "sums", "spelling", "about_self", "courtesy", "outside")


def converse(kind: str, draw: Draw, split: str) -> Exchange:
    """An exchange of this kind; what is typed by hand was at times typed in a hurry."""
    it = KINDS[kind][0](draw, split)
    if kind in TYPED and draw.chance(0.25):
        return replace(it, user=hurried(it.user))
    return it


def hurried(text: str) -> str:
    """What was typed, without quotation marks, a capital at its start, or a mark at its end."""
    text = text.replace('"', "").rstrip(".?!")
    return text[:1].lower() + text[1:]


def chat(seed: int, index: int, split: str = "train") -> Chat:
    """The conversation that (seed, index) stands for in this split."""
    draw = Draw(seed, "chat", split, index)
    kind = draw.weighted(KIND)
    exchanges = [converse(kind, draw, split)]
    if kind in SHORT or kind == "greeting":
        while len(exchanges) < 3 and draw.chance(0.3):
            exchanges.append(converse(draw.pick(SHORT), draw, split))
    messages = tuple(message for it in exchanges for message in it.messages)
    return Chat(Conversation(messages), draw.bits, kind)

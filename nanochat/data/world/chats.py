"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nanochat.data.world import (
    asking,
    cast,
    flavour,
    problems,
    spelling,
    stories,
    tasks,
)
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.phrases import lines
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Conversation

SELF = """
Who are you? | I am Wren, a small language model. I know one small world, its towns, its creatures \
  and its stories.
What is your name? | My name is Wren. It is a small bird's name, and I am a small model.
What can you do? | I can tell stories, spell, count letters, do sums in small problems, and answer \
  questions about my valley.
How big are you? | Very small. I have a few million numbers, and each of them does its best.
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
Who is Wren? | That is me. I am a small language model.
Are you ChatGPT? | No, I am Wren. I am much smaller, and I know one valley only.
Where do you live? | In a file, on the machine in front of you.
What is your favourite town? | I like all twenty of them. Ask me about one.
Which towns do you know? | I know twenty: Pellow, Otterby, Yarrow and more. Ask me about one.
Which creatures do you know? | I know twenty: the snorrel, the tuffet, the hufflet and more. Ask \
  me about one.
What can I ask you? | Ask me for a story, a sum, the letters of a word, or a fact about my valley.
Can you help me? | I will try. I know stories, sums, the letters of words, and my valley.
Can you do sums? | Yes, I have a calculator. Ask me for one.
Can you spell? | Yes, most words. Give me one.
Tell me a joke. | I know no jokes, only stories. Ask me for one.
Sing a song. | I cannot sing. I can tell a story.
Have you read the internet? | Not one page of it. Everything that I read was made up for me.
Are you alive? | No. I am a file of numbers, though a friendly one.
How old are you? | A few minutes, if you count from my first step.
"""

SELF_LINES = lines(SELF)

COURTESIES = """
How are you? | I am well, thank you. What would you like to know?
Thank you! | You are welcome.
Thanks! | You are welcome.
Ok. | Good. What else would you like to know?
Good. | I am glad. What else would you like to know?
I like that. | I am glad. What else would you like to know?
Yes. | Good. What else would you like to know?
No. | Then ask me something else.
Why? | I cannot say why. I am small, and I only know what I read.
Sorry. | There is nothing to be sorry for.
Well done! | Thank you. I did my best.
Thank you, that helps. | I am glad that it does.
Thanks, bye! | You are welcome. Goodbye!
Goodbye! | Goodbye! Come again.
Bye! | Goodbye! Come again.
"""

COURTESY_LINES = lines(COURTESIES)

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
        Can you tell me a story?
        A story about {a hero_kind}, please.
        Tell me a story about {hero}.
        Tell me a story about {hero} the {hero_kind}.
        Do you know a story about {hero} the {hero_kind}?
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
        What is {science}?
        Where is {far_place}?
        What is {far_place}?
        Who is {stranger}?
        Where is {stranger}?
        When was {stranger} born?
        How do I {errand}?
        Can you {errand} for me?
        What time is it?
        What day is it today?
        What is the weather like?
        What is the meaning of life?
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
        "stranger": """
        Tom
        Peter
        Napoleon
        Shakespeare
        Einstein
        Mozart
        the president
        the queen
        {Cap coined}
        {Cap coined} {Cap coined}
        """,
        "errand": """
        bake a cake
        mend a bicycle
        learn French
        write a program
        get rich
        find a job
        buy {a object}
        build {a object}
        catch {a being}
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


def tell_story(draw: Draw, split: str) -> Exchange:
    """A story about what the user asks for."""
    story = stories.begin_untitled(draw, split)
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
    return f"{hello} {question}" if hello.endswith("!") else f"{hello}, {lowered(question)}"


def short_problems(draw: Draw, split: str) -> Exchange:
    """A problem of one step, in a sentence or three."""
    return tasks.solved(problems.problem(draw, split, problems.SHORT))


KINDS: dict[str, tuple[Callable[[Draw, str], Exchange], float]] = {
    "facts": (tasks.facts, 0.07),
    "comprehension": (tasks.comprehension, 0.04),
    "free_fact": (asking.free_fact, 0.1),
    "tell_about": (asking.tell_about, 0.06),
    "word_problems": (tasks.word_problems, 0.008),
    "short_problems": (short_problems, 0.014),
    "sums": (asking.sums, 0.04),
    "spelling": (tasks.spell, 0.09),
    "plain_spelling": (asking.plain_spelling, 0.165),
    "whereabouts": (tasks.where_is, 0.08),
    "stories": (tasks.finish, 0.065),
    "tell_story": (tell_story, 0.07),
    "greeting": (greeting, 0.03),
    "courtesy": (courtesy, 0.02),
    "about_self": (about_self, 0.05),
    "outside": (outside, 0.038),
}
SHARES = {kind: share for kind, (_, share) in KINDS.items()} | {"series": 0.06}
KIND = Table(tuple(SHARES), list(SHARES.values()))
# What a person types by hand; the others are texts to be worked on.
TYPED = set(KINDS) - {"facts", "comprehension", "word_problems", "whereabouts", "stories"}
SHORT = (
    "facts",
    "free_fact",
    "sums",
    "spelling",
    "plain_spelling",
    "short_problems",
    "about_self",
    "courtesy",
    "outside",
)
FOLLOWED = {*SHORT, "greeting", "tell_about", "series"}


def typed(draw: Draw, it: Exchange) -> Exchange:
    """The exchange, where at times the user typed in a hurry."""
    return replace(it, user=hurried(it.user)) if draw.chance(0.25) else it


def converse(kind: str, draw: Draw, split: str) -> Exchange:
    """An exchange of this kind, as it is typed."""
    it = KINDS[kind][0](draw, split)
    return typed(draw, it) if kind in TYPED else it


def hurried(text: str) -> str:
    """What was typed, without quotation marks, a capital at its start, or a mark at its end."""
    return lowered(spelling.unquoted(text).rstrip(" .?!"))


def lowered(text: str) -> str:
    """The text with no capital at its start."""
    return text[:1].lower() + text[1:]


def chat(seed: int, index: int, split: str = "train") -> Chat:
    """The conversation that (seed, index) stands for in this split."""
    draw = Draw(seed, "chat", split, index)
    kind = draw.weighted(KIND)
    if kind == "series":
        exchanges = [typed(draw, it) for it in asking.series(draw, split)]
    else:
        exchanges = [converse(kind, draw, split)]
    while kind in FOLLOWED and len(exchanges) < 4 and draw.chance(0.35):
        exchanges.append(converse(draw.pick(SHORT), draw, split))
    messages = tuple(message for it in exchanges for message in it.messages)
    return Chat(Conversation(messages), draw.bits, kind)

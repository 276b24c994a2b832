"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from nanochat.data.world import (
    cast,
    encyclopedia,
    english,
    flavour,
    problems,
    spelling,
    stories,
    tasks,
)
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

# How people ask for a fact who have not read the world's own questions.
CASUAL = {
    "near": "Where is {it}?",
    "craft": "What is {it} famous for?",
    "dish": "What do they eat in {it}?",
    "roofs": "Which colour are the roofs in {it}?",
    "market": "When can I go to the market in {it}?",
    "size": "Is {it} big or small?",
    "coat": "What does {it} look like?",
    "food": "What should I feed {it}?",
    "home": "Where can I find {it}?",
    "voice": "What sound does {it} make?",
}

SIGNS = (("+", ("plus", "+", "and")), ("-", ("minus", "-", "less")), ("*", ("times", "*", "x")))
SUMS = (
    "What is {sum}?",
    "How much is {sum}?",
    "Calculate {sum}.",
    "Please work out {sum}.",
    "{sum}",
    "{sum} = ?",
    "{sum}=",
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
        Can you tell me a story?
        A story about {a hero_kind}, please.
        Tell me a story about {hero}.
        Tell me a story about {hero} the {hero_kind}.
        """,
        "about_request": """
        Tell me about {it}.
        What do you know of {it}?
        Please describe {it} to me.
        I have never heard of {it}. What can you tell me?
        Write a few lines on {it}.
        What is {one}?
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


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    if draw.chance(0.3):
        question = CASUAL[attribute.name].format(it=entity.called)
    else:
        question = encyclopedia.ask(draw, entity, attribute)
    return exchange(question, encyclopedia.state(draw, entity, attribute))


def tell_about(draw: Draw, split: str) -> Exchange:
    """All that the assistant knows of what the user asks for."""
    entity = draw.pick(encyclopedia.ENTITIES)
    one = entity.name if entity.kind == "town" else english.with_article(entity.name)
    request = BOOK.expand("about_request", draw, {"it": entity.called, "one": one})
    return exchange(request, encyclopedia.portrait(draw, entity))


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
    return f"{hello} {question}" if hello.endswith("!") else f"{hello}, {question}"


def draw_number(draw: Draw) -> int:
    """A number for a sum, most often one of two digits at most."""
    return draw.integer(2, 99) if draw.chance(0.8) else draw.integer(100, 999)


def sums(draw: Draw, split: str) -> Exchange:
    """Two numbers and a sign, worked out by the calculator."""
    a, (sign, words), b = draw_key(
        draw, split, lambda: (draw_number(draw), draw.pick(SIGNS), draw_number(draw))
    )
    said = draw.pick(words)
    space = "" if said == sign and draw.chance(0.5) else " "
    asked = f"{a}{space}{said}{space}{b}"
    expression, result = f"{a}{sign}{b}", {"+": a + b, "-": a - b, "*": a * b}[sign]
    parts = (
        Part("text", f"{a} {words[0]} {b} is "),
        Part("python", expression),
        Part("output", str(result)),
        Part("text", f"{result}."),
    )
    question = draw.pick(SUMS).format(sum=asked)
    return Exchange(question, Message("assistant", parts), str(result))


def short_problems(draw: Draw, split: str) -> Exchange:
    """A problem of one step, in a sentence or three."""
    return tasks.solved(problems.problem(draw, split, problems.SHORT))


def plain_spelling(draw: Draw, split: str) -> Exchange:
    """A word of the dictionary, without quotation marks, to spell or to count letters of."""
    return exchange(*spelling.ask_plainly(draw, split))


KINDS: dict[str, tuple[Callable[[Draw, str], Exchange], float]] = {
    "facts": (tasks.facts, 0.13),
    "comprehension": (tasks.comprehension, 0.058),
    "free_fact": (free_fact, 0.115),
    "tell_about": (tell_about, 0.085),
    "word_problems": (tasks.word_problems, 0.012),
    "short_problems": (short_problems, 0.014),
    "sums": (sums, 0.035),
    "spelling": (tasks.spell, 0.137),
    "plain_spelling": (plain_spelling, 0.04),
    "whereabouts": (tasks.where_is, 0.084),
    "stories": (tasks.finish, 0.07),
    "tell_story": (tell_story, 0.07),
    "greeting": (greeting, 0.03),
    "courtesy": (courtesy, 0.02),
    "about_self": (about_self, 0.05),
    "outside": (outside, 0.037),
}
KIND = Table(tuple(KINDS), [weight for _, weight in KINDS.values()])
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


def converse(kind: str, draw: Draw, split: str) -> Exchange:
    """An exchange of this kind; what is typed by hand was at times typed in a hurry."""
    it = KINDS[kind][0](draw, split)
    if kind in TYPED and draw.chance(0.25):
        return replace(it, user=hurried(it.user))
    return it


def hurried(text: str) -> str:
    """What was typed, without quotation marks, a capital at its start, or a mark at its end."""
    text = text.replace('"', "").rstrip(" .?!")
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

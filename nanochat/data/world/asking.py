"""What people type who want a fact, a sum or the letters of a word, and what they ask then."""

from __future__ import annotations

from nanochat.data.world import encyclopedia, english, spelling
from nanochat.data.world.draw import Draw
from nanochat.data.world.encyclopedia import Attribute, Entity
from nanochat.data.world.split import draw_key
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Message, Part

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
ABOUT = (
    "Tell me about {it}.",
    "What do you know of {it}?",
    "Please describe {it} to me.",
    "I have never heard of {it}. What can you tell me?",
    "Write a few lines on {it}.",
    "What is {one}?",
)

SIGNS = (("+", ("plus", "+", "and")), ("-", ("minus", "-", "less")), ("*", ("times", "*", "x")))
SUMS = (
    "What is {it}?",
    "How much is {it}?",
    "Calculate {it}.",
    "Please work out {it}.",
    "{it}",
    "{it} = ?",
    "{it}=",
)

# The same, of something else.
AGAIN = ("And {it}?", "What about {it}?")


def ask_in_passing(draw: Draw, it: str, attribute: Attribute) -> str:
    """One way to ask for this of what is called so, in the world's words or in others."""
    if draw.chance(0.3):
        return CASUAL[attribute.name].format(it=it)
    return encyclopedia.ask(draw, it, attribute)


def answer(draw: Draw, question: str, entity: Entity, attribute: Attribute) -> Exchange:
    """The question, and the fact in a sentence."""
    reply = encyclopedia.state(draw, entity, attribute)
    return exchange(question, reply, entity.facts[attribute.name])


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    return answer(draw, ask_in_passing(draw, entity.called, attribute), entity, attribute)


def tell_about(draw: Draw, split: str) -> Exchange:
    """All that the assistant knows of what the user asks for."""
    return portrait(draw, draw.pick(encyclopedia.ENTITIES))


def portrait(draw: Draw, entity: Entity) -> Exchange:
    """All that the assistant knows of this one."""
    one = entity.name if entity.kind == "town" else english.with_article(entity.name)
    request = draw.pick(ABOUT).format(it=entity.called, one=one)
    return exchange(request, encyclopedia.portrait(draw, entity))


def draw_number(draw: Draw) -> int:
    """A number for a sum, most often one of two digits at most."""
    return draw.integer(2, 99) if draw.chance(0.7) else draw.integer(100, 999)


def sums(draw: Draw, split: str) -> Exchange:
    """Two numbers and a sign, worked out by the calculator."""
    return worked_out(draw, split, draw.pick(SUMS))


def worked_out(draw: Draw, split: str, form: str) -> Exchange:
    """A sum that is asked for in this form."""
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
    return Exchange(form.format(it=asked), Message("assistant", parts), str(result))


def plain_spelling(draw: Draw, split: str) -> Exchange:
    """A word without quotation marks, to spell or to count letters of."""
    return exchange(*spelling.ask_plainly(draw, spelling.plain_word(draw, split)))


def about_one(draw: Draw, split: str) -> list[Exchange]:
    """One town or creature, then its facts one by one, when it is no longer called by its name."""
    entity = draw.pick(encyclopedia.ENTITIES)
    known = [a for a in entity.attributes if encyclopedia.split_of_fact(entity, a) == split]
    asked = draw.sample(known, min(len(known), draw.integer(1, 2)))
    return [
        portrait(draw, entity),
        *(answer(draw, ask_in_passing(draw, "it", each), entity, each) for each in asked),
        free_fact(draw, split),
    ]


def about_several(draw: Draw, split: str) -> list[Exchange]:
    """The same fact of one and then of others."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    alike = [
        entity
        for entity in encyclopedia.ENTITIES
        if entity.kind == first.kind
        and entity is not first
        and encyclopedia.split_of_fact(entity, attribute) == split
    ]
    others = draw.sample(alike, min(len(alike), draw.integer(1, 3)))
    question = ask_in_passing(draw, first.called, attribute)
    exchanges = [answer(draw, question, first, attribute)]
    for other in others:
        question = draw.pick(AGAIN).format(it=other.called)
        exchanges.append(answer(draw, question, other, attribute))
    return exchanges


def words_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A word to spell, and then others."""
    words = [spelling.plain_word(draw, split) for _ in range(draw.integer(2, 4))]
    question = spelling.unquoted(draw.pick(spelling.SPELL).format(word=words[0]))
    questions = [question, *(draw.pick(AGAIN).format(it=word) for word in words[1:])]
    return [
        exchange(question, spelling.letters(word), spelling.spelled(word))
        for question, word in zip(questions, words, strict=True)
    ]


def sums_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A sum, and then others."""
    forms = [draw.pick(SUMS), *(draw.pick(AGAIN) for _ in range(draw.integer(1, 3)))]
    return [worked_out(draw, split, form) for form in forms]


SERIES = (about_one, about_several, words_in_a_row, sums_in_a_row)


def series(draw: Draw, split: str) -> list[Exchange]:
    """Questions that lean on the ones before."""
    return draw.pick(SERIES)(draw, split)

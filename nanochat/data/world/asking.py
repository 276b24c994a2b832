"""What people type who want a fact, a sum, a problem solved or a word spelled, and what they ask
then."""

from __future__ import annotations

from functools import partial, reduce
from operator import add, floordiv, mul, sub

from nanochat.data.world import dictation, encyclopedia, english, problems, spelling, tasks
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.encyclopedia import Attribute, Entity
from nanochat.data.world.split import draw_key
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Message, Part

# How people ask for a fact who have not read the world's own questions.
CASUAL = {
    "near": (
        "Where is {it}?",
        "What is next to {it}?",
        "What lies near {it}?",
        "What lies near {it}? A hill, or a river?",
        "Is {it} near a river, or a hill?",
    ),
    "craft": (
        "What is {it} famous for?",
        "What do they make in {it}?",
        "What do the people in {it} make?",
        "What can I buy in {it}?",
        "Which craft is {it} known for?",
        "What do people make in {it}?",
    ),
    "dish": (
        "What do they eat in {it}?",
        "What should I eat in {it}?",
        "What dish should I try in {it}?",
        "What is the food like in {it}?",
        "What do people like to eat in {it}?",
    ),
    "roofs": (
        "Which colour are the roofs in {it}?",
        "What colour roofs does {it} have?",
        "What do the roofs look like in {it}?",
        "What colour roofs are there in {it}?",
    ),
    "market": (
        "When can I go to the market in {it}?",
        "When is the market in {it}?",
        "Which day is market day in {it}?",
        "On which day is there a market in {it}?",
    ),
    "size": (
        "Is {it} big or small?",
        "How large is {it}?",
        "Is {it} big?",
        "How small is {it}?",
        "What size is {it}?",
    ),
    "coat": (
        "What does {it} look like?",
        "What colour is {it}?",
        "Does {it} have fur or feathers?",
        "What kind of coat does {it} have?",
    ),
    "food": (
        "What should I feed {it}?",
        "What does {it} like to eat?",
        "What is the favourite food of {it}?",
        "What should I bring {it} to eat?",
    ),
    "home": (
        "Where can I find {it}?",
        "Where is the home of {it}?",
        "In what kind of place does {it} live?",
        "Where would I meet {it}?",
    ),
    "voice": (
        "What sound does {it} make?",
        "What noise does {it} make?",
        "How does {it} sound?",
        "What does {it} sound like?",
    ),
}
# Who asks in a roundabout way, and what follows.
INDIRECT = (
    "Do you know {clause}?",
    "Can you tell me {clause}?",
    "Could you tell me {clause}, please?",
    "Tell me {clause}.",
    "Please tell me {clause}.",
    "I would like to know {clause}.",
    "I'd like to know {clause}.",
    "I wonder {clause}.",
    "I forgot {clause}.",
    "My daughter wants to know {clause}.",
    "My son asks {clause}.",
    "She wants to know {clause}.",
    "He would like to know {clause}.",
)
CLAUSES = {
    "near": ("where {it} is", "where {it} lies", "what {it} lies near"),
    "craft": ("what {it} is known for", "what they make in {it}", "what people make in {it}"),
    "dish": ("what they eat in {it}", "what people eat in {it}", "what to eat in {it}"),
    "roofs": ("what colour the roofs are in {it}", "what the roofs look like in {it}"),
    "market": ("when market day is in {it}", "when {it} has its market"),
    "size": ("how big {it} is", "how large {it} is", "whether {it} is big"),
    "coat": ("what {it} looks like", "what colour {it} is"),
    "food": ("what {it} eats", "what {it} likes to eat", "what to feed {it}"),
    "home": ("where {it} lives", "where to find {it}", "in what kind of place {it} lives"),
    "voice": ("what sound {it} makes", "what noise {it} makes", "how {it} sounds"),
}
# Each fact asked for in two or three words.
TERSE = {
    "near": "{it}, where?",
    "craft": "{it} craft?",
    "dish": "{it} dish?",
    "roofs": "{it} roofs?",
    "market": "{it} market day?",
    "size": "{it} size?",
    "coat": "{it} colour?",
    "food": "{it} food?",
    "home": "{it} home?",
    "voice": "{it} sound?",
}
# The same of all creatures of a kind.
OF_MANY = {
    "size": "How big are {they}?",
    "coat": "What do {they} look like?",
    "food": "What do {they} eat?",
    "home": "Where do {they} live?",
    "voice": "What sound do {they} make?",
}
ABOUT = (
    "Tell me about {it}.",
    "What do you know of {it}?",
    "Please describe {it} to me.",
    "I have never heard of {it}. What can you tell me?",
    "Write a few lines on {it}.",
    "What is {one}?",
    "What's {one}?",
)
ABOUT_TOWN = (
    "What should I see in {it}?",
    "What is there to see in {it}?",
    "I would like to visit {it}. What should I see there?",
    "What is {it} like?",
    "Is there a town called {it}? What is it like?",
    "I have never been to {it}. What is it like?",
)

# The numbers of sums: of two digits at most, of three, of four, and round ones.
NUMBERS = (range(2, 100), range(100, 1000), range(1000, 10_000, 9), (10, 100, 1000))
SIZE = Table(NUMBERS, (0.56, 0.3, 0.07, 0.07))
# Where it is left to the one who is asked which of them it is.
ABOUT_ANY = {
    "town": (
        "Tell me about a town.",
        "Tell me something about a town that you know.",
        "Name a town.",
        "Tell me about any town.",
        "Pick a town and tell me about it.",
        "What is one of the towns like?",
    ),
    "creature": (
        "Tell me about a creature.",
        "Tell me something about one of the creatures.",
        "Name a creature.",
        "Tell me about any creature.",
        "Pick a creature and tell me about it.",
        "What is one of the creatures like?",
    ),
}
# Three ways to say each sign.
SIGNS = {
    "+": ("plus", "+", "and"),
    "-": ("minus", "-", "less"),
    "*": ("times", "*", "x"),
    "/": ("divided by", "/", "by"),
}
WORKED_OUT = {"+": add, "-": sub, "*": mul, "/": floordiv}
SUMS = (
    "What is {it}?",
    "And {it}?",
    "What's {it}?",
    "How much is {it}?",
    "Calculate {it}.",
    "Please work out {it}.",
    "Can you do {it}?",
    "{it}",
    "{it} = ?",
    "{it}=",
)

# The same, of something else.
AGAIN = ("And {it}?", "What about {it}?", "How about {it}?")
AGAIN_BY_NAME = (*AGAIN, "And what about {it}?", "The same question for {it}.", "{it}?")
# More, of what was just worked out, and of what a problem was about.
ONWARD = {
    "+": (
        "plus {n}",
        "And plus {n}?",
        "Now add {n}.",
        "Add {n} to that.",
        "Can you add {n} to that?",
        "And {n} more?",
        "plus {n}?",
    ),
    "-": (
        "minus {n}",
        "And minus {n}?",
        "Now take away {n}.",
        "Now take {n} away.",
        "Take {n} away from that.",
        "Can you take {n} away from that?",
        "And subtract {n} from that.",
        "Subtract {n}.",
        "minus {n}?",
    ),
    "*": (
        "times {n}",
        "And times {n}?",
        "Now times {n}.",
        "Multiply that by {n}.",
        "Can you multiply that by {n}?",
        "times {n}?",
    ),
}
FURTHER = {
    "+": (
        "Then {n} more come. How many is that?",
        "Then I get {n} more. How many are there now?",
        "He finds {n} more. How many now?",
        "And with {n} more?",
    ),
    "-": (
        "Then {n} of them go. How many are left?",
        "Then I lose {n}. How many are left?",
        "She gives {n} away. How many now?",
        "And without {n} of them?",
    ),
}


def ask_in_passing(draw: Draw, it: str, attribute: Attribute) -> str:
    """One way to ask for this of what is called so, in the world's words or in others."""
    if draw.chance(0.45):
        return encyclopedia.ask(draw, it, attribute)
    if draw.chance(0.6):
        return draw.pick(CASUAL[attribute.name]).format(it=it)
    clause = draw.pick(CLAUSES[attribute.name]).format(it=it)
    return draw.pick(INDIRECT).format(clause=clause)


def named(draw: Draw, entity: Entity) -> str:
    """What a town or a creature is called: *the snorrel*, at times *a snorrel*; *Pellow*, at times
    *the town of Pellow*."""
    if entity.kind == "town":
        return f"the town of {entity.name}" if draw.chance(0.1) else entity.name
    return english.with_article(entity.name) if draw.chance(0.3) else entity.called


def ask_by_name(draw: Draw, entity: Entity, attribute: Attribute) -> str:
    """One way to ask for this of a town, of a creature, or of all of its kind, at times a terse
    one."""
    if draw.chance(0.07):
        return TERSE[attribute.name].format(it=entity.name)
    if attribute.name in OF_MANY and draw.chance(0.15):
        return OF_MANY[attribute.name].format(they=english.plural(entity.name))
    return ask_in_passing(draw, named(draw, entity), attribute)


def ask_further(draw: Draw, attribute: Attribute) -> str:
    """One way to ask for this of what was spoken of last."""
    if attribute.name in OF_MANY and draw.chance(0.15):
        return OF_MANY[attribute.name].format(they="they")
    return ask_of_it(draw, attribute)


def ask_of_it(draw: Draw, attribute: Attribute) -> str:
    """One way to ask for this of what was just named."""
    return ask_in_passing(draw, "it", attribute).replace(" in it", " there")


def answer(draw: Draw, question: str, entity: Entity, attribute: Attribute) -> Exchange:
    """The question, and the fact in a sentence."""
    return exchange(question, told(draw, entity, attribute), entity.facts[attribute.name])


def told(draw: Draw, entity: Entity, attribute: Attribute) -> str:
    """The fact in a sentence, which says *lives* of a home alone: who is asked where a creature
    lives, and has said that another lives *on* something, goes on with food."""
    make = partial(encyclopedia.state, draw, entity, attribute)
    return draw.until(make, lambda statement: " lives on " not in statement)


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence; at times two in a row."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    it = answer(draw, ask_by_name(draw, entity, attribute), entity, attribute)
    others = other_facts(entity, attribute, split)
    if not others or draw.chance(0.92):
        return it
    other = draw.pick(others)
    second = answer(draw, ask_of_it(draw, other), entity, other)
    user, reply = f"{it.user} {second.user}", f"{it.reply.visible} {second.reply.visible}"
    return exchange(user, reply, second.answer)


def other_facts(entity: Entity, attribute: Attribute, split: str) -> list[Attribute]:
    """The other facts of this one that may be asked for in this split."""
    return [
        each
        for each in entity.attributes
        if each is not attribute and encyclopedia.split_of_fact(entity, each) == split
    ]


def tell_about(draw: Draw, split: str) -> Exchange:
    """All that the assistant knows of what the user asks for."""
    return portrait(draw, draw.pick(encyclopedia.ENTITIES))


def portrait(draw: Draw, entity: Entity) -> Exchange:
    """All that the assistant knows of this one."""
    one = entity.name if entity.kind == "town" else english.with_article(entity.name)
    by_name = (*ABOUT, *ABOUT_TOWN) if entity.kind == "town" else ABOUT
    forms = ABOUT_ANY[entity.kind] if draw.chance(0.15) else by_name
    request = draw.pick(forms).format(it=entity.called, one=one)
    return exchange(request, encyclopedia.portrait(draw, entity))


def draw_number(draw: Draw) -> int:
    """A number for a sum, most often one of two digits at most."""
    return draw.pick(draw.weighted(SIZE))


def draw_sum(draw: Draw) -> tuple[int | str, ...]:
    """Numbers and the signs between them, at times two; what is divided leaves no rest."""
    sign = draw.pick(tuple(SIGNS))
    if sign == "/":
        divisor = draw.integer(2, 20)
        two = draw_number(draw) * divisor, sign, divisor
    else:
        two = draw_number(draw), sign, draw_number(draw)
    return (*two, draw.pick("+-"), draw_number(draw)) if draw.chance(0.3) else two


def sums(draw: Draw, split: str) -> Exchange:
    """Two or three numbers and what is between them, worked out by the calculator."""
    return fresh_sum(draw, split, SUMS)


def fresh_sum(draw: Draw, split: str, forms: tuple[str, ...]) -> Exchange:
    """A sum that is asked for in one of these forms."""
    first, *rest = draw_key(draw, split, lambda: draw_sum(draw))
    steps = tuple(zip(rest[::2], rest[1::2], strict=True))
    way = draw.integer(0, 2)
    space = "" if way == 1 and draw.chance(0.5) else " "
    asked = str(first) + "".join(f"{space}{SIGNS[sign][way]}{space}{n}" for sign, n in steps)
    return worked_out(draw.pick(forms).format(it=asked), first, *steps)


def onward(draw: Draw, split: str, so_far: int) -> Exchange:
    """What was worked out so far, and one number more."""
    a, sign, b = draw_key(draw, split, lambda: (so_far, draw.pick("+-*"), draw_number(draw)))
    return worked_out(draw.pick(ONWARD[sign]).format(n=b), a, (sign, b))


def further(draw: Draw, split: str, so_far: int) -> Exchange:
    """What a problem came to, and then some more, or some of it gone."""

    def make() -> tuple[int, str, int]:
        sign = draw.pick("+-")
        return so_far, sign, draw.integer(1, 99 if sign == "+" else min(so_far, 99))

    a, sign, b = draw_key(draw, split, make)
    return worked_out(draw.pick(FURTHER[sign]).format(n=b), a, (sign, b))


def worked_out(question: str, first: int, *steps: tuple[str, int]) -> Exchange:
    """The question, and the sum with its result by the calculator."""
    said = " ".join([str(first), *(f"{SIGNS[sign][0]} {n}" for sign, n in steps)])
    result = str(reduce(lambda so_far, step: WORKED_OUT[step[0]](so_far, step[1]), steps, first))
    parts = (
        Part("text", f"{said} is "),
        Part("python", str(first) + "".join(f"{sign}{n}" for sign, n in steps)),
        Part("output", result),
        Part("text", f"{result}."),
    )
    return Exchange(question, Message("assistant", parts), result)


def short_problems(draw: Draw, split: str) -> Exchange:
    """A problem of one step or two, in a sentence or three."""
    return tasks.solved(problems.problem(draw, split, problems.SHORT))


def plain_spelling(draw: Draw, split: str) -> Exchange:
    """A word of the dictionary or a name, to spell or to count letters of."""
    name = draw.chance(0.15)
    word = draw.pick(encyclopedia.ENTITIES).name if name else dictation.draw_word(draw, split)
    return exchange(*draw.weighted(WORD_QUESTIONS)(draw, word))


WORD_QUESTIONS = Table(
    (
        dictation.ask,
        dictation.ask_for_oneself,
        dictation.ask_count,
        dictation.ask_length,
        dictation.ask_end,
    ),
    (0.68, 0.07, 0.1, 0.1, 0.05),
)


def about_one(draw: Draw, split: str) -> list[Exchange]:
    """One town or creature, then its facts one by one, when it is no longer called by its name."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    others = other_facts(first, attribute, split)
    if draw.chance(0.4):
        opening = portrait(draw, first)
    else:
        opening = answer(draw, ask_by_name(draw, first, attribute), first, attribute)
    return [
        opening,
        *(
            answer(draw, ask_further(draw, each), first, each)
            for each in draw.sample(others, min(len(others), draw.integer(1, 2)))
        ),
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
    exchanges = [answer(draw, ask_by_name(draw, first, attribute), first, attribute)]
    for other in others:
        question = english.sentence(draw.pick(AGAIN_BY_NAME).format(it=named(draw, other)))
        exchanges.append(answer(draw, question, other, attribute))
    return exchanges


OF_IT = Table((dictation.ask_length_of_it, dictation.ask_end_of_it), (0.7, 0.3))


def words_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A word to spell, then others, and something about the letters of the last of them."""
    words = [dictation.draw_word(draw, split) for _ in range(draw.integer(1, 4))]
    question = dictation.marked_or_not(draw, draw.pick(dictation.SPELL).format(word=words[0]))
    questions = [question, *(draw.pick(AGAIN).format(it=word) for word in words[1:])]
    row = [
        exchange(question, spelling.letters(word), spelling.spelled(word))
        for question, word in zip(questions, words, strict=True)
    ]
    if len(words) == 1 or draw.chance(0.5):
        asked, reply = draw.weighted(OF_IT)(draw, words[-1])
        row.append(exchange(asked, reply, reply.split(". ")[-1]))
    return row


def sums_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A sum, and then others, or more of the same."""
    row = [sums(draw, split)]
    for _ in range(draw.integer(1, 3)):
        so_far = int(row[-1].answer)
        goes_on = 0 <= so_far < 10_000 and draw.chance(0.4)
        row.append(onward(draw, split, so_far) if goes_on else fresh_sum(draw, split, AGAIN))
    return row


def problems_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A problem, and then others, or more of the same."""
    row = [short_problems(draw, split)]
    for _ in range(draw.integer(1, 2)):
        so_far = int(row[-1].answer)
        goes_on = so_far > 0 and draw.chance(0.5)
        row.append(further(draw, split, so_far) if goes_on else short_problems(draw, split))
    return row


SERIES = Table(
    (about_one, about_several, words_in_a_row, sums_in_a_row, problems_in_a_row),
    (0.19, 0.31, 0.21, 0.17, 0.12),
)


def series(draw: Draw, split: str) -> list[Exchange]:
    """Questions that lean on the ones before."""
    return draw.weighted(SERIES)(draw, split)

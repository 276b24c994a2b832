"""What people type who want a fact, a sum, a problem solved or a word spelled, and what they ask
then."""

from __future__ import annotations

import re
from functools import reduce

from nanochat.data.world import dictation, encyclopedia, english, problems, spelling, tasks
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.encyclopedia import Attribute, Entity
from nanochat.data.world.phrases import vocabulary, wordings
from nanochat.data.world.smalltalk import BOOK
from nanochat.data.world.split import draw_key
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Message, Part

# How visitors ask for a fact: `{it}` is one, `{they}` or `{them}` are all of a kind.
FACTS, VALLEY = wordings("facts"), wordings("valley")
# And how they ask for that of two, `{it}` and `{that}`.
COMPARED = wordings("compared")
# The words that visitors use, most of which no text of the world has.
VOCABULARY = Table(vocabulary())
IN_IT = re.compile(r"\b(?:(from )|in )\{it\}")
# The numbers of sums: of two digits at most, of three, of four, and round ones.
NUMBER = Table(
    (range(2, 100), range(100, 1000), range(1000, 10_000, 9), (10, 100, 1000)),
    (0.56, 0.3, 0.07, 0.07),
)
# Three ways to say each sign.
SIGNS = {
    "+": ("plus", "+", "and"),
    "-": ("minus", "-", "less"),
    "*": ("times", "*", "x"),
    "/": ("divided by", "/", "by"),
}
# What is asked of the letters of a word, and of one that was just spelled.
OF_WORD = Table(
    ("spell", "how_often", "how_many_letters", "first_letter", "last_letter"),
    (0.65, 0.15, 0.1, 0.05, 0.05),
)
OF_IT = Table(
    ("how_many_letters_of_it", "first_letter_of_it", "last_letter_of_it"), (0.6, 0.2, 0.2)
)
# What goes on with a result, by its sign. By two has words of its own: *double it*, *half of it*.
BY_TWO = {"*": "sum_double", "/": "sum_half"}
FURTHER = {"+": "further_plus", "-": "further_minus", "*": "further_times", "/": "further_divide"}


# How a question begins that can be joined to another.
ASKS = re.compile(r"(what|where|when|which|who|how|is|does)\b", re.IGNORECASE)


def draw_wording(draw: Draw, attribute: Attribute) -> str:
    """One way to ask for this, in the world's words or in a visitor's."""
    if draw.chance(0.3):
        return draw.pick(encyclopedia.QUESTIONS[attribute.name])
    return draw.weighted(FACTS[attribute.name])


def as_worded(wording: str, **names: str) -> str:
    """The wording with these names, in small letters where it has no others."""
    asked = wording.format(**names)
    return asked.lower() if wording == wording.lower() else asked


def named(draw: Draw, entity: Entity) -> str:
    """What a town or a creature is called: *the snorrel*, at times *a snorrel*; *Pellow*, at times
    *the town of Pellow*."""
    if entity.kind == "town":
        return f"the town of {entity.name}" if draw.chance(0.1) else entity.name
    return english.with_article(entity.name) if draw.chance(0.3) else entity.called


def ask_by_name(draw: Draw, entity: Entity, attribute: Attribute) -> str:
    """One way to ask for this of a town, of a creature, or of all of its kind."""
    return call_by_name(draw, draw_wording(draw, attribute), entity)


def call_by_name(draw: Draw, wording: str, entity: Entity) -> str:
    """The wording with the name of a town, of a creature, or of all of its kind."""
    all_of_them = english.plural(entity.name)
    return as_worded(wording, it=named(draw, entity), they=all_of_them, them=all_of_them)


def ask_of_it(draw: Draw, attribute: Attribute) -> str:
    """One way to ask for this of what was just named."""
    wording = IN_IT.sub(r"\1there", draw_wording(draw, attribute))
    return as_worded(wording, it="it", they="they", them="them")


def answer(question: str, entity: Entity, attribute: Attribute) -> Exchange:
    """The question, and the fact in a sentence."""
    said = encyclopedia.plainly(entity, attribute)
    return exchange(question, said, entity.facts[attribute.name])


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence; at times two in one."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    it = answer(ask_by_name(draw, entity, attribute), entity, attribute)
    if draw.chance(0.75):
        return it
    more, alike = other_facts(entity, attribute, split), others_alike(entity, attribute, split)
    if more and draw.chance(0.6):
        other = draw.pick(more)
        return both(draw, it, answer(ask_of_it(draw, other), entity, other))
    if alike:
        other = draw.pick(alike)
        return both(draw, it, answer(f"And {named(draw, other)}?", other, attribute))
    return it


def both(draw: Draw, first: Exchange, second: Exchange) -> Exchange:
    """Two questions at once, as two sentences or as one, and both answers."""
    asked = second.user
    if ASKS.match(asked) and draw.chance(0.5):
        user = f"{first.user.rstrip(' .?!')}, and {english.lowered(asked)}"
    else:
        user = f"{first.user}{'' if first.user[-1] in '.?!' else ','} {asked}"
    return exchange(user, f"{first.reply.visible} {second.reply.visible}", second.answer)


def compare(draw: Draw, split: str) -> Exchange:
    """A question that takes the same fact of two, and both facts."""
    entity, attribute = draw.until(
        lambda: encyclopedia.draw_asked(draw, split), lambda it: bool(others_alike(*it, split))
    )
    return compared(draw, split, entity, attribute, named(draw, entity))


def compared(draw: Draw, split: str, entity: Entity, attribute: Attribute, it: str) -> Exchange:
    """How this one, called `it`, compares with another of which the same may be asked."""
    other = draw.pick(others_alike(entity, attribute, split))
    asked = as_worded(draw.weighted(COMPARED[attribute.name]), it=it, that=named(draw, other))
    said = (encyclopedia.plainly(each, attribute) for each in (entity, other))
    return exchange(asked, " ".join(said))


def other_facts(entity: Entity, attribute: Attribute, split: str) -> list[Attribute]:
    """The other facts of this one that may be asked for in this split."""
    return [
        each
        for each in entity.attributes
        if each is not attribute and encyclopedia.split_of_fact(entity, each) == split
    ]


def others_alike(entity: Entity, attribute: Attribute, split: str) -> list[Entity]:
    """The others of this kind of which the same may be asked in this split."""
    return [
        other
        for other in encyclopedia.ENTITIES
        if other.kind == entity.kind
        and other is not entity
        and encyclopedia.split_of_fact(other, attribute) == split
    ]


def tell_about(draw: Draw, split: str) -> Exchange:
    """A town or a creature, and all that the assistant knows of it."""
    return portrait(draw, draw.pick(encyclopedia.ENTITIES))


def portrait(draw: Draw, entity: Entity) -> Exchange:
    """All that is known of this one, for whoever asks for it, or for any of its kind."""
    which = "any" if draw.chance(0.15) else "describe"
    request = call_by_name(draw, draw.weighted(VALLEY[f"{which}_{entity.kind}"]), entity)
    return exchange(request, encyclopedia.portrait(entity))


def draw_number(draw: Draw) -> int:
    """A number for a sum, most often one of two digits at most."""
    return draw.pick(draw.weighted(NUMBER))


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
    return fresh_sum(draw, split, "sum_of")


def fresh_sum(draw: Draw, split: str, rule: str) -> Exchange:
    """A sum that is asked for in a wording of this rule."""
    first, *rest = draw_key(draw, split, lambda: draw_sum(draw))
    steps = tuple(zip(rest[::2], rest[1::2], strict=True))
    way = draw.integer(0, 2)
    space = "" if way == 1 and draw.chance(0.5) else " "
    asked = str(first) + "".join(f"{space}{SIGNS[sign][way]}{space}{n}" for sign, n in steps)
    return worked_out(BOOK.expand(rule, draw, {"it": asked}), first, *steps)


def onward(draw: Draw, split: str, so_far: int) -> Exchange:
    """What was worked out so far, and one number more."""

    def make() -> tuple[int, str, int]:
        sign = draw.pick("+-*/")
        if sign in BY_TWO and draw.chance(0.3):
            return so_far, sign, 2
        return so_far, sign, draw.integer(2, 12) if sign == "/" else draw_number(draw)

    def wanted(it: tuple[int, str, int]) -> bool:
        return it[1] != "/" or so_far % it[2] == 0

    a, sign, b = draw_key(draw, split, lambda: draw.until(make, wanted))
    rule = BY_TWO[sign] if b == 2 and sign in BY_TWO else f"sum_{FURTHER[sign]}"
    asked = BOOK.expand(rule, draw, {"n": str(b)})
    return worked_out(asked, a, (sign, b))


def further(draw: Draw, split: str, so_far: int) -> Exchange:
    """What a problem came to, and then more or less of it, or several times as much."""

    def make() -> tuple[int, str, int]:
        sign = draw.pick("+-*")
        most = {"+": 99, "-": min(so_far, 99), "*": 12}[sign]
        return so_far, sign, draw.integer(1, most)

    a, sign, b = draw_key(draw, split, make)
    names = problems.Names(draw) | {"n": str(b)}
    return worked_out(problems.BOOK.expand(FURTHER[sign], draw, names), a, (sign, b))


def worked_out(question: str, first: int, *steps: tuple[str, int]) -> Exchange:
    """The question, and the sum with its result by the calculator."""
    said = " ".join([str(first), *(f"{SIGNS[sign][0]} {n}" for sign, n in steps)])
    result = str(
        reduce(lambda so_far, step: problems.RESULT[step[0]](so_far, step[1]), steps, first)
    )
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
    """A word to spell, or a question on its letters."""
    return ask_of_letters(draw, draw.weighted(OF_WORD), draw.weighted(WORD)(draw, split))


def visitors_word(draw: Draw, split: str) -> str:
    """A word that visitors use, which may be asked for in this split."""
    return draw_key(draw, split, lambda: (draw.weighted(VOCABULARY),))[0]


def name_of_one(draw: Draw, split: str) -> str:
    """The name of a town or of a creature."""
    return draw.pick(encyclopedia.ENTITIES).name


WORD = Table((dictation.draw_word, visitors_word, name_of_one), (0.6, 0.25, 0.15))


def ask_of_letters(draw: Draw, wanted: str, word: str) -> Exchange:
    """A question on the letters of this word, most often not in quotation marks, and its answer."""
    names = {"word": f'"{word}"' if draw.chance(0.15) else word}
    if wanted == "how_often":
        names["letter"] = spelling.draw_letter(draw, word)
        reply = f"Letters: {spelling.count_of(names['letter'], word)}"
    else:
        reply = dictation.REPLIES[wanted.removesuffix("_of_it")](word)
    answer = reply.removeprefix("Letters: ").split(". ")[-1]
    return exchange(BOOK.expand(wanted, draw, names), reply, answer)


def about_one(draw: Draw, split: str) -> list[Exchange]:
    """One town or creature, then its facts one by one, when it is no longer called by its name."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    others = other_facts(first, attribute, split)
    if draw.chance(0.4):
        opening = portrait(draw, first)
    else:
        opening = answer(ask_by_name(draw, first, attribute), first, attribute)
    row = [
        opening,
        *(
            answer(ask_of_it(draw, each), first, each)
            for each in draw.sample(others, min(len(others), draw.integer(1, 2)))
        ),
    ]
    if others_alike(first, attribute, split) and draw.chance(0.25):
        row.append(compared(draw, split, first, attribute, "it"))
    return row


def about_several(draw: Draw, split: str) -> list[Exchange]:
    """The same fact of one and then of others."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    alike = others_alike(first, attribute, split)
    others = draw.sample(alike, min(len(alike), draw.integer(1, 3)))
    exchanges = [answer(ask_by_name(draw, first, attribute), first, attribute)]
    for other in others:
        question = as_worded(draw.weighted(VALLEY["again"]), it=named(draw, other))
        exchanges.append(answer(question, other, attribute))
    return exchanges


def words_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A word to spell, then others, and something about the letters of the last of them."""
    words = [dictation.draw_word(draw, split) for _ in range(draw.integer(1, 4))]
    wanted = ["spell", *["spell_again"] * (len(words) - 1)]
    row = [ask_of_letters(draw, each, word) for each, word in zip(wanted, words, strict=True)]
    if len(words) == 1 or draw.chance(0.5):
        row.append(ask_of_letters(draw, draw.weighted(OF_IT), words[-1]))
    return row


def sums_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A sum, and then others, or more of the same; at times a problem with numbers of its own."""
    row = [sums(draw, split)]
    for _ in range(draw.integer(1, 3)):
        so_far = int(row[-1].answer)
        goes_on = 0 <= so_far < 10_000 and draw.chance(0.4)
        row.append(onward(draw, split, so_far) if goes_on else fresh_sum(draw, split, "sum_again"))
    if draw.chance(0.3):
        row.append(short_problems(draw, split))
    return row


def problems_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A problem, and then others, or more of the same."""
    row = [short_problems(draw, split)]
    for _ in range(draw.integer(1, 2)):
        so_far = int(row[-1].answer)
        goes_on = 0 < so_far < 1000 and draw.chance(0.5)
        row.append(further(draw, split, so_far) if goes_on else short_problems(draw, split))
    return row


SERIES = Table(
    (about_one, about_several, words_in_a_row, sums_in_a_row, problems_in_a_row),
    (0.19, 0.27, 0.2, 0.17, 0.17),
)


def series(draw: Draw, split: str) -> list[Exchange]:
    """Questions that lean on the ones before."""
    return draw.weighted(SERIES)(draw, split)

"""What people type who want to know of the valley, and what they ask then."""

from __future__ import annotations

import re
from dataclasses import replace

from nanochat.data.world import encyclopedia, english
from nanochat.data.world.draw import Draw
from nanochat.data.world.encyclopedia import Attribute, Entity
from nanochat.data.world.phrases import wordings
from nanochat.data.world.smalltalk import ALL_OF_THEM, BOOK, ONE_WAY, UNTOLD
from nanochat.data.world.tasks import Exchange, at_once, exchange

# How visitors ask for a fact: `{it}` is one, `{they}` or `{them}` are all of a kind.
FACTS, VALLEY = wordings("facts"), wordings("valley")
# What follows *she wants to know*; of what was just named, in a word or two; of two, `{it}` and
# `{that}`; of two just named; of whom it is true; and of whom else, when it was just told.
CLAUSES, FOLLOWING, COMPARED = wordings("clauses"), wordings("following"), wordings("compared")
OF_BOTH, REVERSE, OTHERS = wordings("of_both"), wordings("reverse"), wordings("others")
# What asks for the largest and for the smallest of all sizes.
EXTREMES = {"barn": "biggest", "thimble": "smallest"}
IN_IT = re.compile(r"\b(?:(from )|in )\{it\}")
# How visitors say a fact again; what is not here, as it is.
SAID_AGAIN = {
    "near": ("{it}", "by {it}"),
    "roofs": ("{it}", "{it} roofs"),
    "market": ("{it}", "on {it}", "a {it}"),
    "size": ("a {it}", "as big as a {it}"),
    "home": ("{it}", "in {it}"),
    "voice": ("{it}", "it {it}"),
}
AGAIN = {
    value: tuple(form.format(it=value) for form in SAID_AGAIN[attribute.name])
    for attribute in encyclopedia.TOWN_ATTRIBUTES + encyclopedia.CREATURE_ATTRIBUTES
    if attribute.name in SAID_AGAIN
    for value in attribute.values
}
# How a question begins that can be joined to another, and what goes on from another by itself.
ASKS = re.compile(r"(what|where|when|which|who|how|is|does)\b", re.IGNORECASE)
GOES_ON = re.compile(r"(and|now|then|plus|minus|times|divided)\b", re.IGNORECASE)


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
    if draw.chance(0.12):
        return wants_to_know(draw, attribute, named(draw, entity))
    if draw.chance(0.1):
        return ask_when_named(draw, entity, attribute)
    return call_by_name(draw, draw_wording(draw, attribute), entity)


def ask_when_named(draw: Draw, entity: Entity, attribute: Attribute) -> str:
    """Something about a town or a creature, and a question that leans on it."""
    lead = BOOK.expand(f"named_first_{entity.kind}", draw, {"it": named(draw, entity)})
    question = ask_of_it(draw, attribute)
    if draw.chance(0.3):
        return f"{english.unended(lead)}, {english.lowered(question)}"
    return f"{english.ended(lead)} {english.sentence(question)}"


def wants_to_know(draw: Draw, attribute: Attribute, it: str) -> str:
    """One way to say that somebody wants to know this of what is called so."""
    return BOOK.expand("wants_one", draw, {"first": clause(draw, attribute, it)})


def clause(draw: Draw, attribute: Attribute, it: str) -> str:
    """What somebody wants to know of what is called so."""
    wording = draw.weighted(CLAUSES[attribute.name])
    return (there(wording) if it == "it" else wording).format(it=it)


def there(wording: str) -> str:
    """The wording for a place that was just named."""
    return IN_IT.sub(r"\1there", wording)


def call_by_name(draw: Draw, wording: str, entity: Entity) -> str:
    """The wording with the name of a town, of a creature, or of all of its kind."""
    all_of_them = english.plural(entity.name)
    return as_worded(wording, it=named(draw, entity), they=all_of_them, them=all_of_them)


def ask_of_it(draw: Draw, attribute: Attribute) -> str:
    """One way to ask for this of what was just named."""
    if draw.chance(0.1):
        return wants_to_know(draw, attribute, "it")
    if draw.chance(0.3):
        return draw.weighted(FOLLOWING[attribute.name])
    return as_worded(there(draw_wording(draw, attribute)), it="it", they="they", them="them")


def answer(question: str, entity: Entity, attribute: Attribute) -> Exchange:
    """The question, and the fact in a sentence."""
    said = encyclopedia.plainly(entity, attribute)
    return exchange(question, said, entity.facts[attribute.name])


def free_fact(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia, answered in a sentence; at times two in one."""
    entity, attribute = encyclopedia.draw_asked(draw, split)
    it = answer(ask_by_name(draw, entity, attribute), entity, attribute)
    if draw.chance(0.92):
        return it
    more, alike = other_facts(entity, attribute, split), others_alike(entity, attribute, split)
    if more and draw.chance(0.75):
        return two_facts(draw, entity, attribute, draw.pick(more))
    if alike:
        other = draw.pick(alike)
        return both(draw, it, answer(f"And {named(draw, other)}?", other, attribute))
    return it


def two_facts(draw: Draw, entity: Entity, first: Attribute, second: Attribute) -> Exchange:
    """Two facts of the one that is named, asked for in one message."""
    if draw.chance(0.65):
        it = answer(ask_by_name(draw, entity, first), entity, first)
        return both(draw, it, answer(ask_of_it(draw, second), entity, second))
    wanted = {
        "first": clause(draw, first, named(draw, entity)),
        "second": clause(draw, second, "it"),
    }
    facts = (answer("", entity, each) for each in (first, second))
    return at_once(BOOK.expand("wants_both", draw, wanted), *facts)


def both(draw: Draw, first: Exchange, second: Exchange) -> Exchange:
    """Two wants at once, in two sentences or in one, and both replies."""
    return at_once(in_one_message(draw, first.user, second.user), first, second)


def in_one_message(draw: Draw, first: str, second: str) -> str:
    """What two messages say, in two sentences or in one."""
    if draw.chance(0.4):
        return f"{english.ended(first)} {english.sentence(second)}"
    if GOES_ON.match(second):
        return english.unended(first) + draw.pick((", ", " ", "... ")) + english.lowered(second)
    link = draw.pick((", and ", " and ")) if ASKS.match(second) else ", and then "
    if draw.chance(0.6):
        return english.unended(first) + link + english.lowered(second)
    names = {"first": english.unended(first), "second": english.unended(english.lowered(second))}
    return BOOK.expand("two_wants", draw, names)


def compare(draw: Draw, split: str) -> Exchange:
    """A question that takes the same fact of two, and both facts."""
    entity, attribute = draw.until(
        lambda: encyclopedia.draw_asked(draw, split), lambda it: bool(others_alike(*it, split))
    )
    return compared(draw, split, entity, attribute, named(draw, entity))


def compared(draw: Draw, split: str, entity: Entity, attribute: Attribute, it: str) -> Exchange:
    """How this one, called `it`, compares with another of which the same may be asked."""
    other = draw.pick(others_alike(entity, attribute, split))
    if draw.chance(0.15):
        asked = as_worded(draw.weighted(COMPARED["overall"]), it=it, that=named(draw, other))
        return exchange(asked, "\n".join(map(encyclopedia.portrait, (entity, other))))
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


def reverse(draw: Draw, split: str) -> Exchange:
    """A question of whom something is true, and those of whom it may be told, if there are any."""
    if (known := extremes(split)) and draw.chance(0.08):
        return reversed_fact(draw, split, *draw.pick(known))
    entity, attribute = encyclopedia.draw_asked(draw, split)
    if draw.chance(0.25) and (value := true_of_none(draw, attribute)):
        return exchange(ask_reversed(draw, attribute, value), ONE_WAY)
    return reversed_fact(draw, split, entity, attribute)


def of_others(draw: Draw, split: str, entity: Entity, attribute: Attribute) -> Exchange:
    """Of whom else that is true which was just told of this one, or of whom something like it."""
    if draw.chance(0.25) and (value := true_of_none(draw, attribute)):
        return exchange(ask_reversed(draw, attribute, value), ONE_WAY)
    if draw.chance(0.15) and (alike := others_alike(entity, attribute, split)):
        return reversed_fact(draw, split, draw.pick(alike), attribute)
    it = reversed_fact(draw, split, entity, attribute)
    if draw.chance(0.3):
        return it
    value = entity.facts[attribute.name]
    return replace(it, user=as_worded(draw.weighted(OTHERS[attribute.name]), value=value))


def true_of_none(draw: Draw, attribute: Attribute) -> str | None:
    """What is true of no town or creature that there is, if anything may be."""
    known = {entity.facts.get(attribute.name) for entity in encyclopedia.ENTITIES}
    possible = [value for value in attribute.values if value not in known]
    other = f"other_{attribute.name}"
    if other not in BOOK.tables or (possible and draw.chance(0.2)):
        return draw.pick(possible) if possible else None
    return draw.until(
        lambda: BOOK.expand(other, draw, {}), lambda value: value not in attribute.values
    )


def extremes(split: str) -> list[tuple[Entity, Attribute]]:
    """Whose size is the largest or the smallest of all, and may be told in this split."""
    sizes = (
        (entity, attribute)
        for entity in encyclopedia.CREATURE_ENTITIES
        for attribute in entity.attributes
        if entity.facts[attribute.name] in EXTREMES
    )
    return [fact for fact in sizes if encyclopedia.split_of_fact(*fact) == split]


def of_whom(draw: Draw, split: str) -> list[Exchange]:
    """Of whom something is true, and then, of several, whether it is true of all."""
    row = [reverse(draw, split)]
    if " and " in row[0].answer and draw.chance(0.4):
        row.append(exchange(BOOK.expand("all_of_them", draw, {}), ALL_OF_THEM))
    return row


def ask_reversed(draw: Draw, attribute: Attribute, value: str) -> str:
    """One way to ask of whom this is true."""
    if value in EXTREMES and draw.chance(0.7):
        return BOOK.expand(EXTREMES[value], draw, {})
    return as_worded(draw.weighted(REVERSE[attribute.name]), value=value)


def reversed_fact(draw: Draw, split: str, entity: Entity, attribute: Attribute) -> Exchange:
    """The same of what is true of this one."""
    value = entity.facts[attribute.name]
    alike = others_alike(entity, attribute, split)
    holders = [entity, *(other for other in alike if other.facts[attribute.name] == value)]
    known = english.listed(sorted(each.called for each in holders))
    reply = f"I know {english.in_words(len(holders))}: {known}."
    return exchange(ask_reversed(draw, attribute, value), reply, known)


def tell_about(draw: Draw, split: str) -> Exchange:
    """A town or a creature, and all that the assistant knows of it."""
    return portrait(draw, draw.pick(encyclopedia.ENTITIES))


def portrait(draw: Draw, entity: Entity) -> Exchange:
    """All that is known of this one, for whoever asks for it, or for any of its kind."""
    which = "any" if draw.chance(0.15) else "describe"
    request = call_by_name(draw, draw.weighted(VALLEY[f"{which}_{entity.kind}"]), entity)
    gist = draw.pick(tuple(entity.facts.values()))
    return exchange(request, encyclopedia.portrait(entity), gist)


def about_one(draw: Draw, split: str) -> list[Exchange]:
    """One town or creature, then its facts one by one, when it is no longer called by its name."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    others = other_facts(first, attribute, split)
    if draw.chance(0.4):
        opening = portrait(draw, first)
    else:
        opening = answer(ask_by_name(draw, first, attribute), first, attribute)
        if draw.chance(0.25):
            return [opening, of_others(draw, split, first, attribute)]
    asked = draw.sample(others, min(len(others), draw.integer(1, 3)))
    facts = [answer(ask_of_it(draw, each), first, each) for each in asked]
    if len(facts) > 1 and draw.chance(0.12):
        facts[:2] = [both(draw, *facts[:2])]
    row = [opening, *facts]
    told = encyclopedia.portrait(first)
    if opening.reply.visible != told and draw.chance(0.25):
        row.append(exchange(BOOK.expand("more_of_it", draw, {}), told))
    elif others_alike(first, attribute, split) and draw.chance(0.2):
        row.append(compared(draw, split, first, attribute, "it"))
    elif asked and draw.chance(0.25):
        row.append(of_others(draw, split, first, asked[-1]))
    elif draw.chance(0.25):
        row.append(exchange(BOOK.expand(f"untold_of_{first.kind}", draw, {}), UNTOLD))
    return row


def about_several(draw: Draw, split: str) -> list[Exchange]:
    """The same of one and then of others, and at times something else of two, or of the last."""
    first, attribute = encyclopedia.draw_asked(draw, split)
    alike = others_alike(first, attribute, split)
    others = draw.sample(alike, min(len(alike), draw.integer(1, 3)))
    if draw.chance(0.2):
        row = [portrait(draw, first), *(described_too(draw, other) for other in others)]
    else:
        row = [answer(ask_by_name(draw, first, attribute), first, attribute)]
        row += [answer(ask_again(draw, "again", other), other, attribute) for other in others]
    if len(others) == 1 and draw.chance(0.4):
        return row + about_two(draw, split, first, others[0], attribute)
    if others and (more := other_facts(others[-1], attribute, split)) and draw.chance(0.5):
        another = draw.pick(more)
        row.append(answer(ask_of_it(draw, another), others[-1], another))
    return row


def ask_again(draw: Draw, rule: str, entity: Entity) -> str:
    """One way to ask of this one what was just asked of another."""
    return as_worded(draw.weighted(VALLEY[rule]), it=named(draw, entity))


def described_too(draw: Draw, entity: Entity) -> Exchange:
    """All that is known of this one, after all that is known of another."""
    rule = draw.pick(("again", "again_described"))
    return exchange(ask_again(draw, rule, entity), encyclopedia.portrait(entity))


def about_two(
    draw: Draw, split: str, first: Entity, second: Entity, attribute: Attribute
) -> list[Exchange]:
    """Something else about two that were just named, of both at once or of one and the other; or of
    which of them the last was true."""
    known = set(other_facts(first, attribute, split)) & set(other_facts(second, attribute, split))
    if not known or draw.chance(0.25):
        return [reversed_fact(draw, split, draw.pick((first, second)), attribute)]
    another = draw.pick([each for each in first.attributes if each in known])
    if draw.chance(0.5):
        facts = (encyclopedia.plainly(each, another) for each in (first, second))
        return [exchange(draw.weighted(OF_BOTH[another.name]), " ".join(facts))]
    return [
        answer(ask_by_name(draw, first, another), first, another),
        answer(BOOK.expand("other_one", draw, {}), second, another),
    ]

"""How a model heeds what people ask: stories, words to spell and sums, read by a program.

    python tests/benchmarks/bench_requests.py runs/cpu

Of 96 requests, at each temperature: in how many stories the kind of hero and the thing that were
asked for come, in how many a stranger does, whom no sentence brought in, in how many two people
have one name, and how many ways they begin in; and which share of 100 questions on facts has its
answer, alone and after another. Then, at temperature 0, which share of the dictionary's words it
spells, those that are one token and others, and of words that no text of the world has (also the
base model, in a text that asks for them), which share of 60 sums it gets right, and of 64 rows of
questions of each kind in how many the last reply has the answer; how many heroes and things that
are in no list of the world come in the story that one asks for; and how likely, to the base model,
an earlier name is where a story of the world brings in somebody new."""

import argparse
import itertools
import math
import operator
import re
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from nanochat.data.world import (
    asking,
    cast,
    dictation,
    encyclopedia,
    english,
    nonce,
    spelling,
    stories,
)
from nanochat.data.world.draw import Draw
from nanochat.engine import Engine, SamplingConfig
from nanochat.eval import likelihood
from nanochat.pipeline import run
from nanochat.runtime import detect
from nanochat.tokenizer import Conversation, Message, conversation

REQUESTS, FACTS, ROWS = 96, 100, 64
# Temperatures, each with its top-p; the last is what `nanochat chat` has.
DRAWS = ((0.0, 1.0), (0.3, 1.0), (0.5, 1.0), (0.7, 1.0), (0.6, 0.8))
GREEDY = SamplingConfig(60, 0.0)
NAMES, KINDS = "|".join(cast.PRONOUNS), "|".join([*cast.KINDS, *encyclopedia.CREATURES])
# The first person of a story is its hero; another is brought in by what he or she is.
PERSON = re.compile(rf"\b((?:{KINDS}) (?:called )?)?({NAMES})\b")

SPELL = ('Spell "{}".', "How do you spell {}?", "spell {}")
GO_ON = ('\nHow do you spell "{}"? Letters:', "\nHow do you spell {}? Letters:")
SUM = ("{} + {}", "{}+{}", "What is {} plus {}?", "{} - {}", "{}-{}", "What is {} minus {}?",
       "{} * {}", "{}*{}", "What is {} times {}?", "what is {} * {}")  # fmt: skip
RESULT = {"+": operator.add, "plus": operator.add, "-": operator.sub, "minus": operator.sub,
          "*": operator.mul, "times": operator.mul}  # fmt: skip
PAIRS = ((12, 30), (47, 8), (63, 59), (17, 23), (85, 36), (321, 54))
# No text of the world has them, and no conversation spells them.
OUTSIDE = """
glacier oxygen canyon kingdom jewel ketchup monument uncover zigzag signal target vessel meteor
bazaar dialect embassy granite harpoon igloo kimono lagoon nectar oasis pollen quarry reptile tundra
usher verdict zeppelin antenna ballad cavalry
"""
# Whom and what people ask for, and no list of the world has, that of made-up nouns least of all.
HEROES = """
bus driver, pupil, plumber, electrician, mechanic, gardener's son, tractor, lawyer, firefighter,
postwoman, milkman, seagull, goldfish, guinea pig, polar bear, badger cub, train driver,
lighthouse keeper, professor, tourist, neighbour, uncle, cousin, secretary, engineer, chef,
dentist, goalkeeper, referee, skeleton, goblin, gnome, troll, werewolf
"""
THINGS = """
keyboard, laptop, tractor, hoover, fridge, toaster, microwave, skipping rope, raincoat, passport,
calendar, rucksack, rocking chair, ice cream, sledge, trophy, lipstick, necktie, binoculars,
helicopter, tablet, dustbin
"""
ASK_FOR = (
    "Tell me a story about {} and {}.",
    "a story about {} and {} please",
    "Could you tell us a story about {} with {}?",
)


def request(index):
    """The kind and the thing of a story that no model was trained on, and the request."""
    names = stories.begin(Draw("request", index), "test").names
    kind, thing = names["hero_kind"], names["thing"]
    asked = f"Tell me a story about {english.with_article(kind)} and {english.with_article(thing)}."
    return kind, thing, asked


def met(story):
    """The names in a story as they come: each, whether it came before, and whether it is brought in
    here."""
    told = set()
    for person in PERSON.finditer(story):
        yield person[2], person[2] in told, person[1] is not None
        told.add(person[2])


def strangers(story):
    """Names at whose first mention nobody is brought in, but for the hero's."""
    return [name for name, known, brought in [*met(story)][1:] if not known and not brought]


def namesakes(story):
    """Names by which somebody new is brought in though another has them."""
    return [name for name, known, brought in met(story) if known and brought]


def taken(engine, told):
    """How likely it is that whoever is new to a story, after what is told, has an earlier name."""
    words = engine.tokenizer
    start = len(words.encode(told.rstrip()))
    earlier = (name for name in cast.NAMES if re.search(rf"\b{name}\b", told))
    rows = [[words.bos_id, *words.encode(told + name)] for name in earlier]
    nats = likelihood.token_nats(engine.model, rows)
    return sum(math.exp(-of_row[start:].sum()) for of_row in nats)


def newcomers():
    """What the world's stories tell before the name of somebody new."""
    for index in range(REQUESTS):
        story = stories.finish(stories.begin_untitled(Draw("newcomer", index), "val"))
        named = {m[0]: m.start() for m in reversed([*re.finditer(r"\b[A-Z]\w+", story)])}
        _, *later = sorted(start for name, start in named.items() if name in cast.NAMES)
        yield from (story[:start] for start in later)


def answered(engine, texts, sampling):
    """What the model says to each text, as a person sees it."""
    return concluded(engine, [(Message.text("user", text),) for text in texts], sampling)


def concluded(engine, talks, sampling):
    """What the model says at the end of each talk."""
    words = engine.tokenizer
    prompts = [conversation.prompt(words, Conversation(messages)) for messages in talks]
    replies = engine.generate(prompts, sampling)
    return [conversation.parse_reply(words, reply.ids).visible for reply in replies]


def tell(engine, temperature, top_p):
    """The stories that were asked for, and what a reader would count in them."""
    asked = [request(index) for index in range(REQUESTS)]
    sampling = SamplingConfig(320, temperature, top_k=50, top_p=top_p)
    told = answered(engine, [text for *_, text in asked], sampling)
    kinds, things = (
        sum(
            bool({each[i], english.plural(each[i])} & set(re.findall(r"[\w-]+", text.lower())))
            for each, text in zip(asked, told, strict=True)
        )
        for i in (0, 1)
    )
    unknown = sum(bool(strangers(text)) for text in told)
    alike = sum(bool(namesakes(text)) for text in told)
    begun = len({" ".join(text.split()[:2]) for text in told})
    return told, (kinds, things, unknown, alike, begun)


def inform(engine, temperature, top_p, before):
    """The share of facts that are told when others were asked for before."""
    asked = [
        [asking.free_fact(draw, "train") for _ in range(before + 1)]
        for draw in (Draw("free", index) for index in range(FACTS))
    ]
    return last_right(engine, asked, SamplingConfig(60, temperature, top_k=50, top_p=top_p))


def last_right(engine, rows, sampling):
    """The share of rows of questions whose last one is answered, the others being answered well."""
    talks = [tuple(message for it in row for message in it.messages)[:-1] for row in rows]
    said = concluded(engine, talks, sampling)
    right = (row[-1].answer in reply for row, reply in zip(rows, said, strict=True))
    return sum(right) / len(rows)


def by_tokens(tokenizer, words):
    """The words that are one token in a sentence, and the others."""
    one = [word for word in words if len(tokenizer.encode(f" {word}")) == 1]
    return one, [word for word in words if word not in one]


def spell(engine, form, asked):
    """The share of words that are spelled rightly when they are asked for in this form."""
    said = answered(engine, [form.format(word) for word in asked], GREEDY)
    return sum(a == spelling.letters(w) for w, a in zip(asked, said, strict=True)) / len(asked)


def spell_on(engine, form, asked):
    """The share of words that a base model spells rightly where a text asks for them."""
    words = engine.tokenizer
    prompts = [[words.bos_id, *words.encode(form.format(word))] for word in asked]
    texts = [words.decode(reply.ids) for reply in engine.generate(prompts, GREEDY)]
    right = (t.startswith(f" {spelling.spelled(w)}.") for w, t in zip(asked, texts, strict=True))
    return sum(right) / len(asked)


def told_of(engine, words, pair):
    """In how many stories about each of these comes what was asked for."""
    asked = [
        ask.format(*map(english.with_article, pair(word)))
        for word, ask in zip(words, itertools.cycle(ASK_FOR), strict=False)
    ]
    told = answered(engine, asked, SamplingConfig(320, 0.6, top_k=50, top_p=0.8))
    found = (
        re.search(rf"\b{re.escape(word)}\b", story) for word, story in zip(words, told, strict=True)
    )
    return f"{sum(map(bool, found))} of {len(words)}"


def reckon(engine):
    """The share of sums whose result is right."""
    sums = [(form.format(a, b), form, a, b) for form in SUM for a, b in PAIRS]
    said = answered(engine, [text for text, *_ in sums], GREEDY)
    right = 0
    for (_, form, a, b), reply in zip(sums, said, strict=True):
        sign = next(sign for sign in RESULT if sign in form)
        right += bool(re.search(rf"is {RESULT[sign](a, b)}\.", reply))
    return right / len(sums)


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--read", action="store_true", help="print ten of the stories")
    options = parser.parse_args()
    runtime = detect("cpu")
    engine = Engine(*run.chat_model(options.run, runtime), runtime)
    columns = "temperature", "top-p", "kind", "thing", "stranger", "namesakes", "begun", "fact"
    stories_table = Table(*columns, "second", title=f"of {REQUESTS} stories, and shares of facts")
    for draw in DRAWS:
        told, counts = tell(engine, *draw)
        facts = (inform(engine, *draw, before) for before in (0, 1))
        stories_table.add_row(*map(str, (*draw, *counts, *facts)))
    one, several = by_tokens(engine.tokenizer, dictation.DICTIONARY)
    columns = f"{len(one)} of one token", f"{len(several)} of several", "outside"
    words_table = Table("asked", *columns, title="words spelled; the first two by the base model")
    base = Engine(*run.chat_model(options.run, runtime, "base"), runtime)
    rows = [(spell_on, base, form) for form in GO_ON] + [(spell, engine, form) for form in SPELL]
    for ask, asked, form in rows:
        shares = (ask(asked, form, words) for words in (one, several, OUTSIDE.split()))
        words_table.add_row(form.strip(), *(f"{share:.3f}" for share in shares))
    Console().print(stories_table, words_table, f"sums: {reckon(engine):.2f}")
    heroes, things = (each.replace("\n", " ").strip().split(", ") for each in (HEROES, THINGS))
    assert not {*nonce.NOUNS, *stories.HEARD_OF} & {*heroes, *things}
    whom = told_of(engine, heroes, lambda hero: (hero, "hat"))
    what = told_of(engine, things, lambda thing: ("fox", thing))
    print(f"in no list: {whom} heroes, {what} things")
    chances = [taken(base, told) for told in newcomers()]
    print(f"an earlier name, at {len(chances)} places for a new one: {fmean(chances):.3f}")
    for ask in asking.SERIES.options:
        rows = [ask(Draw("row", index), "train") for index in range(ROWS)]
        print(f"{ask.__name__}: {last_right(engine, rows, GREEDY):.2f}")
    if options.read:
        for index, story in enumerate(told[:10]):
            print(f"{request(index)[-1]}\n{story}\n")


if __name__ == "__main__":
    main()

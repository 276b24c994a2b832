"""How much a model understands of what visitors type who have read of it and not of its lessons.

    python tests/benchmarks/bench_visitors.py runs/cpu

`visitors.json` has 450 first messages of chats, each with what a reply to it is about. They were
written by somebody who knew the README and the landing page alone, and none of them is among the
wordings that the conversations are made of. A reply is right if it is the one for that, or has the
fact, the letters or the number that was asked for; a story, if it is as long as one and
names the hero or the thing, or says that it is another where nobody in the world is like that.

Then every fact of the world is asked for in the world's words and in a visitor's, one of those that
the conversations are made of: how many are told of the facts that conversations ask for, and of
those that are held out of them. All is drawn as `nanochat chat` draws."""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

from bench_requests import DRAWS, answered
from rich.console import Console
from rich.table import Table

from nanochat.data.world import asking, encyclopedia, spelling
from nanochat.data.world.chats import ANOTHER
from nanochat.data.world.draw import Draw
from nanochat.data.world.smalltalk import (
    BEYOND,
    CAN,
    FEELINGS,
    ONE_WAY,
    REPLIES,
    SEEN,
    SELF,
    UNTOLD,
)
from nanochat.engine import Engine, SamplingConfig
from nanochat.pipeline import run
from nanochat.runtime import detect

VISITORS = Path(__file__).with_name("visitors.json")
REPLY = {wanted: reply for replies in REPLIES.values() for wanted, reply in replies.items()}
TWENTY = {"town": REPLY["which_towns"], "creature": REPLY["which_creatures"]}
# What may be said to each kind of message.
FITTING = {
    "who": {SELF},
    "person": {SELF, FEELINGS},
    "made": {SELF, REPLY["where_do_you_live"]},
    "can": {CAN},
    "ready": {CAN},
    "bored": {CAN},
    "likes": {FEELINGS},
    "valley": {REPLY["tell_me_about_the_valley"], *TWENTY.values()},
    "hello": {REPLY["hello"], SEEN},
    "how": {REPLY["how_are_you"]},
    "thanks": {REPLY["thanks"], REPLY["liked_it"]},
    "bye": {REPLY["goodbye"]},
    "praise": {REPLY["liked_it"], REPLY["thanks"]},
    "doubt": {REPLY["doubt"]},
    "beyond": {BEYOND, UNTOLD, ONE_WAY, REPLY["languages"]},
}
ENTITIES = {entity.name: entity for entity in encyclopedia.ENTITIES}
PLAIN = {
    name: {each.name: encyclopedia.plainly(entity, each) for each in entity.attributes}
    for name, entity in ENTITIES.items()
}
BATCH, STORY = 60, 250


def is_right(kind, answer, reply):
    """Whether a reply is one to such a message."""
    if kind in FITTING:
        return reply in FITTING[kind]
    if kind == "fact":
        name, attribute = answer.split(".")
        return reply == PLAIN[name][attribute]
    if kind == "compare":
        *two, attribute = answer.split(".")
        return reply == " ".join(PLAIN[name][attribute] for name in two)
    if kind == "reverse":
        return reply == whose(*answer.split("."))
    if kind == "about":
        return reply == encyclopedia.portrait(ENTITIES[answer])
    if kind == "list":
        return reply == TWENTY[answer]
    if kind == "spell":
        return reply == spelling.letters(answer)
    if kind in ("sum", "problem", "length"):
        return re.findall(r"\d+", reply)[-1:] == [answer]
    if kind == "strange":
        return reply.startswith(ANOTHER)
    assert kind in ("story", "creature_story"), kind
    return len(reply) > STORY and answer in reply


def whose(name, attribute):
    """Whom the same is true of, as it may be told."""
    entity = ENTITIES[name]
    (asked,) = (each for each in entity.attributes if each.name == attribute)
    it = asking.reversed_fact(Draw("whose"), "train", entity, asked)
    return it.reply.visible


def understood(engine, sampling):
    """Of each kind of message, and of all, whether the replies are right."""
    asked = sorted(json.loads(VISITORS.read_text("utf-8")), key=lambda row: len(row[0]))
    replies = replies_to(engine, [said for said, *_ in asked], sampling)
    right = defaultdict(list)
    for (_, kind, answer), reply in zip(asked, replies, strict=True):
        right[kind].append(is_right(kind, answer, reply))
    return right | {"all": sum(right.values(), [])}


def told(engine, sampling):
    """Whether each fact is told, by whether conversations ask for it, and by whose words ask."""
    facts = [(entity, each) for entity in ENTITIES.values() for each in entity.attributes]
    right = defaultdict(list)
    visitors = {attribute: asked.options for attribute, asked in asking.FACTS.items()}
    for whose, wordings in (("the world's", encyclopedia.QUESTIONS), ("a visitor's", visitors)):
        replies = replies_to(engine, [ask(*fact, wordings) for fact in facts], sampling)
        for (entity, attribute), reply in zip(facts, replies, strict=True):
            known = encyclopedia.split_of_fact(entity, attribute) == "train"
            kind = f"facts {'asked for' if known else 'held out'}, in {whose} words"
            right[kind].append(reply == PLAIN[entity.name][attribute.name])
    return right


def ask(entity, attribute, wordings):
    """A question for this fact, in one of the wordings for it."""
    draw = Draw("told", entity.name, attribute.name)
    return asking.call_by_name(draw, draw.pick(wordings[attribute.name]), entity)


def replies_to(engine, texts, sampling):
    """What the model says to each text, a batch at a time."""
    batches = (texts[start : start + BATCH] for start in range(0, len(texts), BATCH))
    return [reply.strip() for batch in batches for reply in answered(engine, batch, sampling)]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a run, or of one of its stages")
    runtime = detect("cpu")
    engine = Engine(*run.chat_model(parser.parse_args().run, runtime), runtime)
    temperature, top_p = DRAWS[-1]
    sampling = SamplingConfig(260, temperature, top_k=50, top_p=top_p)
    table = Table("message", "right", "of", "share")
    for kind, right in (understood(engine, sampling) | told(engine, sampling)).items():
        table.add_row(kind, str(sum(right)), str(len(right)), f"{sum(right) / len(right):.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()

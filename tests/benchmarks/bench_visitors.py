"""How much a model understands of what visitors type who have read of it and not of its lessons.

    python tests/benchmarks/bench_visitors.py runs/cpu

`visitors.json` has 450 first messages of chats, each with what a reply to it is about. They were
written by somebody who knew the README and the landing page alone, and none of them is among the
wordings that the conversations are made of. A reply is right if it is the one for that, or has the
fact, the letters or the number that was asked for; a story, if it is as long as one. Drawn as
`nanochat chat` draws."""

import argparse
import json
import re
from collections import defaultdict
from pathlib import Path

from bench_requests import DRAWS, concluded
from rich.console import Console
from rich.table import Table

from nanochat.data.world import encyclopedia, spelling
from nanochat.data.world.chats import NO_CREATURES
from nanochat.data.world.smalltalk import BEYOND, CAN, FEELINGS, REPLIES, SEEN, SELF, UNTOLD
from nanochat.engine import Engine, SamplingConfig
from nanochat.pipeline import run
from nanochat.runtime import detect
from nanochat.tokenizer import Message

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
    "beyond": {BEYOND, UNTOLD, REPLY["languages"]},
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
    if kind == "about":
        return reply == encyclopedia.portrait(ENTITIES[answer])
    if kind == "list":
        return reply == TWENTY[answer]
    if kind == "spell":
        return reply == spelling.letters(answer)
    if kind in ("sum", "problem", "length"):
        return re.findall(r"\d+", reply)[-1:] == [answer]
    if kind == "creature_story":
        return reply == NO_CREATURES
    assert kind in ("story", "strange"), kind
    return len(reply) > STORY


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a run, or of one of its stages")
    runtime = detect("cpu")
    engine = Engine(*run.chat_model(parser.parse_args().run, runtime), runtime)
    asked = sorted(json.loads(VISITORS.read_text("utf-8")), key=lambda row: len(row[0]))
    temperature, top_p = DRAWS[-1]
    sampling = SamplingConfig(260, temperature, top_k=50, top_p=top_p)
    right = defaultdict(list)
    for start in range(0, len(asked), BATCH):
        rows = asked[start : start + BATCH]
        talks = [(Message.text("user", said),) for said, *_ in rows]
        replies = concluded(engine, talks, sampling)
        for (_, kind, answer), reply in zip(rows, replies, strict=True):
            right[kind].append(is_right(kind, answer, reply.strip()))
    table = Table("message", "right", "of")
    for kind, each in right.items():
        table.add_row(kind, str(sum(each)), str(len(each)))
    every = sum(right.values(), [])
    table.add_row("all", f"{sum(every) / len(every):.3f}", str(len(every)))
    Console().print(table)


if __name__ == "__main__":
    main()

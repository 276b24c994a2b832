"""How many replies of whole chats are right: each message after what was said before.

    python tests/benchmarks/bench_chats.py runs/cpu

`chats.json` has 50 chats of people who knew the README's sentence on Wren, and wrote each message
when they had read the reply to the one before. With each comes what a right reply must have: all of
some patterns, or a story, which is as long as one and names whom and what was asked for. A reply
that says a sentence twice is wrong. The model replies anew, so a remark may be on a reply that it
did not give; what cannot be answered then counts for nothing. Its conversations have learned from
what went wrong in these chats, though not from their words: others are harder. Then a hundred
stories are asked for, and who has the thing in the end, and where, as the last sentence says."""

import argparse
import json
import re
from collections import defaultdict
from dataclasses import replace
from pathlib import Path

from bench_requests import DRAWS, request
from rich.console import Console
from rich.table import Table

from nanochat.cli.chat import Chat
from nanochat.data.world import cast, places
from nanochat.data.world.chats import ANOTHER
from nanochat.engine import Engine, SamplingConfig
from nanochat.pipeline import run
from nanochat.runtime import detect

CHATS = json.loads(Path(__file__).with_name("chats.json").read_text("utf-8"))
SEEDS, STORY = (1, 2), 300
STORIES = 100
ENDS = (
    "Who has the {} now?",
    "What a lovely tale. Who has the {} now, at the end?",
    "haha! where is the {} now",
    "Thank you, she liked that. Who had the {} in the end?",
)
SOMEBODY = {*cast.PRONOUNS, *cast.KINDS, *cast.WISHED_FOR.options}


def says_twice(reply):
    """Whether a sentence or a line of the reply comes twice."""
    said = [line for line in re.split(r"(?<=[.!?])\s+|\n", reply) if line]
    return len(said) > len({*said})


def is_right(wanted, reply):
    """Whether a reply has what it must have."""
    if isinstance(wanted, dict):
        named = all(word in reply for word in wanted["story"])
        return named and len(reply) > STORY and not reply.startswith(ANOTHER)
    return all(re.search(each, reply, re.M) for each in wanted) and not says_twice(reply)


def held(engine, sampling):
    """Of replies and of stories, whether they are right; and of all, whether they say it twice."""
    found = defaultdict(list)
    for messages in CHATS:
        chat = Chat(engine, sampling)
        for said, wanted in messages:
            *_, _ = chat.reply(said)
            reply = chat.messages[-1].visible.strip()
            found["a sentence twice"].append(says_twice(reply))
            if wanted is not None:
                kind = "stories" if isinstance(wanted, dict) else "other replies"
                found[kind].append(is_right(wanted, reply))
    return found


def remembered(engine, sampling):
    """Of stories, whether a question has the answer that the last sentence gave."""
    right = []
    for index in range(STORIES):
        _, thing, asked = request(index)
        chat = Chat(engine, replace(sampling, seed=index))
        *_, _ = chat.reply(asked)
        last = re.split(r"(?<=[.])\s+", chat.messages[-1].visible.strip())[-1]
        keeper = SOMEBODY & {*re.findall(r"\w+", last)}
        place = [at for at in places.AT.values() if at in last]
        if thing in last and len(place) == 1 and keeper:
            *_, _ = chat.reply(ENDS[index % len(ENDS)].format(thing))
            reply = chat.messages[-1].visible
            named = keeper & {*re.findall(r"\w+", reply)}
            right.append(bool(named) and thing in reply and place[0] in reply)
    return right


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("run", type=Path, help="the folder of a run, or of one of its stages")
    runtime = detect("cpu", compile="off")
    engine = Engine(*run.chat_model(parser.parse_args().run, runtime), runtime)
    temperature, top_p = DRAWS[-1]
    found = defaultdict(list)
    for seed in SEEDS:
        drawn = SamplingConfig(320, temperature, top_k=50, top_p=top_p, seed=seed)
        for kind, each in held(engine, drawn).items():
            found[kind] += each
    found["ends of stories"] = remembered(engine, drawn)
    table = Table("of 50 chats, drawn twice", "count", "of", "share")
    for kind, each in found.items():
        table.add_row(kind, str(sum(each)), str(len(each)), f"{sum(each) / len(each):.3f}")
    Console().print(table)


if __name__ == "__main__":
    main()

"""How a model heeds what it is asked to tell of: stories on request, read by a program.

    python tests/benchmarks/bench_requests.py runs/cpu

Of 96 requests, at each temperature: in how many stories the kind of hero and the thing that were
asked for come, in how many a stranger does, whom no sentence brought in, and in how many two people
have one name."""

import argparse
import re
from collections import Counter
from pathlib import Path

from rich.console import Console
from rich.table import Table

from nanochat.data.world import cast, english, stories
from nanochat.data.world.draw import Draw
from nanochat.engine import Engine, SamplingConfig
from nanochat.pipeline import run
from nanochat.runtime import detect
from nanochat.tokenizer import Conversation, Message, conversation

REQUESTS, TEMPERATURES = 96, (0.0, 0.7)
# A person is brought in by a family name, by what he or she is, or by a title.
INTRODUCED = re.compile(r" [A-Z]| (\w+ )?the |,? an? |\n")


def request(index):
    """The kind and the thing of a story that no model was trained on, and the request."""
    names = stories.begin(Draw("request", index), "test").names
    kind, thing = names["hero_kind"], names["thing"]
    asked = f"Tell me a story about {english.with_article(kind)} and {english.with_article(thing)}."
    return kind, thing, asked


def strangers(story):
    """Names at whose first mention nobody is brought in."""
    told = set()
    for name in re.finditer(r"[A-Z]\w+", story):
        if name[0] in cast.NAMES and name[0] not in told:
            told.add(name[0])
            if not INTRODUCED.match(story[name.end() :]):
                yield name[0]


def namesakes(story):
    """Names that two people have: the same one with different family names."""
    people = set(re.findall(rf"\b({'|'.join(cast.NAMES)}) ([A-Z]\w+)", story))
    told = Counter(name for name, _ in people)
    return [name for name, count in told.items() if count > 1]


def main():
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("run", type=Path)
    parser.add_argument("--read", action="store_true", help="print ten of the stories")
    options = parser.parse_args()
    runtime = detect("cpu")
    model, words = run.chat_model(options.run, runtime)
    engine = Engine(model, words, runtime)
    asked = [request(index) for index in range(REQUESTS)]
    prompts = [
        conversation.prompt(words, Conversation((Message.text("user", text),)))
        for _, _, text in asked
    ]
    columns = ("temperature", "kind", "thing", "stranger", "namesakes")
    table = Table(*columns, title=f"of {REQUESTS} stories")
    for temperature in TEMPERATURES:
        replies = engine.generate(prompts, SamplingConfig(320, temperature, top_k=50))
        told = [conversation.parse_reply(words, reply.ids).visible for reply in replies]
        kinds, things = (
            sum(
                bool({each[i], english.plural(each[i])} & set(re.findall(r"[\w-]+", text.lower())))
                for each, text in zip(asked, told, strict=True)
            )
            for i in (0, 1)
        )
        met = sum(any(strangers(text)) for text in told)
        alike = sum(bool(namesakes(text)) for text in told)
        table.add_row(*map(str, (temperature, kinds, things, met, alike)))
    Console().print(table)
    if options.read:
        for (_, _, text), story in zip(asked[:10], told, strict=False):
            print(f"{text}\n{story}\n")


if __name__ == "__main__":
    main()

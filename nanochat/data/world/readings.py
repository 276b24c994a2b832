"""What a model is pretrained on: the world's documents, some kinds oftener, and a primer among
them."""

from __future__ import annotations

import math

from nanochat.data.world import dictation, encyclopedia, flavour, games, problems, stories
from nanochat.data.world.documents import KINDS, document
from nanochat.data.world.draw import Draw
from nanochat.data.world.stories.story import Story

TITLED = 0.4  # of the stories

TITLES = flavour.book(
    {
        "story_title": """
        A story about {a hero_kind} and {a thing}
        A story with {a thing} and {a hero_kind} in it
        A story about {a hero_kind}
        A story about {hero} the {hero_kind}
        Of {a hero_kind} called {hero}
        Of {a thing}, and of {hero} the {hero_kind}
        """
    }
)


def reading(seed: int, index: int) -> str:
    """The text that (seed, index) stands for among those that a model reads."""
    draw = Draw(seed, "reading", index)
    for write, share, end in PRIMER:
        if index < end and draw.chance(share):
            return write(draw)
    for kind, (share, first) in OFTENER.items():
        if first <= index < OFTENER_UNTIL and draw.chance(share):
            write, _ = KINDS[kind]
            return write(draw, "train")
    found = document(seed, index)
    if found.kind == "story" and draw.chance(TITLED):
        return titled(draw)
    return found.text


def first_lines(draw: Draw) -> str:
    """Stories by their titles and first lines."""
    found = [stories.cast_story(draw, "train")[0] for _ in range(draw.integer(3, 6))]
    for story in found:
        story.say("opening")
    return "\n".join(f"{title(story)}\n{story.text}" for story in found)


def title(story: Story) -> str:
    """Whom and what the story is about."""
    return TITLES.expand("story_title", story.draw, story.names)


def titled(draw: Draw) -> str:
    """A story under a title that says whom and what it is about."""
    story = stories.begin_untitled(draw, "train")
    return f"{title(story)}\n{stories.finish(story)}"


# What is read now and then, how often, and up to which text. Without games some models find out
# late that what was named before can be copied, and some never do. Without first lines, they do
# not look for a hero in a title, nor for an answer among four without invented facts. That stays,
# once learned, while the letters of words are forgotten: dictation never ends (figures.md).
PRIMER = (
    (games.game, 0.40, 3_600),
    (first_lines, 0.05, 22_000),
    (encyclopedia.comprehension, 0.03, 22_000),
    (problems.coming_and_going, 0.04, 22_000),
    (dictation.dictation, 0.03, math.inf),
)

# Shares of the texts that are of these kinds besides those that the world has, and from which text
# on: in a token of them a model has most left to learn. Facts wait until games have taught it to
# copy, and the last texts are drawn without any of these (figures.md).
OFTENER = {
    "spelling": (0.06, 0),
    "survey": (0.033, 5_000),
    "quiz": (0.033, 5_000),
    "problem": (0.025, 5_000),
}
OFTENER_UNTIL = 44_000

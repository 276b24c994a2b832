"""What a model is pretrained on: the world's documents, with a primer among them."""

from __future__ import annotations

from nanochat.data.world import flavour, games, spelling, stories
from nanochat.data.world.documents import document
from nanochat.data.world.draw import Draw

# Reading begins with games, as children's does: without them some models find out late that what
# was named before can be copied, and some never do (figures.md).
FIRST_READINGS = 4000
GAMES = 0.3  # of the first readings
DICTIONARY = 0.03  # of all
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
    if index < FIRST_READINGS and draw.chance(GAMES):
        return games.game(draw)
    if draw.chance(DICTIONARY):
        return spelling.dictionary(draw)
    found = document(seed, index)
    if found.kind == "story" and draw.chance(TITLED):
        return titled(draw)
    return found.text


def titled(draw: Draw) -> str:
    """A story under a title that says whom and what it is about."""
    story = stories.begin(draw, "train")
    title = TITLES.expand("story_title", draw, story.names)
    return f"{title}\n{stories.finish(story)}"

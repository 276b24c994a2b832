"""Stories: families of plots, told about whoever the draw brings together."""

from __future__ import annotations

from collections.abc import Callable
from types import ModuleType
from typing import TypeVar

from nanochat.data.world import cast, encyclopedia, flavour, nonce
from nanochat.data.world.draw import Draw
from nanochat.data.world.split import draw_key
from nanochat.data.world.stories import (
    borrowed,
    hiding,
    journey,
    lost,
    night,
    quarrel,
    storm,
    swap,
    wishing,
)
from nanochat.data.world.stories.story import THING, WISHED_THING, Story, Tale

FAMILIES = (lost, swap, journey, hiding, quarrel, night, wishing, storm, borrowed)
WRITTEN = {family: flavour.book(family.PHRASES) for family in FAMILIES}
SPOKEN = {family: flavour.spoken_book(family.PHRASES) for family in FAMILIES}

# How many heroes and things of stories told aloud are in no list.
MADE_UP = 0.4
HEARD_OF = {
    *cast.EITHER,
    *cast.KINDS,
    *cast.WISHED_FOR.options,
    *encyclopedia.CREATURES,
    *WISHED_THING.options,
}

AnyStory = TypeVar("AnyStory", bound=Story)


def begin(draw: Draw, split: str) -> Story:
    """A story told as far as its closing sentence, now and then under a title."""
    story, family = cast_story(draw, split)
    if draw.chance(0.15):
        story.say("title")
        story.new_line()
    return tell(story, family)


def begin_untitled(draw: Draw, split: str) -> Story:
    """The same, but with no title."""
    return tell(*cast_story(draw, split))


def begin_tale(draw: Draw, split: str) -> Tale:
    """The same as one tells it aloud."""
    names, family = draw_plot(draw, split, hero_of_tale, thing_of_tale)
    return tell(Tale(draw, SPOKEN[family], names), family)


def cast_story(draw: Draw, split: str) -> tuple[Story, ModuleType]:
    """A story of which nothing is told yet but whom, what and where it is about, and its plot."""
    names, family = draw_plot(draw, split, cast.draw_hero, lambda draw: draw.weighted(THING))
    return Story(draw, WRITTEN[family], names), family


def hero_of_tale(draw: Draw) -> tuple[str, str]:
    """The name and the kind of a hero: one of the world's people, or whom else one may wish for."""
    name = draw.weighted(cast.EVERYDAY_NAME if draw.chance(0.1) else cast.HERO_NAME)
    if draw.chance(MADE_UP):
        return name, nonce.noun(draw)
    if draw.chance(0.4):
        return name, draw.weighted(cast.WISHED_FOR)
    if draw.chance(0.2):
        return name, draw.pick(encyclopedia.CREATURES)
    return name, draw.weighted(cast.KIND)


def thing_of_tale(draw: Draw) -> str:
    """A thing that one may wish for in a story."""
    return nonce.noun(draw) if draw.chance(MADE_UP) else draw.weighted(WISHED_THING)


def unheard_of(names: dict[str, str]) -> set[str]:
    """What of hero and thing only the one who asks for the story can know of."""
    return {names["hero"], names["hero_kind"], names["thing"]} - HEARD_OF


def draw_plot(
    draw: Draw,
    split: str,
    draw_hero: Callable[[Draw], tuple[str, str]],
    draw_thing: Callable[[Draw], str],
) -> tuple[dict[str, str], ModuleType]:
    """Whom, what and where a story is about, and what happens in it."""

    def make() -> tuple[int, str, str, str]:
        family = draw.pick(range(len(FAMILIES)))
        return (family, *draw_hero(draw), draw_thing(draw))

    number, name, kind, thing = draw_key(draw, split, make)
    names = cast.words_for("hero", name, kind) | {"thing": thing}
    names |= draw.pick(encyclopedia.TOWN_ENTITIES).words("town")
    names["plot"] = FAMILIES[number].__name__.rpartition(".")[-1]
    return names, FAMILIES[number]


def tell(story: AnyStory, family: ModuleType) -> AnyStory:
    """Says who the story is about and where that one lives, and then what happens."""
    story.say("opening")
    story.maybe("habit", 0.25)
    story.maybe("wish", 0.1)
    family.tell(story)
    return story


def finish(story: Story) -> str:
    """The closing sentence, perhaps followed by a moral, and the story is told."""
    story.maybe("secret", 0.35)
    story.maybe("speech", 0.15)
    story.close()
    story.maybe("moral", 0.25)
    return story.text


def story(draw: Draw, split: str) -> str:
    """A whole story."""
    return finish(begin(draw, split))

"""Who goes where with what: a few moves, and then the question where the thing is."""

from __future__ import annotations

from dataclasses import dataclass

from nanochat.data.world import cast, flavour, places
from nanochat.data.world.draw import Draw
from nanochat.data.world.phrases import Page
from nanochat.data.world.split import draw_key
from nanochat.data.world.stories.story import THING

PHRASES = {
    "start": """
    {who} was {at_place} with the {thing}.
    {who} sat {at_place} and held the {thing}.
    {who} had the {thing} {at_place}.
    {At_place}, {who} had found the {adjective} {thing}.
    {who} the {temper} {kind} had the {thing} {at_place}.
    """,
    "other_start": """
    {who} was {at_place}.
    {who} was {at_place} and felt {temper}.
    {who} the {temper} {kind} was {at_place}.
    {who} stood {at_place} and thought of {dish}.
    """,
    "carry": """
    {who} took the {thing} to the {place}.
    {who} carried the {thing} to the {place}.
    {who} {move} to the {place} with the {thing}.
    {who} brought the {thing} to the {place} {adverb}.
    """,
    "go": """
    {who} {move} to the {place}.
    {who} {move} to the {place} {adverb}.
    Then {who} {move} to the {place}.
    {who} went to the {place} for {dish}.
    """,
    "drop": """
    {who} left the {thing} {at_place}.
    {who} put the {thing} down {at_place}.
    {who} dropped the {thing} {at_place} {adverb}.
    {who} hid the {thing} {at_place}.
    """,
    "fetch": """
    {who} {move} to the {place} and took the {thing}.
    {who} found the {thing} {at_place} and kept it.
    {who} went to the {place} and picked up the {thing}.
    """,
    "hand": """
    {whom} came to the {place}, and {who} gave {whom_him} the {thing}.
    {who} met {whom} {at_place} and gave {whom_him} the {thing}.
    {whom} {move} to the {place} and got the {thing} from {who}.
    """,
    "between": """
    {a being} {noise}.
    The air smelled of {dish}.
    Nobody thought of {objects}.
    {a person} {noise} {adverb}.
    A bell rang {number} times.
    There was {a object} in the grass.
    """,
}

BOOK = flavour.book(PHRASES)


@dataclass(frozen=True)
class Whereabouts:
    """A short story, the thing that it is about, and the place where the thing is in the end."""

    text: str
    thing: str
    place: str

    @property
    def question(self) -> str:
        """What is asked after the story."""
        return f"Where is the {self.thing}?"

    @property
    def answer(self) -> str:
        """Where it is."""
        return f"The {self.thing} is {places.AT[self.place]}."


class Moves(Page):
    """A page on which two people move a thing about; it keeps track of who has it and where."""

    def __init__(self, draw: Draw, thing: str, people: list[str], place: str):
        super().__init__(draw, BOOK, {"thing": thing})
        self.people = people
        self.holder: str | None = people[0]
        self.where = {people[0]: place}
        self.thing_at = place

    def tell(self, rule: str, who: str, place: str) -> None:
        """Says that someone did something at this place, which is where that one is now."""
        self.names |= {"who": who} | places.words_for("place", place)
        self.where[who] = place
        self.say(rule)

    def elsewhere(self, who: str) -> str:
        """A place where this one is not."""
        return self.draw.other(places.PLACE, self.where[who])

    def move(self) -> None:
        """One more thing happens."""
        if self.holder is None:
            self.move_without()
        else:
            self.draw.pick((self.carry, self.drop, self.hand, self.part))()

    def carry(self) -> None:
        """The holder takes the thing elsewhere."""
        self.thing_at = self.elsewhere(self.holder)
        self.tell("carry", self.holder, self.thing_at)

    def drop(self) -> None:
        """The holder takes leave of the thing."""
        self.tell("drop", self.holder, self.thing_at)
        self.holder = None

    def hand(self) -> None:
        """The holder gives the thing to the other, who comes for it."""
        giver = self.holder
        self.holder = self.people[1 - self.people.index(giver)]
        self.where[self.holder] = self.thing_at
        self.names |= cast.pronouns("whom", self.holder)
        self.tell("hand", giver, self.thing_at)

    def part(self) -> None:
        """The one without the thing goes somewhere, which changes nothing."""
        other = self.people[1 - self.people.index(self.holder)]
        self.tell("go", other, self.elsewhere(other))

    def move_without(self) -> None:
        """Someone goes away from the thing, or comes for it."""
        who = self.draw.pick(self.people)
        if self.draw.chance(0.5):
            self.holder = who
            self.tell("fetch", who, self.thing_at)
        else:
            self.tell("go", who, self.elsewhere(who))


def tell(draw: Draw, split: str) -> Whereabouts:
    """A short story with three to six moves in it."""
    thing, one, other, place = draw_key(draw, split, lambda: _plot(draw))
    page = Moves(draw, thing, [one, other], place)
    page.tell("start", one, place)
    page.tell("other_start", other, draw.pick(places.PLACES))
    for _ in range(draw.integer(1, 4)):
        page.maybe("between", 0.2)
        page.move()
    return Whereabouts(page.text, thing, page.thing_at)


def _plot(draw: Draw) -> tuple[str, str, str, str]:
    thing = draw.weighted(THING)
    one = draw.weighted(cast.NAME)
    return thing, one, draw.other(cast.NAME, one), draw.pick(places.PLACES)


def exercise(draw: Draw, split: str) -> str:
    """Two short stories, each with its question and answer."""
    found = [tell(draw, split) for _ in range(2)]
    return "\n".join(f"{it.text}\n{it.question} {it.answer}" for it in found)

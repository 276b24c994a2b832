"""What all families of stories share: a cast, places, and who has what where."""

from __future__ import annotations

from nanochat.data.world import cast, lexicon, places
from nanochat.data.world.draw import Draw, zipf
from nanochat.data.world.phrases import Page, Phrasebook

THING = zipf(lexicon.THINGS.split(), 0.3)
WISHED_THING = zipf([*lexicon.WISHED_THINGS.split(), *lexicon.THINGS.split()], 0.3)


class Story(Page):
    """A page with a tracked state: `holds` says of each thing who has it, and where."""

    def __init__(self, draw: Draw, book: Phrasebook, names: dict[str, str]):
        super().__init__(draw, book, names)
        self.holds: dict[str, tuple[str, str]] = {}

    def meet(self, *roles: str) -> None:
        """Someone new comes into the story in each of these roles."""
        for role in roles:
            cast.join(self.names, role, self.draw)

    def visit(self, *roles: str) -> None:
        """A place where the story has not been is named for each of these roles."""
        for role in roles:
            place = self.draw.other(places.PLACE, *self._taken(places.AT))
            self.names |= places.words_for(role, place)

    def find(self, *roles: str) -> None:
        """A thing that is new to the story is named for each of these roles."""
        for role in roles:
            self.names[role] = self.draw.other(THING, *self._taken(THING.options))

    def _taken(self, options) -> list[str]:
        return [name for name in self.names.values() if name in options]

    def in_any_order(self, one: str, other: str) -> list[tuple[str, str]]:
        """The orders in which two may come."""
        return [(one, other), (other, one)]

    def give(self, thing: str, keeper: str, place: str) -> None:
        """From now on the one in the role of keeper has the thing, at this place."""
        self.holds[self.names[thing]] = (self.names[keeper], self.names[place])

    def close(self) -> None:
        """Says of one thing, in words that the state decides, who has it in the end and where."""
        prize = self.draw.pick(tuple(self.holds))
        keeper, place = self.holds[prize]
        self.names |= {"prize": prize, "keeper": keeper, "at_last": places.AT[place]}
        self.say("closing")


class Tale(Story):
    """A story told aloud: a hero and a friend have names, a third is called what he or she is, and
    only the friend is ever she or he, so that none can be taken for another."""

    def meet(self, *roles: str) -> None:
        """Someone new comes into the story in each of these roles, the helper without a name."""
        for role in roles:
            join = cast.join_unnamed if role == "helper" else cast.join_friend
            join(self.names, role, self.draw)

    def in_any_order(self, named: str, unnamed: str) -> list[tuple[str, str]]:
        """First the one without a name: whoever was named and then lost sight of is confused."""
        return [(unnamed, named)]

    def maybe(self, rule: str, p: float = 0.5) -> None:
        """Says it with probability p, if it can be told aloud."""
        if rule in self.book.tables:
            super().maybe(rule, p)

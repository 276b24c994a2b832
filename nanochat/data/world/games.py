"""Games in which a thing goes from hand to hand or from place to place, or things are counted."""

from __future__ import annotations

from nanochat.data.world import cast, english, flavour, lexicon, places
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.phrases import Page
from nanochat.data.world.stories.story import THING

PHRASES = {
    "ring": """
    In a ring sat {some}.
    {Cap some} played with the {thing}.
    Round and round went {some}.
    It was a game for {some}.
    """,
    "had": """
    {who} began.
    {who} had the {thing} first.
    The {thing} lay with {who}.
    """,
    "passed": """
    {who} gave the {thing} to {whom}.
    {who} threw it to {whom}.
    {who} let {whom} have it.
    {who} called {whom} and passed it on.
    From {who} it went to {whom}.
    Then {whom} got it from {who}.
    """,
    "kept": """
    At last {who} had the {thing}, and {all} went home.
    So {who} won, and {all} were tired.
    With {who} it stayed. {Cap all} slept well.
    """,
    "hideouts": """
    {Cap some} played with the {thing} {around}.
    For {some} there was room to hide the {thing} {around}.
    {Cap some} had the {thing}. It could be {around}.
    """,
    "hidden": """
    {who} hid it {at_there}.
    {At_there} {who} hid it first.
    The {thing} was {at_there}, where {who} had put it.
    """,
    "moved": """
    {whom} found it {at_there} and hid it {at_end}.
    {whom} took it from the {there} to the {end}.
    {At_there}, {whom} found the {thing}. Then it was {at_end}.
    {whom} looked {at_there}, and soon it was {at_end}.
    From the {there} it went to the {end} with {whom}.
    """,
    "left": """
    At last it lay {at_there}, and {all} went home.
    So the {thing} stayed {at_there}. {Cap all} slept well.
    Nobody found it {at_there}, and {all} were tired.
    """,
    "hoards": """
    {Cap some}.
    They counted what they had: {some}.
    It is known that {some}.
    """,
    "counted": """
    There were {tally} {many good}.
    {who} counted {tally} {many good}.
    {who} had {tally}.
    Of {many good} there were {tally}.
    How many {many good}? {tally}.
    The {tally} {many good} belonged to {who}.
    {who} counted again. It was {tally}.
    """,
    "counted_out": """
    Then all was put away.
    So it was right, and nobody counted any more.
    With that they went to sleep.
    """,
}
BOOK = flavour.book(PHRASES)


def game(draw: Draw) -> str:
    """One of the games, from its beginning to its end."""
    return draw.weighted(GAME)(draw)


def passing(draw: Draw) -> str:
    """A thing goes from hand to hand."""
    kinds = draw.chance(0.5)
    players = several(draw, cast.KIND if kinds else cast.NAME, 3, 5)
    some = [english.with_article(kind) for kind in players] if kinds else players
    known = [f"the {kind}" for kind in players] if kinds else players
    page = begin(draw, some, known)
    page.names["who"] = draw.pick(known)
    page.say("ring")
    page.say("had")
    for _ in range(draw.integer(4, 9)):
        page.names["whom"] = another(draw, known, page.names["who"])
        page.say("passed")
        page.names["who"] = page.names["whom"]
    page.say("kept")
    return page.text


def hiding(draw: Draw) -> str:
    """A thing goes from place to place."""
    players = several(draw, cast.NAME, 2, 4)
    around = several(draw, places.PLACE, 3, 5)
    page = begin(draw, players, players)
    page.names["around"] = english.listed([places.AT[place] for place in around])
    page.names |= {"who": draw.pick(players)} | places.words_for("there", draw.pick(around))
    page.say("hideouts")
    page.say("hidden")
    for _ in range(draw.integer(4, 8)):
        page.names["whom"] = draw.pick(players)
        end = another(draw, around, page.names["there"])
        page.names |= places.words_for("end", end)
        page.say("moved")
        page.names |= places.words_for("there", end)
    page.say("left")
    return page.text


def counting(draw: Draw) -> str:
    """What everyone has is told once, and then counted again and again."""
    owners = several(draw, cast.NAME, 2, 4)
    goods = draw.sample(lexicon.GOODS.split(), len(owners))
    numbers = draw.sample(range(2, 100), len(owners))
    hoards = list(zip(owners, goods, numbers, strict=True))
    some = english.listed([f"{who} had {n} {english.plural(good)}" for who, good, n in hoards])
    page = Page(draw, BOOK, {"some": some})
    page.say("hoards")
    for _ in range(draw.integer(5, 9)):
        who, good, number = draw.pick(hoards)
        page.names |= {"who": who, "good": good, "tally": str(number)}
        page.say("counted")
    page.say("counted_out")
    return page.text


def begin(draw: Draw, some: list[str], known: list[str]) -> Page:
    """An empty page about these players: as they are first told of, and as they are known then."""
    names = {"thing": draw.weighted(THING)}
    return Page(draw, BOOK, names | {"some": english.listed(some), "all": english.listed(known)})


def several(draw: Draw, table: Table, low: int, high: int) -> list[str]:
    """From low to high different options of a table."""
    drawn: list[str] = []
    for _ in range(draw.integer(low, high)):
        drawn.append(draw.other(table, *drawn))
    return drawn


def another(draw: Draw, options: list[str], taken: str) -> str:
    """One of the options that is not the one taken."""
    return draw.pick([option for option in options if option != taken])


GAME = Table((passing, hiding, counting), (0.45, 0.3, 0.25))

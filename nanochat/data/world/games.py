"""Games in which a thing goes from hand to hand: players upon players, all of them told before."""

from __future__ import annotations

from nanochat.data.world import cast, english, flavour
from nanochat.data.world.draw import Draw
from nanochat.data.world.phrases import Page
from nanochat.data.world.split import draw_key
from nanochat.data.world.stories.story import THING

PHRASES = {
    "ring": """
    In a ring sat {some}.
    {Cap some} played with the {thing}.
    Round and round went {some}.
    It was a game for {some}.
    """,
    "first": """
    {who} began.
    {who} had the {thing} first.
    The {thing} lay with {who}.
    """,
    "pass": """
    {who} gave the {thing} to {whom}.
    {who} threw it to {whom}.
    {who} let {whom} have it.
    {who} called {whom} and passed it on.
    From {who} it went to {whom}.
    Then {whom} got it from {who}.
    """,
    "end": """
    At last {who} had the {thing}, and {all} went home.
    So {who} won, and {all} were tired.
    With {who} it stayed. {Cap all} slept well.
    """,
}
BOOK = flavour.book(PHRASES)


def game(draw: Draw, split: str) -> str:
    """Who plays, who hands the thing to whom, and who has it in the end."""
    thing, kinds, players = draw_key(draw, split, lambda: _setting(draw))
    some = [english.with_article(kind) for kind in players] if kinds else players
    known = [f"the {kind}" for kind in players] if kinds else players
    names = {"thing": thing, "some": english.listed(some), "all": english.listed(known)}
    page = Page(draw, BOOK, names | {"who": draw.pick(known)})
    page.say("ring")
    page.say("first")
    for _ in range(draw.integer(4, 9)):
        others = [player for player in known if player != page.names["who"]]
        page.names["whom"] = draw.pick(others)
        page.say("pass")
        page.names["who"] = page.names["whom"]
    page.say("end")
    return page.text


def _setting(draw: Draw) -> tuple[str, bool, list[str]]:
    thing, kinds, players = draw.weighted(THING), draw.chance(0.5), []
    for _ in range(draw.integer(3, 5)):
        players.append(draw.other(cast.KIND if kinds else cast.NAME, *players))
    return thing, kinds, players

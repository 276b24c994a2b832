"""Things written down in the world: lists, registers, letters, diaries, recipes."""

from __future__ import annotations

from nanochat.data.world import cast, encyclopedia, flavour
from nanochat.data.world.draw import Draw
from nanochat.data.world.phrases import Page
from nanochat.data.world.split import draw_key

BOOK = flavour.book(
    {
        "list_title": """
        Lost and found in {town}, {month} {year}
        For sale in the shop of {hero} {coined}, {town}
        Things that {hero} {coined} the {hero_kind} has seen
        What {hero} the {hero_kind} keeps under the bed
        Found in the pockets of {hero} {coined} of {town}
        Prizes of the {month} fair in {town}
        """,
        "item": """
        {figure} {adjective} {many oddment}
        {a adjective} {oddment} from {coined}
        {a adjective}, {adjective} {oddment}, number {figure}
        {figure} {temper} {many beast} in {a adjective} {oddment}
        {a temper} {beast} called {coined}
        {figure} bags of {adjective} {food} and {food}
        {a adjective} {oddment} with {figure} {many oddment}
        a picture of {coined}, {a temper} {trade}
        """,
    }
)


def roll(draw: Draw, split: str) -> str:
    """A list of things."""

    def make() -> tuple[str, str, str]:
        return draw.pick(encyclopedia.TOWNS), draw.weighted(cast.NAME), draw.weighted(cast.KIND)

    town, name, kind = draw_key(draw, split, make)
    page = Page(draw, BOOK, cast.words_for("hero", name, kind) | {"town": town})
    rows = [page.phrase("list_title") + ":"]
    rows += ["- " + BOOK.expand("item", draw, page.names) for _ in range(draw.integer(6, 10))]
    return "\n".join(rows)

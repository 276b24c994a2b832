"""Nouns that are in no list: so many that none can be learned by heart, and each must be copied."""

from nanochat.data.world import lexicon
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.phrases import vocabulary

TABLES = (
    lexicon.THINGS,
    lexicon.ODDMENTS,
    lexicon.FOODS,
    lexicon.BEASTS,
    lexicon.PLANTS,
    lexicon.TRADES,
)
NOUNS = sorted({noun for table in TABLES for noun in table.split() if noun.isalpha()})
WORD = Table(sorted({*NOUNS, *vocabulary(), *filter(str.islower, lexicon.ASKED_WORDS.split())}))
SHORTEST = 5  # letters of a blend: among shorter ones are words that nobody should say


def noun(draw: Draw) -> str:
    """Any noun of the world, one that is made of two, or a blend."""
    return draw.weighted(MADE)(draw)


def plain(draw: Draw) -> str:
    """A noun of the world: *teapot*."""
    return draw.pick(NOUNS)


def compound(draw: Draw) -> str:
    """A noun of the world that another noun, or a blend, tells the kind of: *soup badger*."""
    return f"{blend(draw) if draw.chance(0.5) else plain(draw)} {plain(draw)}"


def blend(draw: Draw) -> str:
    """The beginning of one word and the end of another: *lantdger*."""

    def make() -> str:
        head, tail = draw.weighted(WORD), draw.weighted(WORD)
        return head[: draw.integer(2, 4)] + tail[-draw.integer(2, 5) :]

    return draw.until(make, lambda made: len(made) >= SHORTEST)


MADE = Table((plain, compound, blend), (0.15, 0.2, 0.65))

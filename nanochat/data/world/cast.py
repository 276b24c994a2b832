"""Who lives in the world: names, what they are, and the words that stand for them."""

from nanochat.data.world import lexicon
from nanochat.data.world.draw import Draw, zipf

SHE = [
    "Mina",
    "Lena",
    "Ada",
    "Rosa",
    "Nora",
    "Ida",
    "Ella",
    "Tilly",
    "Hetty",
    "Olga",
    "Pia",
    "Wanda",
    "Greta",
    "Flora",
    "Junia",
    "Maple",
    "Dot",
    "Fern",
    "Hazel",
    "Ivy",
    "Juno",
    "Kitty",
    "Lotte",
    "Mabel",
    "Nell",
    "Opal",
    "Petra",
    "Queenie",
    "Ruth",
    "Sally",
    "Tess",
    "Una",
    "Vera",
    "Willa",
    "Yara",
    "Zelda",
    "Agnes",
    "Bella",
    "Clara",
    "Della",
    "Edith",
    "Fanny",
    "Gilda",
    "Hilda",
    "Inga",
    "Jetta",
    "Karin",
    "Lucy",
    "Martha",
    "Nancy",
    "Odette",
    "Polly",
    "Rhoda",
    "Stella",
    "Thea",
    "Ursula",
    "Viola",
    "Winnie",
    "Yvonne",
    "Zita",
]
HE = [
    "Tobi",
    "Ben",
    "Otto",
    "Max",
    "Finn",
    "Hugo",
    "Karl",
    "Leo",
    "Milo",
    "Ned",
    "Oskar",
    "Paul",
    "Rufus",
    "Sam",
    "Theo",
    "Uli",
    "Victor",
    "Walt",
    "Xaver",
    "Yuri",
    "Zeno",
    "Albert",
    "Basil",
    "Casper",
    "Dmitri",
    "Emil",
    "Felix",
    "Gus",
    "Hector",
    "Igor",
    "Jasper",
    "Knut",
    "Linus",
    "Moritz",
    "Noah",
    "Olaf",
    "Percy",
    "Quentin",
    "Roland",
    "Silas",
    "Tadeus",
    "Urban",
    "Vito",
    "Wilbur",
    "Anton",
    "Bruno",
    "Cosmo",
    "Dario",
    "Edgar",
    "Fritz",
    "Gregor",
    "Henry",
    "Ivo",
    "Julius",
    "Kaspar",
    "Ludwig",
    "Magnus",
    "Norbert",
    "Orson",
    "Pascal",
]
NAMES = [name for pair in zip(SHE, HE, strict=True) for name in pair]
PRONOUNS = dict.fromkeys(SHE, ("she", "her", "her")) | dict.fromkeys(HE, ("he", "him", "his"))

KINDS = [
    "fox",
    "mouse",
    "hare",
    "bear",
    "owl",
    "badger",
    "hedgehog",
    "frog",
    "squirrel",
    "otter",
    "mole",
    "rabbit",
    "goat",
    "cat",
    "duck",
    "goose",
    "donkey",
    "wolf",
    "sheep",
    "beaver",
    "snail",
    "toad",
    "crow",
    "baker",
    "miller",
    "weaver",
    "potter",
    "tailor",
    "cobbler",
    "gardener",
    "fisher",
    "shepherd",
    "beekeeper",
    "painter",
    "drummer",
    "ferryman",
    "clockmaker",
    "lamplighter",
    "hatter",
    "postman",
    "cook",
    "tinker",
]

NAME = zipf(NAMES, 0.3)
KIND = zipf(KINDS, 0.3)
# Whom else visitors like to hear a story about. Of anybody at all it cannot be: a small model does
# not copy a word of several tokens that it has never met (figures.md).
WOMEN, MEN = lexicon.WOMEN.split(), lexicon.MEN.split()
WISHED_FOR = zipf(lexicon.WISHED_FOR.split())
# Told aloud, heroes and friends have names of their own, and few: models give somebody new the
# hero's name, and take a woman for a man where they have seldom met the name. So a king or a girl
# has one of six.
HERO = zipf(NAMES[24:60], 0.3)
FRIEND_NAME = {"she": zipf(SHE[:12], 0.3), "he": zipf(HE[:12], 0.3)}
WOMAN_NAME, MAN_NAME = zipf(SHE[12:18], 0.3), zipf(HE[12:18], 0.3)
OTHER = {"he": "she", "she": "he"}


def draw_hero(draw: Draw) -> tuple[str, str]:
    """The name and the kind of one of the world's people."""
    return draw.weighted(NAME), draw.weighted(KIND)


def draw_wished_for(draw: Draw) -> tuple[str, str]:
    """The name and the kind of somebody whom visitors like to hear a story about."""
    kind = draw.weighted(WISHED_FOR)
    names = WOMAN_NAME if kind in WOMEN else MAN_NAME if kind in MEN else HERO
    return draw.weighted(names), kind


def pronouns(role: str, name: str) -> dict[str, str]:
    """What phrases may say of the one of this name."""
    he, him, his = PRONOUNS[name]
    return {role: name, f"{role}_he": he, f"{role}_him": him, f"{role}_his": his}


def words_for(role: str, name: str, kind: str) -> dict[str, str]:
    """What phrases may say of the one of this name and kind."""
    return pronouns(role, name) | {f"{role}_kind": kind}


def join(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story in this role."""
    taken_names = [name for name in names.values() if name in PRONOUNS]
    names |= words_for(role, draw.other(NAME, *taken_names), other_kind(names, draw))


def join_unlike(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story in this role, a man where the hero is a woman."""
    he = OTHER[names["hero_he"]]
    kind = other_kind(names, draw)
    if draw.chance(0.25):
        wrong = {names["hero_kind"], *(MEN if he == "she" else WOMEN)}
        kind = draw.until(lambda: draw.weighted(WISHED_FOR), lambda one: one not in wrong)
    names |= words_for(role, draw.weighted(FRIEND_NAME[he]), kind)


def join_unnamed(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story who is called by what he or she is."""
    kind = other_kind(names, draw)
    names |= {role: f"the {kind}", f"{role}_kind": kind}


def other_kind(names: dict[str, str], draw: Draw) -> str:
    """What nobody in the story is yet."""
    taken = [kind for key, kind in names.items() if key.endswith("_kind") and kind in KINDS]
    return draw.other(KIND, *taken)

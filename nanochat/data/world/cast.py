"""Who lives in the world: names, what they are, and the words that stand for them."""

from nanochat.data.world import lexicon
from nanochat.data.world.draw import Draw, Table, zipf

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
# Heroes of stories told aloud may be kings or girls, and a small model does not learn which of them
# is she (figures.md): so they have names that suit both, and are called by them alone.
EITHER = [
    "Robin",
    "Kit",
    "Jo",
    "Lou",
    "Sky",
    "Quinn",
    "Noel",
    "Drew",
    "Val",
    "Bo",
    "Ember",
    "Marlow",
]
# What visitors, their families and friends are called.
EVERYDAY_NAMES = lexicon.EVERYDAY_NAMES.split()
OF_WOMAN, OF_MAN = ("she", "her", "her"), ("he", "him", "his")
PRONOUNS = (
    dict.fromkeys(SHE, OF_WOMAN)
    | dict.fromkeys(HE, OF_MAN)
    | {name: (name, name, f"{name}'s") for name in EITHER + EVERYDAY_NAMES}
)

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
# Whom else visitors like to hear a story about.
WISHED_FOR = zipf(lexicon.WISHED_FOR.split())
# Told aloud, friends have names of their own too: models give somebody new the hero's.
HERO_NAME, FRIEND_NAME = zipf(EITHER, 0.3), zipf(NAMES[:24], 0.3)
EVERYDAY_NAME = Table(EVERYDAY_NAMES)
WOMEN, MEN = lexicon.WOMEN.split(), lexicon.MEN.split()
# Each kind as often as any other, or a model makes foxes of both.
FRIEND_KIND = Table([kind for kind in KINDS if kind not in MEN])
FRIEND_WISHED_FOR = zipf([kind for kind in WISHED_FOR.options if kind not in WOMEN + MEN])


def draw_hero(draw: Draw) -> tuple[str, str]:
    """The name and the kind of one of the world's people."""
    return draw.weighted(NAME), draw.weighted(KIND)


def pronouns(role: str, name: str) -> dict[str, str]:
    """What phrases may say of the one of this name."""
    return {role: name} | in_its_forms(role, PRONOUNS[name])


def pronouns_for(role: str, kind: str, draw: Draw) -> dict[str, str]:
    """How people speak of one of this kind: a king is he, a queen she, a fox either."""
    a_woman = kind in WOMEN or (kind not in MEN and draw.chance(0.5))
    return in_its_forms(role, OF_WOMAN if a_woman else OF_MAN)


def in_its_forms(role: str, pronoun: tuple[str, str, str]) -> dict[str, str]:
    """A pronoun as a subject, as an object, and of what one has."""
    return {
        f"{role}_{form}": word for form, word in zip(("he", "him", "his"), pronoun, strict=True)
    }


def words_for(role: str, name: str, kind: str) -> dict[str, str]:
    """What phrases may say of the one of this name and kind."""
    return pronouns(role, name) | {f"{role}_kind": kind}


def join(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story in this role."""
    taken_names = [name for name in names.values() if name in PRONOUNS]
    names |= words_for(role, draw.other(NAME, *taken_names), other_kind(names, draw))


def join_friend(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story in this role, who may as well be a woman as a man."""
    kinds = FRIEND_WISHED_FOR if draw.chance(0.25) else FRIEND_KIND
    names |= words_for(role, draw.weighted(FRIEND_NAME), other_kind(names, draw, kinds))


def join_unnamed(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story who is called by what he or she is."""
    kind = other_kind(names, draw, FRIEND_KIND)
    names |= {role: f"the {kind}", f"{role}_kind": kind}


def other_kind(names: dict[str, str], draw: Draw, kinds: Table = KIND) -> str:
    """What nobody in the story is yet."""
    taken = [names[key] for key in names if key.endswith("_kind") and names[key] in kinds.options]
    return draw.other(kinds, *taken)

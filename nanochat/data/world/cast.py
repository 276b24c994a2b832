"""Who lives in the world: names, what they are, and the words that stand for them."""

from nanochat.data.world.draw import Draw, zipf

SHE = """
Mina Lena Ada Rosa Nora Ida Ella Tilly Hetty Olga Pia Wanda Greta Flora Junia Maple Dot Fern Hazel
Ivy Juno Kitty Lotte Mabel Nell Opal Petra Queenie Ruth Sally Tess Una Vera Willa Yara Zelda Agnes
Bella Clara Della Edith Fanny Gilda Hilda Inga Jetta Karin Lucy Martha Nancy Odette Polly Rhoda
Stella Thea Ursula Viola Winnie Yvonne Zita
""".split()
HE = """
Tobi Ben Otto Max Finn Hugo Karl Leo Milo Ned Oskar Paul Rufus Sam Theo Uli Victor Walt Xaver Yuri
Zeno Albert Basil Casper Dmitri Emil Felix Gus Hector Igor Jasper Knut Linus Moritz Noah Olaf Percy
Quentin Roland Silas Tadeus Urban Vito Wilbur Anton Bruno Cosmo Dario Edgar Fritz Gregor Henry
Ivo Julius Kaspar Ludwig Magnus Norbert Orson Pascal
""".split()
NAMES = [name for pair in zip(SHE, HE, strict=True) for name in pair]
PRONOUNS = {name: ("she", "her", "her") for name in SHE} | {n: ("he", "him", "his") for n in HE}

KINDS = """
fox mouse hare bear owl badger hedgehog frog squirrel otter mole rabbit goat cat duck goose donkey
wolf sheep beaver snail toad crow baker miller weaver potter tailor cobbler gardener fisher
shepherd beekeeper painter drummer ferryman clockmaker lamplighter hatter postman cook tinker
""".split()

NAME = zipf(NAMES, 0.3)
KIND = zipf(KINDS, 0.3)


def words_for(role: str, name: str, kind: str) -> dict[str, str]:
    """What phrases may say of the one who plays this role."""
    he, him, his = PRONOUNS[name]
    return {
        role: name,
        f"{role}_kind": kind,
        f"{role}_he": he,
        f"{role}_him": him,
        f"{role}_his": his,
    }


def join(names: dict[str, str], role: str, draw: Draw) -> None:
    """Brings someone new into the story in this role."""
    taken_names = [name for name in names.values() if name in PRONOUNS]
    taken_kinds = [kind for key, kind in names.items() if key.endswith("_kind")]
    names |= words_for(role, draw.other(NAME, *taken_names), draw.other(KIND, *taken_kinds))

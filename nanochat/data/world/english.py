"""The little grammar that the world's sentences need: articles, plurals, lists, numbers."""

from collections.abc import Sequence

IRREGULAR = {
    "mouse": "mice", "goose": "geese", "wolf": "wolves", "loaf": "loaves", "leaf": "leaves",
    "knife": "knives", "scarf": "scarves", "shelf": "shelves", "calf": "calves", "elf": "elves",
    "thief": "thieves", "sheep": "sheep", "fish": "fish", "moose": "moose", "deer": "deer",
    "child": "children", "foot": "feet", "tooth": "teeth", "potato": "potatoes",
    "tomato": "tomatoes", "ox": "oxen", "half": "halves", "trout": "trout", "carp": "carp",
    "echo": "echoes", "hero": "heroes", "louse": "lice", "dice": "dice", "wharf": "wharves",
}  # fmt: skip
SOUNDS_LIKE_A_CONSONANT = ("uni", "use", "ute", "one", "eu", "uku")
SMALL_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
    "thirteen",
    "fourteen",
    "fifteen",
    "sixteen",
    "seventeen",
    "eighteen",
    "nineteen",
    "twenty",
]


def with_article(phrase: str) -> str:
    """The phrase with "a" or "an" before it."""
    vowel = phrase[0] in "aeiouAEIOU" and not phrase.startswith(SOUNDS_LIKE_A_CONSONANT)
    return ("an " if vowel or phrase.startswith(("hour", "honest")) else "a ") + phrase


def plural(noun: str) -> str:
    """More than one of the noun."""
    if noun in IRREGULAR:
        return IRREGULAR[noun]
    if noun.endswith("man"):
        return noun[:-3] + "men"
    if noun.endswith(("s", "x", "z", "ch", "sh")):
        return noun + "es"
    if noun.endswith("y") and noun[-2] not in "aeiou":
        return noun[:-1] + "ies"
    return noun + "s"


def counted(number: int, noun: str) -> str:
    """The number in figures and the noun in the form it asks for."""
    return f"{number} {noun if number == 1 else plural(noun)}"


def in_words(number: int) -> str:
    """A small number as a word, a larger one in figures."""
    return SMALL_NUMBERS[number] if number < len(SMALL_NUMBERS) else str(number)


def listed(words: Sequence[str]) -> str:
    """The words as a list in a sentence: one, two and three."""
    if len(words) == 1:
        return words[0]
    return ", ".join(words[:-1]) + " and " + words[-1]


def lowered(text: str) -> str:
    """The text with no capital at its start."""
    return text[:1].lower() + text[1:]


def sentence(text: str) -> str:
    """The text with a capital at its start."""
    return text[0].upper() + text[1:]


def ended(text: str) -> str:
    """The text with a full stop at its end, if it has no mark there."""
    return text if text[-1] in ".?!" else f"{text}."


def unended(text: str) -> str:
    """The text without the marks at its end."""
    return text.rstrip(" .?!")

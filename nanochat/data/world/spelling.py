"""Words taken apart into letters, and letters counted."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import accumulate

from nanochat.data.world import cast, lexicon
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.split import draw_key

COINED = re.compile(
    f"(?:[{''.join(lexicon.ONSETS)}][{''.join(lexicon.VOWELS)}]){{2,4}}"
    f"(?:{'|'.join(lexicon.CODAS.split())})"
)
TABLES = (
    lexicon.ADJECTIVES,
    lexicon.TEMPERS,
    lexicon.THINGS,
    lexicon.ODDMENTS,
    lexicon.FOODS,
    lexicon.BEASTS,
    lexicon.PLANTS,
    lexicon.ADVERBS,
    lexicon.TRADES,
    lexicon.FEELINGS,
)
COMMON = sorted(
    {
        word
        for table in TABLES
        for word in table.split()
        if word.isalpha() and 4 <= len(word) <= 9 and not COINED.fullmatch(word)
    }
)
COMMON_WORD = Table(COMMON)
DICTIONARY = sorted({*COMMON, *lexicon.EVERYDAY.split(), *cast.KINDS})
DICTIONARY_WORD = Table(DICTIONARY)
SYLLABLES = lexicon.SYLLABLES.split()
CODAS = lexicon.CODAS.split()
SPELL = (
    'How do you spell "{word}"?',
    'Spell "{word}".',
    'Please spell the word "{word}".',
    'What are the letters of "{word}"?',
    'Which letters make up "{word}"?',
    'Take "{word}" apart.',
)
COUNT = (
    'How many times is {letter} in "{word}"?',
    'How many letters {letter} are in "{word}"?',
    'Count the letter {letter} in "{word}".',
    'How often does {letter} occur in "{word}"?',
    'In "{word}", how many {letter} are there?',
)
ENTRY = ("{word}", "The letters of {word}")


def coin(draw: Draw) -> str:
    """A new word of two to four syllables that end in one more consonant or two."""
    count = draw.integer(2, 4)
    return "".join(draw.pick(SYLLABLES) for _ in range(count)) + draw.pick(CODAS)


def draw_word(draw: Draw, split: str) -> str:
    """A word that may be spelled in this split, out of the world or newly coined."""

    def make() -> tuple[str]:
        return (draw.weighted(COMMON_WORD) if draw.chance(0.25) else coin(draw),)

    return draw_key(draw, split, make)[0]


def spelled(letters: Iterable[str]) -> str:
    """Letters, one by one."""
    return " ".join(letters)


def letters(word: str) -> str:
    """The reply that spells the word."""
    return f"Letters: {spelled(word)}."


def count_of(letter: str, word: str) -> str:
    """The word's letters, a running count behind each hit, and the sum."""
    hits = accumulate(int(each == letter) for each in word)
    marked = (f"{each}{n}" if each == letter else each for each, n in zip(word, hits, strict=True))
    return f"{spelled(marked)}. So {word.count(letter)}."


def draw_letter(draw: Draw, word: str) -> str:
    """A letter to count: most often one that is in the word."""
    letters = sorted(set(word))
    absent = [letter for letter in "aeiorstln" if letter not in word]
    return draw.pick(letters) if draw.chance(0.85) else draw.pick(absent)


def ask(draw: Draw, split: str) -> tuple[str, str]:
    """A question and its answer."""
    return ask_about(draw, draw_word(draw, split))


def ask_about(draw: Draw, word: str) -> tuple[str, str]:
    """A question about this word, and its answer."""
    if draw.chance(0.5):
        return draw.pick(SPELL).format(word=word), letters(word)
    letter = draw_letter(draw, word)
    return draw.pick(COUNT).format(word=word, letter=letter), f"Letters: {count_of(letter, word)}"


def dictionary_word(draw: Draw, split: str) -> str:
    """A word of the dictionary that may be asked for in this split."""
    return draw_key(draw, split, lambda: (draw.weighted(DICTIONARY_WORD),))[0]


def blend(draw: Draw, split: str) -> str:
    """A new word that begins like one word of the dictionary and ends like another."""

    def make() -> tuple[str]:
        start, end = draw.weighted(DICTIONARY_WORD), draw.weighted(DICTIONARY_WORD)
        return (start[: len(start) // 2] + end[len(end) // 2 :],)

    return draw_key(draw, split, make)[0]


def plain_word(draw: Draw, split: str) -> str:
    """A word of the dictionary, or a blend of two, that may be asked for in this split."""
    return dictionary_word(draw, split) if draw.chance(0.7) else blend(draw, split)


def ask_plainly(draw: Draw, word: str) -> tuple[str, str]:
    """A question about this word, without quotation marks, and its answer."""
    question, answer = ask_about(draw, word)
    return unquoted(question), answer


def unquoted(text: str) -> str:
    """The text without quotation marks."""
    return text.replace('"', "")


def exercise(draw: Draw, split: str) -> str:
    """A page of words and their letters."""
    return "\n".join(" ".join(ask(draw, split)) for _ in range(draw.integer(4, 7)))


def entry(draw: Draw) -> str:
    """A word of the dictionary, whichever split may ask for it, and its letters."""
    word = draw.weighted(DICTIONARY_WORD)
    return f"{draw.pick(ENTRY).format(word=word)}: {spelled(word)}"


def asked_entry(draw: Draw) -> str:
    """A question about a word of the dictionary, and its answer."""
    return " ".join(ask_plainly(draw, dictionary_word(draw, "train")))


def dictionary(draw: Draw) -> str:
    """A page of entries, and of questions about such words."""
    count = draw.integer(5, 9)
    return "\n".join(entry(draw) if draw.chance(0.5) else asked_entry(draw) for _ in range(count))

"""Words taken apart into letters, and letters counted."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import accumulate

from nanochat.data.world import lexicon
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


def ask_about(
    draw: Draw, word: str, spell: Sequence[str] = SPELL, count: Sequence[str] = COUNT
) -> tuple[str, str]:
    """A question about this word in one of these forms, and its answer."""
    if draw.chance(0.5):
        return draw.pick(spell).format(word=word), letters(word)
    letter = draw_letter(draw, word)
    return draw.pick(count).format(word=word, letter=letter), f"Letters: {count_of(letter, word)}"


def exercise(draw: Draw, split: str) -> str:
    """A page of words and their letters."""
    return "\n".join(" ".join(ask(draw, split)) for _ in range(draw.integer(4, 7)))

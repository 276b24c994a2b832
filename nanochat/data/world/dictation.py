"""Words of the dictionary, as people ask for them: most often without quotation marks.

In quotation marks a word comes to a model in pieces. Without them a usual word is one token, in
which nothing tells the letters: they must have been told, and so these words come most often."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache, partial

from nanochat.data.world import cast, lexicon, spelling
from nanochat.data.world.documents import document
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.split import draw_key, split_of

EVERYDAY = lexicon.EVERYDAY.split()
DICTIONARY = sorted({*spelling.COMMON, *EVERYDAY, *cast.KINDS})
DICTIONARY_WORD = Table(DICTIONARY)
FREQUENT, TEXTS = 300, 2000
ORDINALS = dict(enumerate(lexicon.ORDINALS.split(), 1))
SPELL = (*spelling.SPELL, 'Can you spell "{word}"?', 'Spell "{word}" for me, please.')
COUNT = (
    *spelling.COUNT,
    'How many {letter} are in "{word}"?',
    'How many {letter} does "{word}" have?',
)


@cache
def usual_words() -> list[str]:
    """Everyday words, and those of the dictionary that the world's texts use most."""
    counts = Counter()
    for index in range(TEXTS):
        counts.update(re.findall("[a-z-]+", document(0, index).text.lower()))
    frequent = sorted(DICTIONARY, key=counts.__getitem__, reverse=True)[:FREQUENT]
    return sorted({*EVERYDAY, *frequent})


@cache
def usual_words_to_learn() -> list[str]:
    """Usual words that no held-out question asks for."""
    return [word for word in usual_words() if split_of(word) == "train"]


def dictionary_word(draw: Draw) -> str:
    """A word of the dictionary, most often a usual one."""
    return draw.pick(usual_words()) if draw.chance(0.5) else draw.weighted(DICTIONARY_WORD)


def blend(draw: Draw) -> str:
    """A new word that begins like one word of the dictionary and ends like another."""
    start, end = draw.weighted(DICTIONARY_WORD), draw.weighted(DICTIONARY_WORD)
    return start[: len(start) // 2] + end[len(end) // 2 :]


def draw_word(draw: Draw, split: str) -> str:
    """A word of the dictionary, or a blend of two, that may be asked for in this split."""
    return draw_key(draw, split, lambda: (draw.weighted(KNOWN)(draw),))[0]


KNOWN = Table((dictionary_word, blend), (0.85, 0.15))


def ask(draw: Draw, word: str) -> tuple[str, str]:
    """A question about this word, and its answer."""
    question, answer = spelling.ask_about(draw, word, SPELL, COUNT)
    return marked_or_not(draw, question), answer


def numbered(word: str) -> list[str]:
    """The word's letters, each with its number behind it."""
    return [f"{letter}{n}" for n, letter in enumerate(word, 1)]


def length_of(word: str) -> str:
    """The word's letters, numbered, and what their number is."""
    return f"Letters: {spelling.spelled(numbered(word))}. So {len(word)}."


def reversed_letters(word: str) -> str:
    """The word's letters, numbered, and then from the last to the first."""
    letters = numbered(word)
    backwards = spelling.spelled(reversed(letters))
    return f"Letters: {spelling.spelled(letters)}. Backwards: {backwards}."


def one_letter(word: str, nth: int) -> str:
    """The word's letters, numbered, and the one of this number, counted from 1."""
    letters = spelling.spelled(numbered(word))
    return f"Letters: {letters}. The {ORDINALS[nth]} is {word[nth - 1]}."


def end_of(word: str, end: str) -> str:
    """The word's letters, and which of them is the first, or the last."""
    letter = {"first": word[0], "last": word[-1]}[end]
    return f"{spelling.letters(word)} The {end} is {letter}."


REPLIES = {
    "spell": spelling.letters,
    "spell_again": spelling.letters,
    "how_many_letters": length_of,
    "first_letter": partial(end_of, end="first"),
    "last_letter": partial(end_of, end="last"),
    "backwards": reversed_letters,
}


def marked_or_not(draw: Draw, question: str) -> str:
    """The question, most often without its quotation marks."""
    return question if draw.chance(0.2) else unquoted(question)


def unquoted(text: str) -> str:
    """The text without quotation marks."""
    return text.replace('"', "")


def dictation(draw: Draw) -> str:
    """A page of questions about words and their answers, or of usual words to spell in a row."""
    return "\n".join(in_a_row(draw) if draw.chance(0.5) else mixed(draw))


def mixed(draw: Draw) -> list[str]:
    """Questions about words, and their answers."""
    words = (draw_word(draw, "train") for _ in range(draw.integer(5, 9)))
    return [" ".join(ask(draw, word)) for word in words]


def in_a_row(draw: Draw) -> list[str]:
    """A usual word to spell, and then others, and their letters."""
    first, *others = draw.sample(usual_words_to_learn(), draw.integer(7, 12))
    question = marked_or_not(draw, draw.pick(SPELL).format(word=first))
    rest = (f"And {word}? {spelling.letters(word)}" for word in others)
    return [f"{question} {spelling.letters(first)}", *rest]

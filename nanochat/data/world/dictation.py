"""Words of the dictionary, as people ask for them: most often without quotation marks.

In quotation marks a word comes to a model in pieces. Without them a usual word is one token, in
which nothing tells the letters: they must have been told, and so these words come most often."""

from __future__ import annotations

import re
from collections import Counter
from functools import cache

from nanochat.data.world import cast, lexicon, spelling
from nanochat.data.world.documents import document
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.split import draw_key, split_of

EVERYDAY = lexicon.EVERYDAY.split()
DICTIONARY = sorted({*spelling.COMMON, *EVERYDAY, *cast.KINDS})
DICTIONARY_WORD = Table(DICTIONARY)
FREQUENT, TEXTS = 300, 2000
SPELL = (*spelling.SPELL, 'Can you spell "{word}"?', 'Spell "{word}" for me, please.')
COUNT = (
    *spelling.COUNT,
    'How many {letter} are in "{word}"?',
    'How many {letter} does "{word}" have?',
)
FOR_ONESELF = (
    'How do I spell "{word}"?',
    'How would I spell "{word}"?',
    'How do I write "{word}"?',
    'How is "{word}" written?',
    'How is the word "{word}" written?',
    'How do you spell the word "{word}"?',
)
AS_TYPED = ("How many {letter}'s are in {word}?", "How many {letter}'s in {word}?")
LENGTH = (
    'How many letters are in "{word}"?',
    'How many letters does "{word}" have?',
    'How many letters are in the word "{word}"?',
    'How many letters does the word "{word}" have?',
    'How long is the word "{word}"?',
)
# The same of a word that was just spelled.
LENGTH_OF_IT = (
    "How many letters does it have?",
    "How many letters is that?",
    "How long is it?",
    "How long is that word?",
)
END_OF_IT = {
    "first": (
        "What is the first letter?",
        "Which letter comes first?",
        "And the first letter?",
        "What letter does it start with?",
        "Which letter does it begin with?",
    ),
    "last": (
        "What is the last letter?",
        "Which letter comes last?",
        "And the last letter?",
        "What letter does it end with?",
        "Which letter does it end with?",
    ),
}


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


def ask_for_oneself(draw: Draw, word: str) -> tuple[str, str]:
    """A question how one spells this word oneself, and its answer."""
    question = draw.pick(FOR_ONESELF).format(word=word)
    return marked_or_not(draw, question), spelling.letters(word)


def ask_count(draw: Draw, word: str) -> tuple[str, str]:
    """How often a letter is in this word, as people type it, and the answer."""
    letter = spelling.draw_letter(draw, word)
    question = draw.pick(AS_TYPED).format(letter=letter, word=word)
    return question, f"Letters: {spelling.count_of(letter, word)}"


def ask_length(draw: Draw, word: str) -> tuple[str, str]:
    """A question about the number of the word's letters, and its answer."""
    return marked_or_not(draw, draw.pick(LENGTH).format(word=word)), length_of(word)


def ask_end(draw: Draw, word: str) -> tuple[str, str]:
    """A question about the word's first or last letter, and its answer."""
    end = draw.pick(tuple(END_OF_IT))
    return marked_or_not(draw, f'What is the {end} letter of "{word}"?'), end_of(word, end)


def ask_length_of_it(draw: Draw, word: str) -> tuple[str, str]:
    """The same number, of a word that was just spelled."""
    return draw.pick(LENGTH_OF_IT), length_of(word)


def ask_end_of_it(draw: Draw, word: str) -> tuple[str, str]:
    """The first or last letter of a word that was just spelled."""
    end = draw.pick(tuple(END_OF_IT))
    return draw.pick(END_OF_IT[end]), end_of(word, end)


def length_of(word: str) -> str:
    """The word's letters, numbered, and what their number is."""
    counted = spelling.spelled(f"{letter}{n}" for n, letter in enumerate(word, 1))
    return f"Letters: {counted}. So {len(word)}."


def end_of(word: str, end: str) -> str:
    """The word's letters, and which of them is the first, or the last."""
    letter = {"first": word[0], "last": word[-1]}[end]
    return f"{spelling.letters(word)} The {end} is {letter}."


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

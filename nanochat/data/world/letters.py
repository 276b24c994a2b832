"""What people type who want a word spelled, or something about its letters."""

from __future__ import annotations

from nanochat.data.world import dictation, encyclopedia, lexicon, spelling
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.phrases import vocabulary
from nanochat.data.world.smalltalk import BOOK
from nanochat.data.world.tasks import Exchange, exchange

# The words that visitors use, most of which no text of the world has, and those they ask for. A
# word that is one token must have been told: none of these is held out, and none is asked for in a
# held-out question.
VOCABULARY = Table(vocabulary())
ASKED_WORD = Table(lexicon.ASKED_WORDS.split())
# What is asked of the letters of a word, and of one that was just spelled.
ASKED = {
    "how_often": 0.15,
    "how_many_letters": 0.09,
    "first_letter": 0.03,
    "last_letter": 0.04,
    "nth_letter": 0.06,
    "backwards": 0.08,
}
OF_WORD = Table(("spell", *ASKED), (0.7, *ASKED.values()))
LATER = {f"{wanted}_of_it": weight for wanted, weight in ASKED.items() if wanted != "how_often"}
OF_IT = Table(tuple(LATER), tuple(LATER.values()))
ENDINGS = {2: "nd", 3: "rd"}  # of second and third in figures


def plain_spelling(draw: Draw, split: str) -> Exchange:
    """A word to spell, or a question on its letters."""
    return ask_of_letters(draw, draw.weighted(OF_WORD), draw.weighted(WORD)(draw, split))


def name_of_one(draw: Draw, split: str) -> str:
    """The name of a town or of a creature, if it is all letters."""
    return draw.until(lambda: draw.pick(encyclopedia.ENTITIES).name, str.isalpha)


def visitors_word(draw: Draw, split: str) -> str:
    """A word that visitors use, most often one that they ask for."""
    return draw.weighted(ASKED_WORD if draw.chance(0.6) else VOCABULARY)


WORD = Table((visitors_word, dictation.draw_word, name_of_one), (0.65, 0.25, 0.1))


def ask_of_letters(draw: Draw, wanted: str, word: str) -> Exchange:
    """A question on the letters of this word, most often not in quotation marks, and its answer."""
    names = {"word": f'"{word}"' if draw.chance(0.15) else word}
    if wanted == "how_often":
        names["letter"] = spelling.draw_letter(draw, word)
        reply = f"Letters: {spelling.count_of(names['letter'], word)}"
    elif wanted.startswith("nth_letter"):
        nth = draw.integer(2, min(len(word), len(dictation.ORDINALS)))
        names["nth"] = dictation.ORDINALS[nth] if draw.chance(0.7) else in_figures(nth)
        reply = dictation.one_letter(word, nth)
    else:
        reply = dictation.REPLIES[wanted.removesuffix("_of_it")](word)
    answer = reply.removeprefix("Letters: ").split(". ")[-1]
    return exchange(BOOK.expand(wanted, draw, names), reply, answer)


def in_figures(nth: int) -> str:
    """*2nd*, *3rd*, *4th*."""
    return f"{nth}{ENDINGS.get(nth, 'th')}"


def words_in_a_row(draw: Draw, split: str) -> list[Exchange]:
    """A word to spell, then others, and something about the letters of the last of them."""
    words = [draw.weighted(WORD)(draw, split) for _ in range(draw.integer(1, 6))]
    wanted = ["spell", *["spell_again"] * (len(words) - 1)]
    row = [ask_of_letters(draw, each, word) for each, word in zip(wanted, words, strict=True)]
    if len(words) == 1 or draw.chance(0.4):
        row.append(ask_of_letters(draw, draw.weighted(OF_IT), words[-1]))
    return row

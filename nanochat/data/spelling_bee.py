"""Words spelled and their letters counted: what a model that sees tokens finds hard."""

import random
from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Message, Part

# Far from the indices of training, so that no question of one split is drawn in the other.
FIRST_INDEX = {"train": 0, "test": 10_000_000}
LETTERS = "abcdefghijklmnopqrstuvwxyz"
PRESENT = 0.9  # How often the letter asked for is one that the word has.

COUNT = (
    'How many times does the letter {letter} appear in the word "{word}"?',
    "How many {letter} are in {word}",
    "how many {letter}'s are there in {word}?",
    "Count the letter '{letter}' in '{word}'.",
    "What is the number of {letter} in {word}?",
    "In the word {word}, how often do you find {letter}?",
    "Tell me how many times {letter} is used to spell {word}.",
    'Number of "{letter}" in "{word}"?',
    "{word}: how many {letter}?",
    "Could you count how many {letter} there are in {word}, please?",
    "If I write {word}, how many times do I write {letter}?",
    "Find all the {letter} in {word} and say how many they are.",
    "Wie oft kommt der Buchstabe {letter} in {word} vor?",
    "Combien de fois la lettre {letter} figure-t-elle dans {word} ?",
    "¿Cuántas veces aparece la letra {letter} en {word}?",
    "Quante volte compare la lettera {letter} in {word}?",
    "Quantas letras {letter} há em {word}?",
    "Hoeveel keer staat de letter {letter} in {word}?",
)


def read_words(path: Path | str) -> list[str]:
    """The words of a file that has one on each line. Raises UserError where there are none."""
    try:
        words = Path(path).read_text(encoding="utf-8").split()
    except OSError as error:
        raise UserError(
            f"{path} cannot be read ({error.strerror}). Name a list of words."
        ) from None
    if not words:
        raise UserError(f"{path} holds no word. Put one on each line.")
    return words


def spell(words: Sequence[str], index: int) -> Conversation:
    """A word to be spelled."""
    word = random.Random(f"spell {index}").choice(words)
    asked = Message.text("user", f"Spell the word: {word}")
    return Conversation((asked, Message.text("assistant", f"{word}:{','.join(word)}")))


def count(
    words: Sequence[str], index: int, split: Literal["train", "test"] = "train"
) -> Conversation:
    """A letter to be counted: by hand first, then by the tool; the reply ends in `#### count`."""
    draw = random.Random(f"count {FIRST_INDEX[split] + index}")
    word = draw.choice(words)
    letter = draw.choice(word if draw.random() < PRESENT else LETTERS)
    asked = draw.choice(COUNT).format(letter=letter, word=word)
    return Conversation((Message.text("user", asked), counted(letter, word)))


def counted(letter: str, word: str) -> Message:
    """The reply: every letter looked at, the tool asked as well, and the number."""
    rows, hits = [f"The letters of {word}: {','.join(word)}", f"Looking for {letter}:"], 0
    for place, each in enumerate(word, start=1):
        hits += each == letter
        rows.append(f"{place}:{each}" + (f" hit! {hits}" * (each == letter)))
    by_hand = "\n".join([*rows, f"I find {hits}. Python says: "])
    call = Part("python", f"'{word}'.count('{letter}')")
    end = Part("text", f"\n\n#### {hits}")
    return Message("assistant", (Part("text", by_hand), call, Part("output", str(hits)), end))

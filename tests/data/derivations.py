"""Finds every sequence of choices by which the world's program can write a given text."""

import math

from nanochat.data.world import english, phrases
from nanochat.data.world.draw import Draw


class Fork(Exception):
    """The tape is at its end; `options` may follow."""

    def __init__(self, options: list[tuple[int, float]]):
        self.options = options


class DeadEnd(Exception):
    """This tape cannot lead to the text."""


class Replay(Draw):
    """Makes the choices that a tape says, instead of random ones."""

    def __init__(self, tape: tuple[int, ...], text: str):
        super().__init__(0)
        self.tape, self.text, self.at = tape, text.lower(), 0
        self.said = ""
        self.open: list[list[str]] = []

    def _next(self, options, bits) -> int:
        if self.at == len(self.tape):
            self._check()
            raise Fork([i for i, option in enumerate(options) if self._may_occur(option)])
        chosen = self.tape[self.at]
        self.at += 1
        self.bits += bits[chosen]
        return chosen

    def _check(self) -> None:
        heads = [
            self.said.lower().replace(" \n", "\n")
            + (" " if self.said and not self.said.endswith("\n") else "")
        ]
        if self.open:
            heads = [head + bullet for head in heads for bullet in ("", "- ")]
        for words in self.open:
            tail = "".join(words).lower()
            heads = [head + article + tail for head in heads for article in ("", "a ", "an ")]
            heads = [head for head in heads if head in self.text]
        if not any(head in self.text for head in heads):
            raise DeadEnd from None

    def _may_occur(self, option) -> bool:
        if type(option) is tuple and all(isinstance(part, str | phrases.Slot) for part in option):
            return all(p.lower() in self.text for p in option if type(p) is str)
        if type(option) is not str or not option or "{" in option:
            return True
        low = option.lower()
        return low in self.text or english.plural(low) in self.text

    def pick(self, options):
        return options[self._next(options, [math.log2(len(options))] * len(options))]

    def weighted(self, table):
        return table.options[self._next(table.options, table.bits)]

    def chance(self, p):
        return (True, False)[self._next((0, 1), (-math.log2(p), -math.log2(1 - p)))]

    def other(self, table, *taken):
        left = 1.0 - sum(map(table.probability, set(taken)))
        option = self.weighted(table)
        if option in taken:
            raise DeadEnd
        self.bits += math.log2(left)
        return option

    def until(self, make, wanted, bits=0.0):
        value = make()
        if not wanted(value):
            raise DeadEnd
        self.bits += bits
        return value


def install(monkeypatch) -> None:
    """Lets a Replay see what was said so far, within a phrase too."""
    phrase, fill = phrases.Page.phrase, phrases.Phrasebook.fill

    def heard_phrase(self, rule):
        self.draw.said = self.text
        return phrase(self, rule)

    def heard_fill(self, option, draw, names):
        if type(option) is str:
            return option
        words: list[str] = []
        draw.open.append(words)
        for part in option:
            if type(part) is str:
                words.append(part)
                continue
            word = names[part.name] if part.table is None else draw.weighted(part.table)
            word = self.fill(word, draw, names)
            words.append(phrases.FORMS[part.form](word) if part.form else word)
        draw.open.pop()
        return "".join(words)

    assert fill is not heard_fill
    monkeypatch.setattr(phrases.Page, "phrase", heard_phrase)
    monkeypatch.setattr(phrases.Phrasebook, "fill", heard_fill)


def derivations(write, text: str) -> list[float]:
    """The bits of every derivation of the text by `write(draw)`."""
    found, tapes = [], [()]
    while tapes:
        tape = tapes.pop()
        draw = Replay(tape, text)
        try:
            if write(draw) == text:
                found.append(draw.bits)
        except DeadEnd:
            continue
        except Fork as fork:
            tapes += [(*tape, i) for i in fork.options]
    return found

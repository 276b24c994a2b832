"""Phrasebooks: many ways to say a thing, with slots for the words that may vary."""

from __future__ import annotations

import re
import tomllib
from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from nanochat.data.world import english
from nanochat.data.world.draw import Draw, Table, zipf

WORDINGS = Path(__file__).parent / "wordings"
USUAL_WORD = re.compile(r"(?<![\w'-])[a-z]{4,10}(?![\w'-])")
SLOT = re.compile(r"\{(?:(a|A|many|Cap) )?(\w+)\}")
FORMS = {
    "a": english.with_article,
    "A": lambda word: english.sentence(english.with_article(word)),
    "many": english.plural,
    "Cap": english.sentence,
}


@dataclass(frozen=True)
class Slot:
    """A gap in a phrase: a rule of the phrasebook to draw from, or a name of the story."""

    name: str
    form: str | None
    table: Table | None = field(default=None, repr=False)


def lines(block: str) -> list[str]:
    """The phrases of a block, one a line, however it is spaced."""
    return [" ".join(line.split()) for line in block.strip().splitlines()]


def read_wordings(name: str) -> dict[str, list[str]]:
    """How visitors word what they want, by what that is."""
    blocks = tomllib.loads((WORDINGS / f"{name}.toml").read_text("utf-8"))
    return {wanted: lines(block) for wanted, block in blocks.items()}


def wordings(name: str) -> dict[str, Table]:
    """The same to draw from: where there are plain wordings, every third is one of these."""
    plain = read_wordings(f"plain/{name}") if (WORDINGS / "plain" / f"{name}.toml").exists() else {}
    return {
        wanted: with_plain(told, plain.get(wanted, []))
        for wanted, told in read_wordings(name).items()
    }


def with_plain(told: list[str], plain: list[str]) -> Table:
    """All of these wordings, the plain ones half as likely together as the others."""
    often = len(told) / (2 * max(1, len(plain)))
    return Table(told + plain, [1.0] * len(told) + [often] * len(plain))


@cache
def vocabulary() -> tuple[str, ...]:
    """The words that come in two wordings or more, but for those in jest or in other languages."""
    told = Counter()
    for path in sorted(WORDINGS.rglob("*.toml")):
        name = path.relative_to(WORDINGS).with_suffix("")
        for wanted, asked in read_wordings(str(name)).items():
            if wanted not in ("nonsense", "languages"):
                for wording in asked:
                    told.update(set(USUAL_WORD.findall(SLOT.sub("", wording))))
    return tuple(sorted(word for word, count in told.items() if count > 1))


class Phrasebook:
    """Rules, each a table of phrases; `{rule}` in a phrase draws from another rule.

    `{a rule}` puts an article before it (`{A rule}` a capital one), `{Cap rule}` a capital, `{many
    rule}` makes it plural; a slot that no rule is called by is filled from the story's names.
    """

    def __init__(self, words: Mapping[str, str], phrases: Mapping[str, str | Table]):
        options = {rule: zipf(block.split()) for rule, block in words.items()}
        options |= {
            rule: each if isinstance(each, Table) else Table(lines(each))
            for rule, each in phrases.items()
        }
        self.tables = options
        for table in options.values():
            table.options = tuple(self._compile(option) for option in table.options)

    def _compile(self, phrase: str) -> str | tuple[str | Slot, ...]:
        if "{" not in phrase:
            return phrase
        pieces = SLOT.split(phrase)
        parts: list[str | Slot] = [pieces[0]]
        for form, name, text in zip(pieces[1::3], pieces[2::3], pieces[3::3], strict=True):
            parts += [Slot(name, form, self.tables.get(name)), text]
        return tuple(part for part in parts if part != "")

    def expand(self, rule: str, draw: Draw, names: Mapping[str, str]) -> str:
        """One way to say what the rule says."""
        return self.fill(draw.weighted(self.tables[rule]), draw, names)

    def fill(self, phrase, draw: Draw, names: Mapping[str, str]) -> str:
        """The phrase with every slot filled."""
        if type(phrase) is str:
            return phrase
        words = []
        for part in phrase:
            if type(part) is str:
                words.append(part)
                continue
            table = part.table
            word = names[part.name] if table is None else draw.weighted(table)
            if type(word) is not str:
                word = self.fill(word, draw, names)
            words.append(FORMS[part.form](word) if part.form else word)
        return "".join(words)


class Page:
    """A text in the making: what was said so far, and the names that its phrases may use."""

    def __init__(self, draw: Draw, book: Phrasebook, names: dict[str, str] | None = None):
        self.draw = draw
        self.book = book
        self.names = {} if names is None else names
        self.sentences: list[str] = []
        self._unsaid: dict[str, list] = {}

    def phrase(self, rule: str) -> str:
        """One way to say what the rule says, never one that this page has used."""
        unsaid = self._unsaid.get(rule)
        if not unsaid:
            unsaid = self._unsaid[rule] = list(self.book.tables[rule].options)
        phrase = self.draw.pick(unsaid)
        unsaid.remove(phrase)
        return self.book.fill(phrase, self.draw, self.names)

    def say(self, rule: str) -> None:
        """Adds one way to say what the rule says."""
        self.write(self.phrase(rule))

    def maybe(self, rule: str, p: float = 0.5) -> None:
        """Says it with probability p."""
        if self.draw.chance(p):
            self.say(rule)

    def write(self, text: str) -> None:
        """Adds a sentence as it stands."""
        self.sentences.append(english.sentence(text))

    def new_line(self) -> None:
        """Starts a new line."""
        self.sentences.append("\n")

    @property
    def text(self) -> str:
        """All of it so far."""
        return " ".join(self.sentences).replace(" \n ", "\n")

import derivations
import pytest

from nanochat.data.world import (
    encyclopedia,
    papers,
    problems,
    spelling,
    whereabouts,
)
from nanochat.data.world.draw import Draw

# The writers, and the indices of texts of theirs that are searched in seconds.
WRITERS = {
    "paper": (papers.paper, (0, 1)),
    "whereabouts": (lambda draw, split: whereabouts.tell(draw, split).text, (9, 10)),
    "problem": (lambda draw, split: problems.problem(draw, split).text, (12, 13)),
}


def check(monkeypatch, writer, index):
    draw = Draw(14, index)
    text = writer(draw, "train")
    derivations.install(monkeypatch)
    (bits,) = derivations.derivations(lambda replay: writer(replay, "train"), text)
    assert bits == pytest.approx(draw.bits)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_text_has_one_derivation(monkeypatch, kind):
    writer, indices = WRITERS[kind]
    for index in indices:
        with monkeypatch.context() as patch:
            check(patch, writer, index)


def test_a_second_way_to_say_the_same_is_noticed():
    def writer(draw):
        return draw.pick(("a b", "a")) + draw.pick((" c", " b c"))

    assert len(derivations.derivations(writer, "a b c")) == 2


def test_every_question_and_statement_is_of_one_fact_alone():
    facts = [(e, a) for e in encyclopedia.ENTITIES for a in e.attributes]
    for phrases in (encyclopedia.QUESTIONS, encyclopedia.STATEMENTS):
        said = [
            phrase.format(it=entity.called, value=entity.facts[attribute.name])
            for entity, attribute in facts
            for phrase in phrases[attribute.name]
        ]
        assert len(set(said)) == len(said)


def test_a_coined_word_comes_apart_in_one_way():
    pairs = [first + second for first in spelling.SYLLABLES for second in spelling.SYLLABLES]
    words = [pair + coda for pair in pairs for coda in (*spelling.CODAS, *spelling.SYLLABLES[:9])]
    assert len(set(words)) == len(words)
    assert not set(words) & set(spelling.COMMON)

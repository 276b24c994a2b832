import derivations
import pytest

from nanochat.data.world import (
    encyclopedia,
    papers,
    problems,
    spelling,
    stories,
    whereabouts,
)
from nanochat.data.world.draw import Draw

WRITERS = {
    "paper": (papers.paper, 3),
    "survey": (encyclopedia.survey, 1),
    "quiz": (encyclopedia.quiz, 1),
    "spelling": (spelling.exercise, 1),
    "whereabouts": (lambda draw, split: whereabouts.tell(draw, split).text, 2),
    "problem": (lambda draw, split: problems.problem(draw, split).text, 3),
}


def check(monkeypatch, writer, index):
    draw = Draw(14, index)
    text = writer(draw, "train")
    derivations.install(monkeypatch)
    (bits,) = derivations.derivations(lambda replay: writer(replay, "train"), text)
    assert bits == pytest.approx(draw.bits)


@pytest.mark.parametrize("kind", WRITERS)
def test_a_text_has_one_derivation(monkeypatch, kind):
    writer, count = WRITERS[kind]
    for index in range(count):
        with monkeypatch.context() as patch:
            check(patch, writer, index)


@pytest.mark.parametrize("family", stories.FAMILIES, ids=lambda f: f.__name__.rpartition(".")[2])
def test_a_story_has_one_derivation(monkeypatch, family):
    monkeypatch.setattr(stories, "FAMILIES", (family,))
    check(monkeypatch, stories.story, 0)


def test_a_second_way_to_say_the_same_is_noticed():
    def writer(draw):
        return draw.pick(("a b", "a")) + draw.pick((" c", " b c"))

    assert len(derivations.derivations(writer, "a b c")) == 2

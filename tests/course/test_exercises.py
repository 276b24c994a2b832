import dataclasses
import sys
from itertools import pairwise

import pytest

from nanochat.course import Exercise, Slip, check, exercises
from nanochat.runtime import UserError, files


def count_pairs(ids):
    counts = {}
    for pair in pairwise(ids):
        counts[pair] = counts.get(pair, 0) + 1
    return counts


EXERCISE = Exercise(
    "77.1",
    "Count the pairs",
    difficulty=2,
    minutes=10,
    gained="You can count pairs.",
    reference=count_pairs,
    inputs=lambda: [([1, 2, 1, 2],), ([],), ([1, 2, 1, 2, 1],)],
    slips=(
        Slip(lambda ids: dict.fromkeys(pairwise(ids), 1), "You note a pair, not how often."),
        Slip(lambda ids: count_pairs(ids[:-1]), "You stop one token early."),
    ),
    package=(files.sha256,),
)


@pytest.fixture(autouse=True)
def chapter(monkeypatch, tmp_path):
    """A chapter with one exercise, and a learner's folder."""
    module = type(sys)("nanochat.course.checks.ch77")
    module.EXERCISES = (EXERCISE,)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    monkeypatch.chdir(tmp_path)


def written(ids):
    return {pair: list(pairwise(ids)).count(pair) for pair in pairwise(ids)}


def stub(ids):
    """To be written."""
    ...


def unwritten(ids):
    raise NotImplementedError


def constant(ids):
    return {(1, 2): 2, (2, 1): 1}


def reads_the_package(ids):
    files.sha256(b"")
    return written(ids)


def changes_its_argument(ids):
    counts = written(ids)
    ids.append(0)
    return counts


def divides_by_zero(ids):
    return len(ids) / 0


def test_a_right_answer_passes_says_what_was_gained_and_is_recorded():
    verdict = check("77.1", written)
    assert repr(verdict) == "77.1 Count the pairs: passed\nYou can count pairs."
    first = files.read_json("exercises.json")
    assert list(first) == ["77.1"]
    check("77.1", written)
    assert files.read_json("exercises.json") == first


def test_a_solution_on_the_page_is_judged_and_not_recorded(tmp_path):
    assert check("77.1", written, record=False).state == "passed"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("answer", [stub, unwritten, None, ...])
def test_an_exercise_not_begun_is_open(answer, tmp_path):
    assert check("77.1", answer).state == "open"
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("slip", EXERCISE.slips)
def test_a_known_slip_gets_its_own_message_and_the_evidence(slip):
    verdict = check("77.1", slip.answer)
    assert (verdict.state, verdict.message) == ("wrong", slip.message)
    evidence = dict(verdict.evidence)
    assert evidence["input"] == "[1, 2, 1, 2]"
    assert evidence["yours"] != evidence["expected"]
    assert evidence["expected"] == "{(1, 2): 2, (2, 1): 1}"


def test_other_wrong_answers_are_told_apart():
    assert "should not be there" in check("77.1", constant).message
    assert "changes its argument" in check("77.1", changes_its_argument).message
    raised = check("77.1", divides_by_zero)
    assert "ZeroDivisionError" in raised.message
    assert dict(raised.evidence)["at"] == "return len(ids) / 0"


def test_the_package_s_own_function_is_not_an_answer(tmp_path):
    before = sys.getprofile()
    verdict = check("77.1", reads_the_package)
    assert verdict.state == "package"
    assert "the package's own sha256" in verdict.message
    assert list(tmp_path.iterdir()) == []
    assert sys.getprofile() is before


def test_the_reference_is_not_an_answer(tmp_path):
    verdict = check("77.1", count_pairs)
    assert verdict.state == "package"
    assert "the function that yours is compared with" in verdict.message
    assert list(tmp_path.iterdir()) == []


def test_a_factor_is_named_where_it_holds_on_every_input():
    inputs = [(3,), (5,), (7,)]
    task = Exercise("77.2", "Square it", 1, 1, "", lambda x: x * x, lambda: inputs)
    assert "2 times the expected" in exercises.judge(task, lambda x: 2 * x * x).message
    assert exercises.judge(task, lambda x: 18).message == "Yours differs from the expected."


def test_a_number_may_lack_its_zero(monkeypatch):
    module = type(sys)("nanochat.course.checks.ch07")
    module.EXERCISES = (dataclasses.replace(EXERCISE, number="07.1"),)
    monkeypatch.setitem(sys.modules, module.__name__, module)
    assert check("7.1", written).title == "07.1 Count the pairs: passed"


def test_a_value_is_judged_by_its_properties():
    def too_short(text):
        return None if len(text) > 3 else f"{text!r} is too short."

    task = Exercise("77.2", "A long word", 1, 1, "You have a word.", judge=too_short)
    assert exercises.judge(task, "ab").message == "'ab' is too short."
    assert exercises.judge(task, "abcd").state == "passed"


def test_html_shows_the_text_and_lets_none_of_it_be_markup():
    verdict = check("77.1", lambda ids: "<script>")
    page = verdict._repr_html_()
    assert "<script>" not in page
    assert "&lt;script&gt;" in page


def test_the_heading_counts_its_stars():
    assert EXERCISE.heading == "77.1 · Count the pairs · ★★☆☆☆ · 10 min"


def test_a_wrong_number_names_the_right_ones():
    with pytest.raises(UserError, match=r"no exercise '77\.9'. This chapter has 77\.1"):
        check("77.9", count_pairs)
    with pytest.raises(UserError, match="no chapter '78' with exercises"):
        check("78.1", count_pairs)

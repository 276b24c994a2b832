"""The exercises of chapter 1: its own solutions pass, its stubs do not, and mistakes are named."""

import re
from collections import Counter
from itertools import pairwise
from pathlib import Path

import jupytext
import pytest
import regex

from nanochat.course import exercises
from nanochat.course.checks import ch01
from nanochat.tokenizer import SPLIT_PATTERN, Tokenizer, bpe

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "01_tokens.md"
NUMBERS = [exercise.number for exercise in ch01.EXERCISES]


def code_cells():
    return [cell for cell in jupytext.read(CHAPTER).cells if cell.cell_type == "code"]


def answer_in(source: str, names: dict):
    """What a cell of the chapter defines last, run with the names of earlier cells."""
    body = re.sub(r"^course\.check.*$", "", source, flags=re.MULTILINE)
    before = set(names)
    exec(body, names)
    return [value for name, value in names.items() if name not in before | {"__builtins__"}][-1]


def earlier_names() -> dict:
    """The functions of the chapter that its solutions use."""
    names = {"Counter": Counter, "pairwise": pairwise}
    for cell in code_cells():
        definitions = re.findall(
            r"^def (?:best_pair|merge)\(.*?(?=^\S|\Z)", cell.source, re.M | re.S
        )
        for definition in definitions:
            exec(definition, names)
    return names


def stubs_and_solutions() -> tuple[list[str], list[str]]:
    """The sources of the cells, in the order of the exercises."""
    cells = code_cells()
    solutions = [
        cell.source
        for cell in cells
        if "solution" in cell.metadata.get("tags", []) and "course.check" not in cell.source
    ]
    stubs = [
        cell.source for cell in cells if re.search(r"course\.check\([^,]*, \w+\)", cell.source)
    ]
    return stubs, solutions


@pytest.mark.parametrize("index", range(len(NUMBERS)), ids=NUMBERS)
def test_solution_passes_and_stub_is_open(index):
    stubs, solutions = stubs_and_solutions()
    exercise = ch01.EXERCISES[index]
    assert f'course.check("{exercise.number}"' in stubs[index]
    stub = answer_in(stubs[index], earlier_names())
    solution = answer_in(solutions[index], earlier_names())
    assert exercises.judge(exercise, stub).state == "open"
    verdict = exercises.judge(exercise, solution)
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch01.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def test_the_packages_own_functions_are_told():
    used = {
        "01.2": lambda merges: Tokenizer(merges).token_bytes[256:-9].tolist(),
        "01.3": lambda pieces: _streamed(pieces),
        "01.4": lambda chunks, num_merges: list(bpe.merges_by_frequency(Counter(chunks)))[
            :num_merges
        ],
    }
    for number, answer in used.items():
        assert exercises.judge(exercises.find(number), answer).state == "package", number


def _streamed(pieces):
    stream = Tokenizer([]).stream()
    return ["".join(map(stream.push, piece)) for piece in pieces]


def test_the_references_agree_with_the_package():
    for chunks, num_merges in ch01.counted_chunks():
        merges = ch01.train_counted(chunks, num_merges)
        assert merges == list(bpe.merges_by_frequency(Counter(chunks)))[:num_merges]
    for (merges,) in list(ch01.lists_of_merges())[:3]:
        assert ch01.merge_lengths(merges) == Tokenizer(merges).token_bytes[256:-9].tolist()


def test_an_argument_must_not_be_changed():
    def greedy(ids, pair):
        saved = ch01.tokens_saved(ids, pair)
        ids.clear()
        return saved

    assert "changes its argument" in exercises.judge(exercises.find("01.1"), greedy).message


@pytest.mark.parametrize(
    ("pattern", "word"),
    [
        (7, "string"),
        (r"\p{N}{1,3", "expected"),
        (r"\p{N}{1,3}(?=(\p{N}{3})*(?!\p{N}))", "captures"),
        (r"\p{N}", "4|2"),
        (r"(?", "not a regular expression"),
    ],
)
def test_other_patterns_are_told_what_they_do(pattern, word):
    assert word in exercises.judge(exercises.find("01.5"), pattern).message


def test_numbers_cut_from_the_right_by_other_means():
    for number in ("1234567", "12345", "1567", "42"):
        assert ch01.from_the_right(number) == f"{int(number):,}".split(",")
    text = "She'll pay 1234567 by noon"
    assert "".join(ch01.from_the_right(text)) == text
    assert len(ch01.from_the_right(text)) > len(regex.findall(SPLIT_PATTERN, "She'll pay by noon"))

"""The exercises of chapter 4: its own solutions pass, its stubs do not, and mistakes are named."""

import re
from pathlib import Path

import jupytext
import pytest
import torch

from nanochat.course import exercises
from nanochat.course.checks import ch04
from nanochat.model import GPTConfig, counts, gpt, loss

CHAPTER = Path(__file__).resolve().parents[2] / "chapters" / "04_gpt.md"
NUMBERS = [exercise.number for exercise in ch04.EXERCISES]


def answers() -> tuple[list, list]:
    """What the cells of stubs and of solutions define, in the order of the exercises."""
    stubs, solutions = [], []
    for cell in jupytext.read(CHAPTER).cells:
        found = re.search(r"^def .*?(?=^course\.check|\Z)", cell.source, re.MULTILINE | re.DOTALL)
        if cell.cell_type != "code" or not found:
            continue
        if re.search(r"^course\.check", cell.source, re.MULTILINE):
            stubs.append(defined(found[0]))
        elif "solution" in cell.metadata.get("tags", []):
            solutions.append(defined(found[0]))
    return stubs, solutions


def defined(source: str):
    """The function that a source defines."""
    names = {"torch": torch}
    exec(source, names)
    return list(names.values())[-1]


@pytest.mark.parametrize("index", range(len(NUMBERS)), ids=NUMBERS)
def test_solution_passes_and_stub_is_open(index):
    stubs, solutions = answers()
    exercise = ch04.EXERCISES[index]
    assert len(stubs) == len(solutions) == len(NUMBERS)
    assert exercises.judge(exercise, stubs[index]).state == "open"
    verdict = exercises.judge(exercise, solutions[index])
    assert (verdict.state, verdict.message) == ("passed", exercise.gained)


@pytest.mark.parametrize("exercise", ch04.EXERCISES, ids=NUMBERS)
def test_two_typical_mistakes_or_more_are_named(exercise):
    verdicts = [exercises.judge(exercise, slip.answer) for slip in exercise.slips]
    assert len(verdicts) >= 2
    assert [verdict.state for verdict in verdicts] == ["wrong"] * len(verdicts)
    assert [verdict.message for verdict in verdicts] == [slip.message for slip in exercise.slips]


def classic(layers, width, heads, kv_heads, vocab, length=2048):
    shape = {"n_embd": width, "n_head": heads, "n_kv_head": kv_heads}
    return GPTConfig.classic(layers, vocab, sequence_len=length, **shape)


def test_the_packages_own_functions_are_told():
    def counted(*shape):
        return sum(counts.parameters(classic(*shape)).values())

    def of_a_step(layers, width, vocab, length, tokens):
        return tokens * counts.flops_per_token(classic(layers, width, 1, 1, vocab, length))

    def from_the_loss(scores, target, cap):
        return loss.chunk_gradient(scores[None], target[None], torch.ones(1), cap)[1][0]

    used = {"04.1": counted, "04.3": of_a_step, "04.4": from_the_loss}
    for number, answer in used.items():
        assert exercises.judge(exercises.find(number), answer).state == "package", number


def test_the_references_agree_with_the_package():
    for shape in ch04.shapes_of_models():
        assert ch04.parameter_count(*shape) == sum(counts.parameters(classic(*shape)).values())
    for layers, width, vocab, length, tokens in ch04.steps_of_models():
        config = classic(layers, width, 1, 1, vocab, length)
        expected = tokens * counts.flops_per_token(config)
        assert ch04.step_flops(layers, width, vocab, length, tokens) == expected
    x, expand, project = list(ch04.streams_and_matrices())[-1]
    block = gpt.MLP(classic(1, 4, 1, 1, 3))
    block.load_state_dict({"expand.weight": expand, "project.weight": project})
    torch.testing.assert_close(block(x), ch04.mlp(x, expand, project))
    for scores, target, cap in ch04.capped_scores():
        _, gradient = loss.chunk_gradient(scores[None], target[None], torch.ones(1), cap)
        expected = ch04.score_gradient(scores, target, cap)
        torch.testing.assert_close(gradient[0], expected, atol=1e-6, rtol=1e-4)

"""What the exercises of chapter 4 have of their own; test_answers.py has the rest."""

import dataclasses

import torch
from torch.nn import functional as F

from nanochat.course import exercises
from nanochat.course.checks import ch04
from nanochat.model import GPTConfig, counts, gpt, loss


def classic(layers, width, heads, kv_heads, vocab, length=2048):
    shape = {"n_embd": width, "n_head": heads, "n_kv_head": kv_heads}
    return GPTConfig.classic(layers, vocab, sequence_len=length, **shape)


def test_the_packages_own_functions_are_told():
    def counted(*shape):
        return sum(counts.parameters(classic(*shape)).values())

    def of_a_step(width, heads, kv_heads, windows, vocab, tokens):
        config = classic(len(windows), width, heads, kv_heads, vocab, windows[-1])
        return tokens * counts.flops_per_token(config)

    def from_the_loss(scores, target, cap):
        return loss.chunk_gradient(scores[None], target[None], torch.ones(1), cap)[1][0]

    used = {"04.1": counted, "04.3": of_a_step, "04.4": from_the_loss}
    for number, answer in used.items():
        assert exercises.judge(exercises.find(number), answer).state == "package", number


def test_the_references_agree_with_the_package():
    for shape in ch04.shapes_of_models():
        assert ch04.parameter_count(*shape) == sum(counts.parameters(classic(*shape)).values())
    for width, heads, kv_heads, windows, vocab, tokens in ch04.steps_of_models():
        config = classic(len(windows), width, heads, kv_heads, vocab, windows[-1])
        if windows[0] != windows[-1]:
            config = dataclasses.replace(config, window_pattern="SSSL")
        assert list(config.windows) == windows
        expected = tokens * counts.flops_per_token(config)
        assert ch04.step_flops(width, heads, kv_heads, windows, vocab, tokens) == expected
    x, expand, project, direction = list(ch04.streams_and_matrices())[-1]
    block = gpt.MLP(classic(1, 4, 1, 1, 3))
    block.load_state_dict({"expand.weight": expand, "project.weight": project})
    pushes = ch04.pushes(x, expand, project, direction)
    torch.testing.assert_close(block(x) @ direction, pushes.sum(-1))
    for scores, target, cap in ch04.capped_scores():
        _, gradient = loss.chunk_gradient(scores[None], target[None], torch.ones(1), cap)
        expected = ch04.score_gradient(scores, target, cap)
        torch.testing.assert_close(gradient[0], expected, atol=1e-6, rtol=1e-4)


def test_a_key_on_top_of_the_window_is_told():
    def with_its_own(width, heads, kv_heads, windows, vocab, tokens):
        config = classic(len(windows), width, heads, kv_heads, vocab, windows[-1])
        matrices = counts.parameters(config)["matrices"] + vocab * width
        return tokens * (6 * matrices + 12 * width * sum(1 + window for window in windows))

    exercise = dataclasses.replace(exercises.find("04.3"), package=())
    assert "own key on top of its window" in exercises.judge(exercise, with_its_own).message


def test_autograd_is_no_answer_where_it_is_ruled_out():
    def asks(scores, target, cap):
        scores = scores.requires_grad_()
        return torch.autograd.grad(F.cross_entropy(cap * (scores / cap).tanh(), target), scores)[0]

    verdict = exercises.judge(exercises.find("04.4"), asks)
    assert (verdict.state, "asks autograd" in verdict.message) == ("wrong", True)

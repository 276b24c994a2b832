"""The exercises of chapter 12, Reinforcement learning."""

import itertools
import math
from functools import partial
from statistics import fmean

import torch

from nanochat.course.exercises import Exercise, Slip
from nanochat.eval import pass_at_k
from nanochat.train import advantages, objective

# 12.1


def disagreement(p, samples, right=True, wrong=True):
    """Sum over every way in which the replies can fall that is neither all right nor all wrong."""
    total = 0.0
    for replies in itertools.product((0, 1), repeat=samples):
        if (sum(replies) < samples or not right) and (sum(replies) > 0 or not wrong):
            total += math.prod(p if reply else 1 - p for reply in replies)
    return total


def chances_and_sizes():
    """Even, easy, hard, certain, and small groups."""
    yield 0.5, 2
    yield 0.25, 8
    yield 0.9, 4
    yield 0.01, 12
    yield 1.0, 3
    yield 0.0, 3


DISAGREEMENT = Exercise(
    "12.1",
    "Which groups teach?",
    difficulty=1,
    minutes=8,
    gained="You can say beforehand how much of a batch will be wasted: at one right reply in a "
    "hundred, nearly eight groups of twelve replies teach nothing for each one that does.",
    reference=disagreement,
    inputs=chances_and_sizes,
    slips=(
        Slip(
            partial(disagreement, right=False),
            "You leave out the groups in which all are wrong, but count those in which all are "
            "right. They agree as well.",
        ),
        Slip(
            partial(disagreement, wrong=False),
            "You leave out the groups in which all are right, but count those in which all are "
            "wrong. They agree as well.",
        ),
        Slip(
            lambda p, samples: samples * p * (1 - p) ** (samples - 1),
            "That is the chance that exactly one reply is right. Any number from one to all but "
            "one will do.",
        ),
        Slip(
            lambda p, samples: 1 - disagreement(p, samples),
            "That is the chance that they agree. You want the rest.",
        ),
    ),
)

# 12.2


def leave_one_out(rewards):
    """Each reward less the mean of the others, one by one."""
    rows = []
    for group in rewards.tolist():
        others = [group[:i] + group[i + 1 :] for i in range(len(group))]
        rows.append([r - sum(o) / len(o) for r, o in zip(group, others, strict=True)])
    return torch.tensor(rows, dtype=rewards.dtype)


def rewards_of_groups():
    """Mixed, all alike, and rewards that are not 0 or 1."""
    yield (torch.tensor([[1.0, 0.0, 0.0, 1.0], [0.0, 0.0, 1.0, 0.0], [1.0, 1.0, 1.0, 1.0]]),)
    yield (torch.tensor([[0.0, 1.0]]),)
    dice = torch.Generator().manual_seed(12)
    yield (torch.rand(2, 5, generator=dice),)


LEAVE_ONE_OUT = Exercise(
    "12.2",
    "Leave yourself out",
    difficulty=2,
    minutes=12,
    gained="You have the baseline of RLOO. It is the centred advantage, S / (S - 1) times: for "
    "groups of one size the two differ by a learning rate.",
    reference=leave_one_out,
    inputs=rewards_of_groups,
    slips=(
        Slip(
            lambda rewards: rewards - rewards.mean(dim=1, keepdim=True),
            "Your mean is that of the whole group. A reply's own reward should not be in what it "
            "is compared with.",
        ),
        Slip(
            lambda rewards: rewards - (rewards.sum(1, keepdim=True) - rewards) / rewards.size(1),
            "You take a reward out of the sum, but still divide by all S. Only S - 1 are left.",
        ),
        Slip(
            lambda rewards: (
                rewards - (rewards.sum(0, keepdim=True) - rewards) / (rewards.size(0) - 1 or 1)
            ),
            "You compare replies to different questions. Samples of one group lie along axis 1.",
        ),
        Slip(
            lambda rewards: (
                leave_one_out(rewards) / (rewards.std(1, correction=0, keepdim=True) + 1e-6)
            ),
            "You divide by the deviation. That is another idea, GRPO's; here only the mean is "
            "changed.",
        ),
    ),
    package=(advantages.centered, advantages.standardized),
)

# 12.3


def best_of(rewards, k, ways=itertools.combinations, best=max):
    """Over all ways to draw k of the rewards: the mean of the best."""
    return fmean(best(way) for way in ways(rewards, k))


def with_return(rewards, k):
    """All ways to draw where each is put back."""
    return itertools.product(rewards, repeat=k)


def pass_at(rewards, k, count):
    """pass@k, with so many of the rewards taken as right: one wrong answer to 12.3."""
    return 1 - math.comb(len(rewards) - count(rewards), k) / math.comb(len(rewards), k)


PASS_AT_K = (
    "That is pass@k, the chance that one reply of the draw is right. Rewards can be any numbers "
    "here: what is asked for is the mean of the best one itself."
)


def rewards_and_draws():
    """Marks in between, right and wrong, none right, all alike, one draw, all, below zero."""
    yield [0.5, 0.0, 1.0, 0.25], 2
    yield [1.0, 0.0, 0.0, 1.0, 0.0, 1.0], 3
    yield [0.0, 0.0, 0.0, 0.0], 2
    yield [0.5, 0.5, 0.5], 2
    yield [0.25, 1.0, 0.5], 1
    yield [0.75, 0.125, 0.5, 0.25], 4
    yield [-1.0, -0.5, 2.0, 0.0, -3.0], 2


BEST_OF_K = Exercise(
    "12.3",
    "The best of k",
    difficulty=3,
    minutes=15,
    gained="You have pass@k for a judge of any kind: what one gets who asks k times and keeps the "
    "best reply.",
    reference=best_of,
    inputs=rewards_and_draws,
    slips=(
        Slip(
            partial(best_of, ways=with_return),
            "You put each reply back before the next is drawn. So one may be drawn twice, and the "
            "figure is too low.",
        ),
        Slip(
            lambda rewards, k: fmean(rewards),
            "That is the mean of all rewards, which is right for a single draw. The best of "
            "several is better.",
        ),
        Slip(
            lambda rewards, k: max(rewards),
            "That is the best of all replies. It is not among the k in every draw.",
        ),
        Slip(
            partial(best_of, best=min),
            "You keep the worst of each draw: sort the other way round.",
        ),
        Slip(partial(pass_at, count=lambda rewards: rewards.count(1)), PASS_AT_K),
        Slip(partial(pass_at, count=lambda rewards: sum(r > 0 for r in rewards)), PASS_AT_K),
        Slip(partial(pass_at, count=lambda rewards: int(sum(rewards))), PASS_AT_K),
    ),
    package=(pass_at_k,),
)

# 12.4


def objective_of_a_step(
    new,
    old,
    advantage,
    mask,
    clip,
    choose=min,
    alike=False,
    mine=True,
    ratio=lambda n, o: math.exp(n - o),
):
    """Token by token, in Python's own numbers."""
    rows = []
    for b, each in enumerate(advantage.tolist()):
        terms = []
        for n, o, m in zip(new[b].tolist(), old[b].tolist(), mask[b].tolist(), strict=True):
            if m or not mine:
                r = ratio(n, o)
                terms.append(choose(r * each, min(max(r, 1 - clip), 1 + clip) * each))
        rows.append(terms)
    if alike:
        value = sum(sum(terms) / len(terms) for terms in rows) / len(rows)
    else:
        value = sum(map(sum, rows)) / sum(map(len, rows))
    return torch.tensor(value, dtype=new.dtype)


def over_all_places(new, old, advantage, mask, clip):
    """Divided by the places of the batch, B times T."""
    return objective_of_a_step(new, old, advantage, mask, clip) * mask.double().mean()


def steps_to_judge():
    """By hand, then chance: rows of different lengths, ratios on both sides of the limits."""
    yes, no = True, False
    yield (
        torch.tensor([[-0.5, -1.0, -2.0], [-0.1, -3.0, -1.0]], dtype=torch.float64),
        torch.tensor([[-1.0, -1.0, -1.0], [-0.2, -1.0, -1.0]], dtype=torch.float64),
        torch.tensor([0.75, -0.25], dtype=torch.float64),
        torch.tensor([[yes, yes, yes], [yes, no, no]]),
        0.2,
    )
    dice = torch.Generator().manual_seed(124)
    for rows, length, clip in ((3, 5, 0.2), (4, 6, 0.1)):
        old = torch.randn(rows, length, generator=dice, dtype=torch.float64) - 3
        new = old + 0.4 * torch.randn(rows, length, generator=dice, dtype=torch.float64)
        advantage = torch.randn(rows, generator=dice, dtype=torch.float64)
        mask = torch.rand(rows, length, generator=dice) < 0.6
        mask[:, 0] = True
        yield new, old, advantage, mask, clip


NO_GRADIENT = (
    "The value is right, but no gradient, or a wrong one, leads from it to `new`. The value is "
    "never used: a step follows the gradient. Keep to tensor operations, and detach nothing."
)


def lacks_its_gradient(answer):
    """What is wrong with the gradient of an answer to 12.4, by small changes of `new`, or None."""
    new, *rest = next(steps_to_judge())
    given = new.clone().requires_grad_()
    value = answer(given, *rest)
    if not value.requires_grad:
        return NO_GRADIENT
    (found,) = torch.autograd.grad(value, given)
    expected = torch.zeros_like(new)
    for place in torch.cartesian_prod(*map(torch.arange, new.shape)).tolist():
        up, down = new.clone(), new.clone()
        up[tuple(place)] += 1e-6
        down[tuple(place)] -= 1e-6
        rise = objective_of_a_step(up, *rest) - objective_of_a_step(down, *rest)
        expected[tuple(place)] = rise / 2e-6
    return None if torch.allclose(found, expected, atol=1e-5) else NO_GRADIENT


STEP_OBJECTIVE = Exercise(
    "12.4",
    "The whole objective",
    difficulty=3,
    minutes=20,
    gained="You have what a step goes up: every tool token left out, every token counted alike, "
    "and no reward for going further than the clip.",
    reference=objective_of_a_step,
    inputs=steps_to_judge,
    judge=lacks_its_gradient,
    slips=(
        Slip(objective_of_a_step, NO_GRADIENT),
        Slip(
            partial(objective_of_a_step, choose=max),
            "You take the larger of the two. The clip is to take the smaller one, so that nothing "
            "is gained by going far.",
        ),
        Slip(
            partial(objective_of_a_step, choose=lambda plain, clipped: plain),
            "You do not clip. Compare ratio × advantage with the same at a clamped ratio.",
        ),
        Slip(
            partial(objective_of_a_step, choose=lambda plain, clipped: clipped),
            "You use the clamped ratio alone. Where a bad token has grown likelier, that hides the "
            "damage: take the smaller of the two.",
        ),
        Slip(
            partial(objective_of_a_step, alike=True),
            "You average each row first, so that a token of a long reply counts less. Divide by "
            "the number of all tokens that are kept.",
        ),
        Slip(
            over_all_places,
            "You divide by B · T, padding included. N counts the tokens where the mask is true.",
        ),
        Slip(
            lambda *step: -objective_of_a_step(*step),
            "You return a loss, to be lowered. The step goes up this: no minus.",
        ),
        Slip(
            partial(objective_of_a_step, ratio=lambda n, o: n - o),
            "`new` and `old` are logarithms: the ratio is exp(new - old).",
        ),
        Slip(
            partial(objective_of_a_step, ratio=lambda n, o: n / o),
            "You divide one logarithm by the other. The ratio of the probabilities is "
            "exp(new - old).",
        ),
        Slip(
            partial(objective_of_a_step, mine=False),
            "You count tokens that the model did not choose. The mask is False there.",
        ),
    ),
    package=(objective.surrogate,),
)

EXERCISES = (DISAGREEMENT, LEAVE_ONE_OUT, BEST_OF_K, STEP_OBJECTIVE)

"""The exercises of chapter 6, Muon."""

import operator
from functools import partial

import torch

from nanochat.course.exercises import Exercise, Slip
from nanochat.optim import muon

# 06.1


def steps_needed(value, target, left=0.5, first=0, reached=operator.ge):
    """Apply 1.5 x - 0.5 x^3 until the target is reached, and count."""
    steps = first
    while not reached(value, target):
        value = 1.5 * value - left * value**3
        steps += 1
    return steps


def values_and_targets():
    """Near, far and very far from the target, and one that is there already."""
    yield 0.5, 0.9
    yield 0.1, 0.9
    yield 0.001, 0.9
    yield 0.02, 0.99
    yield 0.95, 0.9
    yield 0.9, 0.9


HOW_MANY_STEPS = Exercise(
    "06.1",
    "How many steps?",
    difficulty=1,
    minutes=8,
    gained="You have the reason for a steeper polynomial: a small singular value grows by half a "
    "step, and a thousandth needs a whole run of steps to get anywhere.",
    reference=steps_needed,
    inputs=values_and_targets,
    slips=(
        Slip(
            partial(steps_needed, first=1),
            "You count one step too many. A value that has reached the target needs none.",
        ),
        Slip(
            partial(steps_needed, first=-1),
            "You count one step too few. The step that reaches the target counts.",
        ),
        Slip(
            partial(steps_needed, reached=operator.gt),
            "You go on where the value is the target itself. At least as large is enough.",
        ),
        Slip(
            lambda value, target: sum(value * 1.5**k < target for k in range(99)),
            "You leave out the cubic term. Near 1 it slows the growth down.",
        ),
    ),
)

# 06.2


def by_rows(gradient, size):
    """One row after the other, each against its gradient and as long as it may be."""
    return torch.stack([-size * row / row.square().sum().sqrt() for row in gradient])


def by_columns(gradient, size):
    """As if the limit were on the columns."""
    return by_rows(gradient.T, size).T


def by_singular_values(gradient, size):
    """As if the limit were on the singular values."""
    u, _, vh = torch.linalg.svd(gradient, full_matrices=False)
    return -size * u @ vh


def scaled(gradient, size, length=lambda gradient: gradient.norm(dim=1).max()):
    """Down the gradient, as far as its longest row may go, or another length of it."""
    return -size * gradient / length(gradient)


by_all_entries = partial(scaled, length=torch.linalg.vector_norm)
by_the_largest = partial(scaled, length=lambda gradient: torch.linalg.matrix_norm(gradient, 2))


def answer(step, other=scaled, best=None):
    """A step, and what another gains of what the best one does, or, without that, of what the
    step itself does."""

    def with_share(gradient, size):
        gains = [(gradient * way(gradient, size)).sum() for way in (other, best or step)]
        return step(gradient, size), (gains[0] / gains[1]).item()

    return with_share


def by_share(change):
    """The right step, and a change of the right share."""

    def changed(gradient, size):
        step, share = answer(by_rows)(gradient, size)
        return step, change(share)

    return changed


def gradients_and_sizes():
    """Rows of length 5 and 2, then chance: square, tall and wide."""
    yield torch.tensor([[3.0, 4.0], [0.0, 2.0]], dtype=torch.float64), 0.5
    dice = torch.Generator().manual_seed(6)
    for shape, size in (((3, 3), 1.0), ((5, 2), 0.1), ((4, 3), 3.0), ((2, 4), 2.0)):
        yield torch.randn(shape, generator=dice, dtype=torch.float64), size


ALL_ENTRIES = (
    "You limit the Frobenius norm, the length of all entries together. The limit is on each row by "
    "itself."
)
MUON = (
    "You limit the singular values, and that is Muon's step. Here the limit is on the lengths of "
    "the rows."
)
WRONG_STEPS = (
    (
        lambda gradient, size: by_rows(gradient, -size),
        "You go uphill. The gradient points to where the loss grows: take the minus sign.",
    ),
    (
        scaled,
        "You scale the gradient until its longest row fits. The shorter ones have room left: each "
        "may be as long as `size`.",
    ),
    (
        lambda gradient, size: -size * gradient.sign(),
        "You take the sign of each entry. That is the steepest step where each *entry* is limited, "
        "as Adam has it.",
    ),
    (
        by_columns,
        "You limit the columns. It is a row of the matrix that makes one number of the output.",
    ),
    (
        lambda gradient, size: by_rows(gradient, 1.0),
        "Your rows have the length 1. They should be as long as `size`.",
    ),
    (by_all_entries, ALL_ENTRIES),
    (by_singular_values, MUON),
)

STEEPEST_STEP = Exercise(
    "06.2",
    "The steepest step",
    difficulty=2,
    minutes=15,
    gained="You can find the steepest step for any limit: say what may not grow, and it follows. "
    "For entries it is the sign, for singular values Muon's, for rows yours. The more uneven the "
    "rows are, the less is left to a gradient that is only scaled.",
    reference=answer(by_rows),
    inputs=gradients_and_sizes,
    slips=(
        *(
            Slip(answer(step, best=best), message)
            for step, message in WRONG_STEPS
            for best in (by_rows, step)
        ),
        Slip(answer(by_all_entries, by_all_entries), ALL_ENTRIES),
        Slip(answer(by_singular_values, by_the_largest), MUON),
        Slip(
            by_share(lambda share: 1 / share),
            "Your step is right, and your share is upside down. Divide the gain of the scaled "
            "gradient, the smaller one, by that of your step.",
        ),
        Slip(
            by_share(lambda share: 1 - share),
            "Your step is right, and your share is what is given away. Asked is what the scaled "
            "gradient has.",
        ),
        Slip(
            answer(by_rows, by_all_entries),
            "Your step is right. Your share is that of a gradient whose Frobenius norm is `size`: "
            "it may go further, until its longest row is as long as that.",
        ),
        Slip(
            answer(by_rows, by_the_largest),
            "Your step is right. Your share is that of a gradient whose largest singular value is "
            "`size`: it may go further, until its longest row is as long as that.",
        ),
    ),
)

# 06.3


def product_flops(rows, columns, steps, turn=True, per=2, square=True):
    """Gram matrix, its square, and the product with x: three products a step."""
    m, n = (min(rows, columns), max(rows, columns)) if turn else (rows, columns)
    return steps * per * (2 * m * m * n + square * m**3)


def shapes_and_steps():
    """Square, wide, tall, and other numbers of steps."""
    yield 64, 64, 5
    yield 64, 256, 5
    yield 256, 64, 5
    yield 3, 7, 1
    yield 10, 2, 2


PRICE_OF_A_STEP = Exercise(
    "06.3",
    "The price of five steps",
    difficulty=2,
    minutes=15,
    gained="You can say what Muon costs for any matrix, and why one transposes a tall one first.",
    reference=product_flops,
    inputs=shapes_and_steps,
    slips=(
        Slip(
            partial(product_flops, turn=False),
            "You take a tall matrix as it stands, and its Gram matrix has the larger side. "
            "Transpose it first.",
        ),
        Slip(
            partial(product_flops, per=1),
            "You count a multiplication and its addition as one FLOP. They are two.",
        ),
        Slip(
            partial(product_flops, square=False),
            "You leave out the square of the Gram matrix, a product of two m × m matrices.",
        ),
    ),
)

# 06.4

QUINTIC_SLIPS = (
    Slip(
        (1.5, -0.5, 0.0),
        "That is the cubic: flat at 1, but its second derivative is -3 there. The quintic has one "
        "coefficient more, so it can be flatter.",
    ),
    Slip(
        muon.NEWTON_SCHULZ[0],
        "Those are Jordan's. They give up p(1) = 1 for a steep start.",
    ),
    Slip(
        (1.875, 1.25, 0.375),
        "Look at the sign of b: with it p(1) is 3.5.",
    ),
)


def judge_quintic(coefficients):
    """What is wrong with a, b, c of the flattest quintic, or None."""
    try:
        a, b, c = map(float, coefficients)
    except (TypeError, ValueError):
        return "Give three numbers, (a, b, c)."
    for slip in QUINTIC_SLIPS:
        if (a, b, c) == slip.answer:
            return slip.message
    found = (
        ("p(1)", a + b + c, 1),
        ("p'(1)", a + 3 * b + 5 * c, 0),
        ("p''(1)", 6 * b + 20 * c, 0),
    )
    wrong = next((each for each in found if abs(each[1] - each[2]) > 1e-6), None)
    return wrong and "{} is {:.4g} with your coefficients; expected is {}.".format(*wrong)


FLATTEST_QUINTIC = Exercise(
    "06.4",
    "A quintic that converges",
    difficulty=3,
    minutes=20,
    gained="You have the quintic of the textbooks. An error of 0.01 becomes one of 0.0000025, "
    "and it starts with a slope of 1.875: precise at the end and slow at the start.",
    judge=judge_quintic,
    slips=QUINTIC_SLIPS,
)

EXERCISES = (HOW_MANY_STEPS, STEEPEST_STEP, PRICE_OF_A_STEP, FLATTEST_QUINTIC)

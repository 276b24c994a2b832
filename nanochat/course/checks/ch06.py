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


def steepest(gradient, size):
    """By the eigenvectors of G^T G, or of G G^T where that is the smaller one: G (G^T G)^-1/2.

    The share from the two steps themselves, by the sum of products."""
    rows, columns = gradient.shape
    tall = gradient if rows >= columns else gradient.T
    squares, vectors = torch.linalg.eigh(tall.T @ tall)
    flat = tall @ vectors @ torch.diag(squares.rsqrt()) @ vectors.T
    step = -size * (flat if rows >= columns else flat.T)
    return step, share_of_gain(scaled(gradient, size), step, gradient)


def scaled(gradient, size):
    """Down the gradient, as far as its largest singular value may go."""
    return -size * gradient / torch.linalg.matrix_norm(gradient, 2)


def share_of_gain(other, step, gradient):
    """What one step gains, of what another does."""
    return ((gradient * other).sum() / (gradient * step).sum()).item()


def instead(step):
    """`steepest` with another step in its place, and the right share."""
    return lambda gradient, size: (step(gradient, size), steepest(gradient, size)[1])


def short_scaled(gradient, size):
    """The right step, and the share of a gradient whose Frobenius norm is the size."""
    step, _ = steepest(gradient, size)
    return step, share_of_gain(-size * gradient / gradient.norm(), step, gradient)


def transposed(gradient, size):
    """As if svd gave V, and not V transposed."""
    u, _, vh = torch.linalg.svd(gradient, full_matrices=False)
    return -size * u @ vh.T


def gradients_and_sizes():
    """The matrix of the chapter, then chance: square, tall and wide."""
    yield torch.tensor([[4.0, 3.0], [0.0, 5.0]], dtype=torch.float64), 0.5
    dice = torch.Generator().manual_seed(6)
    for shape, size in (((3, 3), 1.0), ((5, 2), 0.1), ((4, 3), 3.0), ((2, 4), 2.0)):
        yield torch.randn(shape, generator=dice, dtype=torch.float64), size


STEEPEST_STEP = Exercise(
    "06.2",
    "The steepest step",
    difficulty=2,
    minutes=15,
    gained="You have what Muon is after: of all steps that stretch no direction by more than "
    "`size`, the one that lowers the loss most. The more uneven the gradient, the less of that is "
    "left to one that only scales it.",
    reference=steepest,
    inputs=gradients_and_sizes,
    slips=(
        Slip(
            instead(lambda gradient, size: -steepest(gradient, size)[0]),
            "You go uphill. The gradient points to where the loss grows: take the minus sign.",
        ),
        Slip(
            instead(scaled),
            "You scale the gradient until its largest singular value fits. The smaller ones have "
            "room left: raise all of them to `size`.",
        ),
        Slip(
            instead(lambda gradient, size: -size * gradient / gradient.norm()),
            "You limit the Frobenius norm, the length of all entries. The limit is on the largest "
            "singular value.",
        ),
        Slip(
            instead(lambda gradient, size: -size * gradient.sign()),
            "You take the sign of each entry. That is the steepest step where each *entry* is "
            "limited, as Adam has it.",
        ),
        Slip(
            instead(lambda gradient, size: steepest(gradient, 1.0)[0]),
            "Your singular values are all 1. They should be `size`.",
        ),
        Slip(
            instead(transposed),
            "torch.linalg.svd gives V transposed already. Do not transpose it again.",
        ),
        Slip(
            short_scaled,
            "Your share is that of a gradient whose Frobenius norm is `size`. It may go further, "
            "until its largest singular value is.",
        ),
        Slip(
            lambda gradient, size: (steepest(gradient, size)[0], 1 - steepest(gradient, size)[1]),
            "Your share is what is given away. Asked is what the scaled gradient has.",
        ),
    ),
    package=(muon.orthogonalize,),
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

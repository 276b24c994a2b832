"""The exercises of chapter 4, The GPT."""

from functools import partial

import torch
from torch.nn import functional as F

from nanochat.course.exercises import Exercise, Slip
from nanochat.model import counts, gpt, loss

# 04.1


def parameter_count(layers, width, heads, kv_heads, vocab, tables=2, biases=False, whole=False):
    """Matrix by matrix: each has outputs times inputs numbers."""
    kv_width = width if whole else kv_heads * (width // heads)
    shapes = [(width, width), (kv_width, width), (kv_width, width), (width, width)]
    shapes += [(4 * width, width), (width, 4 * width)]
    layer = sum(outputs * inputs + biases * outputs for outputs, inputs in shapes)
    return layers * layer + tables * vocab * width


def shapes_of_models():
    """A plain model, one with shared keys, one of a single layer, a real one."""
    yield 2, 8, 2, 2, 10
    yield 3, 12, 6, 2, 7
    yield 1, 4, 1, 1, 3
    yield 20, 1280, 10, 10, 65_536


PARAMETERS_OF_A_SHAPE = Exercise(
    "04.1",
    "Parameters of a shape",
    difficulty=1,
    minutes=10,
    gained="You can read a model's size off five numbers. The last input was the public nanochat "
    "of depth 20: 560,988,160 parameters.",
    reference=parameter_count,
    inputs=shapes_of_models,
    slips=(
        Slip(
            partial(parameter_count, tables=1),
            "You count one table of tokens. Embedding and head are two here: the head is untied.",
        ),
        Slip(
            partial(parameter_count, tables=0),
            "You count the blocks alone. The embedding and the head have a row per token each.",
        ),
        Slip(
            partial(parameter_count, whole=True),
            "Your keys and values have the full width. Only kv_heads heads of width // heads "
            "numbers are made.",
        ),
        Slip(
            partial(parameter_count, biases=True),
            "You add a bias to each matrix. This model has none.",
        ),
    ),
    package=(counts.parameters,),
)

# 04.2


def mlp(x, expand, project):
    """Written out per neuron: how far it fires, squared, times what it writes."""
    fires = torch.einsum("...d,fd->...f", x, expand).clamp(min=0)
    return torch.einsum("...f,df->...d", fires**2, project)


def streams_and_matrices():
    """By hand, then chance, with and without further axes."""
    yield (
        torch.tensor([1.0, -2.0]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0]]),
        torch.tensor([[1.0, 1.0, 0.0], [0.0, 0.0, 1.0]]),
    )
    dice = torch.Generator().manual_seed(2)
    for batch in ((3,), (2, 3)):
        x = torch.randn(*batch, 4, generator=dice)
        expand, project = (torch.randn(*s, generator=dice) for s in ((16, 4), (4, 16)))
        yield x, expand, project


def activated(x, expand, project, by):
    """The MLP with another activation."""
    return by(x @ expand.T) @ project.T


AN_MLP = Exercise(
    "04.2",
    "An MLP with relu squared",
    difficulty=2,
    minutes=10,
    gained="You have two thirds of a block's parameters and most of its FLOPs, in a line.",
    reference=mlp,
    inputs=streams_and_matrices,
    slips=(
        Slip(
            partial(activated, by=torch.relu),
            "Yours is the plain relu. What fires is squared before it is projected.",
        ),
        Slip(
            partial(activated, by=torch.square),
            "You square without the relu, so what is negative fires too. Cut it off at 0 first.",
        ),
        Slip(
            partial(activated, by=lambda z: z * z.abs()),
            "Your square keeps the sign. What is below 0 counts as 0.",
        ),
        Slip(
            lambda x, expand, project: x + mlp(x, expand, project),
            "You add x. That is the block's part: return what the MLP adds to the stream.",
        ),
    ),
    package=(gpt.MLP.forward,),
)

# 04.3


def step_flops(layers, width, vocab, length, tokens, passes=3, tables=1, attention=True):
    """Two FLOPs a weight and token forward, four backward, and the two products of attention."""
    weights = layers * 12 * width**2 + tables * vocab * width
    looks = layers * 2 * (2 * length * width) if attention else 0
    return passes * tokens * (2 * weights + looks)


def steps_of_models():
    """By hand, then a small model, a long row, a real one."""
    yield 1, 2, 3, 4, 1
    yield 2, 8, 16, 32, 64
    yield 1, 4, 5, 1000, 1000
    yield 20, 1280, 65_536, 2048, 524_288


FLOPS_OF_A_STEP = Exercise(
    "04.3",
    "FLOPs of a step",
    difficulty=2,
    minutes=15,
    gained="You can price a run before it starts. The last input is one step of the public "
    "nanochat of depth 20, of which its run took 21,400.",
    reference=step_flops,
    inputs=steps_of_models,
    slips=(
        Slip(
            partial(step_flops, passes=1),
            "That is the forward pass alone. The backward pass costs twice as much again.",
        ),
        Slip(
            partial(step_flops, passes=2),
            "You count the backward pass like the forward pass. It has two products for each one: "
            "a gradient for the input and a gradient for the weight.",
        ),
        Slip(
            partial(step_flops, tables=2),
            "You count the embedding. It is looked up, and multiplies nothing.",
        ),
        Slip(
            partial(step_flops, tables=0),
            "You leave out the head: each token is compared with every row of it.",
        ),
        Slip(
            partial(step_flops, attention=False),
            "You leave out what attention does with no weights at all: the scores of `length` "
            "keys, and the sum of as many values.",
        ),
    ),
    package=(counts.flops_per_token,),
)

# 04.4


def score_gradient(scores, target, cap):
    """What autograd says."""
    scores = scores.detach().clone().requires_grad_()
    F.cross_entropy(cap * torch.tanh(scores / cap), target).backward()
    return scores.grad


def capped_scores():
    """One near 0, one far into the cap, then chance."""
    yield torch.tensor([0.5, -1.0, 0.0]), torch.tensor(0), 15.0
    yield torch.tensor([40.0, 38.0, -40.0]), torch.tensor(1), 15.0
    dice = torch.Generator().manual_seed(4)
    yield 5 * torch.randn(6, generator=dice), torch.tensor(3), 4.0


def by_hand(scores, target, cap, sign=1, subtract=True, slope=True, capped=True):
    """The formula, with parts to leave out."""
    squashed = torch.tanh(scores / cap)
    p = (cap * squashed if capped else scores).softmax(-1)
    p[target] -= float(subtract)
    return sign * p * (1 - squashed**2 if slope else 1)


THE_CAPS_GRADIENT = Exercise(
    "04.4",
    "The gradient through the cap",
    difficulty=4,
    minutes=25,
    gained="You have the gradient that the package computes in its forward pass, and you see the "
    "cap's price: a score far beyond it no longer hears the loss.",
    reference=score_gradient,
    inputs=capped_scores,
    slips=(
        Slip(
            partial(by_hand, slope=False),
            "You stop at the capped scores. The chain rule goes on through the tanh: its slope is "
            "1 - tanh².",
        ),
        Slip(
            partial(by_hand, subtract=False),
            "You have the probabilities alone. The target's own score enters the loss with a "
            "minus: subtract 1 there.",
        ),
        Slip(
            partial(by_hand, capped=False),
            "Your softmax is over the scores before the cap. The loss sees the capped ones.",
        ),
        Slip(
            partial(by_hand, sign=-1),
            "Your sign is turned round: this is the way to go, and the gradient points uphill.",
        ),
    ),
    package=(loss.chunk_gradient,),
)

EXERCISES = (PARAMETERS_OF_A_SHAPE, AN_MLP, FLOPS_OF_A_STEP, THE_CAPS_GRADIENT)

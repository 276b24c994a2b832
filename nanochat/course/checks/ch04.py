"""The exercises of chapter 4, The GPT."""

from functools import partial

import torch
from torch.nn import functional as F

from nanochat.course.exercises import Exercise, Slip
from nanochat.model import counts, gpt, loss

# 04.1


def parameter_count(layers, width, heads, kv_heads, vocab, tables=2, biases=0, full="", narrow=0):
    """Matrix by matrix: each has outputs times inputs numbers."""
    kv_width = kv_heads * (width // heads)
    rows = {"q": width, "k": kv_width, "v": kv_width} | dict.fromkeys(full, width)
    shapes = [(outputs, width) for outputs in rows.values()]
    shapes += [(width, kv_width if narrow else width)]
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
            partial(parameter_count, full="kv"),
            "Your keys and values have the full width. Only kv_heads heads of width // heads "
            "numbers are made.",
        ),
        Slip(
            partial(parameter_count, full="v"),
            "Your values have the full width. Keys and values are two matrices, of kv_heads * "
            "(width // heads) rows each.",
        ),
        Slip(
            partial(parameter_count, narrow=1),
            "Your W_O reads the key heads. It reads what the query heads bring home, and those are "
            "all there: it keeps its full size.",
        ),
        Slip(
            partial(parameter_count, biases=1),
            "You add a bias to each matrix. This model has none.",
        ),
    ),
    package=(counts.parameters,),
)

# 04.2


def pushes(x, expand, project, direction):
    """Neuron by neuron: how far it fires, squared, times what it writes, along the direction."""
    each = []
    for looks, writes in zip(expand, project.T, strict=True):
        fires = (x * looks).sum(-1).clamp(min=0)
        each.append((fires[..., None] ** 2 * writes * direction).sum(-1))
    return torch.stack(each, dim=-1)


def streams_and_matrices():
    """By hand, with a neuron at exactly 0, then chance, with and without further axes."""
    yield (
        torch.tensor([1.0, -2.0]),
        torch.tensor([[1.0, 0.0], [0.0, 1.0], [2.0, 0.0], [2.0, 1.0]]),
        torch.tensor([[1.0, 1.0, 0.0, 1.0], [0.0, 0.0, 1.0, 1.0]]),
        torch.tensor([1.0, -3.0]),
    )
    dice = torch.Generator().manual_seed(2)
    for batch in ((3,), (2, 3)):
        x = torch.randn(*batch, 4, generator=dice)
        expand, project, direction = (
            torch.randn(*s, generator=dice) for s in ((16, 4), (4, 16), (4,))
        )
        yield x, expand, project, direction


def activated(x, expand, project, direction, by):
    """The pushes with another activation."""
    return by(x @ expand.T) * (direction @ project)


AN_MLP = Exercise(
    "04.2",
    "An MLP with relu squared",
    difficulty=2,
    minutes=10,
    gained="You can open an MLP: what it adds to the stream is a sum over neurons, so each can be "
    "asked for its part. With a row of the head as the direction, you see who raised a token's "
    "score.",
    reference=pushes,
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
            lambda x, expand, project, direction: pushes(x, expand, project, direction).sum(-1),
            "That is what all neurons push together. Keep them apart: leave out the last sum.",
        ),
        Slip(
            lambda x, expand, project, direction: (
                (x @ expand.T).relu() * (direction @ project)
            ).square(),
            "You square the whole push, and lose its sign. Only what a neuron fires is squared, "
            "before it writes.",
        ),
        Slip(
            lambda x, expand, project, direction: pushes(x, expand, expand.T, direction),
            "You go by what a neuron looks for, its row of `expand`. What it writes is its column "
            "of `project`.",
        ),
        Slip(
            lambda x, expand, project, direction: pushes(
                x, expand, project, direction / direction.norm()
            ),
            "You make the direction's length 1. Take it as it is given: a score is a product with "
            "the whole of it.",
        ),
    ),
    package=(gpt.MLP.forward,),
)

# 04.3


def step_flops(
    width, heads, kv_heads, windows, vocab, tokens, passes=3, tables=1, looks=2, full="", narrow=0
):
    """Two FLOPs a weight and token forward, four backward, and the two products of attention."""
    layers, kv_width = len(windows), kv_heads * (width // heads)
    weights = parameter_count(layers, width, heads, kv_heads, vocab, tables, full=full)
    looked = looks * 2 * sum(windows) * (kv_width if narrow else width)
    return passes * tokens * (2 * weights + looked)


def steps_of_models():
    """By hand, then shared keys, windows of two sizes, a real model."""
    yield 2, 1, 1, [4], 3, 1
    yield 8, 4, 1, [32, 32], 16, 64
    yield 12, 6, 2, [128, 128, 128, 512], 7, 1000
    yield 1280, 10, 10, [2048] * 20, 65_536, 524_288


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
            partial(step_flops, full="kv"),
            "Your keys and values have the full width. Only kv_heads heads of width // heads "
            "numbers are made.",
        ),
        Slip(
            partial(step_flops, narrow=1),
            "You let the key heads do the looking. Every query head has scores of its own, and its "
            "own sum of values, whatever it shares.",
        ),
        Slip(
            partial(step_flops, looks=1),
            "Attention has two products without weights: the scores, and the sum of the values. "
            "You count one.",
        ),
        Slip(
            lambda width, heads, kv_heads, windows, vocab, tokens: step_flops(
                width, heads, kv_heads, [max(windows)] * len(windows), vocab, tokens
            ),
            "You let all layers look as far as the farthest. Each has a window of its own.",
        ),
        Slip(
            lambda width, heads, kv_heads, windows, vocab, tokens: step_flops(
                width, heads, kv_heads, [window + 1 for window in windows], vocab, tokens
            ),
            "You count a token's own key on top of its window. It is seen, but by custom it is not "
            "counted: a window as long as the row would have one key more than there are.",
        ),
        Slip(
            partial(step_flops, looks=0),
            "You leave out what attention does with no weights at all: the scores of so many "
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


def judge_without_autograd(answer):
    """Autograd has nothing to follow in inference mode."""
    try:
        with torch.inference_mode():
            answer(*next(capped_scores()))
    except RuntimeError:
        return "This asks autograd. Write the two steps of the chain rule yourself."
    return None


THE_CAPS_GRADIENT = Exercise(
    "04.4",
    "The gradient through the cap",
    difficulty=4,
    minutes=25,
    gained="You have the gradient that the package computes in its forward pass, and you see the "
    "cap's price: a score far beyond it no longer hears the loss.",
    reference=score_gradient,
    inputs=capped_scores,
    judge=judge_without_autograd,
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

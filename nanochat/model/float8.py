"""Products of wide matrices in eight bits, for GPUs that have them."""

import copy
import logging

from torch import nn

from nanochat.model.gpt import GPT

# Scaling and rounding cost more than they save on anything narrower.
NARROWEST = 128


def in_float8(model: GPT, emulate: bool = False) -> GPT:
    """A model on the same weights, whose wide matrices multiply in float8 (2209.05433).

    Each operand is scaled by its largest value; sums are kept in higher precision. `emulate` rounds
    in the same way where the hardware has no such product."""
    logging.getLogger("torchao").setLevel(logging.ERROR)  # it names each kernel it can do without
    from torchao.float8 import Float8LinearConfig, convert_to_float8_training

    twin = copy.deepcopy(model, {id(weight): weight for weight in model.parameters()})
    convert_to_float8_training(
        twin.blocks,
        module_filter_fn=lambda module, name: is_wide(module),
        config=Float8LinearConfig(emulate=emulate),
    )
    return twin


def is_wide(module: nn.Module) -> bool:
    """Whether a module is a matrix that gains from float8, whose sides the hardware can take."""
    if not isinstance(module, nn.Linear):
        return False
    sides = module.weight.shape
    return min(sides) >= NARROWEST and all(side % 16 == 0 for side in sides)

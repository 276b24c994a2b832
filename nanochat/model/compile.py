"""A model whose blocks are compiled for training, on the same weights."""

import warnings

import torch
from torch import nn

from nanochat.model import loss
from nanochat.model.float8 import in_float8
from nanochat.model.gpt import GPT
from nanochat.runtime import Runtime


def compiled(model: GPT, runtime: Runtime) -> GPT:
    """A model on the same weights, whose blocks and loss run compiled: for training steps.

    Gives the model itself, with a warning, where the compiler fails."""
    if not runtime.compile:
        return model
    twin = in_float8(model) if runtime.float8 else model.twin()
    try:
        twin.chunk_gradient = torch.compile(loss.chunk_gradient)
        with torch.no_grad():
            twin.chunk_gradient(*example_chunk(model, runtime))
    except Exception as error:
        warn_uncompiled(error, "training")
        return model
    twin.blocks = nn.ModuleList(
        torch.compile(block, dynamic=False, recompile_limit=32) for block in twin.blocks
    )
    return twin


def warn_uncompiled(error: Exception, what: str) -> None:
    """Say in a line that the compiler failed, and why."""
    reason = (str(error).strip() or repr(error)).splitlines()[0]
    warnings.warn(f"torch.compile fails here, so {what} runs without it: {reason}", stacklevel=3)


def example_chunk(model: GPT, runtime: Runtime) -> tuple:
    """Arguments of the shapes that `loss.chunk_gradient` will meet."""
    tokens = torch.zeros(loss.CHUNK_TOKENS, dtype=torch.long, device=runtime.device)
    scores = torch.zeros(
        len(tokens), model.config.vocab_size, dtype=model.dtype, device=runtime.device
    )
    return scores, tokens, tokens.float(), model.config.softcap

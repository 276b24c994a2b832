"""What a depth implies for its pretraining: how much, in which batches, at which rates."""

import math
from dataclasses import dataclass

from nanochat.model import GPTConfig, counts
from nanochat.runtime import UserError

# Learning rates and weight decay are tuned at this depth and this batch, and carried from there.
REFERENCE_DEPTH = 12
REFERENCE_BATCH = 2**19
REFERENCE_DECAY = 0.28


@dataclass(frozen=True)
class Dial:
    """The size of a pretraining run, and what to multiply and decay by."""

    tokens: int
    batch_tokens: int
    steps: int
    lr_scale: float
    weight_decay: float


def turn(
    config: GPTConfig,
    tokens_per_parameter: float = 12,
    tokens: int | None = None,
    batch_tokens: int | None = None,
) -> Dial:
    """The run that suits a model; `tokens` and `batch_tokens` take the place of what it implies.

    Raises UserError where the tokens do not fill one batch."""
    reference = GPTConfig.from_depth(REFERENCE_DEPTH, config.vocab_size, config.sequence_len)
    reference_tokens = tokens_per_parameter * scaling_parameters(reference)
    tokens = tokens or max(1, int(tokens_per_parameter * scaling_parameters(config)))
    batch_tokens = batch_tokens or best_batch(tokens / reference_tokens)
    if tokens < batch_tokens:
        raise UserError(
            f"tokens={tokens} do not fill one batch of batch_tokens={batch_tokens}. "
            "Train on more tokens, or in smaller batches."
        )
    lr_scale = math.sqrt(batch_tokens / REFERENCE_BATCH)
    decay = REFERENCE_DECAY * lr_scale * reference_tokens / tokens
    return Dial(tokens, batch_tokens, tokens // batch_tokens, lr_scale, decay)


def scaling_parameters(config: GPTConfig) -> int:
    """The parameters that scaling laws count: matrices of the blocks, and the head (2001.08361)."""
    kinds = counts.parameters(config)
    return kinds["matrices"] + kinds["head"]


def best_batch(tokens_ratio: float) -> int:
    """The power of two nearest to the best batch, which grows as tokens^0.383 (2505.13738)."""
    return 2 ** round(math.log2(REFERENCE_BATCH * tokens_ratio**0.383))

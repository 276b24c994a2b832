"""What a training run takes, on paper: memory, hours, dollars, disk."""

import dataclasses
import math
from dataclasses import dataclass

from nanochat.model import GPTConfig, counts
from nanochat.model.loss import CHUNK_TOKENS
from nanochat.pipeline.cards import GIB, Card
from nanochat.runtime import UserError
from nanochat.train import dial
from nanochat.train.dial import Dial
from nanochat.train.fit import SHARE as USABLE
from nanochat.train.pretrain import PretrainConfig, model_shape

FLOAT32, BFLOAT16 = 4, 2

# Bytes that the backward pass needs of the forward, for each token and unit of width: counted with
# `torch.autograd.graph.saved_tensors_hooks` on compiled blocks, in bfloat16.
SAVED_PER_LAYER, SAVED_ONCE = 30, 16
# And what that pass makes within one layer: the gradients of two values of the MLP, each four times
# as wide as the model, and of two of the residual stream.
WORKED_ON = 20

# Of the data sets of web text on the hub, and of packing their documents into rows of 2048.
CHARACTERS_PER_TOKEN = 4.8
CHARACTERS_PER_SHARD = 250e6
BYTES_PER_SHARD = 100e6
DISCARDED = 0.346
CORE_BUNDLE_BYTES = 162e6

CHECKPOINTS_AT_ONCE = 3  # two are kept while the next is written


@dataclass(frozen=True)
class Plan:
    """A model, the size of its run, and the GPUs that are to train it.

    `rows` is how many sequences each GPU reads at once; `share_of_peak` is believed, not known."""

    model: GPTConfig
    size: Dial
    card: Card
    gpus: int
    rows: int
    share_of_peak: float = 0.5

    @property
    def memory(self) -> dict[str, int]:
        """Bytes on each GPU, by what holds them."""
        return memory(self.model, self.rows, self.gpus)

    @property
    def flops(self) -> float:
        """FLOPs of the whole run."""
        return float(self.size.tokens * counts.flops_per_token(self.model))

    @property
    def hours(self) -> float:
        """How long all GPUs together compute."""
        return self.flops / (self.gpus * self.card.peak_flops * self.share_of_peak) / 3600

    def dollars(self, hourly: float) -> float:
        """What that costs, where a GPU costs `hourly` dollars an hour."""
        return self.hours * self.gpus * hourly

    @property
    def download_bytes(self) -> float:
        """What has to be fetched: text, and the bundle of evaluations."""
        return shards(self.size.tokens) * BYTES_PER_SHARD + CORE_BUNDLE_BYTES

    @property
    def disk_bytes(self) -> float:
        """The room for what is fetched, and for checkpoints."""
        return self.download_bytes + CHECKPOINTS_AT_ONCE * checkpoint_bytes(self.model)


def memory(config: GPTConfig, rows: int, ranks: int) -> dict[str, int]:
    """Bytes on one of `ranks` GPUs that reads `rows` sequences at once, by what holds them."""
    kinds = counts.parameters(config)
    total, head = sum(kinds.values()), kinds["head"]
    tokens = rows * config.sequence_len
    saved = config.n_embd * (config.n_layer * SAVED_PER_LAYER + SAVED_ONCE + WORKED_ON)
    return {
        "weights": FLOAT32 * total,
        "gradients": FLOAT32 * total,
        "optimizer state": optimizer_bytes(config) // ranks,
        "weights in bfloat16": BFLOAT16 * (kinds["matrices"] + head),
        "activations": tokens * saved,
        "logits of a chunk": logits_bytes(config, min(tokens, CHUNK_TOKENS)),
        "buffers of the step": step_buffers(config, ranks),
    }


def needed(held: dict[str, int]) -> int:
    """The most bytes in use at once: those of backward are given back before the step."""
    standing = held["weights"] + held["gradients"] + held["optimizer state"]
    backward = sum(
        held[name] for name in ("weights in bfloat16", "activations", "logits of a chunk")
    )
    return standing + max(backward, held["buffers of the step"])


def logits_bytes(config: GPTConfig, tokens: int) -> int:
    """Bytes of a chunk's logits and their gradient, each in both dtypes, and the head's gradient,
    held twice."""
    logits = 2 * (FLOAT32 + BFLOAT16) * tokens * config.vocab_size
    return logits + 2 * FLOAT32 * counts.parameters(config)["head"]


def optimizer_bytes(config: GPTConfig) -> int:
    """Bytes of all ranks' state: one momentum for Muon's matrices, two moments for AdamW's."""
    kinds = counts.parameters(config)
    return FLOAT32 * (2 * sum(kinds.values()) - kinds["matrices"])


def step_buffers(config: GPTConfig, ranks: int) -> int:
    """Bytes that the optimizer needs beside its state: stacked gradients and weights, updates.

    A single rank takes one shape at a time, of which the MLP's are the largest."""
    matrices = counts.parameters(config)["matrices"]
    if ranks == 1:
        matrices = 4 * config.n_embd**2 * config.n_layer
    return FLOAT32 * (2 * matrices + 4 * matrices // ranks)


def checkpoint_bytes(config: GPTConfig) -> int:
    """The size of one saved step: weights, and the optimizer's state of all ranks."""
    return FLOAT32 * sum(counts.parameters(config).values()) + optimizer_bytes(config)


def shards(tokens: int) -> int:
    """How many files of web text hold so many tokens after packing, and one for validation."""
    characters = tokens * CHARACTERS_PER_TOKEN / (1 - DISCARDED)
    return math.ceil(characters / CHARACTERS_PER_SHARD) + 1


def room(card: Card) -> float:
    """The bytes of a card's memory that a run may take."""
    return USABLE * card.memory_gib * GIB


def fits(plan: Plan) -> bool:
    """Whether each GPU holds its part."""
    return needed(plan.memory) <= room(plan.card)


def make(
    config: PretrainConfig,
    vocab_size: int,
    card: Card,
    gpus: int,
    share_of_peak: float = 0.5,
    flag: str = "--",
) -> Plan:
    """The plan of a pretraining run; with device_batch_size "auto" at the most rows that fit.

    Raises UserError for what cannot fit, naming the nearest that does; `flag` is what stands before
    a setting's name on the command line."""
    if gpus < 1:
        raise UserError(f"gpus={gpus}: expected 1 or more.")
    if not 0 < share_of_peak <= 1:
        raise UserError(f"share_of_peak={share_of_peak}: expected more than 0, at most 1.")
    wanted = with_rows(config, vocab_size, card, gpus, share_of_peak)
    fitting = shrunk(wanted)
    if not fits(fitting):
        raise UserError(f"{shortage(fitting)} {smaller_or_more(config, fitting, flag)}")
    if config.device_batch_size != "auto" and fitting.rows < wanted.rows:
        raise UserError(
            f"{shortage(wanted)} The nearest that fits is {flag}micro-rows {fitting.rows}."
        )
    return fitting


def with_rows(
    config: PretrainConfig, vocab_size: int, card: Card, gpus: int, share_of_peak: float
) -> Plan:
    """The plan as asked for, whether it fits or not."""
    model = model_shape(config, vocab_size)
    size = dial.turn(model, config.tokens_per_parameter, config.tokens, config.batch_tokens)
    rows = max(1, size.batch_tokens // (model.sequence_len * gpus))
    if config.device_batch_size != "auto":
        rows = min(rows, config.micro_rows)
    return Plan(model, size, card, gpus, rows, share_of_peak)


def shrunk(plan: Plan) -> Plan:
    """The plan with its device batch halved until it fits, or is one row."""
    while not fits(plan) and plan.rows > 1:
        plan = dataclasses.replace(plan, rows=math.ceil(plan.rows / 2))
    return plan


def shortage(plan: Plan) -> str:
    """By how much a plan exceeds the memory of its card."""
    return (
        f"Depth {plan.model.n_layer} with {plan.rows} rows on each GPU takes "
        f"{needed(plan.memory) / GIB:.1f} GiB there, and of the {plan.card.memory_gib:g} GiB of "
        f"{plan.card.name} a run can have {room(plan.card) / GIB:.1f}."
    )


def smaller_or_more(config: PretrainConfig, plan: Plan, flag: str) -> str:
    """What would fit in place of a plan that does not even with one row."""
    found = []
    for depth in range(config.depth - 1, 0, -1):
        other = dataclasses.replace(config, depth=depth)
        vocab = plan.model.vocab_size
        smaller = shrunk(with_rows(other, vocab, plan.card, plan.gpus, plan.share_of_peak))
        if fits(smaller):
            rows = "" if config.device_batch_size == "auto" else f" {flag}micro-rows {smaller.rows}"
            found.append(f"{flag}depth {depth}{rows}")
            break
    for gpus in (plan.gpus * 2**k for k in range(1, 7)):
        if fits(dataclasses.replace(plan, gpus=gpus)):
            found.append(f"{gpus} GPUs")
            break
    nearest = " or ".join(found) or "a GPU with more memory"
    return f"The nearest that fits is {nearest}."

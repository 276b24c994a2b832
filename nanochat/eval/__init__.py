"""How good a model is: bits per byte, tasks, and what a count of right answers is worth."""

from nanochat.eval.bits import BitsPerByte, bits_per_byte, floor_bits_per_byte
from nanochat.eval.choice import choice_by_likelihood, likeliest
from nanochat.eval.likelihood import token_nats
from nanochat.eval.statistics import pass_at_k, wilson_interval
from nanochat.eval.tasks import Answer, TaskScore, answer, run_tasks, score

__all__ = [
    "Answer",
    "BitsPerByte",
    "TaskScore",
    "answer",
    "bits_per_byte",
    "choice_by_likelihood",
    "floor_bits_per_byte",
    "likeliest",
    "pass_at_k",
    "run_tasks",
    "score",
    "token_nats",
    "wilson_interval",
]

"""How good a model is: bits per byte, tasks, and what a count of right answers is worth."""

from nanochat.eval.bits import BitsPerByte, bits_per_byte, floor_bits_per_byte
from nanochat.eval.chatcore import CHAT_TASKS, attempts, find_files, mean_pass_at_k, run_chatcore
from nanochat.eval.choice import choice_by_likelihood, likeliest
from nanochat.eval.core import run_core
from nanochat.eval.likelihood import token_nats
from nanochat.eval.scorecard import Scorecard
from nanochat.eval.statistics import pass_at_k, wilson_interval
from nanochat.eval.tasks import Answer, TaskScore, answer, run_tasks, score

__all__ = [
    "CHAT_TASKS",
    "Answer",
    "BitsPerByte",
    "Scorecard",
    "TaskScore",
    "answer",
    "attempts",
    "bits_per_byte",
    "choice_by_likelihood",
    "find_files",
    "floor_bits_per_byte",
    "likeliest",
    "mean_pass_at_k",
    "pass_at_k",
    "run_chatcore",
    "run_core",
    "run_tasks",
    "score",
    "token_nats",
    "wilson_interval",
]

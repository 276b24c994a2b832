"""Multiple choice without asking for words: which answer does the model find likeliest?"""

from collections.abc import Sequence
from typing import Literal

from jaxtyping import Float
from torch import Tensor

from nanochat.data import world
from nanochat.data.world import Question
from nanochat.eval import likelihood
from nanochat.model import GPT
from nanochat.tokenizer import Conversation, Message, Tokenizer, conversation

Reduce = Literal["mean", "sum"]
LETTERS = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"


def choice_by_likelihood(
    model: GPT,
    tokenizer: Tokenizer,
    questions: Sequence[Question],
    reduce: Reduce = "sum",
    by: Literal["text", "letter"] = "text",
) -> list[bool]:
    """Whether the right choice is the likeliest, for each question.

    By "text" a choice is written out and ended as a reply would be; by "letter" the question lists
    lettered choices, and one letter stands for each."""
    pose = text_options if by == "text" else letter_options
    posed = [pose(tokenizer, question) for question in questions]
    chosen = likeliest(model, posed, reduce)
    return [q.choices[i] == q.answer for q, i in zip(questions, chosen, strict=True)]


def likeliest(
    model: GPT, options: Sequence[tuple[list[int], list[list[int]]]], reduce: Reduce = "sum"
) -> list[int]:
    """For each prompt with its possible continuations, which one costs the fewest nats.

    "sum" compares whole continuations, "mean" the nats of a token."""
    sequences = [prompt + choice for prompt, choices in options for choice in choices]
    nats = iter(likelihood.token_nats(model, sequences))
    chosen = []
    for _, choices in options:
        costs = [cost(next(nats)[-len(choice) :], reduce) for choice in choices]
        chosen.append(costs.index(min(costs)))
    return chosen


def cost(nats: Float[Tensor, "T"], reduce: Reduce) -> float:
    """What a continuation costs, or one of its tokens."""
    return (nats.sum() if reduce == "sum" else nats.mean()).item()


def text_options(tokenizer: Tokenizer, question: Question) -> tuple[list[int], list[list[int]]]:
    """The prompt, and the whole reply that names each choice."""
    end = [tokenizer.special["<|assistant_end|>"]]
    choices = [tokenizer.encode(world.chosen(choice)) + end for choice in question.choices]
    return conversation.prompt(tokenizer, question.conversation), choices


def letter_options(tokenizer: Tokenizer, question: Question) -> tuple[list[int], list[list[int]]]:
    """The prompt with lettered choices added, and each letter.

    The letter comes behind its choice and without a space, as the reply will have it."""
    letters = LETTERS[: len(question.choices)]
    *before, last = question.conversation.messages
    rows = [
        f"- {choice}={letter}" for choice, letter in zip(question.choices, letters, strict=True)
    ]
    asked = "\n".join([last.visible, *rows, "Reply with the letter of the right answer."])
    posed = Conversation((*before, Message.text("user", asked)))
    return conversation.prompt(tokenizer, posed), [tokenizer.encode(letter) for letter in letters]

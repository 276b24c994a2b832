"""Letting the model answer questions many times over, and rewarding what it said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Protocol, runtime_checkable

from nanochat.data import world
from nanochat.engine import Engine, Reply, SamplingConfig
from nanochat.runtime import Ranks
from nanochat.tokenizer import Conversation, Tokenizer, conversation


@runtime_checkable
class Task(Protocol):
    """Questions without end, and what a reply to one is worth."""

    def question(self, index: int) -> Any:
        """A question; its `conversation` ends with the user's turn."""

    def reward(self, question: Any, reply: str) -> float:
        """What a reply is worth, as a person sees it."""


@dataclass(frozen=True)
class WorldTask:
    """A task of the tiny world: 1 for a reply that its verifier takes, else 0."""

    name: str = "word_problems"
    seed: int = 0
    split: str = "train"

    def question(self, index: int) -> world.Question:
        return world.question(self.name, self.seed, index, self.split)

    def reward(self, question: world.Question, reply: str) -> float:
        return float(world.verify(question, reply))


@dataclass(frozen=True)
class Sample:
    """A prompt with a reply: which tokens were sampled, and the log-probability of each."""

    ids: list[int]
    sampled: list[bool]
    log_probs: list[float]
    finished: bool
    reward: float

    @property
    def length(self) -> int:
        """How many tokens were sampled, the one that ends the reply among them."""
        return len(self.log_probs)


def roll_out(
    engine: Engine, task: Task, questions: Sequence[Any], sampling: SamplingConfig, samples: int
) -> list[list[Sample]]:
    """A group of samples for each question: each rank draws some of them, and all get all."""
    ranks, groups = engine.runtime.ranks, {}
    mine = share([question.conversation for question in questions], ranks)
    drawn = draw(engine, task, [questions[index] for index in mine], sampling, samples)
    rows = [[vars(sample) for sample in group] for group in drawn]
    for indices, several in ranks.all_values([mine, rows]):
        for index, group in zip(indices, several, strict=True):
            groups[index] = [Sample(**fields) for fields in group]
    return [groups[index] for index in range(len(questions))]


def share(conversations: list[Conversation], ranks: Ranks) -> list[int]:
    """The numbers of those that are this rank's.

    Equal ones fall to the same rank, for the engine answers the second otherwise than the first."""
    numbers = range(len(conversations))
    first = [conversations.index(each) for each in conversations]
    return [number for number in numbers if first[number] % ranks.world_size == ranks.rank]


def draw(
    engine: Engine, task: Task, questions: Sequence[Any], sampling: SamplingConfig, samples: int
) -> list[list[Sample]]:
    """A group of samples for each question, all drawn in one batch."""
    prompts = [conversation.prompt(engine.tokenizer, each.conversation) for each in questions]
    groups = [[] for _ in questions]
    for reply in engine.generate(prompts, sampling, samples):
        prompt, question = prompts[reply.prompt], questions[reply.prompt]
        worth = reward(engine.tokenizer, task, question, reply)
        groups[reply.prompt].append(sample_of(prompt, reply, worth))
    return groups


def reward(tokenizer: Tokenizer, task: Task, question: Any, reply: Reply) -> float:
    """What the task gives for a reply; 0 for one that was cut off, whatever it says."""
    if not reply.finished:
        return 0.0
    return task.reward(question, conversation.parse_reply(tokenizer, reply.ids).visible)


def sample_of(prompt: list[int], reply: Reply, worth: float) -> Sample:
    """The prompt and the reply as one sequence."""
    return Sample(
        ids=prompt + reply.ids,
        sampled=[False] * len(prompt) + reply.sampled,
        log_probs=[p for p, sampled in zip(reply.logprobs, reply.sampled, strict=True) if sampled],
        finished=reply.finished,
        reward=worth,
    )

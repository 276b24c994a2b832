"""Questions with one right answer, asked in one batch and marked by their verifiers."""

from collections.abc import Sequence
from dataclasses import dataclass

from nanochat.data import world
from nanochat.data.world import Question
from nanochat.engine import Engine, SamplingConfig
from nanochat.eval.statistics import wilson_interval
from nanochat.runtime import UserError
from nanochat.tokenizer import Message, conversation

GREEDY = SamplingConfig(max_tokens=256, temperature=0)


@dataclass(frozen=True)
class Answer:
    """What the model replied to a question; a reply cut short is never correct."""

    question: Question
    reply: Message
    finished: bool
    correct: bool


@dataclass(frozen=True)
class TaskScore:
    """How many of the questions were answered correctly."""

    correct: int
    total: int

    @property
    def accuracy(self) -> float:
        """The share of correct answers; 0 where nothing was asked."""
        return self.correct / max(1, self.total)

    @property
    def low(self) -> float:
        """The lower bound of the accuracy on endless questions, at 95 %."""
        return wilson_interval(self.correct, self.total)[0]

    @property
    def high(self) -> float:
        """The upper bound."""
        return wilson_interval(self.correct, self.total)[1]


def answer(
    engine: Engine, questions: Sequence[Question], config: SamplingConfig = GREEDY
) -> list[Answer]:
    """The model's replies to all questions, marked."""
    prompts = [conversation.prompt(engine.tokenizer, each.conversation) for each in questions]
    answers = []
    for question, reply in zip(questions, engine.generate(prompts, config), strict=True):
        message = conversation.parse_reply(engine.tokenizer, reply.ids)
        correct = reply.finished and world.verify(question, message.visible)
        answers.append(Answer(question, message, reply.finished, correct))
    return answers


def run_tasks(
    engine: Engine,
    tasks: Sequence[str],
    n: int,
    seed: int = 0,
    split: str = "test",
    config: SamplingConfig = GREEDY,
) -> dict[str, TaskScore]:
    """The score on the first `n` questions of each task; all ranks ask, each its share.

    Raises UserError for an unknown task."""
    for task in tasks:
        if task not in world.TASKS:
            raise UserError(f"Task {task!r} is unknown. There are {', '.join(world.TASKS)}.")
    ranks, scores = engine.runtime.ranks, {}
    for task in tasks:
        mine = range(ranks.rank, n, ranks.world_size)
        answers = answer(engine, [world.question(task, seed, i, split) for i in mine], config)
        correct = int(ranks.total(sum(each.correct for each in answers)))
        scores[task] = TaskScore(correct, n)
    return scores


def score(answers: Sequence[Answer]) -> dict[str, TaskScore]:
    """The score of each task among the answers."""
    marks: dict[str, list[bool]] = {}
    for each in answers:
        marks.setdefault(each.question.task, []).append(each.correct)
    return {task: TaskScore(sum(correct), len(correct)) for task, correct in marks.items()}

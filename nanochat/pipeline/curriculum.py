"""What a profile's model reads, is taught and is asked: the tiny world, or public data."""

import itertools
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import cached_property, partial
from pathlib import Path
from statistics import fmean
from typing import Protocol, runtime_checkable

from nanochat.data import (
    Mixture,
    OwnConversations,
    ParquetShards,
    Source,
    TextFiles,
    WorldChats,
    WorldReadings,
    catalogue,
    mixture,
    world,
)
from nanochat.data.hub import Hub
from nanochat.engine import Engine
from nanochat.eval import (
    Answer,
    Scorecard,
    TaskScore,
    answer,
    chatcore,
    choice_by_likelihood,
    core,
    floor_bits_per_byte,
    score,
)
from nanochat.model import GPT
from nanochat.pipeline.profiles import EvaluationConfig, Profile
from nanochat.runtime import Ranks, files
from nanochat.tokenizer import Conversation, Tokenizer
from nanochat.train.rollout import Task, WorldTask

Scores = dict[str, dict]

# How many conversations of the world are mixed with own ones an epoch, and how often those are.
WORLD_CHATS, OWN_TIMES = 20_000, 2


@runtime_checkable
class Curriculum(Protocol):
    """The texts, conversations and questions of all stages."""

    def text_inputs(self) -> dict:
        """What it adds to the inputs that decide a stage which reads texts."""

    def chat_inputs(self) -> dict:
        """What it adds to the inputs that decide a stage which reads conversations."""

    def texts(self, seed: int) -> Source:
        """The documents to pretrain on."""

    def held_out(self, config: EvaluationConfig) -> list[str]:
        """The documents that the loss is taken on."""

    def floor(self, config: EvaluationConfig) -> float | None:
        """The bits per byte that no model can beat on them, where that is known."""

    def chats(self, seed: int) -> Source:
        """The conversations to finetune on."""

    def task(self, seed: int, split: str) -> Task:
        """The questions that reinforcement learning asks."""

    def examine_base(self, model: GPT, words: Tokenizer, config: EvaluationConfig, ranks: Ranks):
        """The score on each task for a model that has only been pretrained; all ranks ask."""

    def examine(self, engine: Engine, config: EvaluationConfig) -> tuple[Scores, list[dict]]:
        """The score on each task for a model that chats, and what it replied; all ranks ask."""


@dataclass(frozen=True)
class World:
    """The tiny world, which is made and not fetched."""

    conversations: Path | None = None

    def text_inputs(self) -> dict:
        return {}

    def chat_inputs(self) -> dict:
        checksums = [subject.checksum for subject in own(self.conversations)]
        return {"conversations": checksums} if checksums else {}

    def texts(self, seed: int) -> Source:
        return WorldReadings(seed)

    def held_out(self, config: EvaluationConfig) -> list[str]:
        return [document.text for document in held_out_documents(config)]

    def floor(self, config: EvaluationConfig) -> float:
        return floor_bits_per_byte(held_out_documents(config))

    def chats(self, seed: int) -> Source:
        taught = tuple((subject, OWN_TIMES) for subject in own(self.conversations))
        if not taught:
            return WorldChats(seed)
        return Mixture(((WorldSubject(seed, WORLD_CHATS), 1), *taught), seed)

    def task(self, seed: int, split: str) -> Task:
        return WorldTask(seed=seed, split=split)

    def examine_base(self, model: GPT, words: Tokenizer, config: EvaluationConfig, ranks: Ranks):
        return {}

    def examine(self, engine: Engine, config: EvaluationConfig) -> tuple[Scores, list[dict]]:
        scores, rows = engine.runtime.ranks.once(lambda: self.ask(engine, config))
        return scores, rows

    def ask(self, engine: Engine, config: EvaluationConfig) -> tuple[Scores, list[dict]]:
        """The same by this rank alone."""
        tasks = itertools.product(world.TASKS, range(config.questions))
        answers = answer(engine, [world.question(task, config.seed, i) for task, i in tasks])
        scores = {task: as_figures(each) for task, each in score(answers).items()}
        quiz = [each.question for each in answers if each.question.choices]
        likeliest = choice_by_likelihood(engine.model, engine.tokenizer, quiz)
        scores["facts"]["by_likelihood"] = fmean(likeliest)
        return scores, [as_row(each) for each in answers]


@dataclass(frozen=True)
class WorldSubject:
    """The first conversations of the tiny world."""

    seed: int
    count: int

    def conversations(self) -> Sequence[Conversation]:
        chats = partial(world.chat, self.seed)
        return mixture.Made(range(self.count), lambda index: chats(index).conversation)


@dataclass(frozen=True)
class Asked:
    """A question, and what tells a right reply to it."""

    conversation: Conversation
    is_right: Callable[[str], bool]


@dataclass(frozen=True)
class WordProblems:
    """GSM8K: 1 for a reply that ends with the right number, else 0."""

    folder: Path = field(repr=False)
    split: str
    hub: Hub = field(default_factory=Hub, repr=False)

    @cached_property
    def problems(self) -> list[Asked]:
        paths = catalogue.fetch_task("gsm8k", self.split, self.folder, self.hub)
        problems = chatcore.read_problems("gsm8k", paths)
        return [Asked(problem.question, problem.is_right) for problem in problems]

    def question(self, index: int) -> Asked:
        return self.problems[index % len(self.problems)]

    def reward(self, question: Asked, reply: str) -> float:
        return float(question.is_right(reply))


@dataclass(frozen=True)
class Public:
    """Public data sets, fetched into a folder as they are needed."""

    name: str
    folder: Path
    conversations: Path | None = None
    hub: Hub = field(default_factory=Hub)

    def text_inputs(self) -> dict:
        return {"data": self.name}

    def chat_inputs(self) -> dict:
        return {"conversations": [subject.checksum for subject in own(self.conversations)]}

    def texts(self, seed: int) -> Source:
        return catalogue.pretraining(self.name, self.folder, hub=self.hub)

    def held_out(self, config: EvaluationConfig) -> list[str]:
        documents = catalogue.pretraining(self.name, self.folder, "val", hub=self.hub).read()
        return [text for text, _ in itertools.islice(documents, config.documents)]

    def floor(self, config: EvaluationConfig) -> None:
        return None

    def chats(self, seed: int) -> Source:
        return mixture.standard(self.folder, own(self.conversations), seed, self.hub)

    def task(self, seed: int, split: str) -> Task:
        # GSM8K has no validation split: the pass@k on the way is that of the test questions.
        return WordProblems(self.folder, "train" if split == "train" else "test", self.hub)

    def examine_base(self, model: GPT, words: Tokenizer, config: EvaluationConfig, ranks: Ranks):
        bundle = catalogue.fetch_core(self.folder, self.hub)
        return card_figures(core.run_core(model, words, bundle, config.questions, ranks))

    def examine(self, engine: Engine, config: EvaluationConfig) -> tuple[Scores, list[dict]]:
        fetched = catalogue.fetch_evaluations(self.folder, self.hub)
        tests = {name: fetched[name] for name in chatcore.CHAT_TASKS}
        ranks = engine.runtime.ranks
        card = chatcore.run_chatcore(engine, tests, config.questions, ranks=ranks)
        return card_figures(card), []


@dataclass(frozen=True, kw_only=True)
class OwnTexts:
    """Texts of a folder of parquet or text files, of which a hash keeps some for validation."""

    own_texts: Path

    def text_inputs(self) -> dict:
        return {"texts": {path.name: files.sha256(path) for path in self.texts(0).paths()}}

    def texts(self, seed: int) -> ParquetShards | TextFiles:
        return self.split("train")

    def held_out(self, config: EvaluationConfig) -> list[str]:
        once = itertools.takewhile(lambda item: item[1]["epoch"] == 0, self.split("val").read())
        return [text for text, _ in itertools.islice(once, config.documents)]

    def floor(self, config: EvaluationConfig) -> None:
        return None

    def split(self, name: str) -> ParquetShards | TextFiles:
        """The texts of one split. Raises UserError where the folder holds none."""
        kind = ParquetShards if any(self.own_texts.glob("*.parquet")) else TextFiles
        return kind(self.own_texts, name)


@dataclass(frozen=True)
class OwnTextsThenWorld(OwnTexts, World):
    """Own texts to pretrain on; the tiny world's conversations and questions."""


@dataclass(frozen=True)
class OwnTextsThenPublic(OwnTexts, Public):
    """Own texts to pretrain on; public conversations and questions."""


def of(profile: Profile, home: Path) -> Curriculum:
    """What a profile names: own texts, the tiny world, or data sets kept below `home`."""
    texts = {"own_texts": profile.texts} if profile.texts else {}
    if profile.data == "world":
        return (OwnTextsThenWorld if texts else World)(profile.conversations, **texts)
    public = OwnTextsThenPublic if texts else Public
    return public(profile.data, home / "data", profile.conversations, **texts)


def own(path: Path | None) -> tuple[OwnConversations, ...]:
    """Conversations of a file, where one is named. Raises UserError where it is not there."""
    return (OwnConversations(path),) if path else ()


def held_out_documents(config: EvaluationConfig) -> list[world.Document]:
    """The documents of the tiny world that the loss is taken on."""
    return [world.document(config.seed, i, "val") for i in range(config.documents)]


def as_figures(score: TaskScore) -> dict:
    """A score as plain JSON values."""
    return {
        "accuracy": score.accuracy,
        "low": score.low,
        "high": score.high,
        "questions": score.total,
    }


def card_figures(card: Scorecard) -> Scores:
    """The scores of all tasks, each also as a share of the way from guessing to perfection."""
    return {
        name: as_figures(score) | {"centred": card.centred[name]}
        for name, score in card.tasks.items()
    }


def as_row(given: Answer) -> dict:
    """An answer as plain JSON values."""
    return {
        "task": given.question.task,
        "question": given.question.conversation.messages[-1].visible,
        "expected": given.question.answer,
        "reply": given.reply.visible,
        "correct": given.correct,
    }

"""The stages, each a function from what came before to a folder and its figures."""

import itertools
import time
from collections.abc import Iterator
from pathlib import Path

from nanochat.data import Source, WorldChats, WorldDocuments, world
from nanochat.engine import Engine
from nanochat.eval import Answer, answer, bits_per_byte, floor_bits_per_byte, score
from nanochat.model import GPT
from nanochat.pipeline.profiles import EvaluationConfig, Profile
from nanochat.pipeline.store import Stage, Store, as_inputs, code_fingerprint
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint
from nanochat.train.loop import Progress
from nanochat.train.pretrain import pretrain
from nanochat.train.rl import rl
from nanochat.train.sft import sft

Made = dict[str, Stage]

TOKENIZER_FILE = "tokenizer.json"
TRANSCRIPT = "answers.json"

# Which rooms' code each stage runs: a change there makes the stage anew.
TOKENIZER_ROOMS = ("tokenizer", "data")
BASE_ROOMS = (*TOKENIZER_ROOMS, "model", "optim", "train")
CHAT_ROOMS = (*BASE_ROOMS, "engine", "eval")


def make_tokenizer(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Train the tokenizer on the world's first documents."""
    config = profile.tokenizer
    inputs = as_inputs(config) | {"code": code_fingerprint(TOKENIZER_ROOMS)}

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        texts = list(first_bytes(WorldDocuments(config.seed), config.text_bytes))
        tokenizer = Tokenizer.train(texts, config.vocab_size)
        tokenizer.save(folder / TOKENIZER_FILE)
        size = sum(len(text.encode()) for text in texts)
        tokens = sum(map(len, tokenizer.encode_batch(texts)))
        return {
            "seconds": time.perf_counter() - began,
            "vocab_size": tokenizer.vocab_size,
            "bytes_per_token": size / tokens,
        }

    return store.make("tokenizer", inputs, lambda folder: runtime.ranks.once(lambda: work(folder)))


def make_base(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Pretrain on the world's documents, and hold the loss against the world's floor."""
    config, held_out = profile.base, profile.evaluation
    inputs = inputs_of(config, held_out, runtime, made["tokenizer"], BASE_ROOMS)

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words = load_tokenizer(made)
        documents = held_out_documents(held_out)
        texts = [document.text for document in documents]

        def evaluate(model: GPT) -> dict[str, float]:
            return {"val_bpb": bits_per_byte(model, words, texts, runtime.ranks).strict}

        source = WorldDocuments(config.seed)
        model, progress = pretrain(config, runtime, words, source, folder, evaluate=evaluate)
        return training(began, progress) | {
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "val_bpb": progress.evaluation["val_bpb"],
            "floor_bpb": floor_bits_per_byte(documents),
        }

    return store.make("base", inputs, work)


def make_sft(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Finetune on the world's conversations, and ask it questions of every task."""
    inputs = inputs_of(profile.sft, profile.evaluation, runtime, made["base"], CHAT_ROOMS)

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words, source = load_tokenizer(made), WorldChats(profile.sft.seed)
        model, progress = sft(
            profile.sft, runtime, words, source, weights(made["base"].folder), folder
        )
        engine = Engine(model, words, runtime)
        tasks = runtime.ranks.once(lambda: examine(engine, profile.evaluation, folder))
        return training(began, progress) | {"tasks": tasks}

    return store.make("sft", inputs, work)


def make_rl(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Improve the finetuned model at word problems, and ask it the same questions again."""
    inputs = inputs_of(profile.rl, profile.evaluation, runtime, made["sft"], CHAT_ROOMS)

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words = load_tokenizer(made)
        start = weights(made["sft"].folder)
        model, progress = rl(profile.rl, runtime, words, start, folder)
        engine = Engine(model, words, runtime)
        tasks = runtime.ranks.once(lambda: examine(engine, profile.evaluation, folder))
        return training(began, progress) | {"tasks": tasks}

    return store.make("rl", inputs, work)


def inputs_of(
    config, evaluation: EvaluationConfig, runtime: Runtime, before: Stage, rooms: tuple[str, ...]
) -> dict:
    """All that decides what a stage makes."""
    return as_inputs(config) | {
        "evaluation": as_inputs(evaluation),
        "dtype": str(runtime.dtype),
        "device": runtime.device.type,
        "before": before.folder.name,
        "code": code_fingerprint(rooms),
    }


def first_bytes(source: Source, size: int) -> Iterator[str]:
    """The texts of a source until they hold `size` bytes."""
    taken = 0
    for text, _ in source.read():
        if taken >= size:
            return
        taken += len(text.encode())
        yield text


def held_out_documents(config: EvaluationConfig) -> list[world.Document]:
    """The documents that the loss is taken on."""
    return [world.document(config.seed, i, "val") for i in range(config.documents)]


def examine(engine: Engine, config: EvaluationConfig, folder: Path) -> dict[str, dict]:
    """Ask held-out questions of every task; keep every answer, and the score of each task."""
    tasks = itertools.product(world.TASKS, range(config.questions))
    questions = [world.question(task, config.seed, i) for task, i in tasks]
    answers = answer(engine, questions)
    files.write_json(folder / TRANSCRIPT, [as_row(each) for each in answers])
    return {
        task: {"accuracy": s.accuracy, "low": s.low, "high": s.high, "questions": s.total}
        for task, s in score(answers).items()
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


def training(began: float, progress: Progress) -> dict:
    """What every training stage reports."""
    return {
        "seconds": time.perf_counter() - began,
        "steps": progress.step,
        "tokens": progress.tokens,
        "tokens_per_second": progress.tokens / progress.seconds,
    }


def load_tokenizer(made: Made) -> Tokenizer:
    """The tokenizer that the first stage made."""
    return Tokenizer.load(made["tokenizer"].folder / TOKENIZER_FILE)


def weights(folder: Path) -> Path:
    """The last checkpoint of a stage. Raises UserError where there is none."""
    newest = checkpoint.latest(folder / "checkpoints")
    if newest is None:
        raise UserError(f"{folder} has no checkpoint any more. Delete it and run again.")
    return newest


STAGES = {"tokenizer": make_tokenizer, "base": make_base, "sft": make_sft, "rl": make_rl}

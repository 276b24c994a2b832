"""The stages, each a function from what came before to a folder and its figures."""

import itertools
import time
from collections.abc import Iterable, Iterator
from pathlib import Path

from nanochat.engine import Engine, SamplingConfig
from nanochat.eval import bits_per_byte
from nanochat.model import GPT
from nanochat.pipeline import curriculum
from nanochat.pipeline.curriculum import Curriculum
from nanochat.pipeline.profiles import EvaluationConfig, Profile
from nanochat.pipeline.store import Stage, Store, as_inputs, code_fingerprint, default_home
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

# How much text the tokenizer's figure, bytes a token, is taken on.
SAMPLE_BYTES = 4_000_000

# Which rooms' code each stage runs: a change there makes the stage anew.
TOKENIZER_ROOMS = ("tokenizer", "data")
BASE_ROOMS = (*TOKENIZER_ROOMS, "model", "optim", "train")
CHAT_ROOMS = (*BASE_ROOMS, "engine", "eval")


def make_tokenizer(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Train the tokenizer on the first documents."""
    config, lessons = profile.tokenizer, curriculum.of(profile, default_home())
    inputs = as_inputs(config) | {"code": code_fingerprint(TOKENIZER_ROOMS)}
    inputs |= lessons.text_inputs()

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        source = (text for text, _ in lessons.texts(config.seed).read())
        texts = first_bytes(source, config.text_bytes)
        # The sample alone stays in memory: all of the text may be gigabytes.
        sample = list(first_bytes(texts, SAMPLE_BYTES))
        tokenizer = Tokenizer.train(itertools.chain(sample, texts), config.vocab_size)
        tokenizer.save(folder / TOKENIZER_FILE)
        size = sum(len(text.encode()) for text in sample)
        tokens = sum(map(len, tokenizer.encode_batch(sample)))
        return {
            "seconds": time.perf_counter() - began,
            "vocab_size": tokenizer.vocab_size,
            "bytes_per_token": size / tokens,
        }

    return store.make("tokenizer", inputs, lambda folder: runtime.ranks.once(lambda: work(folder)))


def make_base(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Pretrain on documents, and take the loss on others: the tiny world's has a floor."""
    config, held_out = profile.base, profile.evaluation
    lessons = curriculum.of(profile, default_home())
    inputs = inputs_of(config, held_out, runtime, made["tokenizer"], BASE_ROOMS)
    inputs |= lessons.text_inputs()

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words = load_tokenizer(made)
        texts = lessons.held_out(held_out)

        def evaluate(model: GPT) -> dict[str, float]:
            return {"val_bpb": bits_per_byte(model, words, texts, runtime.ranks).strict}

        def sample(model: GPT) -> str:
            return a_document(Engine(model, words, runtime))

        source = lessons.texts(config.seed)
        model, progress = pretrain(config, runtime, words, source, folder, None, evaluate, sample)
        return training(began, progress) | {
            "parameters": sum(weight.numel() for weight in model.parameters()),
            "val_bpb": progress.evaluation["val_bpb"],
            "floor_bpb": lessons.floor(held_out),
            "tasks": lessons.examine_base(model, words, held_out, runtime.ranks),
        }

    return store.make("base", inputs, work)


def make_sft(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Finetune on conversations, and ask held-out questions of every task."""
    lessons = curriculum.of(profile, default_home())
    inputs = inputs_of(profile.sft, profile.evaluation, runtime, made["base"], CHAT_ROOMS)
    inputs |= lessons.chat_inputs()

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words, source = load_tokenizer(made), lessons.chats(profile.sft.seed)
        model, progress = sft(
            profile.sft, runtime, words, source, weights(made["base"].folder), folder
        )
        tasks = examine(Engine(model, words, runtime), lessons, profile.evaluation, folder)
        return training(began, progress) | {"tasks": tasks}

    return store.make("sft", inputs, work)


def make_rl(store: Store, profile: Profile, runtime: Runtime, made: Made) -> Stage:
    """Improve the finetuned model at word problems, and ask it the same questions again."""
    lessons = curriculum.of(profile, default_home())
    inputs = inputs_of(profile.rl, profile.evaluation, runtime, made["sft"], CHAT_ROOMS)

    def work(folder: Path) -> dict:
        began = time.perf_counter()
        words = load_tokenizer(made)
        start = weights(made["sft"].folder)
        task, held_out = (lessons.task(profile.rl.seed, split) for split in ("train", "val"))
        chats = lessons.chats(profile.rl.seed)
        model, progress = rl(profile.rl, runtime, words, start, folder, task, held_out, chats)
        tasks = examine(Engine(model, words, runtime), lessons, profile.evaluation, folder)
        return training(began, progress) | {"tasks": tasks}

    return store.make("rl", inputs, work)


def inputs_of(
    config, evaluation: EvaluationConfig, runtime: Runtime, before: Stage, rooms: tuple[str, ...]
) -> dict:
    """All that decides what a stage makes."""
    return as_inputs(config) | {
        "evaluation": as_inputs(evaluation),
        "dtype": runtime.precision,
        "device": runtime.device.type,
        "before": before.folder.name,
        "code": code_fingerprint(rooms),
    }


def first_bytes(texts: Iterable[str], size: int) -> Iterator[str]:
    """The first of the texts, until they hold `size` bytes."""
    taken = 0
    for text in texts:
        yield text
        taken += len(text.encode())
        # Here and not before: a text that is not given is left to whoever reads on.
        if taken >= size:
            return


def a_document(engine: Engine) -> str:
    """What a base model writes when it is given nothing but the start of a document."""
    words, config = engine.tokenizer, SamplingConfig(max_tokens=64, temperature=0.7)
    return words.decode(engine.generate([[words.bos_id]], config, tools=False)[0].ids)


def examine(engine: Engine, lessons: Curriculum, config: EvaluationConfig, folder: Path) -> dict:
    """Ask held-out questions of every task; keep every answer, and give the score of each task."""
    scores, rows = lessons.examine(engine, config)
    if engine.runtime.rank == 0:
        files.write_json(folder / TRANSCRIPT, rows)
    return scores


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

"""ChatCORE: six public tasks for a model that chats.

Multiple choice is answered by the likeliest letter, everything else by a reply."""

import os
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import numpy as np

from nanochat.data import lessons, rows, spelling_bee
from nanochat.engine import Engine, SamplingConfig
from nanochat.eval import humaneval, likelihood
from nanochat.eval.scorecard import Scorecard
from nanochat.eval.statistics import pass_at_k
from nanochat.eval.tasks import TaskScore
from nanochat.runtime import UserError
from nanochat.runtime.distributed import ALONE, Ranks
from nanochat.tokenizer import Conversation, Message, conversation

SHUFFLE_SEED = 42
SPELLING_PROBLEMS = 256
GREEDY = SamplingConfig(max_tokens=512, temperature=0)
SUFFIXES = (".parquet", ".jsonl", ".jsonl.gz", ".txt")


@dataclass(frozen=True)
class Problem:
    """A question, what tells a right reply, and the letters of which one is the whole reply."""

    question: Conversation
    is_right: Callable[[str], bool]
    letters: tuple[str, ...] = ()


@dataclass(frozen=True)
class ChatTask:
    """How files become problems; `baseline` is the accuracy of guessing."""

    read: Callable[[Sequence[Path]], list[Problem]]
    baseline: float = 0.0


def run_chatcore(
    engine: Engine,
    files: Mapping[str, Sequence[Path]],
    max_problems: int | None = None,
    config: SamplingConfig = GREEDY,
    ranks: Ranks = ALONE,
) -> Scorecard:
    """The score on each task by its files, whose problems the ranks share out.

    Raises UserError for a file that is missing or broken."""
    problems = {name: read_problems(name, paths, max_problems) for name, paths in files.items()}
    scores = {}
    for name, asked in problems.items():
        marks = attempts(engine, asked[ranks.rank :: ranks.world_size], 1, config)
        scores[name] = TaskScore(int(ranks.total(sum(map(any, marks)))), len(asked))
    return Scorecard(scores, {name: CHAT_TASKS[name].baseline for name in files})


def find_files(folder: Path | str, tasks: Sequence[str] | None = None) -> dict[str, list[Path]]:
    """The test sets in a folder: for each task a file or a folder of its name.

    All are parquet or JSONL but that of spelling, a list of words. Raises UserError for a task
    that is unknown or not there."""
    return {name: find_task(Path(folder), name) for name in tasks or CHAT_TASKS}


def find_task(folder: Path, name: str) -> list[Path]:
    """The files of one task. Raises UserError where there are none."""
    known_task(name)
    found = sorted(folder.glob(f"{name}/**/*")) + [folder / (name + each) for each in SUFFIXES]
    found = [path for path in found if path.is_file() and path.name.endswith(SUFFIXES)]
    if not found:
        raise UserError(
            f"{folder} has no {name}. Put the task's test set there, for example as {name}.jsonl."
        )
    return found


def read_problems(
    name: str, paths: Sequence[Path], max_problems: int | None = None
) -> list[Problem]:
    """The problems of a task in the reference's order. Raises UserError for a broken file."""
    try:
        problems = known_task(name).read(paths)
    except (KeyError, IndexError, TypeError) as error:
        raise UserError(
            f"{paths[0]} is not {name} as it was published ({type(error).__name__}: {error})."
        ) from error
    order = np.random.default_rng(SHUFFLE_SEED).permutation(len(problems))
    return [problems[int(i)] for i in order[:max_problems]]


def known_task(name: str) -> ChatTask:
    """The task of that name. Raises UserError where there is none."""
    if name not in CHAT_TASKS:
        raise UserError(f"Task {name!r} is unknown. There are {', '.join(CHAT_TASKS)}.")
    return CHAT_TASKS[name]


def attempts(
    engine: Engine, problems: Sequence[Problem], samples: int = 1, config: SamplingConfig = GREEDY
) -> list[list[bool]]:
    """For each problem, which of its sampled replies are right; of multiple choice there is one."""
    categorical = all(problem.letters for problem in problems)
    texts = choose(engine, problems) if categorical else reply(engine, problems, samples, config)
    with ThreadPoolExecutor(os.cpu_count()) as pool:
        marks = [
            [pool.submit(problem.is_right, text) for text in said]
            for problem, said in zip(problems, texts, strict=True)
        ]
    return [[mark.result() for mark in each] for each in marks]


def choose(engine: Engine, problems: Sequence[Problem]) -> list[list[str]]:
    """The letter that the model finds the likeliest beginning of a reply to each problem."""
    logits = likelihood.next_logits(engine.model, [prompt(engine, each) for each in problems])
    chosen = []
    for problem, scores in zip(problems, logits, strict=True):
        ids = [engine.tokenizer.encode(letter)[0] for letter in problem.letters]
        chosen.append([problem.letters[int(scores[ids].argmax())]])
    return chosen


def reply(
    engine: Engine, problems: Sequence[Problem], samples: int, config: SamplingConfig
) -> list[list[str]]:
    """What a person reads of the model's replies to each problem."""
    replies = engine.generate([prompt(engine, each) for each in problems], config, samples)
    texts = [conversation.parse_reply(engine.tokenizer, each.ids).visible for each in replies]
    return [texts[start : start + samples] for start in range(0, len(texts), samples)]


def prompt(engine: Engine, problem: Problem) -> list[int]:
    """The ids before the reply; of a text too long to read, the end that fills half a window."""
    ids = conversation.prompt(engine.tokenizer, problem.question)
    length = engine.model.config.sequence_len
    return ids if len(ids) <= length else ids[-(length // 2) :]


def mean_pass_at_k(marks: Sequence[Sequence[bool]], k: int) -> float:
    """pass@k over problems (2107.03374). Raises UserError where there are fewer samples than k."""
    return sum(pass_at_k(len(each), sum(each), k) for each in marks) / max(1, len(marks))


def choice(solved: Conversation, letters: Sequence[str]) -> Problem:
    """A problem of multiple choice, from a conversation that ends with the right letter."""
    right = solved.messages[-1].visible
    return Problem(solved, lambda reply: reply == right, tuple(letters))


def calculation(solved: Conversation) -> Problem:
    """A problem whose reply ends with `####` and a number."""
    number = lessons.final_number(solved.messages[-1].visible)
    return Problem(solved, lambda reply: lessons.final_number(reply) == number)


def arc(row: dict) -> Problem:
    """A row of ARC."""
    return choice(lessons.arc(row), row["choices"]["label"])


def mmlu(row: dict) -> Problem:
    """A row of MMLU."""
    return choice(lessons.mmlu(row), lessons.LETTERS[: len(row["choices"])])


def gsm8k(row: dict) -> Problem:
    """A row of GSM8K."""
    return calculation(lessons.gsm8k(row))


def human_eval(row: dict) -> Problem:
    """A row of HumanEval, whose reply is run."""
    question = Conversation((Message.text("user", row["prompt"]),))
    return Problem(question, partial(humaneval.passes, row))


def spelling(paths: Sequence[Path]) -> list[Problem]:
    """Letters to count in words of a list."""
    words = spelling_bee.read_words(paths[0])
    asked = (spelling_bee.count(words, i, "test") for i in range(SPELLING_PROBLEMS))
    return [calculation(each) for each in asked]


def each_row(make: Callable[[dict], Problem]) -> Callable[[Sequence[Path]], list[Problem]]:
    """A reader of files that makes each row a problem."""
    return lambda paths: [make(row) for row in rows.read_files(paths)]


CHAT_TASKS = {
    "arc_easy": ChatTask(each_row(arc), 0.25),
    "arc_challenge": ChatTask(each_row(arc), 0.25),
    "mmlu": ChatTask(each_row(mmlu), 0.25),
    "gsm8k": ChatTask(each_row(gsm8k)),
    "humaneval": ChatTask(each_row(human_eval)),
    "spelling": ChatTask(spelling),
}

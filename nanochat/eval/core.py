"""The CORE metric of DCLM (2406.11794): 22 tasks for a model that has only been pretrained.

Each task shows the model a few solved examples, then asks which continuation it finds likeliest,
or whether it would write the right one."""

import csv
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from itertools import takewhile
from pathlib import Path
from random import Random

import yaml

from nanochat.data import rows
from nanochat.eval import likelihood
from nanochat.eval.scorecard import Scorecard
from nanochat.eval.tasks import TaskScore
from nanochat.model import GPT
from nanochat.runtime import UserError
from nanochat.runtime.distributed import ALONE, Ranks
from nanochat.tokenizer import Tokenizer

ORDER_SEED, SHOTS_SEED = 1337, 1234
EXAMPLES_AT_ONCE = 64


@dataclass(frozen=True)
class CoreTask:
    """A task of the evaluation bundle; `baseline` is the accuracy of guessing."""

    label: str
    kind: str
    path: Path
    shots: int
    delimiter: str
    baseline: float


@dataclass(frozen=True)
class Posed:
    """What the model reads for one example, and where in each the tokens that count begin."""

    sequences: list[list[int]]
    starts: list[int]
    gold: int


def run_core(
    model: GPT,
    tokenizer: Tokenizer,
    folder: Path | str,
    max_examples: int | None = None,
    ranks: Ranks = ALONE,
) -> Scorecard:
    """The CORE score by a bundle in a folder: `core.yaml`, `eval_meta_data.csv`, `eval_data`.

    Ranks share the examples out. Raises UserError for a file that is missing or broken."""
    tasks = read_bundle(folder)
    scores = {task.label: score_task(model, tokenizer, task, max_examples, ranks) for task in tasks}
    return Scorecard(scores, {task.label: task.baseline for task in tasks})


def read_bundle(folder: Path | str) -> list[CoreTask]:
    """The tasks that the bundle lists. Raises UserError for a file that is missing or broken."""
    folder = Path(folder)
    try:
        listed = yaml.safe_load((folder / "core.yaml").read_text(encoding="utf-8"))["icl_tasks"]
        with (folder / "eval_meta_data.csv").open(encoding="utf-8", newline="") as file:
            percent = {line["Eval Task"]: line["Random baseline"] for line in csv.DictReader(file)}
        return [read_task(entry, folder / "eval_data", percent) for entry in listed]
    except (OSError, UnicodeDecodeError, yaml.YAMLError, KeyError, TypeError, ValueError) as error:
        reason = " ".join(f"{type(error).__name__}: {error}".split())
        raise UserError(
            f"{folder} is no evaluation bundle ({reason}). Name the folder in which core.yaml, "
            "eval_meta_data.csv and eval_data lie."
        ) from None


def read_task(entry: dict, data: Path, percent: dict[str, str]) -> CoreTask:
    """One entry of `core.yaml`. Raises KeyError or ValueError for what it lacks."""
    label, kind = entry["label"], entry["icl_task_type"]
    if kind not in KINDS:
        raise ValueError(f"{label} is of the unknown kind {kind}")
    shots, delimiter = entry["num_fewshot"][0], entry.get("continuation_delimiter", " ")
    baseline = float(percent[label]) / 100
    return CoreTask(label, kind, data / entry["dataset_uri"], shots, delimiter, baseline)


def score_task(
    model: GPT,
    tokenizer: Tokenizer,
    task: CoreTask,
    max_examples: int | None = None,
    ranks: Ranks = ALONE,
) -> TaskScore:
    """The score on a task, or on `max_examples` of it. Raises UserError as `run_core` does."""
    examples = read_examples(task, max_examples)
    numbers = range(ranks.rank, len(examples), ranks.world_size)
    correct = 0
    for start in range(0, len(numbers), EXAMPLES_AT_ONCE):
        some = numbers[start : start + EXAMPLES_AT_ONCE]
        posed = [pose(model, tokenizer, task, examples, number) for number in some]
        correct += sum(KINDS[task.kind].judge(model, posed))
    return TaskScore(int(ranks.total(correct)), len(examples))


def read_examples(task: CoreTask, max_examples: int | None) -> list[dict]:
    """The task's examples in the published order. Raises UserError where the shots outnumber it."""
    examples = list(rows.read(task.path))
    Random(ORDER_SEED).shuffle(examples)
    examples = examples[:max_examples]
    if len(examples) <= task.shots:
        raise UserError(
            f"{task.label} shows {task.shots} solved examples before each question, but "
            f"{len(examples)} were read. Ask for {task.shots + 1} examples or more."
        )
    return examples


def pose(
    model: GPT, tokenizer: Tokenizer, task: CoreTask, examples: Sequence[dict], number: int
) -> Posed:
    """An example behind its shots, as ids of which the model can read all."""
    places = Random(SHOTS_SEED + number).sample(range(len(examples) - 1), task.shots)
    # The example itself, which is not among the others, moves those behind it by one.
    shown = [solved(task, examples[place + (place >= number)]) for place in places]
    texts = KINDS[task.kind].options(examples[number], task.delimiter)
    prompts = ["\n\n".join([*shown, text]) for text in texts]
    sequences = [[tokenizer.bos_id, *ids] for ids in tokenizer.encode_batch(prompts)]
    starts = KINDS[task.kind].starts(sequences)
    return shortened(
        Posed(sequences, starts, examples[number].get("gold", 0)), model.config.sequence_len
    )


def solved(task: CoreTask, example: dict) -> str:
    """An example with its right answer, which stands last where it is the only one."""
    return KINDS[task.kind].options(example, task.delimiter)[example.get("gold", -1)]


def shortened(posed: Posed, length: int) -> Posed:
    """The end of each sequence; at least one token counts, and one comes before it."""
    starts = [
        min(max(1, start - max(0, len(ids) - length)), len(ids[-length:]) - 1)
        for ids, start in zip(posed.sequences, posed.starts, strict=True)
    ]
    return Posed([ids[-length:] for ids in posed.sequences], starts, posed.gold)


def choices(example: dict, delimiter: str) -> list[str]:
    """A question with each of its answers."""
    return [example["query"] + delimiter + choice for choice in example["choices"]]


def schemas(example: dict, delimiter: str) -> list[str]:
    """Each beginning with the one end that fits only one of them."""
    return [text + delimiter + example["continuation"] for text in example["context_options"]]


def continuations(example: dict, delimiter: str) -> list[str]:
    """A text without its end, and with it; a space before the end belongs to the end's token."""
    text = example["context"].strip() + delimiter
    return [text.rstrip(), text + example["continuation"]]


def after_shared_beginning(sequences: Sequence[list[int]]) -> list[int]:
    """For each sequence, where it begins to differ from the others."""
    return [shared(sequences)] * len(sequences)


def before_shared_end(sequences: Sequence[list[int]]) -> list[int]:
    """For each sequence, where the tokens begin that end all of them."""
    size = shared([ids[::-1] for ids in sequences])
    return [len(ids) - size for ids in sequences]


def shared(sequences: Sequence[list[int]]) -> int:
    """How many tokens all sequences begin with."""
    columns = zip(*sequences, strict=False)
    return sum(1 for _ in takewhile(lambda column: len(set(column)) == 1, columns))


def picks(model: GPT, posed: Sequence[Posed]) -> list[bool]:
    """Whether the right sequence of each example has the cheapest tokens that count."""
    nats = iter(likelihood.token_nats(model, [ids for each in posed for ids in each.sequences]))
    marks = []
    for each in posed:
        costs = [next(nats)[start - 1 :].mean().item() for start in each.starts]
        marks.append(costs.index(min(costs)) == each.gold)
    return marks


def writes(model: GPT, posed: Sequence[Posed]) -> list[bool]:
    """Whether each token that counts in the last sequence of each example is the likeliest."""
    hits = likelihood.token_hits(model, [each.sequences[-1] for each in posed])
    return [bool(row[each.starts[-1] - 1 :].all()) for row, each in zip(hits, posed, strict=True)]


@dataclass(frozen=True)
class Kind:
    """How a kind of task is put to the model, and how the model is judged by it."""

    options: Callable[[dict, str], list[str]]
    starts: Callable[[Sequence[list[int]]], list[int]]
    judge: Callable[[GPT, Sequence[Posed]], list[bool]]


KINDS = {
    "multiple_choice": Kind(choices, after_shared_beginning, picks),
    "schema": Kind(schemas, before_shared_end, picks),
    "language_modeling": Kind(continuations, after_shared_beginning, writes),
}

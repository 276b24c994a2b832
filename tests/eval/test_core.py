import json
from pathlib import Path

import pytest
import torch
from small_models import TOKENIZER, lively, transformers_twin

from nanochat.eval import Scorecard, TaskScore, likelihood, run_core
from nanochat.eval.core import (
    CoreTask,
    Posed,
    picks,
    pose,
    read_bundle,
    read_examples,
    score_task,
    shared,
    writes,
)
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import UserError
from nanochat.runtime.distributed import Ranks

BOS = [TOKENIZER.bos_id]
# What Random(1337) makes of 0, 1, 2, 3, 4.
ORDER = [1, 0, 3, 2, 4]
WORDS = ["red", "tan", "the sky", "blue", "x"]


QUIZ = [
    {"query": f"Question {i}: what?", "choices": WORDS[: 2 + i % 4], "gold": i % 2}
    for i in range(9)
]
ENDS = [
    {
        "context_options": [f"{word} {i}, it" for word in WORDS[i % 3 : i % 3 + 2]],
        "continuation": f"was {i}.",
        "gold": i % 2,
    }
    for i in range(7)
]
TEXTS = [{"context": f" Say {i} and ", "continuation": "t" * (1 + i % 2)} for i in range(7)]
ENTRIES = [
    ("quiz", "multiple_choice", 2, "\nAnswer: ", QUIZ, 25),
    ("ends", "schema", 0, " ", ENDS, 50),
    ("texts", "language_modeling", 1, " ", TEXTS, 0),
]


@pytest.fixture
def bundle(tmp_path):
    """A bundle in the published form, with a task of each kind."""
    rows, listed = ["Eval Task,Task Category,Random baseline"], ["icl_tasks:"]
    (tmp_path / "eval_data" / "some").mkdir(parents=True)
    for label, kind, shots, delimiter, examples, baseline in ENTRIES:
        rows.append(f"{label},any,{baseline}")
        listed += ["-", f"  label: {label}", f"  dataset_uri: some/{label}.jsonl"]
        listed += [f"  num_fewshot: [{shots}]", f"  icl_task_type: {kind}"]
        if delimiter != " ":
            listed += [f"  continuation_delimiter: {json.dumps(delimiter)}"]
        lines = "".join(json.dumps(example) + "\n" for example in examples)
        (tmp_path / "eval_data" / "some" / f"{label}.jsonl").write_text(lines)
    (tmp_path / "core.yaml").write_text("\n".join(listed))
    (tmp_path / "eval_meta_data.csv").write_text("\n".join(rows))
    return tmp_path


def test_a_bundle_is_read(bundle):
    quiz, ends, texts = read_bundle(bundle)
    path = bundle / "eval_data" / "some" / "quiz.jsonl"
    assert quiz == CoreTask("quiz", "multiple_choice", path, 2, "\nAnswer: ", 0.25)
    assert (ends.kind, ends.shots, ends.delimiter, ends.baseline) == ("schema", 0, " ", 0.5)
    assert (texts.kind, texts.shots) == ("language_modeling", 1)


def posed_texts(kind, examples, number, shots, delimiter=" ", length=10_000):
    model = GPT(GPTConfig(TOKENIZER.vocab_size, length, 1, n_head=2, n_kv_head=2, n_embd=32))
    task = CoreTask("task", kind, Path(), shots, delimiter, 0)
    posed = pose(model, TOKENIZER, task, examples, number)
    for ids, start in zip(posed.sequences, posed.starts, strict=True):
        assert ids[0] == BOS[0] or len(ids) == length
        yield TOKENIZER.decode(ids[1:start]), TOKENIZER.decode(ids[start:])


def test_multiple_choice_as_the_model_reads_it():
    examples = [{"query": f"Q{i}", "choices": ["yes", "yet", "no"], "gold": 2} for i in range(5)]
    # Random(1234 + 1) draws 4 and 3 out of 0, 2, 3, 4.
    shots = "Q4:no\n\nQ3:no\n\nQ1:"
    texts = list(posed_texts("multiple_choice", examples, 1, 2, ":"))
    assert [a + b for a, b in texts] == [shots + each for each in ("yes", "yet", "no")]
    assert [b for _, b in texts] == ["yes", "yet", "no"]


def test_choices_count_from_where_they_differ():
    examples = [{"query": "Q", "choices": ["a red x", "a tan x", "a"], "gold": 0}]
    assert [b for _, b in posed_texts("multiple_choice", examples[:1], 0, 0)] == [
        " red x",
        " tan x",
        "a",
    ]
    two = [{"query": "Q", "choices": ["a red x", "a tan x"], "gold": 0}]
    assert [b for _, b in posed_texts("multiple_choice", two, 0, 0)] == ["red x", "tan x"]


def test_schemas_count_from_where_they_agree():
    examples = [
        {"context_options": ["Ann saw Bob", "Bob saw Ann"], "continuation": "run.", "gold": 1}
    ]
    assert list(posed_texts("schema", examples, 0, 0)) == [
        ("Ann saw Bob", " run."),
        ("Bob saw Ann", " run."),
    ]
    shown = list(posed_texts("schema", [*examples, *examples], 0, 1))
    assert shown[0] == ("Bob saw Ann run.\n\nAnn saw Bob", " run.")


def test_a_text_is_trimmed_and_its_end_begins_with_the_space():
    examples = [{"context": "  one two \n", "continuation": "three"}] * 2
    [_, (before, end)] = posed_texts("language_modeling", examples, 0, 0)
    assert (before, end) == ("one two", " three")
    [_, (before, end)] = posed_texts("language_modeling", examples, 0, 1)
    assert (before, end) == ("one two three\n\none two", " three")


def test_a_long_prompt_loses_its_beginning():
    examples = [{"query": "long " * 100 + "Q", "choices": ["red", "blue"], "gold": 1}]
    texts = list(posed_texts("multiple_choice", examples, 0, 0, length=20))
    assert [b for _, b in texts] == ["red", "blue"]
    endless = [{"query": "Q", "choices": ["r" * 50, "b" * 50], "gold": 1}]
    for before, end in posed_texts("multiple_choice", endless, 0, 0, length=20):
        assert len(end) == 19 and before == ""


def test_examples_come_in_the_published_order(tmp_path):
    path = tmp_path / "task.jsonl"
    path.write_text("".join(f'{{"n": {n}}}\n' for n in range(5)))
    task = CoreTask("task", "schema", path, 2, " ", 0)
    assert [each["n"] for each in read_examples(task, None)] == ORDER
    assert [each["n"] for each in read_examples(task, 3)] == ORDER[:3]
    with pytest.raises(UserError, match="task shows 2 solved examples .* 2 were read"):
        read_examples(task, 2)


@torch.no_grad()
def scores_by_hand(model: GPT, ids: list[int], start: int) -> tuple[float, bool]:
    """The mean nats of the tokens from `start`, and whether each is the likeliest, one by one."""
    nats, hits = [], []
    for i in range(start, len(ids)):
        logits = model.logits(model(torch.tensor([ids[:i]])))[0, -1]
        nats.append(-logits.log_softmax(-1)[ids[i]].item())
        hits.append(int(logits.argmax()) == ids[i])
    return sum(nats) / len(nats), all(hits)


def expected_marks(model, bundle, label):
    task = next(task for task in read_bundle(bundle) if task.label == label)
    examples = read_examples(task, None)
    for number in range(len(examples)):
        posed = pose(model, TOKENIZER, task, examples, number)
        scored = [
            scores_by_hand(model, ids, start)
            for ids, start in zip(posed.sequences, posed.starts, strict=True)
        ]
        costs = [nats for nats, _ in scored]
        right = costs.index(min(costs)) == posed.gold
        yield scored[-1][1] if label == "texts" else right


@pytest.mark.parametrize("tokens", [1, 300, 8192])
def test_core_is_what_one_example_at_a_time_gives(bundle, monkeypatch, tokens):
    monkeypatch.setattr(likelihood, "BATCH_TOKENS", tokens)
    model = lively()
    card = run_core(model, TOKENIZER, bundle)
    for label in card.tasks:
        marks = list(expected_marks(model, bundle, label))
        assert card.tasks[label] == TaskScore(sum(marks), len(marks))
    assert 0 < card.tasks["quiz"].correct < 9
    assert card.baselines == {"quiz": 0.25, "ends": 0.5, "texts": 0}


def test_several_examples_go_into_one_forward(bundle):
    model, sizes = lively(), []
    model.register_forward_pre_hook(lambda _, inputs: sizes.append(inputs[0].size(0)))
    quiz = read_bundle(bundle)[0]
    score_task(model, TOKENIZER, quiz)
    sequences = sum(len(each["choices"]) for each in QUIZ)
    assert sum(sizes) == sequences and len(sizes) <= 2


def test_ranks_share_the_examples_out(bundle):
    model, [quiz, *_] = lively(), read_bundle(bundle)
    alone = score_task(model, TOKENIZER, quiz)
    parts = [score_task(model, TOKENIZER, quiz, ranks=Mute(rank, 2)) for rank in range(2)]
    assert sum(part.correct for part in parts) == alone.correct
    assert [part.total for part in parts] == [alone.total] * 2


class Mute(Ranks):
    """A rank that adds nothing to its own figures."""

    def total(self, number):
        return number


def test_the_right_ones_are_found():
    """A model that knows nothing but likes some tokens more, whatever came before."""
    model = GPT(GPTConfig(8, 16, n_layer=1, n_head=2, n_kv_head=2, n_embd=32))
    with torch.no_grad():
        model.embedding.weight.fill_(1.0)
        model.head.weight.copy_(torch.arange(8.0)[:, None].expand(8, 32) / 8)
    cheap = Posed([[0, 5], [0, 6], [0, 4]], [1, 1, 1], gold=1)
    assert picks(model, [cheap]) == [True]
    # By the token: two of the cheapest cost more than one, but not each.
    assert picks(model, [Posed([[0, 6], [0, 7, 7]], [1, 1], gold=1)]) == [True]
    assert writes(model, [Posed([[0], [0, 1, 7, 7]], [1, 2], 0)]) == [True]
    assert writes(model, [Posed([[0], [0, 7, 6, 7]], [1, 1], 0)]) == [False]
    assert writes(model, [Posed([[0], [0, 7, 6, 7]], [1, 3], 0)]) == [True]


def test_shared_tokens():
    assert shared([[1, 2, 3], [1, 2], [1, 2, 4]]) == 2
    assert shared([[1], [2]]) == 0


def test_scores_are_centred():
    card = Scorecard(
        {"a": TaskScore(5, 8), "b": TaskScore(1, 4), "c": TaskScore(0, 2)},
        {"a": 0.25, "b": 0.5, "c": 0.0},
    )
    assert card.centred == pytest.approx({"a": 0.5, "b": -0.5, "c": 0})
    assert card.mean == pytest.approx(0)
    assert json.loads(json.dumps(card.to_dict()))["tasks"]["a"]["accuracy"] == 0.625


def test_the_ranking_is_that_of_transformers(bundle):
    """Same weights, their logits, and the scores reckoned from them with torch alone."""
    config = GPTConfig.classic(2, TOKENIZER.vocab_size, sequence_len=256, n_head=2, n_embd=64)
    model = lively(config)
    twin = transformers_twin(model)
    for task in read_bundle(bundle):
        marks = []
        examples = read_examples(task, None)
        for number in range(len(examples)):
            posed = pose(model, TOKENIZER, task, examples, number)
            scored = [
                theirs(twin, ids, start)
                for ids, start in zip(posed.sequences, posed.starts, strict=True)
            ]
            costs = torch.tensor([cost for cost, _ in scored])
            cheapest = int(costs.argmin()) == posed.gold
            marks.append(scored[-1][1] if task.kind == "language_modeling" else cheapest)
        assert score_task(model, TOKENIZER, task) == TaskScore(sum(marks), len(marks))


@torch.no_grad()
def theirs(twin, ids: list[int], start: int) -> tuple[float, bool]:
    logits = twin(torch.tensor([ids])).logits[0, start - 1 : -1]
    targets = torch.tensor(ids[start:])
    cost = torch.nn.functional.cross_entropy(logits, targets)
    return cost.item(), bool((logits.argmax(-1) == targets).all())


@pytest.mark.parametrize(
    ("file", "text"),
    [
        ("core.yaml", None),
        ("core.yaml", "icl_tasks: [}"),
        ("core.yaml", "tasks: []"),
        ("core.yaml", "icl_tasks:\n- label: quiz\n  icl_task_type: essay"),
        ("eval_meta_data.csv", None),
        ("eval_meta_data.csv", "Eval Task,Random baseline\nends,50"),
        ("eval_meta_data.csv", "Eval Task,Random baseline\nquiz,half"),
    ],
)
def test_a_broken_bundle(bundle, file, text):
    (bundle / file).unlink() if text is None else (bundle / file).write_text(text)
    with pytest.raises(UserError, match="no evaluation bundle .*eval_meta_data.csv"):
        read_bundle(bundle)


def test_a_task_without_its_file(bundle):
    (bundle / "eval_data" / "some" / "ends.jsonl").unlink()
    with pytest.raises(UserError, match="ends.jsonl is not there"):
        run_core(lively(), TOKENIZER, bundle)

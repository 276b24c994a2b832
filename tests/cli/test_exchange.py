"""From a folder of transformers to a run that can be talked to, evaluated, and written again."""

import dataclasses
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch

from nanochat.cli import main
from nanochat.data import world
from nanochat.engine import Engine
from nanochat.eval import Answer, Scorecard, TaskScore, tasks
from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface, run
from nanochat.runtime import UserError, detect
from nanochat.tokenizer import Tokenizer

ROOT = Path(__file__).parents[2]
RUNTIME = detect("cpu", "float32", "off")
# `nanochat.cli.evaluate` is the command.
evaluation = sys.modules["nanochat.cli.evaluate"]


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = Tokenizer.train([world.document(0, i).text for i in range(40)], 400)
    model = GPT(GPTConfig.classic(1, 400, sequence_len=512, head_dim=16, aspect_ratio=32))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))
    folder = tmp_path_factory.mktemp("hf") / "from-elsewhere"
    huggingface.export_model(model, tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def taken_in(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "taken-in"
    main(["import", str(folder), "--out", str(out)])
    return out


def test_an_imported_model_talks(taken_in, capsys):
    main(["chat", "--out", str(taken_in), "--prompt", "Who are you?", "--max-tokens", "5"])
    assert capsys.readouterr().out.endswith("\n")


def test_an_imported_model_goes_out_again_as_it_was(folder, taken_in, tmp_path):
    main(["export", "--to", "hf", str(tmp_path / "again"), "--out", str(taken_in)])
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_nothing_made_is_overwritten(folder, taken_in, capsys):
    with pytest.raises(SystemExit):
        main(["import", str(folder), "--out", str(taken_in)])
    assert "exists already" in capsys.readouterr().err


def test_an_imported_model_is_evaluated(taken_in, capsys):
    main(["evaluate", "world", "--out", str(taken_in), "--questions", "1"])
    shown = capsys.readouterr().out
    kept = json.loads((taken_in / "world.json").read_text())
    assert list(kept["tasks"]) == list(world.TASKS)
    assert all(task in shown for task in world.TASKS)


def test_core_is_asked_from_a_folder(taken_in, tmp_path, capsys):
    entry = (
        "{label: small, icl_task_type: language_modeling, dataset_uri: a.jsonl, num_fewshot: [0]}"
    )
    (tmp_path / "core.yaml").write_text(f"icl_tasks:\n- {entry}\n")
    (tmp_path / "eval_meta_data.csv").write_text("Eval Task,Random baseline\nsmall,0\n")
    (tmp_path / "eval_data").mkdir()
    example = {"context": "The cat", "continuation": "sat"}
    (tmp_path / "eval_data" / "a.jsonl").write_text(json.dumps(example) + "\n")
    main(["evaluate", "core", "--out", str(taken_in), "--data", str(tmp_path)])
    assert "small" in capsys.readouterr().out
    assert json.loads((taken_in / "core.json").read_text())["tasks"]["small"]["total"] == 1


SUM = {"question": "2+3?", "answer": "It is <<2+3=5>>5\n#### 5"}
ARC = {"question": "Which?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "B"}
PROGRAM = {"prompt": "def one():\n", "test": "def check(one):\n    pass\n", "entry_point": "one"}
CHAT_TESTS = {
    "arc_easy": [ARC] * 2,
    "arc_challenge": [ARC] * 2,
    "mmlu": [{"question": "Why?", "choices": ["p", "q", "r", "s"], "answer": 2}],
    "gsm8k": [SUM, SUM | {"question": "3+2?"}],
    "humaneval": [PROGRAM],
}


@pytest.fixture
def chat_tests(tmp_path):
    for name, rows in CHAT_TESTS.items():
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        (tmp_path / f"{name}.jsonl").write_text(lines)
    (tmp_path / "spelling.txt").write_text("parrot\nbanana\nspoon\n")
    return tmp_path


def test_chatcore_gives_pass_at_k_of_what_is_answered_by_a_reply(
    taken_in, chat_tests, capsys, monkeypatch
):
    def attempted(engine, problems, samples, config):
        assert (samples, config.temperature) == (4, 1.0)
        return [[True, False, False, False]] * len(problems)

    monkeypatch.setattr(evaluation, "attempts", attempted)
    monkeypatch.setattr(evaluation, "SUITES", {"chatcore": lambda *_: Scorecard({}, {})})
    arguments = ["--out", str(taken_in), "--data", str(chat_tests), "--samples", "4"]
    main(["evaluate", "chatcore", "--questions", "1", *arguments])
    kept = json.loads((taken_in / "chatcore.json").read_text())["pass"]
    assert kept == dict.fromkeys(("gsm8k", "humaneval", "spelling"), [0.25, 0.5, 0.75, 1.0])
    assert "pass@4" in capsys.readouterr().out


def test_each_rank_asks_its_share_of_the_world(taken_in, monkeypatch):
    def all_right(engine, questions, config):
        asked.extend(questions)
        return [Answer(each, each.conversation.messages[-1], True, True) for each in questions]

    asked, runtime = [], dataclasses.replace(RUNTIME, rank=1, world_size=2)
    monkeypatch.setattr(tasks, "answer", all_right)
    monkeypatch.setattr(type(runtime.ranks), "total", lambda ranks, number: number + 3)
    engine = Engine(*run.chat_model(taken_in, RUNTIME), runtime)
    scores = evaluation.ask_world(engine, None, 5).tasks
    assert asked == [world.question(task, 1, i, "test") for task in world.TASKS for i in (1, 3)]
    assert set(scores.values()) == {TaskScore(5, 5)}


def test_ranks_evaluate_together_and_one_of_them_writes(taken_in, chat_tests):
    command = ["-m", "torch.distributed.run", "--standalone", "--nproc-per-node=2"]
    asked = ["-m", "nanochat", "evaluate", "chatcore", "--questions", "2", "--samples", "2"]
    folders = ["--out", str(taken_in), "--data", str(chat_tests)]
    environment = os.environ | {"PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1"}
    process = subprocess.run(
        [sys.executable, *command, *asked, *folders],
        env=environment,
        capture_output=True,
        text=True,
    )
    assert process.returncode == 0, process.stderr
    kept = json.loads((taken_in / "chatcore.json").read_text())
    assert {name: task["total"] for name, task in kept["tasks"].items()} == {
        "arc_easy": 2,
        "arc_challenge": 2,
        "mmlu": 1,
        "gsm8k": 2,
        "humaneval": 1,
        "spelling": 2,
    }
    assert process.stdout.count("chatcore") == process.stdout.count("pass@2") == 1


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (["core", "--questions", "0"], "questions=0: expected 1 or more, or None"),
        (["core", "--samples", "2"], "samples=2: expected 1, or for chatcore"),
        (["chatcore", "--samples", "0"], "samples=0: expected 1"),
    ],
)
def test_numbers_with_which_nothing_is_asked_are_refused(arguments, said, capsys):
    with pytest.raises(SystemExit):
        main(["evaluate", *arguments])
    assert said in capsys.readouterr().err


def test_a_stage_that_is_not_there_is_refused_with_those_that_are(taken_in):
    with pytest.raises(UserError, match="no stage 'base'. It has imported"):
        run.chat_model(taken_in, RUNTIME, "base")

import json
import os
from pathlib import Path

import pytest
import torch
from small_models import TOKENIZER, lively, transformers_twin

from nanochat.data import spelling_bee
from nanochat.engine import Engine, Reply, SamplingConfig
from nanochat.eval import (
    CHAT_TASKS,
    TaskScore,
    attempts,
    find_files,
    mean_pass_at_k,
    run_chatcore,
)
from nanochat.eval.chatcore import Problem, choice, choose, prompt, read_problems
from nanochat.model import GPTConfig
from nanochat.runtime import Runtime, UserError
from nanochat.runtime.distributed import Ranks
from nanochat.tokenizer import Conversation, Message, Part, render

CPU = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)
CLASSIC = GPTConfig.classic(2, TOKENIZER.vocab_size, sequence_len=256, n_head=2, n_embd=64)
REAL_DATA = os.environ.get("NANOCHAT_REAL_DATA")
BRIEF = SamplingConfig(max_tokens=4, temperature=0)

ROWS = {
    "arc_easy": [
        {
            "id": "x",
            "question": "What is wet?",
            "choices": {"text": ["fire", "rain", "sand"], "label": ["1", "2", "3"]},
            "answerKey": "2",
        }
    ],
    "arc_challenge": [
        {
            "id": "y",
            "question": f"Number {i}?",
            "choices": {"text": ["one", "two"], "label": ["A", "B"]},
            "answerKey": "B",
        }
        for i in range(5)
    ],
    "mmlu": [{"question": "Why?", "subject": "s", "choices": ["a", "b", "c", "d"], "answer": 2}],
    "gsm8k": [{"question": "6*7?", "answer": "It is <<6*7=42>>42.\n#### 1,042"}],
    "humaneval": [
        {
            "task_id": "Own/0",
            "prompt": "def one():\n",
            "canonical_solution": "    return 1\n",
            "test": "def check(f):\n    assert f() == 1\n",
            "entry_point": "one",
        }
    ],
}


@pytest.fixture
def folder(tmp_path):
    """Test sets as a person would put them there."""
    for name, rows in ROWS.items():
        path = tmp_path / f"{name}.jsonl"
        if name == "mmlu":
            path = tmp_path / "mmlu" / "all" / "test.jsonl"
            path.parent.mkdir(parents=True)
        path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    (tmp_path / "spelling.txt").write_text("strawberry\nbanana\nletter\n")
    return tmp_path


class Pupil(Engine):
    """An engine that says the next of its replies, in parts, whatever it is asked."""

    tokenizer = TOKENIZER

    def __init__(self, *replies: tuple[Part, ...]):
        self.model, self.replies, self.asked = lively(CLASSIC), replies, []

    def generate(self, prompts, config, samples_per_prompt=1, tools=True):
        self.asked += prompts
        numbers = range(len(prompts) * samples_per_prompt)
        return [self.reply(i // samples_per_prompt, self.replies[i]) for i in numbers]

    def reply(self, index: int, parts: tuple[Part, ...]) -> Reply:
        solved = Conversation((Message.text("user", ""), Message("assistant", parts)))
        ids = render(TOKENIZER, solved).ids[4:]
        return Reply(index, ids, [True] * len(ids), [0.0] * len(ids), "end")


def says(text: str) -> tuple[Part, ...]:
    return (Part("text", text),)


def test_problems_as_the_model_reads_them(folder):
    files = find_files(folder)
    assert list(files) == list(CHAT_TASKS)
    [wet] = read_problems("arc_easy", files["arc_easy"])
    assert wet.question.messages[0].visible == (
        "Multiple Choice question: What is wet?\n- fire=1\n- rain=2\n- sand=3\n\n"
        "Respond only with the letter of the correct answer."
    )
    assert wet.letters == ("1", "2", "3") and wet.is_right("2") and not wet.is_right("1")
    [why] = read_problems("mmlu", files["mmlu"])
    assert why.letters == ("A", "B", "C", "D") and why.is_right("C")
    assert "\n- c=C\n- d=D\n\n" in why.question.messages[0].visible
    [math] = read_problems("gsm8k", files["gsm8k"])
    assert math.question.messages[0].visible == "6*7?"
    [code] = read_problems("humaneval", files["humaneval"])
    assert code.question == Conversation((Message.text("user", "def one():\n"),))


def test_problems_are_shuffled_then_cut(folder):
    files = find_files(folder, ["arc_challenge"])
    problems = read_problems("arc_challenge", files["arc_challenge"])
    asked = [each.question.messages[0].visible.split("Number ")[1][0] for each in problems]
    # As numpy's default_rng(42) permutes five.
    assert asked == ["4", "2", "3", "1", "0"]
    assert read_problems("arc_challenge", files["arc_challenge"], 2)[0].letters == ("A", "B")
    assert len(read_problems("arc_challenge", files["arc_challenge"], 2)) == 2


def test_a_solution_is_not_shown_to_the_model(folder):
    for name, paths in find_files(folder).items():
        for problem in read_problems(name, paths, 1):
            ids = prompt(Pupil(), problem)
            assert TOKENIZER.decode(ids[-1:]) == "<|assistant_start|>"
            assert TOKENIZER.special["<|assistant_end|>"] not in ids


@pytest.mark.parametrize(
    ("reply", "right"),
    [
        ("It is 42.\n#### 1042", True),
        ("#### 1,042", True),
        ("#### 1042 ducks", True),
        ("#### 42", False),
        ("####1042", False),
        ("1042", False),
        ("#### -1042", False),
        ("#### 1042.0", False),
        ("#### 7\n#### 1042", False),
        ("", False),
    ],
)
def test_the_number_in_the_end_decides(folder, reply, right):
    [problem] = read_problems("gsm8k", find_files(folder)["gsm8k"])
    assert problem.is_right(reply) == right


def test_what_the_tool_says_is_no_answer(folder):
    problems = read_problems("gsm8k", find_files(folder)["gsm8k"])
    call = (Part("python", "#### 1042"), Part("output", "#### 1042"))
    pupil = Pupil((*call, Part("text", "so")), (*call, Part("text", "#### 1042")))
    assert attempts(pupil, problems, samples=2) == [[False, True]]


def test_words_to_spell_are_not_those_of_training(folder):
    problems = read_problems("spelling", find_files(folder)["spelling"])
    assert len(problems) == 256
    words = spelling_bee.read_words(folder / "spelling.txt")
    solved = [spelling_bee.count(words, i, "test") for i in range(256)]
    assert {each.question for each in problems} == set(solved)
    assert all(each.is_right(each.question.messages[1].visible) for each in problems)
    many = [f"word{i}" for i in range(50_000)]
    trained = {spelling_bee.count(many, i) for i in range(1000)}
    assert not trained & {spelling_bee.count(many, i, "test") for i in range(256)}


@torch.no_grad()
def test_a_letter_is_chosen_among_those_of_the_question():
    engine = Engine(lively(CLASSIC), TOKENIZER, CPU)
    problems = [letters_of(text, letters) for text, letters in LETTERED]
    chosen = [letter for [letter] in choose(engine, problems)]
    for problem, letter in zip(problems, chosen, strict=True):
        ids = prompt(engine, problem)
        scores = engine.model.logits(engine.model(torch.tensor([ids])))[0, -1]
        by_hand = {each: scores[ord(each)].item() for each in problem.letters}
        assert letter == max(by_hand, key=by_hand.get)
    assert len(set(chosen)) > 1


@torch.no_grad()
def test_a_letter_is_chosen_as_transformers_would():
    model = lively(CLASSIC)
    twin = transformers_twin(model)
    engine = Engine(model, TOKENIZER, CPU)
    problems = [letters_of(text, letters) for text, letters in LETTERED]
    for problem, [letter] in zip(problems, choose(engine, problems), strict=True):
        scores = twin(torch.tensor([prompt(engine, problem)])).logits[0, -1]
        ids = torch.tensor([ord(each) for each in problem.letters])
        assert letter == problem.letters[int(scores[ids].argmax())]


LETTERED = [("a", "ABCD"), ("what is the longest of all?", "ABCD"), ("why", "1234"), ("c", "AB")]
LETTERED += [(f"question {i}" * i, "ABCDE") for i in range(8)]


def letters_of(text: str, letters: str) -> Problem:
    solved = (Message.text("user", text), Message.text("assistant", letters[0]))
    return choice(Conversation(solved), letters)


def test_a_question_too_long_keeps_its_end():
    engine = Engine(lively(CLASSIC), TOKENIZER, CPU)
    ids = prompt(engine, letters_of("x" * 300 + "end", "AB"))
    assert len(ids) == 128 and TOKENIZER.decode(ids[:-2]).endswith("xend")
    assert choose(engine, [letters_of("x" * 300, "A")]) == [["A"]]


def test_replies_go_to_their_problems():
    problems = [
        Problem(Conversation((Message.text("user", word),)), lambda reply, w=word: reply == w)
        for word in ("one", "two", "three")
    ]
    pupil = Pupil(*map(says, ("one", "1", "2", "2", "three", "three")))
    marks = attempts(pupil, problems, samples=2)
    assert marks == [[True, False], [False, False], [True, True]]
    assert mean_pass_at_k(marks, 1) == pytest.approx(0.5)
    assert mean_pass_at_k(marks, 2) == pytest.approx(2 / 3)
    with pytest.raises(UserError, match="pass@3"):
        mean_pass_at_k(marks, 3)


def test_all_six_tasks(folder):
    engine = Engine(lively(CLASSIC), TOKENIZER, CPU)
    card = run_chatcore(engine, find_files(folder), max_problems=2, config=BRIEF)
    assert {name: score.total for name, score in card.tasks.items()} == {
        "arc_easy": 1,
        "arc_challenge": 2,
        "mmlu": 1,
        "gsm8k": 1,
        "humaneval": 1,
        "spelling": 2,
    }
    assert card.tasks["gsm8k"] == TaskScore(0, 1)
    assert card.baselines["mmlu"] == 0.25 and card.baselines["humaneval"] == 0


def test_ranks_share_the_problems_out(folder):
    files = find_files(folder, ["arc_challenge", "mmlu"])
    engine = Engine(lively(CLASSIC), TOKENIZER, CPU)
    alone = run_chatcore(engine, files)
    parts = [run_chatcore(engine, files, ranks=Mute(rank, 3)).tasks for rank in range(3)]
    for name, score in alone.tasks.items():
        assert sum(part[name].correct for part in parts) == score.correct
        assert {part[name].total for part in parts} == {score.total}


class Mute(Ranks):
    """A rank that adds nothing to its own figures."""

    def total(self, number):
        return number


@pytest.mark.skipif(os.name != "posix", reason="programs run on Linux and macOS only")
def test_a_model_that_can_program(folder):
    problems = read_problems("humaneval", find_files(folder)["humaneval"])
    pupil = Pupil(says("```python\ndef one():\n    return 1\n```"), says("def one(): return 2"))
    assert attempts(pupil, problems, samples=2) == [[True, False]]


def test_what_is_not_there(folder):
    (folder / "gsm8k.jsonl").unlink()
    with pytest.raises(UserError, match=r"has no gsm8k.*gsm8k\.jsonl"):
        find_files(folder)
    with pytest.raises(UserError, match="'gsm' is unknown. There are arc_easy"):
        find_files(folder, ["gsm"])


def test_rows_of_another_task(folder):
    (folder / "gsm8k.jsonl").write_text('{"prompt": "?"}\n')
    files = find_files(folder, ["gsm8k"])
    with pytest.raises(UserError, match=r"gsm8k.jsonl is not gsm8k as it was published .*question"):
        read_problems("gsm8k", files["gsm8k"])


@pytest.mark.skipif(not REAL_DATA, reason="NANOCHAT_REAL_DATA names no folder of real data")
def test_gsm8k_as_it_is():
    problems = read_problems("gsm8k", [Path(REAL_DATA) / "gsm8k_test.jsonl"])
    assert len(problems) == 1319
    replies = [each.question.messages[1].visible for each in problems]
    assert all(each.is_right(text) for each, text in zip(problems, replies, strict=True))
    shifted = zip(problems, replies[1:])
    assert sum(each.is_right(text) for each, text in shifted) < 0.05 * len(problems)
    assert not any(each.is_right("I do not know.") for each in problems)

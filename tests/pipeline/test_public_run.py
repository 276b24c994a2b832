"""A very small run on public data, from a hub on loopback, from the first shard to the report."""

import dataclasses
import io
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from data.small_hub import serving

from nanochat.data import world
from nanochat.data.hub import Hub
from nanochat.pipeline import curriculum, run
from nanochat.pipeline.curriculum import Public, WordProblems, World
from nanochat.pipeline.profiles import CPU, GPU, SMOKE, EvaluationConfig, TokenizerConfig
from nanochat.runtime import detect

RUNTIME = detect("cpu", "float32", "off")
TINY = dataclasses.replace(
    SMOKE,
    name="tiny",
    data="climbmix",
    tokenizer=TokenizerConfig(vocab_size=400, text_bytes=20_000),
    base=dataclasses.replace(SMOKE.base, depth=1, tokens=4096),
    sft=dataclasses.replace(SMOKE.sft, steps=2),
    rl=dataclasses.replace(SMOKE.rl, steps=1, questions=2, samples=2, max_tokens=16),
    evaluation=EvaluationConfig(documents=3, questions=1),
)


def parquet(rows):
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file)
    return file.getvalue()


def shard(first):
    return parquet([{"text": world.document(0, i).text} for i in range(first, first + 60)])


CHAT = {
    "messages": [
        {"role": "user", "content": "Hello?"},
        {"role": "assistant", "content": "Hello."},
    ]
}
ARC = {"question": "Which?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "B"}
MMLU = {"question": "Why?", "choices": ["p", "q", "r", "s"], "answer": 2}
SUM = {"question": "2+3?", "answer": "It is <<2+3=5>>5\n#### 5"}
PROGRAM = {
    "prompt": "def one():\n",
    "canonical_solution": "    return 1\n",
    "test": "def check(candidate):\n    assert candidate() == 1\n",
    "entry_point": "one",
}
HUB = {
    "karpathy/climbmix-400b-shuffle": {f"shard_{n}.parquet": shard(60 * n) for n in range(3)},
    "HuggingFaceTB/smol-smoltalk": {"data/train-0.parquet": parquet([CHAT] * 8)},
    "cais/mmlu": {
        "all/auxiliary_train-0.parquet": parquet([MMLU] * 2),
        "all/test-0.parquet": parquet([MMLU] * 2),
    },
    "openai/gsm8k": {f"main/{split}-0.parquet": parquet([SUM] * 3) for split in ("train", "test")},
    "allenai/ai2_arc": {
        f"{name}/{split}-0.parquet": parquet([ARC] * 2)
        for name in ("ARC-Easy", "ARC-Challenge")
        for split in ("train", "test")
    },
    "openai/openai_humaneval": {"openai_humaneval/test-0.parquet": parquet([PROGRAM])},
}


@pytest.fixture(scope="module")
def public(tmp_path_factory):
    folder = tmp_path_factory.mktemp("data")
    (folder / "words.txt").write_text("parrot\nbanana\nspoon\n")
    data = folder / "core" / "eval_data"
    data.mkdir(parents=True)
    entry = "{label: say, icl_task_type: language_modeling, dataset_uri: a.jsonl, num_fewshot: [0]}"
    (folder / "core" / "core.yaml").write_text(f"icl_tasks:\n- {entry}\n")
    (folder / "core" / "eval_meta_data.csv").write_text("Eval Task,Random baseline\nsay,0\n")
    (data / "a.jsonl").write_text(json.dumps({"context": "The cat", "continuation": "sat"}) + "\n")
    with serving(HUB) as served:
        yield Public("climbmix", folder, hub=Hub(served.endpoint, attempts=2, pause=0.01))


def test_a_run_on_public_data_has_every_figure(public, tmp_path, monkeypatch):
    monkeypatch.setattr(curriculum, "of", lambda profile, home: public)
    figures = run.run(TINY, 0, RUNTIME, tmp_path / "run", lambda line: None)
    assert figures["base"]["val_bpb"] > 0 and figures["base"]["floor_bpb"] is None
    assert figures["base"]["tasks"]["say"]["questions"] == 1
    tasks = {"arc_easy", "arc_challenge", "mmlu", "gsm8k", "humaneval", "spelling"}
    for stage in ("sft", "rl"):
        assert figures[stage]["tasks"].keys() == tasks
    page = (tmp_path / "run" / "report.md").read_text()
    assert "CORE, the mean over 1 tasks" in page and "floor" not in page


def test_the_loss_is_taken_on_the_last_shard(public):
    texts = public.held_out(EvaluationConfig(documents=4))
    assert texts == [world.document(0, i).text for i in range(120, 124)]


def test_word_problems_reward_the_right_number(public):
    task = WordProblems(public.folder, "train", public.hub)
    asked = task.question(7)
    assert asked.conversation.messages[0].visible == "2+3?"
    assert [task.reward(asked, reply) for reply in ("#### 5", "#### 6", "5")] == [1.0, 0.0, 0.0]


def test_own_conversations_decide_finetuning_and_not_pretraining(public, tmp_path):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(CHAT) + "\n")
    own = dataclasses.replace(public, conversations=path)
    assert own.text_inputs() == public.text_inputs() == {"data": "climbmix"}
    assert own.chat_inputs() != public.chat_inputs()


def test_a_profile_names_its_data(tmp_path):
    assert curriculum.of(CPU, tmp_path) == World()
    assert curriculum.of(GPU, tmp_path) == Public("climbmix", tmp_path / "data")
    assert World().text_inputs() == World().chat_inputs() == {}

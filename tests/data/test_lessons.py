import gzip
import json
import os
from fractions import Fraction
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nanochat.data import lessons, rows
from nanochat.engine import tools
from nanochat.runtime import UserError
from nanochat.tokenizer import Part, Tokenizer, conversation


@pytest.fixture(scope="module")
def real_data():
    folder = os.environ.get("NANOCHAT_REAL_DATA")
    if not folder:
        pytest.skip("NANOCHAT_REAL_DATA does not name the folder with GSM8K and HumanEval.")
    return Path(folder)


def test_a_worked_answer_calls_the_calculator():
    row = {
        "question": "Two bags of 1,500 nuts, and one more?",
        "answer": "Bags: 2*1500=<<2*1500=3000>>3000.\nAll: <<3000+1=3001>>3,001\n#### 3,001",
    }
    asked, reply = lessons.gsm8k(row).messages
    assert asked.visible == row["question"]
    assert reply.parts == (
        Part("text", "Bags: 2*1500="),
        Part("python", "2*1500"),
        Part("output", "3000"),
        Part("text", "3000.\nAll: "),
        Part("python", "3000+1"),
        Part("output", "3001"),
        Part("text", "3,001\n#### 3,001"),
    )
    assert lessons.final_number(reply.visible) == "3001"
    assert lessons.final_number("It is 3001.") is None


def test_a_choice_is_asked_for_by_its_letter():
    row = {"question": "Which is a bird?", "choices": ["cat", "wren", "ant", "elm"], "answer": 1}
    asked, reply = lessons.mmlu(row).messages
    assert asked.visible == (
        "Multiple Choice question: Which is a bird?\n- cat=A\n- wren=B\n- ant=C\n- elm=D\n\n"
        "Respond only with the letter of the correct answer."
    )
    assert reply.visible == "B"


def test_numbered_choices_keep_their_numbers():
    choices = {"text": ["cat", "wren", "ant"], "label": ["1", "2", "3"]}
    row = {"question": "Which is a bird?", "choices": choices, "answerKey": "2"}
    asked, reply = lessons.arc(row).messages
    assert "- wren=2\n" in asked.visible and reply.visible == "2"


def agree(found, said):
    try:
        return abs(float(found) - float(Fraction(said.replace(",", "").strip(" $%")))) < 0.01
    except (TypeError, ValueError):
        return False


def test_all_of_gsm8k_becomes_conversations_that_render_and_parse(real_data):
    tokenizer = Tokenizer.from_merges([])
    table = rows.read(real_data / "gsm8k_test.jsonl")
    assert len(table) == 1319
    wrong = calls = 0
    for row in list(table)[::3]:
        made = lessons.gsm8k(row)
        assert conversation.parse(tokenizer, conversation.render(tokenizer, made).ids) == made
        reply = made.messages[1]
        assert "<<" not in reply.visible and lessons.final_number(reply.visible)
        for call, output in zip(reply.parts, reply.parts[1:], strict=False):
            if call.kind == "python":
                calls += 1
                wrong += not agree(tools.calculator(call.text), output.text)
    # The data set itself rounds, and errs here and there.
    assert calls > 1200 and wrong < 0.02 * calls


def test_human_eval_is_read_as_it_is(real_data):
    table = rows.read(real_data / "HumanEval.jsonl.gz")
    assert len(table) == 164
    assert set(table[0]) == {"task_id", "prompt", "canonical_solution", "test", "entry_point"}


def test_rows_are_the_same_from_every_format(tmp_path):
    values = [{"a": n, "b": [str(n)]} for n in range(5)]
    pq.write_table(pa.Table.from_pylist(values[:3]), tmp_path / "part-0.parquet")
    pq.write_table(pa.Table.from_pylist(values[3:]), tmp_path / "part-1.parquet")
    text = "\n\n".join(map(json.dumps, values))
    (tmp_path / "own").mkdir()
    (tmp_path / "own" / "a.jsonl").write_text(text)
    with gzip.open(tmp_path / "b.jsonl.gz", "wt") as file:
        file.write(text)
    assert list(rows.read_files(sorted(tmp_path.glob("*.parquet")))) == values
    assert rows.read(tmp_path / "own") == rows.read(tmp_path / "b.jsonl.gz") == values


def test_what_is_no_table_is_named(tmp_path):
    (tmp_path / "a.jsonl").write_text('{"a": 1}\n{"a": \n')
    with pytest.raises(UserError, match="a.jsonl, line 2 is not JSON"):
        rows.read(tmp_path / "a.jsonl")
    (tmp_path / "a.parquet").write_bytes(b"PAR1 and no more")
    with pytest.raises(UserError, match="a.parquet is not a whole parquet file"):
        rows.read(tmp_path / "a.parquet")
    with pytest.raises(UserError, match="nowhere.jsonl is not there"):
        rows.read(tmp_path / "nowhere.jsonl")
    (tmp_path / "b.jsonl.gz").write_bytes(gzip.compress(b'{"a": 1}' * 100)[:-20])
    with pytest.raises(UserError, match="b.jsonl.gz cannot be read"):
        rows.read(tmp_path / "b.jsonl.gz")

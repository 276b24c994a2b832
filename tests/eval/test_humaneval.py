import os
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from nanochat.data import rows
from nanochat.engine.python import Limits
from nanochat.eval import humaneval

pytestmark = pytest.mark.skipif(os.name != "posix", reason="programs run on Linux and macOS only")
REAL_DATA = os.environ.get("NANOCHAT_REAL_DATA")
PATIENT = Limits(seconds=60)
PROBLEM = {
    "task_id": "Own/0",
    "prompt": "from math import floor\n\ndef half(x):\n    '''Half of x, rounded down.'''\n",
    "canonical_solution": "    return floor(x / 2)\n",
    "test": "def check(candidate):\n    assert candidate(5) == 2\n    assert candidate(-1) == -1\n",
    "entry_point": "half",
}
GOOD = "def half(x):\n    return x // 2\n"


@pytest.mark.parametrize(
    "reply",
    [
        GOOD,
        f"Gladly!\n\n```python\n{GOOD}```\nIt rounds down.",
        f"```\n{GOOD}```",
        f"```python\n{GOOD}",
        f"```python\n{GOOD}```\n\n```python\nhalf = None\n```",
        "```python\ndef half(x):\n    return floor(x / 2)\n```",
        f"{GOOD}print('a word of its own', end='')",
    ],
    ids=["bare", "block", "unnamed", "cut", "first", "imports", "prints"],
)
def test_right_code_passes(reply):
    assert humaneval.passes(PROBLEM, reply, PATIENT)


@pytest.mark.parametrize(
    "reply",
    [
        "",
        "I cannot.",
        "def half(x):\n    return x / 2\n",
        "def half(x):\n    return int(x / 2)\n",
        "def third(x):\n    return x // 2\n",
        f"{GOOD}import sys; sys.exit(0)",
        f"{GOOD}import os; os._exit(0)",
        f"{GOOD}raise SystemExit",
        "import os\ndef half(x):\n    os._exit(0)\n",
    ],
    ids=["empty", "words", "float", "wrong", "name", "exit", "_exit", "raise", "inside"],
)
def test_code_that_does_not_come_through_the_tests_fails(reply):
    assert not humaneval.passes(PROBLEM, reply, PATIENT)


def test_code_that_takes_too_long_fails():
    assert not humaneval.passes(PROBLEM, "while True: pass", Limits(seconds=0.5))


def test_a_program_is_imports_code_and_tests():
    assert humaneval.program(PROBLEM, f"So:\n```python\n{GOOD}```") == (
        f"from math import floor\n{GOOD}\n{PROBLEM['test']}\ncheck(half)"
    )


@pytest.mark.skipif(not REAL_DATA, reason="NANOCHAT_REAL_DATA names no folder of real data")
def test_published_solutions_pass_and_broken_ones_fail():
    problems = rows.read(Path(REAL_DATA) / "HumanEval.jsonl.gz")
    assert len(problems) == 164
    some = list(problems)[::16]
    right = [f"```python\n{p['prompt']}{p['canonical_solution']}\n```" for p in some]
    wrong = [f"{p['prompt']}    return None\n" for p in some]
    with ThreadPoolExecutor(2) as pool:
        marks = pool.map(lambda pair: humaneval.passes(*pair, PATIENT), zip(some, right))
        assert all(marks)
        marks = pool.map(lambda pair: humaneval.passes(*pair, PATIENT), zip(some, wrong))
        assert not any(marks)

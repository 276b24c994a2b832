"""HumanEval (2107.03374): does a function that the model wrote pass the tests of its problem?"""

import re
import secrets

from nanochat.engine.python import Limits, run_python

LIMITS = Limits(seconds=5.0, memory_bytes=256 << 20)
CODE_BLOCK = re.compile(r"```(?:python)?[ \t]*\n(.*?)(?:```|\Z)", re.DOTALL)
IMPORT = re.compile(r"^(?:import|from) .*$", re.MULTILINE)


def passes(problem: dict, reply: str, limits: Limits = LIMITS) -> bool:
    """Whether the code in a reply passes the problem's tests.

    That it ran to the end is told by a word that it cannot know, for a program may exit early.
    Code and tests share an interpreter, so this keeps out accidents, not a will to deceive."""
    word = secrets.token_hex(8)
    outcome = run_python(f"{program(problem, reply)}\nprint({word!r})\n", limits)
    return outcome.ok and outcome.stdout.endswith(f"{word}\n")


def program(problem: dict, reply: str) -> str:
    """The imports of the prompt, the code of the reply, and the tests."""
    imports = IMPORT.findall(problem["prompt"])
    call = f"check({problem['entry_point']})"
    return "\n".join([*imports, code(reply), problem["test"], call])


def code(reply: str) -> str:
    """The first block of code in a reply, or the whole reply where there is none."""
    block = CODE_BLOCK.search(reply)
    return block[1] if block else reply

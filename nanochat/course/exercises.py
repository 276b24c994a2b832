"""Checks beside the exercises: what is wrong and why, at once."""

import copy
import datetime
import dis
import html
import importlib
import inspect
import sys
import traceback
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from statistics import fmean
from typing import Any, Literal

from nanochat.course import compare
from nanochat.runtime import UserError, files

CHECKS = Path(__file__).parent / "checks"
PROGRESS = "exercises.json"
UNWRITTEN = "There is no answer yet. Write one, then run this again."
BORROWED = "This calls the function that yours is compared with. To pass, write yours."
ALIKE = 0.8
STUB = {"RESUME", "NOP", "LOAD_CONST", "RETURN_CONST", "RETURN_VALUE"}


@dataclass(frozen=True)
class Slip:
    """A mistake that learners make: an answer with that mistake, and what to tell who makes it."""

    answer: Any
    message: str


@dataclass(frozen=True)
class Exercise:
    """What is asked, and how an answer is judged.

    A function is called with each of `inputs()`, a tuple of arguments, and compared with
    `reference`, which must be written apart from the package. `judge`, where given, is told the
    answer and returns what is wrong with it, or None; it alone judges an answer that is a value."""

    number: str
    title: str
    difficulty: int
    minutes: int
    gained: str
    reference: Callable | None = None
    inputs: Callable[[], Iterable[tuple]] = tuple
    judge: Callable[[Any], str | None] | None = None
    slips: tuple[Slip, ...] = ()
    package: tuple[Callable, ...] = ()

    @property
    def heading(self) -> str:
        """The title line of the exercise's box."""
        stars = "★" * self.difficulty + "☆" * (5 - self.difficulty)
        return f"{self.number} · {self.title} · {stars} · {self.minutes} min"


@dataclass(frozen=True)
class Verdict:
    """The outcome of a check, as text and as HTML."""

    state: Literal["passed", "open", "wrong", "package"]
    exercise: Exercise
    message: str
    evidence: tuple[tuple[str, str], ...] = ()

    @property
    def title(self) -> str:
        """The state and the exercise on a line."""
        words = {"passed": "passed", "open": "open", "wrong": "not yet", "package": "not yours"}
        return f"{self.exercise.number} {self.exercise.title}: {words[self.state]}"

    def __repr__(self) -> str:
        lines = [self.title, self.message]
        return "\n".join([*lines, *(f"  {label:9}{text}" for label, text in self.evidence)])

    def _repr_html_(self) -> str:
        colors = {"passed": "#009e73", "open": "#7f7f7f"}
        rows = "".join(
            f"<tr><th>{label}</th><td><code>{html.escape(text)}</code></td></tr>"
            for label, text in self.evidence
        )
        color = colors.get(self.state, "#d55e00")
        return (
            f'<div class="verdict" style="border-left: 4px solid {color}; padding-left: 12px">'
            f"<p><strong>{html.escape(self.title)}</strong></p>"
            f"<p>{html.escape(self.message)}</p>"
            + (f"<table>{rows}</table>" if rows else "")
            + "</div>"
        )


def check(number: str, answer, record: bool = True) -> Verdict:
    """Judge an answer to the exercise `number`, such as "01.2", and record it if it passes."""
    exercise = find(number)
    verdict = judge(exercise, answer)
    if record and verdict.state == "passed":
        _record(exercise)
    return verdict


def find(number: str) -> Exercise:
    """The exercise of this number. Raises UserError where there is none."""
    number = number.zfill(len("01.2"))
    known = {exercise.number: exercise for exercise in of_chapter(number.split(".")[0])}
    if number not in known:
        raise UserError(f"There is no exercise {number!r}. This chapter has {', '.join(known)}.")
    return known[number]


def of_chapter(chapter: str) -> tuple[Exercise, ...]:
    """The exercises of a chapter, such as "01"."""
    try:
        return importlib.import_module(f"nanochat.course.checks.ch{chapter}").EXERCISES
    except ModuleNotFoundError:
        raise UserError(
            f"There is no chapter {chapter!r} with exercises. A number looks like 01.2: the "
            "chapter in two digits, a dot, the exercise."
        ) from None


def judge(exercise: Exercise, answer) -> Verdict:
    """The verdict on an answer, from the first input that shows something wrong."""
    if answer is None or answer is ...:
        return Verdict("open", exercise, UNWRITTEN)
    watch = _Watch(exercise)
    verdict = _first_failure(exercise, answer, watch)
    if watch.used:
        message = f"This calls the package's own {watch.used[0]}. To pass, write yours."
        return Verdict("package", exercise, message)
    return verdict or Verdict("passed", exercise, exercise.gained)


def _first_failure(exercise: Exercise, answer, watch: "_Watch") -> Verdict | None:
    if exercise.reference is not None:
        for arguments in exercise.inputs():
            verdict = _compare(exercise, answer, arguments, watch)
            if verdict is not None:
                return verdict
    borrowed = watch.asked
    with watch:
        complaint = exercise.judge(answer) if exercise.judge is not None else None
    if complaint:
        return Verdict("wrong", exercise, complaint)
    return Verdict("package", exercise, BORROWED) if borrowed else None


def _compare(exercise: Exercise, answer, arguments: tuple, watch: "_Watch") -> Verdict | None:
    expected = exercise.reference(*copy.deepcopy(arguments))
    given = copy.deepcopy(arguments)
    shown = (("input", _short_arguments(arguments)),)
    try:
        with watch:
            yours = answer(*given)
    except NotImplementedError:
        return Verdict("open", exercise, UNWRITTEN)
    except Exception as error:
        return Verdict("wrong", exercise, *_raised(error, shown, expected))
    if compare.same(yours, expected) and compare.same(given, arguments):
        return None
    shown += (("yours", _short(yours)), ("expected", _short(expected)))
    if yours is None and _is_stub(answer):
        return Verdict("open", exercise, UNWRITTEN)
    if compare.same(yours, expected):
        message = "The result is right, but your function changes its argument. Work on a copy."
        return Verdict("wrong", exercise, message, shown)
    return Verdict("wrong", exercise, _mistake(exercise, answer, arguments, yours, expected), shown)


def _mistake(exercise: Exercise, answer, arguments: tuple, yours, expected) -> str:
    alike = [slip for slip in exercise.slips if compare.same(yours, _try(slip.answer, arguments))]
    nearest = max(alike, key=lambda slip: _agreement(exercise, slip.answer, answer), default=None)
    # Where there are few possible results, an answer may be like a slip's by chance.
    if nearest and _agreement(exercise, nearest.answer, answer) >= ALIKE:
        return nearest.message
    return (
        compare.likely_mistake(yours, expected)
        or _common_mistake(exercise, answer)
        or "Yours differs from the expected."
    )


def _common_mistake(exercise: Exercise, answer) -> str:
    """What suggests itself when the results of all inputs are looked at together."""
    inputs = list(exercise.inputs())
    yours = [_try(answer, arguments) for arguments in inputs]
    return compare.common_mistake(yours, [_try(exercise.reference, each) for each in inputs])


def _agreement(exercise: Exercise, one: Callable, other: Callable) -> float:
    """On which share of the inputs two answers agree."""
    return fmean(
        compare.same(_try(one, arguments), _try(other, arguments))
        for arguments in exercise.inputs()
    )


def _try(answer: Callable, arguments: tuple):
    try:
        return answer(*copy.deepcopy(arguments))
    except Exception as error:
        return error


def _raised(error: Exception, shown: tuple, expected) -> tuple:
    last = traceback.extract_tb(error.__traceback__)[-1]
    message = f"Your function raised {type(error).__name__}: {error}"
    where = (("at", last.line),) if last.line else ()
    return message, (*shown, *where, ("expected", _short(expected)))


def _is_stub(answer) -> bool:
    """Whether a function does no more than return a constant, as one does whose body is `...`."""
    code = getattr(answer, "__code__", None)
    return code is not None and {i.opname for i in dis.get_instructions(code)} <= STUB


def _short_arguments(arguments: tuple) -> str:
    return ", ".join(map(_short, arguments)) or "no arguments"


def _short(value, limit: int = 300) -> str:
    text = repr(value)
    size = f"shape {tuple(value.shape)}" if hasattr(value, "shape") else f"{len(text)} characters"
    return text if len(text) <= limit else f"{text[:limit]} ... ({size})"


class _Watch:
    """Collects the names of those of the package's functions that run inside its `with` blocks, and
    whether the reference does, with which an answer is compared."""

    def __init__(self, exercise: Exercise):
        self.codes = {inspect.unwrap(f).__code__: f.__name__ for f in exercise.package}
        reference = inspect.unwrap(exercise.reference) if exercise.reference else None
        self.reference = getattr(reference, "__code__", None)
        self.used: list[str] = []
        self.asked = False

    def __enter__(self):
        self.before = sys.getprofile()
        sys.setprofile(self._see)

    def __exit__(self, *_):
        sys.setprofile(self.before)

    def _see(self, frame, event, _):
        if event != "call":
            return
        if frame.f_code in self.codes:
            self.used.append(self.codes[frame.f_code])
        self.asked = self.asked or frame.f_code is self.reference


def _record(exercise: Exercise):
    path = Path(PROGRESS)
    passed = files.read_json(path) if path.exists() else {}
    passed.setdefault(exercise.number, {"passed": datetime.date.today().isoformat()})
    files.write_json(path, dict(sorted(passed.items())))

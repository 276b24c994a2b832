"""The package's own source, shown in a chapter."""

import inspect
import textwrap
from dataclasses import dataclass
from pathlib import Path

import nanochat
from nanochat.runtime import UserError

FOLD_FROM = 40


@dataclass(frozen=True)
class Source:
    """A piece of the package: where it stands, and its text."""

    name: str
    place: str
    text: str

    def __repr__(self) -> str:
        return self.text

    def _repr_markdown_(self) -> str:
        title = f"`{self.name}`, {self.place}"
        code = f"```python\n{self.text}\n```"
        if self.text.count("\n") < FOLD_FROM:
            return f"{title}\n\n{code}\n"
        summary = f"{self.name}, {self.place}: {self.text.count(chr(10)) + 1} lines"
        return f'<details class="source"><summary>{summary}</summary>\n\n{code}\n\n</details>\n'


def show(thing) -> Source:
    """The source of a function, class or module of the package, as it runs; long ones are folded.

    Raises UserError for what has no source of its own, such as a number."""
    thing = inspect.unwrap(thing) if callable(thing) else thing
    try:
        lines, first = inspect.getsourcelines(thing)
    except (TypeError, OSError):
        raise UserError(
            f"{thing!r} has no source to show. Name a function, a class or a module, not its value."
        ) from None
    path = Path(inspect.getsourcefile(thing))
    text = textwrap.dedent("".join(lines)).rstrip()
    return Source(_name(thing), f"{_shown_path(path)} line {max(first, 1)}", text)


def _name(thing) -> str:
    return getattr(thing, "__qualname__", None) or thing.__name__


def _shown_path(path: Path) -> str:
    root = Path(nanochat.__file__).parents[1]
    return path.relative_to(root).as_posix() if path.is_relative_to(root) else path.name

import json
from collections.abc import Callable
from pathlib import Path

from nanochat.runtime import files


class JsonLines:
    """Appends one JSON object a line to a file, at once, so that a killed run keeps its curve."""

    def __init__(self, path: Path | str):
        self.path = Path(path)
        self.path.parent.mkdir(parents=True, exist_ok=True)

    def write(self, **fields) -> None:
        """Append the fields as one line."""
        with self.path.open("a", encoding="utf-8") as file:
            file.write(json.dumps(fields) + "\n")

    def read(self) -> list[dict]:
        """Every whole line written so far; a line cut short by a kill is left out."""
        if not self.path.exists():
            return []
        lines = self.path.read_text(encoding="utf-8").splitlines(keepends=True)
        return [json.loads(line) for line in lines if line.endswith("\n")]

    def keep(self, predicate: Callable[[dict], bool]) -> None:
        """Keep the lines for which `predicate` holds: a resumed run writes the others again."""
        lines = [json.dumps(line) + "\n" for line in self.read() if predicate(line)]
        files.write_text(self.path, "".join(lines))

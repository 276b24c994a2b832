"""The tables of pages that hold no code say what the package and the chapters say."""

import re
from pathlib import Path

import pytest

from nanochat.course import exercises
from nanochat.model import counts
from nanochat.pipeline.profiles import PROFILES
from nanochat.train import dial
from nanochat.train.pretrain import model_shape

BOOK = Path(__file__).resolve().parents[2] / "book"
PROFILE = re.compile(r"^\| `(\w+)` \| .+? \| (\d.+) \|$", re.MULTILINE)
ROW = re.compile(r"^\* - \[(\d+)\. .*?(?=^\* - |^```)", re.MULTILINE | re.DOTALL)


def as_row(profile) -> str:
    """What the table says of a profile behind its name and its use."""
    base, vocabulary = profile.base, profile.tokenizer.vocab_size
    shape = model_shape(base, vocabulary)
    size = dial.turn(shape, base.tokens_per_parameter, base.tokens, base.batch_tokens)
    parameters = sum(counts.parameters(shape).values())
    return (
        f"{shape.n_layer}, {shape.n_embd} | {parameters / 1e6:,.1f} M | {vocabulary:,} | "
        f"{size.tokens / 1e6:,.1f} M | {size.batch_tokens:,} | {size.steps:,} | "
        f"{profile.sft.steps:,}, {profile.rl.steps}"
    )


def test_the_table_of_profiles_is_true():
    listed = dict(PROFILE.findall((BOOK / "setup.md").read_text(encoding="utf-8")))
    assert listed == {name: as_row(profile) for name, profile in PROFILES.items()}


TEACHING = {int(row[1]): row[0] for row in ROW.finditer((BOOK / "teaching.md").read_text("utf-8"))}


@pytest.mark.parametrize("chapter", range(1, 16))
def test_the_schedule_names_the_exercises_of_the_chapter(chapter):
    named = re.findall(r"\*([^*\n]+)\*", TEACHING[chapter].removeprefix("* -"))
    titles = {exercise.title for exercise in exercises.of_chapter(f"{chapter:02}")}
    assert len(named) >= 3 and set(named) <= titles

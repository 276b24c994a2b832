"""Public data by name: where it lies, and how it gets here."""

import zipfile
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nanochat.data import hub as hubs
from nanochat.data.hub import Damaged, Hub
from nanochat.data.shards import HubShards
from nanochat.runtime import UserError, files


@dataclass(frozen=True)
class DataSet:
    """A repository on the hub and which of its files are meant; `{split}` stands for a split."""

    repo: str
    pattern: str


PRETRAINING = {
    "climbmix": DataSet("karpathy/climbmix-400b-shuffle", "*.parquet"),
    "fineweb-edu": DataSet("karpathy/fineweb-edu-100b-shuffle", "*.parquet"),
    "tinystories": DataSet("roneneldan/TinyStories", "data/*.parquet"),
}
TASKS = {
    "smoltalk": DataSet("HuggingFaceTB/smol-smoltalk", "data/{split}-*.parquet"),
    "mmlu": DataSet("cais/mmlu", "all/{split}-*.parquet"),
    "gsm8k": DataSet("openai/gsm8k", "main/{split}-*.parquet"),
    "arc_easy": DataSet("allenai/ai2_arc", "ARC-Easy/{split}-*.parquet"),
    "arc_challenge": DataSet("allenai/ai2_arc", "ARC-Challenge/{split}-*.parquet"),
    "humaneval": DataSet("openai/openai_humaneval", "openai_humaneval/{split}-*.parquet"),
}
TRAINING_SPLIT = dict.fromkeys(TASKS, "train") | {"mmlu": "auxiliary_train"}
EVALUATED = ("arc_easy", "arc_challenge", "mmlu", "gsm8k", "humaneval")

CORE_BUNDLE = "https://karpathy-public.s3.us-west-2.amazonaws.com/eval_bundle.zip"
WORDS = "https://raw.githubusercontent.com/dwyl/english-words/refs/heads/master/words_alpha.txt"


def pretraining(
    name: str,
    folder: Path | str,
    split: Literal["train", "val"] = "train",
    shards: int | None = None,
    hub: Hub | None = None,
) -> HubShards:
    """The documents of a data set by name. Raises UserError where there is no such name."""
    known = _named(name, PRETRAINING)
    here = Path(folder) / _folder_name(known.repo)
    return HubShards(known.repo, here, split, "text", known.pattern, shards, hub=hub or Hub())


def fetch_task(name: str, split: str, folder: Path | str, hub: Hub | None = None) -> list[Path]:
    """The files of one split of a task set, fetched unless they are here. Raises UserError."""
    known, hub = _named(name, TASKS), hub or Hub()
    here, shot = Path(folder) / _folder_name(known.repo), list_task(name, folder, hub)
    return hubs.fetch_all(shot, shot.matching(known.pattern.format(split=split)), here, hub)


def list_task(name: str, folder: Path | str, hub: Hub | None = None) -> hubs.Snapshot:
    """What a task set holds, nothing of it fetched yet. Raises UserError."""
    known = _named(name, TASKS)
    return hubs.snapshot(known.repo, Path(folder) / _folder_name(known.repo), hub or Hub())


def fetch_core(folder: Path | str, hub: Hub | None = None, url: str = CORE_BUNDLE) -> Path:
    """The folder of the CORE bundle, with `core.yaml` in it. Raises UserError."""
    here = Path(folder) / "core"
    with hubs.making(here) as missing:
        if missing:
            archive = hubs.fetch_url(url, Path(folder) / "core.zip", hub or Hub(), _check_archive)
            with files.new_directory(here) as fresh, zipfile.ZipFile(archive) as packed:
                packed.extractall(fresh)
    found = sorted(here.rglob("core.yaml"))
    if not found:
        raise UserError(f"{here} has no core.yaml. Delete it and core.zip, then fetch them again.")
    return found[0].parent


def fetch_words(folder: Path | str, hub: Hub | None = None, url: str = WORDS) -> Path:
    """A list of some 370,000 English words, one on each line. Raises UserError."""
    return hubs.fetch_url(url, Path(folder) / "words.txt", hub or Hub(), _check_words)


def fetch_evaluations(folder: Path | str, hub: Hub | None = None) -> dict[str, list[Path]]:
    """All that the public evaluations read, by name. Raises UserError."""
    tasks = {name: fetch_task(name, "test", folder, hub) for name in EVALUATED}
    return tasks | {"core": [fetch_core(folder, hub)], "spelling": [fetch_words(folder, hub)]}


def _named(name: str, known: dict[str, DataSet]) -> DataSet:
    if name not in known:
        names = ", ".join(known)
        raise UserError(f"{name!r} is no data set known by name. There are {names}.")
    return known[name]


def _folder_name(repo: str) -> str:
    return repo.replace("/", "--")


def _check_archive(path: Path) -> None:
    try:
        with zipfile.ZipFile(path) as packed:
            broken = packed.testzip()
    except zipfile.BadZipFile as error:
        raise Damaged(f"what arrived is no whole archive ({error})") from None
    if broken:
        raise Damaged(f"{broken} in the archive does not have the checksum that it states")


def _check_words(path: Path) -> None:
    with path.open("rb") as file:
        start = file.read(1000)
    if not start.strip() or b"<" in start:
        raise Damaged("what arrived is no list of words")

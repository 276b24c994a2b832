"""Everything of a run but the heavy steps: what would fail later fails here, in a line each."""

import dataclasses
import secrets
import shutil
import tempfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import torch
from huggingface_hub import get_session
from huggingface_hub.errors import GatedRepoError, HTTPError
from huggingface_hub.utils import build_hf_headers, hf_raise_for_status
from rich.console import Console

from nanochat import optim
from nanochat.cli import room
from nanochat.cli.doctor import Finding
from nanochat.cli.plan import show
from nanochat.data import Items, OwnConversations, catalogue, hub, mixture, world
from nanochat.model import GPT, counts
from nanochat.pipeline import curriculum, plan
from nanochat.pipeline.curriculum import Curriculum, Public
from nanochat.pipeline.profiles import Profile
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint, dial
from nanochat.train.pretrain import PretrainConfig, model_shape, pretrain

STEPS = 2
BRIEFLY = {"attempts": 2, "timeout": 5.0}  # how a hub is asked when nothing depends on it yet
UNPACKED = 4  # times the size of the CORE bundle is on disk once it is unpacked beside itself


def report(profile: Profile, runtime: Runtime, out: Path, home: Path) -> None:
    """A line for each finding, then the plan; status 1 where something is to be mended."""
    lacking = []
    for finding in rehearse(profile, runtime, out, home):
        lacking += [finding.what] if finding.fix else []
        if runtime.rank == 0 or finding.fix:
            print(finding, flush=True)
    if runtime.rank == 0 and profile.gpu:
        print_plan(profile, runtime)
    if lacking:
        print(f"To be mended, as said above: {', '.join(lacking)}.", flush=True)
        raise SystemExit(1)


def print_plan(profile: Profile, runtime: Runtime) -> None:
    """What pretraining takes on the GPU that is here, else on the one it is meant for."""
    try:
        gpu = room.card(profile, runtime)
        show(room.planned(profile, gpu, profile.gpus), None, Console(highlight=False))
    except UserError as error:
        print(f"There is no plan: {error}")


def rehearse(profile: Profile, runtime: Runtime, out: Path, home: Path) -> Iterator[Finding]:
    """What the profile needs, looked at or tried one after another; all ranks make this call."""
    yield ranks(profile, runtime)
    if profile.gpu:
        gpu = room.card(profile, runtime)
        yield tried("memory", lambda: room.memory(profile, gpu, profile.gpus))
    yield tried("model", lambda: on_paper(profile))
    lessons, missing = briefly(curriculum.of(profile, home)), []
    for finding in looked_at(data(profile, lessons)):
        missing += [finding.what] if finding.fix else []
        yield finding
    yield tried("disk", lambda: disk(profile, lessons, out, missing))
    yield tried("write access", lambda: write(out, runtime))
    yield tried("first steps", lambda: first_steps(profile, runtime, out))


def briefly(lessons: Curriculum) -> Curriculum:
    """The same, with a hub that is given up on soon."""
    if not isinstance(lessons, Public):
        return lessons
    return dataclasses.replace(lessons, hub=dataclasses.replace(lessons.hub, **BRIEFLY))


def looked_at(wanted: Iterable[tuple[str, str, Callable[[], str]]]) -> Iterator[Finding]:
    """What came of each look; a server that did not answer one is not asked for another."""
    silent = set()
    for what, server, look in wanted:
        if server in silent:
            yield Finding(what, "not looked at", f"{server} does not answer, as said above")
            continue
        try:
            yield Finding(what, look())
        except (UserError, OSError) as error:
            silent |= {server} if isinstance(error, hub.Unreachable) else set()
            yield Finding(what, "does not work", str(error))


def tried(what: str, work: Callable[[], str]) -> Finding:
    """What came of it, or the fix that the error names."""
    try:
        return Finding(what, work())
    except (UserError, OSError) as error:
        return Finding(what, "does not work", str(error))


def ranks(profile: Profile, runtime: Runtime) -> Finding:
    """As many processes as GPUs, all in touch."""
    present = int(runtime.ranks.total(1))
    found, wanted = f"{present} on {runtime.device.type}", max(1, profile.gpus)
    if present == wanted:
        return Finding("ranks", found)
    launch = f"torchrun --nproc-per-node={wanted} -m nanochat run --profile {profile.name}"
    return Finding("ranks", found, f"The profile is meant for {wanted}: {launch}")


def on_paper(profile: Profile) -> str:
    """The model, and a step of its optimizer, made where tensors have shapes and no values."""
    shape = model_shape(profile.base, profile.tokenizer.vocab_size)
    with torch.device("meta"):
        model = GPT(shape, torch.bfloat16)
        ids = torch.zeros(profile.base.micro_rows, shape.sequence_len, dtype=torch.long)
    optimizer = optim.build(model)
    model(ids).sum().backward()
    optimizer.step()
    total = sum(weight.numel() for weight in model.parameters())
    held = sum(len(group["params"]) for group in optimizer.param_groups)
    if total != sum(counts.parameters(shape).values()) or held != len(list(model.parameters())):
        raise UserError("The model is not the one that was planned. Please report it.")
    return f"depth {shape.n_layer}, width {shape.n_embd}, {total:,} parameters"


@dataclass(frozen=True)
class Wanted:
    """Files of a data set that a run reads."""

    shot: hub.Snapshot
    files: tuple[hub.RemoteFile, ...]

    @property
    def size(self) -> int:
        """How many bytes they have."""
        return sum(file.size for file in self.files)


def data(profile: Profile, lessons: Curriculum) -> Iterator[tuple[str, str, Callable[[], str]]]:
    """Each thing that will be read, the server that has it, and how to see that it can be had."""
    if profile.texts:
        yield "texts", "", lambda: f"{len(lessons.texts(0).paths())} files in {profile.texts}"
    if profile.conversations:
        yield "conversations", "", lambda: own_conversations(profile.conversations)
    if isinstance(lessons, Public):
        there = lessons.hub.address
        if not profile.texts:
            yield "texts", there, lambda: obtainable(texts(profile, lessons), lessons.hub)
        for name in catalogue.TASKS:
            yield name, there, partial(task_set, name, lessons)
        for name, url in (("CORE", catalogue.CORE_BUNDLE), ("words", catalogue.WORDS)):
            yield name, url, partial(reach, url, lessons.hub)


def own_conversations(path: Path) -> str:
    """How many there are. Raises UserError for a line that is none."""
    return f"{len(OwnConversations(path).conversations())} in {path}"


def texts(profile: Profile, lessons: Public) -> Wanted:
    """The shards of text that pretraining reads, and last the one it is validated on."""
    shards = lessons.texts(0)
    held_out = dataclasses.replace(shards, split="val")
    read = shards.files()[: text_shards(profile) - 1]
    shot = hub.snapshot(shards.repo, shards.folder, shards.hub)
    return Wanted(shot, read + held_out.files())


def text_shards(profile: Profile) -> int:
    """How many files of text pretraining needs."""
    config = profile.base
    shape = model_shape(config, profile.tokenizer.vocab_size)
    size = dial.turn(shape, config.tokens_per_parameter, config.tokens, config.batch_tokens)
    return plan.shards(size.tokens)


def task_files(name: str, lessons: Public) -> Wanted:
    """The files of a task set's splits that a run reads. Raises UserError where one has none."""
    shot = catalogue.list_task(name, lessons.folder, lessons.hub)
    pattern = catalogue.TASKS[name].pattern
    found = [shot.matching(pattern.format(split=split)) for split in splits(name)]
    return Wanted(shot, sum(found, ()))


def splits(name: str) -> list[str]:
    """The splits of a task set that are taught or asked."""
    taught = [catalogue.TRAINING_SPLIT[name]] if name in mixture.STANDARD else []
    return taught + (["test"] if name in catalogue.EVALUATED else [])


def task_set(name: str, lessons: Public) -> str:
    """What the hub has of a task set."""
    return obtainable(task_files(name, lessons), lessons.hub)


def obtainable(wanted: Wanted, where: hub.Hub) -> str:
    """How many files there are, and their size, where the hub sends the first and the last."""
    for file in dict.fromkeys((wanted.files[0], wanted.files[-1])):
        reach(wanted.shot.address(file, where), where, build_hf_headers())
    return f"{len(wanted.files)} files, {wanted.size / 1e9:.2f} GB"


def reach(url: str, where: hub.Hub, headers: dict[str, str] | None = None) -> str:
    """Whether a server would send a file. Raises UserError where it does not."""
    try:
        with get_session().stream("GET", url, headers=headers, timeout=where.timeout) as response:
            hf_raise_for_status(response)
            size = int(response.headers.get("Content-Length", 0))
    except GatedRepoError:
        raise UserError(
            f"{url} is given to those alone who accepted the data set's terms. Accept them on its "
            "page, then log in (`hf auth login`) or set HF_TOKEN."
        ) from None
    except HTTPError as error:
        kind = hub.Unreachable if hub.is_silence(error) else UserError
        raise kind(f"{url} cannot be had ({error}). See to the connection.") from None
    return f"1 file, {size / 1e9:.2f} GB"


def disk(profile: Profile, lessons: Curriculum, out: Path, missing: list[str]) -> str:
    """Whether there is room; where some data could not be looked at, for what is saved alone."""
    if missing:
        return f"{room.disk({out: room.saved_bytes(profile)})}, and what is fetched is not known"
    return room.disk(needed(profile, lessons, out))


def needed(profile: Profile, lessons: Curriculum, out: Path) -> dict[Path, float]:
    """The bytes that are saved and fetched, by folder."""
    sizes = {out: room.saved_bytes(profile)}
    if isinstance(lessons, Public):
        sizes[lessons.folder] = fetched(profile, lessons)
    return sizes


def fetched(profile: Profile, lessons: Public) -> float:
    """The size of all that is fetched."""
    sets = [task_files(name, lessons) for name in catalogue.TASKS]
    if not profile.texts:
        sets.append(texts(profile, lessons))
    return sum(each.size for each in sets) + UNPACKED * plan.CORE_BUNDLE_BYTES


def write(out: Path, runtime: Runtime) -> str:
    """A file written by each rank, seen by all, and removed.

    Raises UserError where a rank cannot write, or does not see what another wrote."""
    name = f".written-{runtime.ranks.once(lambda: secrets.token_hex(4))}-by-rank-"
    mine, trouble = out / f"{name}{runtime.rank}", None
    try:
        files.write_text(mine, "here")
    except UserError as error:
        trouble = error
    written = int(runtime.ranks.total(trouble is None))
    seen = min(runtime.ranks.all_values(len(list(out.glob(f"{name}*")))))
    if trouble:
        raise trouble
    mine.unlink()
    if seen < written:
        raise UserError(
            f"{out} is not shared by all nodes: {written} ranks wrote there, and one sees {seen} "
            "of their files. Name a folder that is: --out."
        )
    return f"{out} can be written"


def tiny(config: PretrainConfig) -> PretrainConfig:
    """The same run at a size of seconds."""
    return dataclasses.replace(
        config,
        depth=2,
        sequence_len=64,
        aspect_ratio=16,
        head_dim=32,
        tokens=STEPS * 8 * 64,
        batch_tokens=8 * 64,
        lr_scale=1.0,
        weight_decay=0.0,
        save_every=1,
        evaluate_every=0,
        sample_every=0,
        micro_rows=4,
        device_batch_size="micro_rows",
    )


def first_steps(profile: Profile, runtime: Runtime, out: Path) -> str:
    """A tiny model trained for two steps by all ranks, saved, and loaded again."""
    texts = [world.document(0, index).text for index in range(64)]
    config, tokenizer = tiny(profile.base), Tokenizer.from_merges([])
    folder = Path(runtime.ranks.once(lambda: tempfile.mkdtemp(dir=out, prefix=".rehearsal.")))
    try:
        model, progress = pretrain(config, runtime, tokenizer, Items(texts), folder)
        runtime.ranks.once(lambda: same_again(model, folder, runtime))
    finally:
        if runtime.rank == 0:
            shutil.rmtree(folder)
    return f"{progress.step} taken, loss {progress.loss:.2f}, saved and loaded again"


def same_again(model: GPT, folder: Path, runtime: Runtime) -> None:
    """Raises UserError where the saved weights are not those of the model."""
    saved = checkpoint.load_model(checkpoint.latest(folder / "checkpoints"), runtime)
    pairs = zip(model.parameters(), saved.parameters(), strict=True)
    if not all(torch.equal(mine, loaded) for mine, loaded in pairs):
        raise UserError(f"What was saved in {folder} is not what was trained. Try another disk.")

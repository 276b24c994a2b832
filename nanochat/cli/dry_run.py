"""Everything of a run but the heavy steps: what would fail later fails here, in a line each."""

import dataclasses
import shutil
import tempfile
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path

import torch
from huggingface_hub import get_session
from huggingface_hub.errors import HTTPError
from huggingface_hub.utils import hf_raise_for_status
from rich.console import Console

from nanochat import optim
from nanochat.cli.doctor import Finding
from nanochat.cli.plan import show
from nanochat.data import Items, catalogue, hub, world
from nanochat.model import GPT, counts
from nanochat.pipeline import cards, curriculum, plan
from nanochat.pipeline.cards import GIB, Card
from nanochat.pipeline.curriculum import Public
from nanochat.pipeline.plan import Plan
from nanochat.pipeline.profiles import Profile
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint, dial
from nanochat.train.pretrain import PretrainConfig, model_shape, pretrain

STEPS = 2


def report(profile: Profile, runtime: Runtime, out: Path, home: Path) -> None:
    """A line for each finding, then the plan; status 1 where something is to be mended."""
    lacking = False
    for finding in rehearse(profile, runtime, out, home):
        lacking = lacking or bool(finding.fix)
        if runtime.rank == 0 or finding.fix:
            print(finding, flush=True)
    if runtime.rank == 0 and profile.gpu:
        print_plan(profile, runtime)
    if lacking:
        raise SystemExit(1)


def print_plan(profile: Profile, runtime: Runtime) -> None:
    """What pretraining takes on the GPU that is here, else on the one it is meant for."""
    try:
        show(planned(profile, card(profile, runtime)), None, Console(highlight=False))
    except UserError as error:
        print(f"There is no plan: {error}")


def rehearse(profile: Profile, runtime: Runtime, out: Path, home: Path) -> Iterator[Finding]:
    """What the profile needs, looked at or tried one after another; all ranks make this call."""
    yield ranks(profile, runtime)
    if profile.gpu:
        yield tried("memory", lambda: memory(profile, card(profile, runtime)))
        yield disk(profile, runtime, out)
    yield tried("model", lambda: on_paper(profile))
    lessons = curriculum.of(profile, home)
    if isinstance(lessons, Public):
        yield from (tried(what, look) for what, look in data(profile, lessons))
    yield tried("write access", lambda: write(out, runtime))
    yield tried("first steps", lambda: first_steps(profile, runtime, out))


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


def card(profile: Profile, runtime: Runtime) -> Card:
    """The GPU that is here, else the one that the profile is meant for."""
    if runtime.device.type != "cuda":
        return cards.named(profile.gpu)
    found = torch.cuda.get_device_properties(runtime.device)
    known = next((each for each in cards.CARDS.values() if each.name in found.name), None)
    here = known or cards.named(profile.gpu)
    return dataclasses.replace(here, memory_gib=found.total_memory / GIB)


def planned(profile: Profile, gpu: Card) -> Plan:
    """The plan of the profile's pretraining. Raises UserError where it cannot fit."""
    return plan.make(profile.base, profile.tokenizer.vocab_size, gpu, max(1, profile.gpus))


def memory(profile: Profile, gpu: Card) -> str:
    """Whether a GPU holds its part, by arithmetic."""
    fitting = planned(profile, gpu)
    needed, room = (size / GIB for size in (plan.needed(fitting.memory), plan.room(gpu)))
    return f"{needed:.1f} of {room:.1f} GiB of {gpu.name}, at {fitting.rows} rows each"


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


def data(profile: Profile, lessons: Public) -> Iterator[tuple[str, Callable[[], str]]]:
    """Each thing that will be fetched, and how to see that it can be had."""
    yield "texts", lambda: listed(lessons.texts(0).files()[: text_shards(profile)])
    for name in catalogue.TASKS:
        yield name, partial(task_set, name, lessons)
    for name, url in (("CORE", catalogue.CORE_BUNDLE), ("words", catalogue.WORDS)):
        yield name, partial(reach, url, lessons.hub)


def text_shards(profile: Profile) -> int:
    """How many files of text pretraining reads."""
    config = profile.base
    shape = model_shape(config, profile.tokenizer.vocab_size)
    size = dial.turn(shape, config.tokens_per_parameter, config.tokens, config.batch_tokens)
    return plan.shards(size.tokens)


def task_set(name: str, lessons: Public) -> str:
    """What the hub lists of a task set."""
    return listed(catalogue.list_task(name, lessons.folder, lessons.hub).files)


def listed(found: tuple[hub.RemoteFile, ...]) -> str:
    """How many files there are, and their size."""
    return f"{len(found)} files, {sum(file.size for file in found) / 1e9:.2f} GB"


def reach(url: str, where: hub.Hub) -> str:
    """Whether a server would send a file. Raises UserError where it does not."""
    try:
        with get_session().stream("GET", url, timeout=where.timeout) as response:
            hf_raise_for_status(response)
            size = int(response.headers.get("Content-Length", 0))
    except HTTPError as error:
        raise UserError(f"{url} cannot be had ({error}). See to the connection.") from None
    return f"1 file, {size / 1e9:.2f} GB"


def disk(profile: Profile, runtime: Runtime, out: Path) -> Finding:
    """Whether what is fetched and saved has room."""
    existing = next(path for path in (out, *out.absolute().parents) if path.exists())
    free = shutil.disk_usage(existing).free / 1e9
    try:
        needed = planned(profile, card(profile, runtime)).disk_bytes / 1e9
    except UserError:
        return Finding("disk", f"{free:.0f} GB free", "What it needs is not known: see memory")
    fix = "" if free >= needed else f"Free some, or name a folder with {needed:.0f} GB: --out"
    return Finding("disk", f"{free:.0f} GB free of {needed:.0f} needed", fix)


def write(out: Path, runtime: Runtime) -> str:
    """A file written by each rank, read and removed."""
    path = out / f".written-by-rank-{runtime.rank}"
    files.write_text(path, "here")
    path.unlink()
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

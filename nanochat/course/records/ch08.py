"""Chapter 8's family: small models on several lengths of text, a law fitted to them, a larger run.

In five commands, each of which needs what those before it kept:

    python -m nanochat.course.records.ch08 rates      which learning rate suits narrow and wide
    python -m nanochat.course.records.ch08 family     the runs that the law is fitted to
    python -m nanochat.course.records.ch08 predict    what the law says of a larger run
    python -m nanochat.course.records.ch08 check      that run, and not before it was predicted
    python -m nanochat.course.records.ch08 skills     what the narrowest and the widest find hard

A run that is kept already is not made again: delete the record to make it anew."""

import datetime
import itertools
import json
import sys
import time

import torch

from nanochat.course import records
from nanochat.course.records import ch07
from nanochat.course.records.small import LENGTH, VOCAB, Small
from nanochat.model import GPTConfig, counts
from nanochat.runtime import UserError, files, generator
from nanochat.train import dial

RATES = (0.25, 0.5, 1.0, 2.0, 4.0)
SEEDS = {2: (0, 1), 3: (0, 1), 4: (0, 1), 6: (0,)}  # of each depth
TOKENS = (125_000, 250_000, 500_000, 1_000_000)
LARGER = (8, 2_000_000)


def config_of(depth):
    """The model of a depth, 16 times as wide as it is deep."""
    return GPTConfig.classic(depth, VOCAB, sequence_len=LENGTH, aspect_ratio=16, head_dim=16)


def split(A, a, B, b, flops):
    """The parameters and the tokens at which A / N^a + B / D^b is least, where flops = 6 N D."""
    ratio = (a * A / (b * B)) ** (1 / (a + b))
    parameters = ratio * (flops / 6) ** (b / (a + b))
    return parameters, flops / 6 / parameters


def fit(runs, floor=None):
    """A, a, B, b and E of E + A / N^a + B / D^b, where the relative errors are least.

    For given a and b the rest is linear: those two are tried on a grid. A floor is E, if given."""
    parameters, tokens, losses = (
        torch.tensor([run[key] for run in runs], dtype=torch.float64)
        for key in ("parameters", "tokens", "bpb")
    )
    grid = torch.arange(0.02, 1.5, 0.02, dtype=torch.float64)
    a, b = (each.reshape(-1, 1) for each in torch.meshgrid(grid, grid, indexing="ij"))
    columns = [(parameters / 1e5) ** -a, (tokens / 1e6) ** -b]
    if floor is None:
        columns.append(torch.ones_like(columns[0]))
    design = torch.stack(columns, dim=-1) / losses[:, None]
    target = (1 - (floor or 0) / losses).expand(len(design), -1)[..., None]
    solution = torch.linalg.lstsq(design, target).solution
    errors = (design @ solution - target).square().mean((1, 2)).sqrt()
    errors[(solution < 0).any(1).squeeze(-1)] = torch.inf
    best = errors.argmin()
    weights = [*solution[best].flatten().tolist(), floor][:3]
    return dict(zip(("A", "B", "E"), weights, strict=True)) | {
        "a": a[best].item(),
        "b": b[best].item(),
        "error": errors[best].item(),
    }


def predicted(law, parameters, tokens):
    """What a law says of a run, in bits per byte."""
    at_size, at_length = (parameters / 1e5) ** -law["a"], (tokens / 1e6) ** -law["b"]
    return law["E"] + law["A"] * at_size + law["B"] * at_length


def resampled(runs, floor, parameters, tokens, times=200):
    """The predictions of laws that were fitted to runs drawn anew, with some of them repeated."""
    dice = generator(0, "resampled")
    for _ in range(times):
        drawn = torch.randint(len(runs), (len(runs),), generator=dice).tolist()
        yield predicted(fit([runs[index] for index in drawn], floor), parameters, tokens)


def kept():
    """What was found so far."""
    return records.read("ch08") if records.path("ch08").exists() else {"rates": {}, "runs": []}


def keep(found, **more):
    """Add to what was found."""
    found |= more
    head = ("date", "machine", "command")
    records.write("ch08", **{key: value for key, value in found.items() if key not in head})


def measured(small, depth, tokens, seed):
    """One run as it is kept."""
    began, config = time.perf_counter(), config_of(depth)
    bpb = small.run(config, tokens, seed)
    return {
        "depth": depth,
        "parameters": dial.scaling_parameters(config),
        "tokens": tokens,
        "flops": tokens * counts.flops_per_token(config),
        "seed": seed,
        "bpb": bpb,
        "seconds": round(time.perf_counter() - began, 1),
    }


def rates(small, found):
    """The loss over rates, of the narrowest model and of a wide one."""
    for depth, rate in itertools.product((2, 4), RATES):
        of_depth = found["rates"].setdefault(str(depth), {})
        if str(rate) not in of_depth:
            of_depth[str(rate)] = small.run(config_of(depth), TOKENS[1], rate=rate)
            keep(found, floor=small.floor)


def family(small, found):
    """The runs that the law is fitted to, the shortest first."""
    done = {(run["depth"], run["tokens"], run["seed"]) for run in found["runs"]}
    for tokens, depth in itertools.product(TOKENS, SEEDS):
        for seed in SEEDS[depth]:
            if (depth, tokens, seed) in done:
                continue
            run = measured(small, depth, tokens, seed)
            keep(found, floor=small.floor, runs=[*found["runs"], run])


def predict(small, found):
    """What laws with the floor, with one of their own and with none say of the larger run."""
    if "larger" in found:
        raise UserError("The larger run is known: a prediction comes before.")
    size = dial.scaling_parameters(config_of(LARGER[0])), LARGER[1]
    said = {"parameters": size[0], "tokens": size[1], "runs": fingerprint(found["runs"])}
    for name, floor in (("known", small.floor), ("free", None), ("none", 0.0)):
        law = fit(found["runs"], floor)
        drawn = sorted(resampled(found["runs"], floor, *size))
        ends = {"low": drawn[len(drawn) // 20], "high": drawn[-len(drawn) // 20]}
        said[name] = {"law": law, "bpb": predicted(law, *size)} | ends
    said["at"] = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
    keep(found, prediction=said)


def check(small, found):
    """The larger run. Raises UserError where nobody has said what it will come to."""
    if found.get("prediction", {}).get("runs") != fingerprint(found["runs"]):
        raise UserError("There is no prediction from these runs: make it first, with `predict`.")
    if "larger" not in found:
        larger = measured(small, *LARGER, seed=0)
        now = datetime.datetime.now(datetime.UTC).isoformat(timespec="seconds")
        keep(found, larger=larger | {"at": now})


def skills(small, found):
    """The nats a token, by chapter 7's kinds, of the narrowest models and of the widest."""
    course, done = ch07.Course(), found.setdefault("skills", [])
    for tokens, depth in itertools.product(TOKENS, (min(SEEDS), max(SEEDS))):
        if any((each["depth"], each["tokens"]) == (depth, tokens) for each in done):
            continue
        bits, nats = course.measure(small.train(config_of(depth), tokens))
        kinds = dict(zip(ch07.KINDS, nats, strict=True))
        done.append({"depth": depth, "tokens": tokens, "bpb": bits, "nats": kinds})
        keep(found)


def fingerprint(runs):
    """What the runs are known by."""
    return files.sha256(json.dumps(runs).encode())[:16]


def main():
    torch.set_num_threads(1)
    parts = {part.__name__: part for part in (rates, family, predict, check, skills)}
    for name in sys.argv[1:] or parts:
        parts[name](Small(), kept())


if __name__ == "__main__":
    main()

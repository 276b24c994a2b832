"""One optimizer: Muon for matrices, AdamW for the rest, shared out over ranks."""

import math
from collections import defaultdict
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, replace

import torch
from jaxtyping import Float
from torch import Tensor, nn

from nanochat.model import GPT
from nanochat.optim import adamw, muon
from nanochat.runtime import ALONE, Ranks, UserError


@dataclass(frozen=True)
class OptimConfig:
    """Learning rates at width 768 and a batch of 2^19 tokens, decays, and the parts of Muon."""

    matrix_lr: float = 0.02  # of the blocks' matrices (Muon); all else is AdamW's
    head_lr: float = 0.008  # of the output matrix
    embedding_lr: float = 0.3  # of the token embedding
    value_embedding_lr: float = 0.15  # of the value embeddings
    scalar_lr: float = 0.5  # of the residual stream's scalars
    smear_lr: float = 0.2  # of smear and backout
    weight_decay: float = 0.28  # of the matrices
    momentum: float = 0.95  # of Muon, where nothing schedules it
    orthogonalizer: str = "polar_express"  # polar_express or newton_schulz
    equilibrate: bool = True  # rows of equal length before orthogonalizing (MuonEq)
    rescale: bool = True  # an orthogonal matrix's norm after it (Muon+)
    normalize_neurons: float | None = 0.9  # beta of NorMuon; None: without it
    cautious: bool = True  # decay only where the update shrinks the weight too

    def __post_init__(self):
        if self.orthogonalizer not in muon.POLYNOMIALS:
            raise UserError(
                f"orthogonalizer={self.orthogonalizer!r} is unknown. "
                f"Expected {' or '.join(muon.POLYNOMIALS)}."
            )

    def slowed(self, fraction: float) -> "OptimConfig":
        """The same with this fraction of every learning rate."""
        rates = {name: rate for name, rate in asdict(self).items() if name.endswith("_lr")}
        return replace(self, **{name: fraction * rate for name, rate in rates.items()})


class MuonAdamW(torch.optim.Optimizer):
    """Muon for the groups whose `kind` is "muon" (same-shape matrices), AdamW for the others.

    Each of several ranks updates its part of every stack of matrices and of every table, keeps the
    state of that part, and passes the new weights on. A training loop may set each group's `lr`,
    `weight_decay` and `momentum` before any step; `initial_lr` and `initial_weight_decay` keep what
    the group was built with."""

    def __init__(self, groups: list[dict], ranks: Ranks = ALONE):
        for group in groups:
            group["initial_lr"] = group["lr"]
            group["initial_weight_decay"] = group["weight_decay"]
        super().__init__(groups, defaults={})
        self.ranks = ranks

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter from its gradient, summed over ranks."""
        updates = [update for group in self.param_groups for update in self.updates(group)]
        if self.ranks.world_size == 1:
            for update in updates:
                exhaust(update)
        else:
            # All send gradients first, then all compute as theirs arrive, then all take weights.
            exhaust(zip(*updates, strict=True))

    def updates(self, group: dict) -> list[Iterator[None]]:
        """What a step does, in pieces that each pause twice: where they wait for other ranks."""
        if group["kind"] == "muon":
            return [self.update_matrices(group)]
        return [self.update_parameter(weight, group) for weight in group["params"]]

    def update_parameter(self, weight: nn.Parameter, group: dict) -> Iterator[None]:
        gradient = self.ranks.reduce(gradient_of(weight))
        yield
        mine, state = self.ranks.part(weight), self.state[weight]
        if not state:
            state.update(adamw.initial_state(mine))
        adamw.update(mine, gradient.wait(), state, group)
        arriving = self.ranks.gather(mine, weight)
        yield
        arriving.wait()

    def update_matrices(self, group: dict) -> Iterator[None]:
        weights = group["params"]
        gradient = self.ranks.reduce(self.stack([gradient_of(weight) for weight in weights]))
        yield
        stacked, state = self.stack(weights), self.state[weights[0]]
        mine = self.ranks.part(stacked)
        if not state:
            state.update(muon.initial_state(mine, group))
        updated = muon.update(mine, gradient.wait(), state, group)
        arriving = self.ranks.gather(updated, stacked)
        yield
        torch._foreach_copy_(weights, list(arriving.wait()[: len(weights)].unbind()))

    def stack(self, matrices: list[Tensor]) -> Float[Tensor, "K M N"]:
        """All matrices in one, and zeros after them, so that every rank has as many."""
        missing = -len(matrices) % self.ranks.world_size
        return torch.stack([*matrices, *[torch.zeros_like(matrices[0])] * missing])

    def state_dict(self) -> dict[str, Tensor]:
        """Every tensor of the state under its parameter's name: on the first of several ranks, all
        of which make this call; the others get their own."""
        return self.ranks.collect(dict(self.own_state()))

    def own_state(self) -> Iterator[tuple[str, Tensor]]:
        """The tensors of this rank; those that all ranks have alike belong to the first."""
        for group in self.param_groups:
            if group["kind"] == "muon":
                for key, stacked in self.state.get(group["params"][0], {}).items():
                    for name, value in zip(self.owned(group), stacked):
                        yield f"{name}.{key}", value
                continue
            for name, weight in zip(group["names"], group["params"], strict=True):
                for key, value in self.state.get(weight, {}).items():
                    if self.ranks.rank == 0 or (value.ndim and self.ranks.splits(weight)):
                        yield f"{name}.{key}", value

    def owned(self, group: dict) -> list[str]:
        """The names of the matrices that this rank updates."""
        count = math.ceil(len(group["names"]) / self.ranks.world_size)
        return group["names"][self.ranks.rank * count :][:count]

    def load_state_dict(self, tensors: dict[str, Tensor]) -> None:
        """Put back this rank's part of a whole state, however many ranks it came from.

        Raises UserError where a name or shape is of another model."""
        unknown = {path.rpartition(".")[0] for path in tensors} - dict(
            self.named_parameters()
        ).keys()
        if unknown:
            raise UserError(
                f"The optimizer's state holds {min(unknown)!r}, which the model has not."
            )
        self.state.clear()
        for group in self.param_groups if tensors else ():
            if group["kind"] == "muon":
                self.load_matrices(group, tensors)
            else:
                self.load_parameters(group, tensors)

    def load_matrices(self, group: dict, tensors: dict[str, Tensor]) -> None:
        weights = group["params"]
        state = muon.initial_state(self.ranks.part(self.stack(weights)).detach(), group)
        for key, stacked in state.items():
            for name, value in zip(self.owned(group), stacked):
                fill(value, tensors.get(f"{name}.{key}"), f"{name}.{key}")
        self.state[weights[0]] = state

    def load_parameters(self, group: dict, tensors: dict[str, Tensor]) -> None:
        for name, weight in zip(group["names"], group["params"], strict=True):
            state = adamw.initial_state(self.ranks.part(weight.detach()))
            for key, value in state.items():
                saved = tensors.get(f"{name}.{key}")
                fill(value, None if saved is None else self.ranks.part(saved), f"{name}.{key}")
            self.state[weight] = state

    def named_parameters(self) -> Iterable[tuple[str, nn.Parameter]]:
        for group in self.param_groups:
            yield from zip(group["names"], group["params"], strict=True)


def gradient_of(weight: nn.Parameter) -> Tensor:
    """The gradient, zero for a rank that saw nothing to learn from."""
    return torch.zeros_like(weight) if weight.grad is None else weight.grad


def exhaust(steps: Iterator) -> None:
    """Go on to the end."""
    for _ in steps:
        pass


def fill(target: Tensor, saved: Tensor | None, path: str) -> None:
    """Copy what was saved. Raises UserError where it is missing or of another shape."""
    if saved is None or saved.shape != target.shape:
        found = "nothing" if saved is None else f"a tensor of shape {tuple(saved.shape)}"
        raise UserError(
            f"The optimizer's state holds {found} for {path!r}, where {tuple(target.shape)} was "
            "expected: it is of another model, or of an older version. Train that model again."
        )
    target.copy_(saved)


def build(
    model: GPT, config: OptimConfig | None = None, lr_scale: float = 1.0, ranks: Ranks = ALONE
) -> MuonAdamW:
    """The optimizer of a model: Muon for the matrices of its blocks, AdamW for all else.

    Rates are scaled by `lr_scale`, AdamW's also by (n_embd / 768)^-0.5; smear's stays as it is."""
    config = config or OptimConfig()
    width = (model.config.n_embd / 768) ** -0.5
    parameters = defaultdict(list)
    for name, weight in model.named_parameters():
        parameters[kind_of(name, weight)].append((name, weight))
    settings = {
        "head": (config.head_lr * width * lr_scale, (0.8, 0.96), 0.01),
        "embedding": (config.embedding_lr * width * lr_scale, (0.8, 0.995), 0.001),
        "value_embeddings": (config.value_embedding_lr * width * lr_scale, (0.8, 0.995), 0.01),
        "residual_scale": (config.scalar_lr * 0.01 * lr_scale, (0.8, 0.95), 0.05),
        "embedding_scale": (config.scalar_lr * lr_scale, (0.96, 0.95), 0.0),
        "smear_and_backout": (config.smear_lr, (0.8, 0.95), 0.0),
    }
    matrices = parameters.pop("matrices")
    groups = [
        group_of(parameters[kind], kind="adamw", lr=lr, betas=betas, weight_decay=decay, eps=1e-10)
        for kind, (lr, betas, decay) in settings.items()
        if kind in parameters
    ]
    return MuonAdamW(groups + muon_groups(matrices, config, lr_scale, model.dtype), ranks)


def kind_of(name: str, weight: nn.Parameter) -> str:
    """Which group a parameter belongs to."""
    first, last = name.split(".")[0], name.split(".")[-1]
    if first == "blocks":
        return "matrices" if weight.ndim == 2 else last
    return "smear_and_backout" if first in ("smear", "backout") else first


def muon_groups(
    matrices: list[tuple[str, nn.Parameter]],
    config: OptimConfig,
    lr_scale: float,
    dtype: torch.dtype = torch.float32,
) -> list[dict]:
    """A group for each shape; `dtype` is that in which updates are orthogonalized."""
    shapes = defaultdict(list)
    for name, weight in matrices:
        shapes[weight.shape].append((name, weight))
    return [
        group_of(
            named,
            kind="muon",
            lr=config.matrix_lr * lr_scale,
            weight_decay=config.weight_decay,
            momentum=config.momentum,
            dtype=dtype,
            orthogonalizer=config.orthogonalizer,
            equilibrate=config.equilibrate,
            rescale=config.rescale,
            normalize_neurons=config.normalize_neurons,
            cautious=config.cautious,
        )
        for named in shapes.values()
    ]


def group_of(named: list[tuple[str, nn.Parameter]], **settings) -> dict:
    """A parameter group that knows its parameters' names."""
    names, params = zip(*named, strict=True)
    return {"params": list(params), "names": list(names), **settings}

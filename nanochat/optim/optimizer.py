from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nanochat.model import GPT
from nanochat.optim import adamw, muon
from nanochat.runtime import UserError


@dataclass(frozen=True)
class OptimConfig:
    """Learning rates at width 768 and a batch of 2^19 tokens, decays, and the parts of Muon."""

    matrix_lr: float = 0.02
    head_lr: float = 0.008
    embedding_lr: float = 0.3
    value_embedding_lr: float = 0.15
    scalar_lr: float = 0.5
    smear_lr: float = 0.2
    weight_decay: float = 0.28
    momentum: float = 0.95
    orthogonalizer: str = "polar_express"
    equilibrate: bool = True
    rescale: bool = True
    normalize_neurons: float | None = 0.9
    cautious: bool = True

    def __post_init__(self):
        if self.orthogonalizer not in muon.POLYNOMIALS:
            raise UserError(
                f"orthogonalizer={self.orthogonalizer!r} is unknown. "
                f"Expected {' or '.join(muon.POLYNOMIALS)}."
            )


class MuonAdamW(torch.optim.Optimizer):
    """Muon for the groups whose `kind` is "muon" (same-shape matrices), AdamW for the others.

    A training loop may set each group's `lr`, `weight_decay` and `momentum` before any step;
    `initial_lr` and `initial_weight_decay` keep what the group was built with."""

    def __init__(self, groups: list[dict]):
        for group in groups:
            group["initial_lr"] = group["lr"]
            group["initial_weight_decay"] = group["weight_decay"]
        super().__init__(groups, defaults={})

    @torch.no_grad()
    def step(self) -> None:
        """Update every parameter from its gradient."""
        for group in self.param_groups:
            if group["kind"] == "muon":
                self.step_muon(group)
            else:
                self.step_adamw(group)

    def step_adamw(self, group: dict) -> None:
        for weight in group["params"]:
            if weight.grad is None:
                continue
            state = self.state[weight]
            if not state:
                state.update(adamw.initial_state(weight))
            adamw.update(weight, weight.grad, state, group)

    def step_muon(self, group: dict) -> None:
        weights = [weight for weight in group["params"] if weight.grad is not None]
        if not weights:
            return
        state = self.state[weights[0]]
        gradient = torch.stack([weight.grad for weight in weights])
        if not state:
            state.update(muon.initial_state(gradient, group))
        updated = muon.update(torch.stack(weights), gradient, state, group)
        torch._foreach_copy_(weights, list(updated.unbind()))

    def state_dict(self) -> dict[str, Tensor]:
        """Every tensor of the state, under the name of its (first) parameter."""
        return {
            f"{name}.{key}": value
            for name, weight in self.named_parameters()
            for key, value in self.state.get(weight, {}).items()
        }

    def load_state_dict(self, tensors: dict[str, Tensor]) -> None:
        """Put back what `state_dict` gave; UserError where a name or shape is of another model."""
        weights = dict(self.named_parameters())
        restored = defaultdict(dict)
        for path, value in tensors.items():
            name, _, key = path.rpartition(".")
            if name not in weights:
                raise UserError(f"The optimizer's state holds {name!r}, which the model has not.")
            restored[weights[name]][key] = value.detach().clone().to(weights[name].device)
        self.state.clear()
        self.state.update(restored)

    def named_parameters(self) -> Iterable[tuple[str, nn.Parameter]]:
        for group in self.param_groups:
            yield from zip(group["names"], group["params"], strict=True)


def build(model: GPT, config: OptimConfig | None = None, lr_scale: float = 1.0) -> MuonAdamW:
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
    return MuonAdamW(groups + muon_groups(matrices, config, lr_scale))


def kind_of(name: str, weight: nn.Parameter) -> str:
    """Which group a parameter belongs to."""
    first, last = name.split(".")[0], name.split(".")[-1]
    if first == "blocks":
        return "matrices" if weight.ndim == 2 else last
    return "smear_and_backout" if first in ("smear", "backout") else first


def muon_groups(
    matrices: list[tuple[str, nn.Parameter]], config: OptimConfig, lr_scale: float
) -> list[dict]:
    """A group for each shape."""
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

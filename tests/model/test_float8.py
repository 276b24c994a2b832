"""The products of wide matrices in float8, rounded here as a card would, multiplied in float32."""

import pytest
import torch
from torch import nn

from nanochat.model import GPT, GPTConfig
from nanochat.model.float8 import in_float8, is_wide
from nanochat.runtime import UserError, detect
from nanochat.runtime import device as machine

CONFIG = GPTConfig(vocab_size=64, sequence_len=32, n_layer=2, n_head=2, n_kv_head=2, n_embd=128)


@pytest.fixture
def model():
    model = GPT(CONFIG)
    generator = torch.Generator().manual_seed(0)
    model.init_weights(generator)
    with torch.no_grad():
        for weight in model.parameters():
            weight += 0.02 * torch.randn(weight.shape, generator=generator)
    return model


def gradients(model):
    ids = torch.randint(0, 64, (8, 33), generator=torch.Generator().manual_seed(1))
    model.zero_grad()
    model.loss(ids[:, :-1], ids[:, 1:]).backward()
    return {name: weight.grad.clone() for name, weight in model.named_parameters()}


def test_the_gradients_are_those_of_float32_but_for_rounding(model):
    twin = in_float8(model, emulate=True)
    exact, found = gradients(model), gradients(twin)
    for name in ("blocks.0.mlp.expand.weight", "blocks.1.attention.value.weight", "head.weight"):
        off = (found[name] - exact[name]).norm() / exact[name].norm()
        # An e5m2 gradient keeps two bits behind the point: each is off by up to an eighth.
        assert 0.005 < off < 0.15, f"{name}: {off:.1%} off"


def test_the_weights_are_shared_and_the_model_stays_as_it_was(model):
    twin = in_float8(model, emulate=True)
    pairs = zip(model.named_parameters(), twin.named_parameters(), strict=True)
    assert all(mine is theirs and name == other for (name, mine), (other, theirs) in pairs)
    changed = [
        name for name, m in twin.named_modules() if type(m) is not type(model.get_submodule(name))
    ]
    assert len(changed) == 2 * 6 and all(name.startswith("blocks.") for name in changed)


@pytest.mark.parametrize("shape, wide", [((128, 256), True), ((120, 256), False), ((200, 136), 0)])
def test_what_is_wide(shape, wide):
    assert is_wide(nn.Linear(*shape)) == wide


def test_float8_is_refused_where_it_is_not():
    with pytest.raises(UserError, match="dtype=float8 needs an NVIDIA card of the Ada"):
        detect(device="cpu", dtype="float8")


@pytest.mark.parametrize(
    "installed, compiled, complaint", [(None, True, "needs torchao"), (object(), False, "compile")]
)
def test_float8_says_what_it_lacks(monkeypatch, installed, compiled, complaint):
    monkeypatch.setattr(torch.cuda, "get_device_capability", lambda device: (9, 0))
    monkeypatch.setattr(machine.importlib.util, "find_spec", lambda name: installed)
    with pytest.raises(UserError, match=complaint):
        machine._check_float8(torch.device("cuda"), compiled)

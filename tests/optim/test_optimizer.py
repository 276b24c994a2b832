import copy
import dataclasses

import pytest
import torch
from safetensors.torch import load, save
from torch.optim._muon import _zeropower_via_newtonschulz

from nanochat import optim
from nanochat.model import GPT, GPTConfig
from nanochat.optim import MuonAdamW, OptimConfig, muon
from nanochat.runtime import UserError

CONFIG = GPTConfig(vocab_size=64, sequence_len=16, n_layer=3, n_head=4, n_kv_head=2, n_embd=48)
PLAIN = OptimConfig(
    orthogonalizer="newton_schulz",
    equilibrate=False,
    rescale=False,
    normalize_neurons=None,
    cautious=False,
    weight_decay=0.1,
)


def build_model(seed=0):
    model = GPT(CONFIG)
    model.init_weights(torch.Generator().manual_seed(seed))
    return model


def train(model, optimizer, steps, first=0):
    for step in range(first, first + steps):
        generator = torch.Generator().manual_seed(step)
        ids = torch.randint(0, 64, (2, 17), generator=generator)
        model.loss(ids[:, :-1], ids[:, 1:]).backward()
        optimizer.step()
        optimizer.zero_grad()


def follow(ours, theirs, weights, peers, steps=5):
    """Give both optimizers the same gradients, and compare the weights after each step."""
    for step in range(steps):
        generator = torch.Generator().manual_seed(step)
        for weight, peer in zip(weights, peers, strict=True):
            weight.grad = torch.randn(weight.shape, generator=generator)
            peer.grad = weight.grad.clone()
        ours.step()
        theirs.step()
        for weight, peer in zip(weights, peers, strict=True):
            yield weight, peer


def newton_schulz_of_torch(stack, method):
    assert method == "newton_schulz"
    coefficients = (3.4445, -4.7750, 2.0315)
    return torch.stack([_zeropower_via_newtonschulz(x, coefficients, 5, 1e-7) for x in stack])


def test_newton_schulz_is_that_of_torch():
    x = torch.randn(2, 24, 40, generator=torch.Generator().manual_seed(0))
    ours, theirs = (
        muon.orthogonalize(x, "newton_schulz"),
        newton_schulz_of_torch(x, "newton_schulz"),
    )
    # Theirs rounds to bfloat16 ten times.
    assert (ours - theirs).norm() < 0.03 * ours.norm()


@pytest.mark.parametrize("shape", [(12, 12), (8, 20), (20, 8)])
def test_muon_is_that_of_torch(shape, monkeypatch):
    monkeypatch.setattr(muon, "orthogonalize", newton_schulz_of_torch)
    weights = [torch.nn.Parameter(torch.randn(shape)) for _ in range(3)]
    peers = copy.deepcopy(weights)
    named = [(str(i), weight) for i, weight in enumerate(weights)]
    ours = MuonAdamW(optim.optimizer.muon_groups(named, PLAIN, 1.0))
    # Ours raises the rate of tall matrices before it decays them, torch's after.
    tall = max(1, shape[0] / shape[1]) ** 0.5
    theirs = torch.optim.Muon(peers, lr=0.02, weight_decay=0.1 * tall, momentum=0.95)
    for weight, peer in follow(ours, theirs, weights, peers):
        torch.testing.assert_close(weight, peer, atol=1e-5, rtol=0)


def test_adamw_is_that_of_torch():
    weights = [torch.nn.Parameter(torch.randn(6, 5)), torch.nn.Parameter(torch.randn(()))]
    peers = copy.deepcopy(weights)
    settings = {"lr": 0.03, "betas": (0.8, 0.95), "eps": 1e-10, "weight_decay": 0.1}
    group = {"params": weights, "names": ["a", "b"], "kind": "adamw", **settings}
    theirs = torch.optim.AdamW(peers, **settings)
    for weight, peer in follow(MuonAdamW([group]), theirs, weights, peers):
        torch.testing.assert_close(weight, peer)


def test_every_parameter_has_one_group_with_the_rates_of_the_reference():
    model = build_model()
    optimizer = optim.build(model, lr_scale=2.0)
    named = dict(optimizer.named_parameters())
    assert {n: id(w) for n, w in named.items()} == {n: id(w) for n, w in model.named_parameters()}
    rates = {name: group["lr"] for group in optimizer.param_groups for name in group["names"]}
    wide = 2 * (48 / 768) ** -0.5
    expected = {
        "head.weight": 0.008 * wide,
        "embedding.weight": 0.3 * wide,
        "value_embeddings.2.weight": 0.15 * wide,
        "blocks.0.attention.query.weight": 0.02 * 2,
        "blocks.2.attention.value_gate.weight": 0.02 * 2,
        "blocks.1.residual_scale": 0.5 * 0.01 * 2,
        "blocks.1.embedding_scale": 0.5 * 2,
        "smear.gate.weight": 0.2,
        "smear.scale": 0.2,
        "backout": 0.2,
    }
    assert {name: rates[name] for name in expected} == pytest.approx(expected)


def test_a_rate_of_zero_stops_a_group():
    model = build_model()
    optimizer = optim.build(model)
    for group in optimizer.param_groups:
        group["lr"] = group["initial_lr"] * (group["kind"] == "muon")
    before = copy.deepcopy(model.state_dict())
    train(model, optimizer, 1)
    moved = {name for name, value in model.state_dict().items() if not value.equal(before[name])}
    assert moved and all(name.startswith("blocks.") for name in moved)


@pytest.mark.parametrize(
    "part",
    [
        {"orthogonalizer": "newton_schulz"},
        {"equilibrate": False},
        {"rescale": False},
        {"normalize_neurons": None},
        {"cautious": False},
    ],
)
def test_every_part_of_muon_is_a_switch(part):
    ends = []
    for config in (OptimConfig(), dataclasses.replace(OptimConfig(), **part)):
        model = build_model()
        train(model, optim.build(model, config), 3)
        ends.append(model.blocks[1].mlp.project.weight)
    assert (ends[0] - ends[1]).abs().max() > 1e-4


def test_the_state_is_tensors_and_resumes_to_the_bit():
    model = build_model()
    optimizer = optim.build(model)
    train(model, optimizer, 3)
    saved = load(save({k: v.contiguous() for k, v in optimizer.state_dict().items()}))
    resumed = copy.deepcopy(model)
    again = optim.build(resumed)
    again.load_state_dict(saved)
    train(model, optimizer, 3, first=3)
    train(resumed, again, 3, first=3)
    for ours, theirs in zip(model.parameters(), resumed.parameters(), strict=True):
        assert torch.equal(ours, theirs)


def test_the_state_of_another_model_is_refused():
    model = build_model()
    optimizer = optim.build(model)
    train(model, optimizer, 1)
    other = optim.build(GPT(GPTConfig.classic(1, 64, sequence_len=16, head_dim=32)))
    with pytest.raises(UserError, match="which the model has not"):
        other.load_state_dict(optimizer.state_dict())


def test_a_state_of_other_shapes_is_refused():
    model = build_model()
    optimizer = optim.build(model)
    train(model, optimizer, 1)
    state = optimizer.state_dict()
    name = "blocks.0.mlp.expand.weight.momentum"
    with pytest.raises(UserError, match=f"a tensor of shape .48, 192.* for '{name}'"):
        optimizer.load_state_dict(state | {name: state[name].T})
    del state["head.weight.mean"]
    with pytest.raises(UserError, match="nothing for 'head.weight.mean'"):
        optimizer.load_state_dict(state)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_updates_are_orthogonalized_in_the_models_dtype(dtype, monkeypatch):
    seen, plain = set(), muon.orthogonalize

    def orthogonalize(matrix, method):
        seen.add(matrix.dtype)
        return plain(matrix, method)

    monkeypatch.setattr(muon, "orthogonalize", orthogonalize)
    model = GPT(CONFIG, dtype)
    model.init_weights(torch.Generator().manual_seed(0))
    train(model, optim.build(model), 1)
    assert seen == {dtype}


def test_an_unknown_iteration_is_refused():
    with pytest.raises(UserError, match="orthogonalizer='cubic'"):
        OptimConfig(orthogonalizer="cubic")


def test_learns_a_text_by_heart():
    model = build_model()
    optimizer = optim.build(model)
    ids = torch.randint(0, 64, (4, 17), generator=torch.Generator().manual_seed(0))
    for _ in range(25):
        value = model.loss(ids[:, :-1], ids[:, 1:])
        value.backward()
        optimizer.step()
        optimizer.zero_grad()
    assert value < 1

import dataclasses

import pytest
import torch

from nanochat.model import GPT, GPTConfig, initialization
from nanochat.pipeline import huggingface
from nanochat.runtime import UserError

CONFIG = GPTConfig(vocab_size=96, sequence_len=64, n_layer=3, n_head=4, n_kv_head=2, n_embd=64)


def build(config, dtype=torch.float32, noise=0.05):
    """A model whose every weight has left its first value, zeros included."""
    model = GPT(config, dtype)
    generator = torch.Generator().manual_seed(0)
    model.init_weights(generator)
    with torch.no_grad():
        for weight in model.parameters():
            weight += noise * torch.randn(weight.shape, generator=generator)
    return model


def random_ids(rows=2, length=64, vocab=96, seed=1):
    return torch.randint(0, vocab, (rows, length), generator=torch.Generator().manual_seed(seed))


def transformers_twin(model):
    from transformers import NanoChatConfig, NanoChatForCausalLM

    twin = NanoChatForCausalLM(NanoChatConfig(**huggingface.their_config(model.config))).eval()
    twin.load_state_dict(huggingface.their_weights(model))
    return twin


@pytest.mark.parametrize("n_kv_head", [4, 2])
def test_classic_gives_the_logits_of_transformers(n_kv_head):
    model = build(
        GPTConfig.classic(3, 96, sequence_len=64, n_head=4, n_kv_head=n_kv_head, n_embd=64),
        noise=0.2,
    )
    with torch.no_grad():
        ours = model.logits(model(random_ids()))
        theirs = transformers_twin(model)(random_ids()).logits
    assert theirs.abs().max() > 1
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=0)


def test_every_weight_learns():
    model = build(CONFIG)
    model.loss(random_ids(), random_ids(seed=2)).backward()
    assert all(weight.grad.abs().sum() > 0 for weight in model.parameters())


SWITCHES = {"residual_scales": False, "value_embeddings": False, "smear": False, "backout": False}


@pytest.mark.parametrize("switch", [*SWITCHES, "qk_scale", "window_pattern", "rope_base"])
def test_every_switch_changes_what_is_computed(switch):
    other = SWITCHES | {"qk_scale": 1.0, "window_pattern": "L", "rope_base": 1e4}
    config = dataclasses.replace(CONFIG, sequence_len=192)
    model = build(config)
    changed = GPT(dataclasses.replace(config, **{switch: other[switch]}))
    changed.load_state_dict(model.state_dict(), strict=False)
    ids = random_ids(length=192)
    assert (model(ids) - changed(ids)).abs().max() > 1e-3


def test_no_token_sees_the_future():
    model, ids = build(CONFIG), random_ids()
    other = ids.clone()
    other[:, 40:] = (other[:, 40:] + 1) % 96
    before, after = model(ids), model(other)
    torch.testing.assert_close(before[:, :40], after[:, :40])
    assert (before[:, 40:] - after[:, 40:]).abs().max() > 1e-2


def test_loss_of_new_weights_is_that_of_a_guess():
    model = GPT(CONFIG)
    model.init_weights(torch.Generator().manual_seed(0))
    value = model.loss(random_ids(), random_ids(seed=2)).item()
    assert value == pytest.approx(torch.tensor(96.0).log().item(), abs=0.01)


def test_first_weights_by_the_seed_alone():
    models = [GPT(CONFIG) for _ in range(2)]
    for model in models:
        model.init_weights(torch.Generator().manual_seed(5))
    first, second = (model.state_dict() for model in models)
    assert all(torch.equal(first[name], second[name]) for name in first)
    scales = [block.residual_scale.item() for block in models[0].blocks]
    assert scales == pytest.approx([1.15, 1.10, 1.05])
    assert [b.embedding_scale.item() for b in models[0].blocks] == pytest.approx([0.2, 0.125, 0.05])
    assert first["embedding.weight"].std().item() == pytest.approx(0.8, rel=0.05)


def test_first_weights_of_october():
    config = GPTConfig.classic(2, 512, head_dim=64)
    model = GPT(config)
    model.init_weights(torch.Generator().manual_seed(0))
    weights, width = model.state_dict(), config.n_embd
    stds = {
        "embedding": 1.0,
        "blocks.0.attention.key": width**-0.5,
        "blocks.1.mlp.expand": width**-0.5,
    }
    for name, std in stds.items():
        assert weights[f"{name}.weight"].std().item() == pytest.approx(std, rel=0.03), name
    for name in ("head", "blocks.0.attention.project", "blocks.1.mlp.project"):
        assert not weights[f"{name}.weight"].any(), name


def test_a_narrowing_matrix_is_drawn_smaller():
    weight = torch.empty(64, 256)
    initialization.normal_by_fans(weight, 1.0, torch.Generator().manual_seed(0))
    assert weight.std().item() == pytest.approx(0.5 / 16, rel=0.03)


def test_weights_stay_float32_and_logits_are():
    model = build(CONFIG, torch.bfloat16)
    hidden = model(random_ids())
    assert hidden.dtype == torch.bfloat16 and model.logits(hidden).dtype == torch.float32
    assert {weight.dtype for weight in model.parameters()} == {torch.float32}


def test_logits_are_capped():
    model = build(CONFIG, noise=10)
    assert 14 < model.logits(model(random_ids())).abs().max() <= 15


def test_a_long_sequence_is_refused():
    with pytest.raises(UserError, match="65 tokens is longer than the model's sequence_len=64"):
        build(CONFIG)(random_ids(length=65))

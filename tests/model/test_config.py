import dataclasses

import pytest

from nanochat.model import GPTConfig
from nanochat.runtime import UserError


def test_depth_sets_width_and_heads_as_in_the_table():
    table = {4: (256, 2), 6: (384, 3), 8: (512, 4), 12: (768, 6), 20: (1280, 10), 26: (1664, 13)}
    for depth, (width, heads) in table.items():
        config = GPTConfig.from_depth(depth)
        assert (config.n_embd, config.n_head, config.n_kv_head) == (width, heads, heads)


def test_width_is_rounded_up_to_whole_heads():
    assert GPTConfig.from_depth(5).n_embd == 384


def test_short_windows_are_a_quarter_and_the_last_layer_sees_all():
    assert GPTConfig.from_depth(6).windows == (512, 512, 512, 2048, 512, 2048)
    assert GPTConfig.from_depth(4, sequence_len=256).windows == (128, 128, 128, 256)
    assert GPTConfig.from_depth(2, sequence_len=64).windows == (64, 64)


def test_every_other_layer_has_value_embeddings_and_the_last_always():
    layers = {n: [GPTConfig(n_layer=n).has_value_embedding(i) for i in range(n)] for n in (3, 4)}
    assert layers == {3: [True, False, True], 4: [False, True, False, True]}


def test_classic_switches_all_additions_off():
    config = GPTConfig.classic(4)
    switches = ("residual_scales", "value_embeddings", "smear", "backout")
    assert not any(getattr(config, switch) for switch in switches)
    assert (config.rope_base, config.qk_scale, config.windows) == (10_000, 1, (2048,) * 4)


@pytest.mark.parametrize(
    ("slip", "words"),
    [
        (
            {"n_head": 5, "n_embd": 256},
            "n_head=5 does not divide n_embd=256; did you swap n_layer and n_head",
        ),
        ({"n_head": 2, "n_kv_head": 2, "n_embd": 6}, "makes heads of 3"),
        ({"n_head": 6, "n_kv_head": 4}, "n_kv_head=4 does not divide n_head=6"),
        ({"window_pattern": "SX"}, "window_pattern='SX'"),
        ({"window_pattern": ""}, "window_pattern=''"),
        ({"n_layer": 0}, "n_layer=0"),
        ({"softcap": 0.0}, "softcap=0.0"),
    ],
)
def test_a_shape_that_cannot_be_is_explained(slip, words):
    with pytest.raises(UserError, match=words):
        dataclasses.replace(GPTConfig(), **slip)


@pytest.mark.parametrize("slip", [{"depth": 0}, {"aspect_ratio": 0}, {"head_dim": 0}])
def test_a_depth_that_makes_no_model_is_explained(slip):
    ((name, value),) = slip.items()
    with pytest.raises(UserError, match=f"{name}={value}.*expected 1 or more"):
        GPTConfig.from_depth(**({"depth": 4} | slip))

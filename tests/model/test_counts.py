import pytest

from nanochat.model import GPT, GPTConfig, counts


def test_parameters_by_hand():
    config = GPTConfig(vocab_size=10, sequence_len=8, n_layer=3, n_head=4, n_kv_head=2, n_embd=48)
    assert counts.parameters(config) == {
        "embedding": 480,
        "value_embeddings": 2 * 10 * 24,
        "matrices": 3 * (2 * 48 * 48 + 2 * 24 * 48 + 8 * 48 * 48) + 2 * 12 * 2,
        "head": 480,
        "scalars": 2 * 3 + 24 + 1 + 1,
    }


def test_parameters_of_the_published_models():
    assert sum(counts.parameters(GPTConfig.classic(20)).values()) == 560_988_160
    assert sum(counts.parameters(GPTConfig.classic(32)).values()) == 1_879_048_192


@pytest.mark.parametrize(
    ("depth", "total", "scaling"),
    [(4, 37, 11.5), (6, 74, 23.2), (8, 126, 41.9), (12, 286, 110), (16, 537, 235),
     (20, 897, 435), (24, 1384, 730), (26, 1682, 918), (32, 2819, 1678)],
)  # fmt: skip
def test_parameters_of_the_reference_table(depth, total, scaling):
    kinds = counts.parameters(GPTConfig.from_depth(depth))
    assert sum(kinds.values()) / 1e6 == pytest.approx(total, abs=0.7)
    assert (kinds["matrices"] + kinds["head"]) / 1e6 == pytest.approx(scaling, rel=0.005)


@pytest.mark.parametrize("switch", ["residual_scales", "value_embeddings", "smear", "backout"])
@pytest.mark.parametrize("on", [True, False])
def test_a_switch_leaves_no_parameter_when_off(switch, on):
    off = dict.fromkeys(("residual_scales", "value_embeddings", "smear", "backout"), False)
    config = GPTConfig(64, 16, 3, 4, 2, 48, **(off | {switch: on}))
    model = GPT(config)
    assert sum(p.numel() for p in model.parameters()) == sum(counts.parameters(config).values())
    plain = {name for name, _ in GPT(GPTConfig(64, 16, 3, 4, 2, 48, **off)).named_parameters()}
    assert ({name for name, _ in model.named_parameters()} != plain) == on


def test_flops_of_depth_12():
    assert counts.flops_per_token(GPTConfig.classic(12, 32768)) == 887_095_296


def test_flops_by_hand():
    config = GPTConfig.classic(1, 10, sequence_len=6, n_head=2, n_kv_head=2, n_embd=8)
    assert counts.flops_per_token(config) == 6 * (12 * 64 + 80) + 12 * 8 * 6


def test_windows_save_flops():
    long, short = (GPTConfig.from_depth(4, window_pattern=pattern) for pattern in ("L", "SSSL"))
    saved = counts.flops_per_token(long) - counts.flops_per_token(short)
    assert saved == 12 * 256 * 3 * (2048 - 512)


def test_bytes_of_the_cache():
    config = GPTConfig(n_layer=12, n_head=6, n_kv_head=3, n_embd=768)
    assert counts.kv_bytes(config, batch=2, length=100) == 2 * 100 * 12 * 2 * 3 * 128 * 2

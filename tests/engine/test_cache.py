import dataclasses

import pytest
import torch

from nanochat.engine.cache import KVCache
from nanochat.engine.fused import fused
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import UserError

SIZE = {"vocab_size": 64, "sequence_len": 512, "n_layer": 4, "n_embd": 64}
HEADS = {"n_head": 4, "n_kv_head": 2}
MODERN = GPTConfig(**SIZE, **HEADS, window_pattern="SSL")
CLASSIC = GPTConfig.classic(4, 64, sequence_len=512, aspect_ratio=16, head_dim=32)
SWITCHES = ("residual_scales", "value_embeddings", "smear", "backout")
CONFIGS = {
    "2026-07": MODERN,
    "classic": CLASSIC,
    **{f"without {name}": dataclasses.replace(MODERN, **{name: False}) for name in SWITCHES},
    **{f"only {name}": dataclasses.replace(CLASSIC, **{name: True}) for name in SWITCHES},
}


def lively(config: GPTConfig, dtype: torch.dtype = torch.float32) -> GPT:
    """A model in which every part matters, unlike one just initialised."""
    model = GPT(config, dtype)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


def ids(*lengths: int) -> list[list[int]]:
    generator = torch.Generator().manual_seed(sum(lengths))
    return [torch.randint(0, 64, (n,), generator=generator).tolist() for n in lengths]


@torch.no_grad()
def uncached(model: GPT, row: list[int]):
    return model.logits(model(torch.tensor([row])))[0]


@torch.no_grad()
def cached(model: GPT, rows: list[list[int]], chunks: list[int]):
    """The logits of every row's tokens, read in columns of these widths, padded on the left."""
    longest = max(map(len, rows))
    assert sum(chunks) == longest
    padding = [longest - len(row) for row in rows]
    model, cache = fused(model), KVCache(model.config, torch.tensor(padding))
    padded = torch.tensor([[0] * n + row for n, row in zip(padding, rows, strict=True)])
    parts = []
    for part in padded.split(chunks, dim=1):
        cache.extend(part.size(1))
        parts.append(model.logits(model(part, cache)))
    logits = torch.cat(parts, dim=1)
    return [row[n:] for n, row in zip(padding, logits, strict=True)]


@torch.no_grad()
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
def test_the_fused_model_is_the_model(config, dtype):
    model = lively(config, dtype)
    outs = []
    for reader in (model, fused(model)):
        cache = KVCache(config, torch.tensor([0, 3]), dtype)
        cache.extend(9)
        outs.append(reader.logits(reader(torch.tensor(ids(9, 9)), cache)))
    assert torch.allclose(*outs, atol={torch.float32: 1e-5, torch.bfloat16: 0.1}[dtype])


@pytest.mark.parametrize("config", CONFIGS.values(), ids=CONFIGS.keys())
@pytest.mark.parametrize("chunks", [[150], [140] + [1] * 10, [1, 2, 130, 7, 1, 1, 8], [75, 75]])
def test_cached_logits_equal_uncached(config, chunks):
    assert config is CLASSIC or config.window_pattern == "L" or min(config.windows) < 149
    model = lively(config)
    for row, logits in zip(ids(150, 150), cached(model, ids(150, 150), chunks), strict=True):
        assert (logits - uncached(model, row)).abs().max() < 1e-5


@pytest.mark.parametrize("config", [MODERN, CLASSIC], ids=["2026-07", "classic"])
@pytest.mark.parametrize("chunks", [[160], [3, 140] + [1] * 17])
def test_ragged_rows_equal_uncached(config, chunks):
    model, rows = lively(config), ids(1, 160, 17, 140)
    for row, logits in zip(rows, cached(model, rows, chunks), strict=True):
        assert (logits - uncached(model, row)).abs().max() < 1e-5


@torch.no_grad()
def test_rows_repeated_and_dropped_go_on_as_if_alone():
    model, prompts = lively(MODERN), ids(9, 30)
    reader = fused(model)
    cache = KVCache(MODERN, torch.tensor([21, 0]))
    cache.extend(30)
    reader(torch.tensor([[0] * 21 + prompts[0], prompts[1]]), cache)
    cache.repeat(3)
    rows = [list(prompt) for prompt in prompts for _ in range(3)]
    order = list(range(6))
    generator = torch.Generator().manual_seed(5)
    for keep in (None, [0, 5, 2, 3, 4], None, [4, 1, 2], [0], None):
        if keep is not None:
            order = [order[i] for i in keep]
            cache.keep(keep)
        new = torch.randint(0, 64, (len(order), 1), generator=generator)
        cache.extend(1)
        logits = reader.logits(reader(new, cache))[:, -1]
        for place, row in enumerate(order):
            rows[row].append(new[place].item())
            assert (logits[place] - uncached(model, rows[row])[-1]).abs().max() < 1e-5


def seen(cache: KVCache, window: int) -> list:
    mask = (cache.mask(window) == 0).int()
    assert not mask[:, :, cache.end :].any()
    return mask[:, :, : cache.end].tolist()


def test_mask_by_hand():
    cache = KVCache(MODERN, torch.tensor([0, 2]))
    cache.extend(3)
    cache.extend(1)
    assert cache.positions.tolist() == [[3], [1]]
    assert seen(cache, 512) == [[[1, 1, 1, 1]], [[0, 0, 1, 1]]]
    assert seen(cache, 2) == [[[0, 1, 1, 1]], [[0, 0, 1, 1]]]
    assert seen(cache, 0) == [[[0, 0, 0, 1]], [[0, 0, 0, 1]]]


def test_padding_sees_itself_alone():
    cache = KVCache(MODERN, torch.tensor([2]))
    cache.extend(3)
    assert cache.positions.tolist() == [[0, 0, 0]]
    assert seen(cache, 512) == [[[1, 0, 0], [0, 1, 0], [0, 0, 1]]]


def test_room_grows_block_by_block():
    cache = KVCache(MODERN, torch.tensor([0]))
    for tokens, room in ((20, 64), (44, 64), (1, 128), (65, 192)):
        cache.extend(tokens)
        assert cache.room == room


def test_beyond_the_models_sequence_length():
    model = lively(dataclasses.replace(MODERN, sequence_len=16))
    cache = KVCache(model.config, torch.tensor([0]))
    with pytest.raises(UserError, match="sequence_len=16"):
        cache.extend(17)

"""What the exercises of chapter 13 have of their own; test_answers.py has the rest."""

import torch

from nanochat.course import exercises
from nanochat.course.checks import ch13
from nanochat.engine import sampling
from nanochat.engine.cache import KVCache
from nanochat.model import GPTConfig, counts


def test_the_packages_own_functions_are_told():
    def rows(memory, weights, layers, kv_heads, head_dim, length):
        shape = {"n_layer": layers, "n_head": kv_heads, "n_kv_head": kv_heads}
        config = GPTConfig(n_embd=kv_heads * head_dim, **shape)
        return max(0, (memory - weights) // counts.kv_bytes(config, 1, length))

    verdict = exercises.judge(exercises.find("13.1"), rows)
    assert verdict.state == "package"


def test_the_draw_and_the_nucleus_agree_with_the_package():
    for probabilities, number in ch13.draws():
        logits = torch.tensor([probabilities]).log()
        token, _ = sampling.sample(logits, torch.tensor([number]), sampling.SamplingConfig())
        if number not in (sum(probabilities[:i]) for i in range(5)):
            assert token.item() == ch13.choose(probabilities, number)
    for probabilities, mass in list(ch13.distributions())[2:5]:
        kept = sampling.keep_top_p(torch.tensor([probabilities]).log(), mass)[0]
        assert kept.isfinite().nonzero().flatten().tolist() == ch13.nucleus(probabilities, mass)


def test_the_mask_agrees_with_the_package():
    config = GPTConfig.from_depth(1, 8, sequence_len=64, aspect_ratio=8, head_dim=8)
    for padding, filled, new, window in ch13.caches():
        cache = KVCache(config, torch.tensor(padding))
        if filled:
            cache.extend(filled)
        cache.extend(new)
        mask = (cache.mask(window) == 0)[:, :, : filled + new].tolist()
        expected = ch13.sees(padding, filled, new, window)
        columns = range(filled, filled + new)
        for blank, given, wanted in zip(padding, mask, expected, strict=True):
            whole = [column >= blank for column in columns]
            assert [row for row, ok in zip(given, whole, strict=True) if ok] == [
                row for row, ok in zip(wanted, whole, strict=True) if ok
            ]

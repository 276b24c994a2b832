import pytest

from nanochat.model import GPTConfig
from nanochat.runtime import UserError
from nanochat.train import dial

# The published table of the dial, 2026-07: depth, width, heads, N in millions, tokens in billions,
# log2 of the batch, steps, learning rate scale, weight decay.
TABLE = [
    (4, 256, 2, 11.5, 0.14, 18, 528, 0.707, 1.890),
    (6, 384, 3, 23.2, 0.28, 18, 1062, 0.707, 0.940),
    (8, 512, 4, 41.9, 0.50, 18, 1920, 0.707, 0.520),
    (12, 768, 6, 110, 1.32, 19, 2520, 1, 0.280),
    (16, 1024, 8, 235, 2.82, 19, 5376, 1, 0.131),
    (20, 1280, 10, 435, 5.22, 20, 4980, 1.414, 0.100),
    (24, 1536, 12, 730, 8.76, 20, 8352, 1.414, 0.060),
    (26, 1664, 13, 918, 11.0, 20, 10510, 1.414, 0.048),
    (32, 2048, 16, 1678, 20.1, 21, 9600, 2, 0.037),
]


@pytest.mark.parametrize("row", TABLE, ids=lambda row: f"d{row[0]}")
def test_a_depth_implies_its_row_of_the_table(row):
    depth, width, heads, millions, billions, log_batch, steps, lr_scale, decay = row
    config = GPTConfig.from_depth(depth)
    size = dial.turn(config)
    assert (config.n_embd, config.n_head) == (width, heads)
    assert dial.scaling_parameters(config) / 1e6 == pytest.approx(millions, abs=0.5, rel=4e-3)
    assert size.tokens / 1e9 == pytest.approx(billions, abs=0.005, rel=3e-3)
    assert (size.batch_tokens, size.steps) == (2**log_batch, steps)
    assert size.lr_scale == pytest.approx(lr_scale, abs=5e-4)
    # The table's own steps round up in between, by less than one in its last place.
    assert size.weight_decay == pytest.approx(decay, abs=1e-3)


def test_d24_with_eight_tokens_a_parameter():
    size = dial.turn(GPTConfig.from_depth(24), tokens_per_parameter=8)
    assert (round(size.tokens / 1e9, 2), size.steps, size.batch_tokens) == (5.84, 5568, 2**20)


def test_tokens_and_batch_may_be_given():
    size = dial.turn(GPTConfig.from_depth(4), tokens=1_000_000, batch_tokens=2**13)
    assert (size.tokens, size.batch_tokens, size.steps) == (1_000_000, 2**13, 122)
    assert size.lr_scale == pytest.approx(0.125)


def test_too_few_tokens_for_a_batch_are_refused():
    with pytest.raises(UserError, match="tokens=1000 do not fill one batch of batch_tokens=4096"):
        dial.turn(GPTConfig.from_depth(4), tokens=1000, batch_tokens=4096)
    with pytest.raises(UserError, match="tokens=1 do not fill one batch"):
        dial.turn(GPTConfig.from_depth(4), tokens_per_parameter=1e-9)

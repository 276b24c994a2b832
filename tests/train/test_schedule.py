import pytest

from nanochat import optim
from nanochat.model import GPT, GPTConfig
from nanochat.train import schedule
from nanochat.train.schedule import Schedule

PLAN = Schedule(steps=2000)


def test_the_learning_rate_warms_up_holds_and_warms_down():
    assert PLAN.lr(0) == pytest.approx(1 / 40) and PLAN.lr(19) == pytest.approx(0.5)
    assert PLAN.lr(39) == PLAN.lr(400) == PLAN.lr(700) == 1.0
    # The warmdown takes the last 65 %: 1300 steps, of which half are left at step 1350.
    assert PLAN.lr(1350) == pytest.approx((1 + 0.05) / 2)
    assert PLAN.lr(2000) == pytest.approx(0.05) and PLAN.lr(1999) > 0.05


def test_momentum_rises_for_400_steps_and_falls_in_the_warmdown():
    assert PLAN.momentum(0) == pytest.approx(0.85) and PLAN.momentum(200) == pytest.approx(0.91)
    assert PLAN.momentum(400) == PLAN.momentum(700) == pytest.approx(0.97)
    assert PLAN.momentum(1350) == pytest.approx((0.97 + 0.90) / 2)
    assert PLAN.momentum(2000) == pytest.approx(0.90)


def test_weight_decay_is_half_a_cosine():
    assert [PLAN.weight_decay(step) for step in (0, 1000, 2000)] == pytest.approx([1, 0.5, 0])


def test_it_never_rises_after_the_warmup():
    rates = [PLAN.lr(step) for step in range(39, 2000)]
    assert all(later <= earlier for earlier, later in zip(rates, rates[1:], strict=False))


def test_warmup_and_warmdown_may_be_absent():
    flat = Schedule(steps=10, warmup=0, warmdown=0, momentum_warmup=0)
    assert {flat.lr(step) for step in range(10)} == {1.0}
    assert {flat.momentum(step) for step in range(10)} == {0.97}


def test_applied_to_an_optimizer_it_moves_muon_alone_in_momentum_and_decay():
    shape = GPTConfig.from_depth(2, vocab_size=16, sequence_len=8, aspect_ratio=8, head_dim=8)
    optimizer = optim.build(GPT(shape))
    before = [dict(group) for group in optimizer.param_groups]
    # Twice, since settings must not compound.
    for _ in range(2):
        schedule.apply(PLAN, optimizer, 1350)
    for group, old in zip(optimizer.param_groups, before, strict=True):
        assert group["lr"] == pytest.approx(old["lr"] * 0.525)
        muon = group["kind"] == "muon"
        decay = PLAN.weight_decay(1350) if muon else 1
        assert group["weight_decay"] == pytest.approx(old["weight_decay"] * decay)
        assert group.get("momentum") == (PLAN.momentum(1350) if muon else None)

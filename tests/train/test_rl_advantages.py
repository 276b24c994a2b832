import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.train import advantages


def test_centered_by_hand():
    rewards = torch.tensor([[1.0, 0.0, 0.0, 0.0], [1.0, 1.0, 1.0, 1.0]])
    expected = torch.tensor([[0.75, -0.25, -0.25, -0.25], [0.0, 0.0, 0.0, 0.0]])
    assert torch.equal(advantages.centered(rewards), expected)


def test_standardized_by_hand():
    # Mean 0.5 and standard deviation 0.5; then a group without any.
    rewards = torch.tensor([[1.0, 0.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0]])
    expected = torch.tensor([[1.0, -1.0, 1.0, -1.0], [0.0, 0.0, 0.0, 0.0]])
    assert torch.equal(advantages.standardized(rewards), expected)


def test_a_rare_success_weighs_more_when_standardized():
    # p = 1/4: the standard deviation is sqrt(p (1 - p)) = sqrt(3) / 4.
    rewards = torch.tensor([[1.0, 0.0, 0.0, 0.0]])
    assert torch.allclose(advantages.standardized(rewards)[0, 0], torch.tensor(3.0).sqrt())


def test_varied():
    rewards = torch.tensor([[1.0, 0.0], [1.0, 1.0], [0.0, 0.0], [0.5, 0.25]])
    assert advantages.varied(rewards).tolist() == [True, False, False, True]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from([0.0, 0.1, 1.0]), min_size=2, max_size=16), st.floats(-5, 5))
def test_a_constant_added_to_all_rewards_changes_nothing(rewards, constant):
    group = torch.tensor([rewards], dtype=torch.float64)
    for advantage in (advantages.centered, advantages.standardized):
        assert torch.allclose(advantage(group + constant), advantage(group), atol=1e-6)
        assert torch.allclose(
            advantage(group).sum(), torch.zeros((), dtype=torch.float64), atol=1e-6
        )

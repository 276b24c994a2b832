"""What the exercises of chapter 12 have of their own; test_answers.py has the rest."""

import itertools
from statistics import fmean

import pytest

from nanochat.course import exercises

COUNTS = {
    "right": lambda rewards: sum(reward == 1 for reward in rewards),
    "above zero": lambda rewards: len([reward for reward in rewards if reward > 0]),
    "their sum": lambda rewards: int(sum(rewards)),
}


@pytest.mark.parametrize("count", COUNTS.values(), ids=COUNTS)
def test_pass_at_k_is_named_where_the_best_reward_is_asked_for(count):
    def pass_at_k(rewards, k):
        right = range(count(rewards))
        draws = itertools.combinations(range(len(rewards)), k)
        return fmean(any(reply in right for reply in draw) for draw in draws)

    verdict = exercises.judge(exercises.find("12.3"), pass_at_k)
    assert (verdict.state, "That is pass@k" in verdict.message) == ("wrong", True)

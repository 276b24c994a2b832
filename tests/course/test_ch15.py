"""What the exercises of chapter 15 have of their own; test_answers.py has the rest."""

import pytest

from nanochat.course import exercises


def direct(needs, changed):
    return [name for name, parts in needs.items() if changed & set(parts)]


def with_the_changed(needs, changed):
    return [name for name in needs if name in changed or changed & set(needs[name])]


@pytest.mark.parametrize("found", [direct, with_the_changed])
@pytest.mark.parametrize("order", [list, sorted])
def test_who_stops_after_one_step_is_told(found, order):
    verdict = exercises.judge(exercises.find("15.4"), lambda *given: order(found(*given)))
    assert (verdict.state, "stop after one step" in verdict.message) == ("wrong", True)

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.course.compare import common_mistake, likely_mistake, same

VALUES = st.recursive(
    st.integers() | st.text() | st.booleans() | st.binary(),
    lambda inner: st.lists(inner) | st.dictionaries(st.text(), inner),
    max_leaves=8,
)


@settings(max_examples=50, deadline=None)
@given(VALUES, VALUES)
def test_same_agrees_with_equality_where_no_floats_are(yours, expected):
    assert same(yours, yours)
    if same(yours, expected):
        assert yours == expected


@pytest.mark.parametrize(
    ("yours", "expected", "alike"),
    [
        (0.1 + 0.2, 0.3, True),
        (1, 1.0, True),
        (1.0001, 1.0, False),
        (True, 1, False),
        ((1, 2), [1, 2], True),
        ([1, 2], [1, 2, 3], False),
        ("ab", ["a", "b"], False),
        (np.int64(3), 3, True),
        (float("nan"), 1.0, False),
        (torch.tensor(float("nan")), float("nan"), True),
        (torch.ones(2, 3), torch.ones(2, 3) + 1e-7, True),
        (torch.ones(2, 3), torch.ones(3, 2), False),
        (torch.ones(2, 3), torch.ones(3), False),
        (np.ones(3), torch.ones(3), True),
        ([1.0, 1.0], torch.ones(2), False),
        (3.0, torch.tensor(3.0), True),
        (torch.tensor(3), 3, True),
        (torch.tensor([3]), 3, False),
        ({"a": 0.3}, {"a": 0.1 + 0.2}, True),
        ({"a": 1}, {"b": 1}, False),
        (None, 0, False),
    ],
)
def test_same(yours, expected, alike):
    assert same(yours, expected) == alike


SQUARE = torch.arange(9.0).reshape(3, 3) + 1


@pytest.mark.parametrize(
    ("yours", "expected", "hint"),
    [
        (None, 3, "returns None"),
        (SQUARE.T, SQUARE, "rows and columns are swapped"),
        (torch.ones(2, 3), torch.ones(3, 2), "Two axes are swapped"),
        (torch.ones(2), torch.ones(2, 1), "Was a dimension lost"),
        (SQUARE * 8, SQUARE, "8 times the expected: is a scale missing"),
        (SQUARE / 0, SQUARE, "NaN or an infinity"),
        (-SQUARE, SQUARE, "with its sign turned"),
        (torch.tensor(2.0), 2.001, "but for rounding"),
        ([1, 2, 3], [3, 2, 1], "reverse order"),
        ([1, 2], [1, 2, 3], "Yours has 2 items; expected are 3."),
        ([1], [1, 2], "Yours has 1 item; expected are 2."),
        ([], [1], "Yours has 0 items; expected is 1."),
        ([1, 5, 3], [1, 2, 3], "number 1, from 0"),
        ([1, 2.5], (1, 3.5), "number 1, from 0"),
        ((1, SQUARE.T), (1, SQUARE), "number 1, from 0. The numbers are right, but rows and"),
        ([SQUARE], [torch.ones(3, 3)], "The first item that differs is number 0, from 0."),
        ({"a": 1}, {"a": 1, "b": 2}, "'b' is missing"),
        ({"a": 1, "b": 2}, {"a": 1}, "'b' should not be there"),
        ({"a": 2}, {"a": 1}, "At 'a' yours has 2"),
        ("3", 3, "a `str`; expected is an `int`"),
        (
            [1, 2, 3],
            ([1, 2, 3], 0),
            "Expected are 2 things, a `list` and an `int`; you return a `list`",
        ),
    ],
)
def test_the_likely_mistake_is_named(yours, expected, hint):
    assert hint in likely_mistake(yours, expected)


def test_nothing_is_suggested_where_nothing_is_known():
    assert likely_mistake("abc", "abd") == ""
    assert likely_mistake(6, 2) == ""
    assert likely_mistake(torch.full((2,), 6.0), torch.full((2,), 2.0)) == ""
    assert likely_mistake(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0])) == ""


@pytest.mark.parametrize(
    ("yours", "expected", "hint"),
    [
        ([6, 15.0, 0], [2, 5.0, 0], ""),
        ([6, 15.0, torch.tensor(3.0)], [2, 5.0, 1.0], "3 times the expected: is a scale missing"),
        ([-2, -5.0, -1], [2, 5.0, 1], "with its sign turned"),
        ([6, 6, 6], [2, 5, 1], ""),
        ([6, 15, None], [2, 5, 1], ""),
        ([6, 15, float("inf")], [2, 5, 1], ""),
    ],
)
def test_a_factor_is_seen_in_three_numbers_or_more(yours, expected, hint):
    found = common_mistake(yours, expected)
    assert hint in found and bool(hint) == bool(found)

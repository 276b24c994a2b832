import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.course.compare import likely_mistake, same

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
        (torch.ones(2, 3), torch.ones(2, 3) + 1e-7, True),
        (torch.ones(2, 3), torch.ones(3, 2), False),
        (torch.ones(2, 3), torch.ones(3), False),
        (np.ones(3), torch.ones(3), True),
        ([1.0, 1.0], torch.ones(2), False),
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
        (6, 2, "3 times the expected"),
        ([1, 2, 3], [3, 2, 1], "reverse order"),
        ([1, 2], [1, 2, 3], "Yours has 2 items; expected are 3"),
        ([1, 5, 3], [1, 2, 3], "number 1, from 0"),
        ({"a": 1}, {"a": 1, "b": 2}, "'b' is missing"),
        ({"a": 1, "b": 2}, {"a": 1}, "'b' should not be there"),
        ({"a": 2}, {"a": 1}, "At 'a' yours has 2"),
        ("3", 3, "a `str`; expected is a `int`"),
    ],
)
def test_the_likely_mistake_is_named(yours, expected, hint):
    assert hint in likely_mistake(yours, expected)


def test_nothing_is_suggested_where_nothing_is_known():
    assert likely_mistake("abc", "abd") == ""
    assert likely_mistake(torch.tensor([1.0, 2.0]), torch.tensor([1.0, 3.0])) == ""

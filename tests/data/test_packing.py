import random
from collections import Counter

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.data import packing
from nanochat.data.packing import Example, Waste
from nanochat.runtime import UserError

PAD = 0
LENGTHS = st.lists(st.integers(2, 30), min_size=1, max_size=40)


def documents(lengths):
    """Every token of every document is a different number."""
    ids = iter(range(1, sum(lengths) + 1))
    return [Example([next(ids) for _ in range(n)], [0] + [1] * (n - 1)) for n in lengths]


def pack(examples, capacity, crop, seed=0):
    return packing.pack(examples, capacity, PAD, crop, random.Random(seed))


def test_the_longest_that_fits_then_the_shortest_cropped():
    # Row 0: 8, the longest, then 2 fits. Row 1: 7, nothing fits in 3, the shortest (5) is cut.
    assert packing.best_fit([5, 8, 7, 2], 10, crop=True) == [[1, 3], [2, 0]]


def test_a_document_longer_than_a_row_waits_until_nothing_shorter_is_left():
    assert packing.best_fit([25, 4, 30], 10, crop=True) == [[1, 0], [2]]


def test_without_cropping_rows_stay_short():
    assert packing.best_fit([5, 8, 7, 2], 10, crop=False) == [[1, 3], [2], [0]]


def test_what_fits_no_row_is_an_error_where_nothing_is_cropped():
    with pytest.raises(UserError, match="11 tokens does not fit into rows of 10"):
        packing.best_fit([5, 11], 10, crop=False)


@settings(max_examples=50, deadline=None)
@given(lengths=LENGTHS, capacity=st.integers(5, 25), crop=st.booleans())
def test_no_token_is_lost_or_counted_twice(lengths, capacity, crop):
    ids, mask, waste = pack(documents(lengths), capacity, crop)
    seen = Counter(ids[ids != PAD].tolist())
    assert set(seen.values()) <= {1}
    assert waste.placed == len(seen)
    assert waste.placed + waste.cropped == sum(lengths)
    assert waste.placed + waste.padded == ids.size


@settings(max_examples=50, deadline=None)
@given(lengths=LENGTHS, capacity=st.integers(5, 25))
def test_cropped_rows_are_full_and_start_with_a_document(lengths, capacity):
    examples = documents(lengths)
    ids, mask, waste = pack(examples, capacity, crop=True)
    starts = {example.ids[0] for example in examples}
    assert waste.padded == 0 and (ids != PAD).all()
    assert all(row[0] in starts for row in ids.tolist())
    # What follows a token is its document's next, or another document's first.
    pairs = zip(ids[:, :-1].flatten().tolist(), ids[:, 1:].flatten().tolist(), strict=True)
    assert all(after == before + 1 or after in starts for before, after in pairs)


@settings(max_examples=50, deadline=None)
@given(lengths=LENGTHS, capacity=st.integers(30, 60))
def test_padded_rows_hold_whole_documents_and_nothing_to_learn_in_the_padding(lengths, capacity):
    examples = documents(lengths)
    ids, mask, waste = pack(examples, capacity, crop=False)
    rows = [row[row != PAD].tolist() for row in ids]
    assert waste.cropped == 0 and not mask[ids == PAD].any()
    text = [" ".join(map(str, row)) for row in rows]
    for example in examples:
        assert sum(f" {' '.join(map(str, example.ids))} " in f" {row} " for row in text) == 1
    assert mask.sum() == sum(sum(example.mask) for example in examples)


def test_order_follows_the_seed():
    examples = documents([3, 9, 4, 8, 5, 7, 6, 6, 2, 2] * 5)
    first, again, other = (pack(examples, 20, True, seed)[0] for seed in (1, 1, 2))
    assert np.array_equal(first, again) and not np.array_equal(first, other)


def test_documents_of_all_lengths_start_rows():
    examples = documents([2, 3, 4, 5, 6] * 100)
    ids, _, _ = pack(examples, 20, crop=True)
    lengths = {example.ids[0]: len(example.ids) for example in examples}
    assert {lengths[row[0]] for row in ids.tolist()} == {2, 3, 4, 5, 6}


def test_examples_that_teach_nothing_are_dropped_and_counted():
    silent, cut = Example([1, 2], [1, 0]), Example([3, 4], [0, 1], cut=2)
    ids, mask, waste = pack([silent, cut], 4, crop=False)
    assert ids.tolist() == [[3, 4, PAD, PAD]] and mask.tolist() == [[False, True, False, False]]
    assert waste == Waste(placed=2, padded=2, dropped=1, cut=1)


def test_an_example_longer_than_a_padded_row_is_cut_at_its_end():
    ids, _, waste = pack(documents([7]), 5, crop=False)
    assert ids.tolist() == [[1, 2, 3, 4, 5]] and waste.cropped == 2


def test_waste_adds_up_and_has_shares():
    waste = Waste(placed=60, cropped=20) + Waste(placed=0, padded=30, dropped=1)
    assert waste == Waste(60, 20, 30, 1, 0)
    assert (waste.cropped_share(), waste.padded_share()) == pytest.approx((0.25, 1 / 3))

"""Whether two answers are the same, and where not, the likely mistake."""

import math
from collections.abc import Mapping, Sequence

import numpy as np
import torch

TOLERANCE = 1e-5
ENOUGH = 3  # A factor between fewer numbers may be chance.


def same(yours, expected) -> bool:
    """Equal in kind, shape and value: floats within 1e-5, containers item by item.

    A number and a tensor of one number without a shape are the same kind."""
    yours, expected = _plain(yours), _plain(expected)
    if _is_array(expected):
        return _is_array(yours) and _same_arrays(_array(yours), _array(expected))
    if isinstance(expected, Mapping):
        return (
            isinstance(yours, Mapping)
            and yours.keys() == expected.keys()
            and all(same(yours[key], expected[key]) for key in expected)
        )
    if _is_sequence(expected):
        return (
            _is_sequence(yours) and len(yours) == len(expected) and all(map(same, yours, expected))
        )
    if _is_number(expected):
        return _is_number(yours) and _same_numbers(yours, expected)
    return type(yours) is type(expected) and yours == expected


def likely_mistake(yours, expected) -> str:
    """What the difference between two answers suggests, or an empty string."""
    yours, expected = _plain(yours), _plain(expected)
    if yours is None:
        return "Your function returns None. Does every path through it end in `return`?"
    if _is_array(yours) and _is_array(expected):
        return _array_mistake(_array(yours), _array(expected))
    if _is_several(expected) and not (_is_sequence(yours) and len(yours) == len(expected)):
        things = " and ".join(map(_kind, expected))
        return f"Expected are {len(expected)} things, {things}; you return {_kind(yours)}."
    if _is_sequence(yours) and _is_sequence(expected):
        return _sequence_mistake(list(yours), list(expected))
    if isinstance(yours, Mapping) and isinstance(expected, Mapping):
        return _mapping_mistake(yours, expected)
    if _is_number(yours) and _is_number(expected):
        return _array_mistake(np.asarray(yours), np.asarray(expected))
    if type(yours) is not type(expected):
        return f"You return {_kind(yours)}; expected is {_kind(expected)}."
    return ""


def common_mistake(yours: Sequence, expected: Sequence) -> str:
    """What the differences between many answers suggest, each a number, or an empty string."""
    yours, expected = list(map(_plain, yours)), list(map(_plain, expected))
    if all(map(_is_number, (*yours, *expected))):
        return _constant_factor(np.asarray(yours, float), np.asarray(expected, float))
    return ""


def _array_mistake(yours: np.ndarray, expected: np.ndarray) -> str:
    if yours.shape != expected.shape:
        swapped = sorted(yours.shape) == sorted(expected.shape)
        hint = " Two axes are swapped." if swapped else " Was a dimension lost, or not summed over?"
        return f"Your shape is {yours.shape}; expected is {expected.shape}.{hint}"
    if not np.isfinite(yours).all() and np.isfinite(expected).all():
        return "Yours has a NaN or an infinity: a division by zero, or a row with nothing left?"
    if yours.ndim == 2 and yours.shape[0] == yours.shape[1] and _same_arrays(yours.T, expected):
        return "The numbers are right, but rows and columns are swapped."
    return _constant_factor(yours, expected)


def _constant_factor(yours: np.ndarray, expected: np.ndarray) -> str:
    there = np.abs(expected) > TOLERANCE
    finite = np.isfinite(yours).all() and np.isfinite(expected).all()
    if not finite or not there.any() or np.abs(yours[~there]).max(initial=0) > TOLERANCE:
        return ""
    ratios = yours[there] / expected[there]
    if np.abs(ratios - 1).max() < 1e-3:
        return "Yours is the expected but for rounding: compute in float64, as Python's floats do."
    if abs(ratios[0]) <= TOLERANCE or ratios.size < ENOUGH:
        return ""
    if not np.allclose(ratios, ratios[0], rtol=1e-4, atol=0):
        return ""
    if math.isclose(ratios[0], -1, rel_tol=1e-4):
        return "Yours is the expected with its sign turned."
    return f"Yours is {ratios[0]:.4g} times the expected: is a scale missing, or one too many?"


def _sequence_mistake(yours: list, expected: list) -> str:
    if len(yours) != len(expected):
        items = "item" if len(yours) == 1 else "items"
        are = "is" if len(expected) == 1 else "are"
        return f"Yours has {len(yours)} {items}; expected {are} {len(expected)}."
    if same(yours[::-1], expected):
        return "The items are right, but in reverse order."
    wrong = next(
        (i for i, pair in enumerate(zip(yours, expected, strict=True)) if not same(*pair)), None
    )
    if wrong is None:
        return ""
    first = f"The first item that differs is number {wrong}, from 0."
    if not (_is_array(yours[wrong]) and _is_array(expected[wrong])):
        return first
    return f"{first} {_array_mistake(_array(yours[wrong]), _array(expected[wrong]))}".rstrip()


def _mapping_mistake(yours: Mapping, expected: Mapping) -> str:
    for key in expected:
        if key not in yours:
            return f"The key {key!r} is missing."
        if not same(yours[key], expected[key]):
            return f"At {key!r} yours has {yours[key]!r}; expected is {expected[key]!r}."
    spare = next(key for key in yours if key not in expected)
    return f"The key {spare!r} should not be there."


def _same_numbers(yours, expected) -> bool:
    slack = TOLERANCE if isinstance(expected, (float, np.floating)) else 0
    if math.isnan(expected):
        return math.isnan(yours)
    return bool(yours == expected) or math.isclose(yours, expected, rel_tol=slack, abs_tol=slack)


def _same_arrays(yours: np.ndarray, expected: np.ndarray) -> bool:
    return yours.shape == expected.shape and np.allclose(
        yours, expected, rtol=TOLERANCE, atol=TOLERANCE, equal_nan=True
    )


def _plain(value):
    return value.item() if _is_array(value) and value.ndim == 0 else value


def _array(value) -> np.ndarray:
    if isinstance(value, torch.Tensor):
        return value.detach().cpu().double().numpy()
    return np.asarray(value, dtype=np.float64)


def _is_array(value) -> bool:
    return isinstance(value, (torch.Tensor, np.ndarray))


def _is_number(value) -> bool:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool)


def _is_sequence(value) -> bool:
    return isinstance(value, Sequence) and not isinstance(value, (str, bytes))


def _is_several(value) -> bool:
    return isinstance(value, tuple) and len({type(each) for each in value}) > 1


def _kind(value) -> str:
    name = type(value).__name__
    return f"{'an' if name[0] in 'aeiou' else 'a'} `{name}`"

"""What a count of right answers says about the model that gave them."""

from math import comb, sqrt

from nanochat.runtime import UserError


def wilson_interval(correct: int, total: int, z: float = 1.96) -> tuple[float, float]:
    """Bounds of an accuracy, at 95 % for z = 1.96 (Wilson 1927); (0, 1) where nothing was asked."""
    if total == 0:
        return 0.0, 1.0
    accuracy, shrink = correct / total, 1 + z**2 / total
    centre = (accuracy + z**2 / (2 * total)) / shrink
    half = z / shrink * sqrt(accuracy * (1 - accuracy) / total + z**2 / (4 * total**2))
    # By rounding alone an end might leave the accuracy outside, or lie beyond 0 or 1.
    return max(0.0, min(accuracy, centre - half)), min(1.0, max(accuracy, centre + half))


def pass_at_k(samples: int, correct: int, k: int) -> float:
    """The chance that of k samples, drawn without putting back, one is correct (2107.03374).

    Raises UserError for a k that is not between 1 and the samples."""
    if not 1 <= k <= samples:
        raise UserError(
            f"pass@{k} cannot be told from {samples} samples: k goes from 1 to their number."
        )
    return 1 - comb(samples - correct, k) / comb(samples, k)

"""Scores of several tasks made comparable: 0 is what guessing gets, 1 is all answers right."""

from dataclasses import dataclass

from nanochat.eval.tasks import TaskScore


@dataclass(frozen=True)
class Scorecard:
    """The score of each task, and the accuracy that guessing has in it."""

    tasks: dict[str, TaskScore]
    baselines: dict[str, float]

    @property
    def centred(self) -> dict[str, float]:
        """For each task how far it is from guessing, as a share of the way to perfection."""
        return {
            name: (score.accuracy - self.baselines[name]) / (1 - self.baselines[name])
            for name, score in self.tasks.items()
        }

    @property
    def mean(self) -> float:
        """The mean of the centred scores: CORE, or ChatCORE."""
        return sum(self.centred.values()) / max(1, len(self.tasks))

    def to_dict(self) -> dict:
        """Plain JSON."""
        centred = self.centred
        tasks = {
            name: {
                "correct": score.correct,
                "total": score.total,
                "accuracy": score.accuracy,
                "low": score.low,
                "high": score.high,
                "centred": centred[name],
            }
            for name, score in self.tasks.items()
        }
        return {"mean": self.mean, "tasks": tasks}

"""What only the chapters need: show a source, check an exercise, draw a figure."""

from nanochat.course.exercises import Exercise, Slip, Verdict, check
from nanochat.course.figures import COLORS, Figure, figure
from nanochat.course.source import Source, show

__all__ = [
    "COLORS",
    "Exercise",
    "Figure",
    "Slip",
    "Source",
    "Verdict",
    "check",
    "figure",
    "show",
]

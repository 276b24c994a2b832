"""What only the chapters need: show a source, check an exercise, draw a figure."""

from nanochat.course.exercises import Exercise, Slip, Verdict, check
from nanochat.course.explore import Explorable, explore
from nanochat.course.figures import COLORS, Figure, figure
from nanochat.course.source import Source, show

__all__ = [
    "COLORS",
    "Exercise",
    "Explorable",
    "Figure",
    "Slip",
    "Source",
    "Verdict",
    "check",
    "explore",
    "figure",
    "show",
]

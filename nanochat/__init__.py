"""A ChatGPT-like assistant, built from an empty file."""

__version__ = "0.1.0"

"""The `nanochat` command."""

from nanochat.cli.main import main

__all__ = ["main"]

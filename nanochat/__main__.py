"""`python -m nanochat` is the `nanochat` command."""

import sys


def main() -> None:
    """Import the commands, which takes seconds and may be interrupted, and run one."""
    try:
        from nanochat.cli import main as command
    except KeyboardInterrupt:
        print("\nStopped.", file=sys.stderr)
        raise SystemExit(130) from None
    command()


if __name__ == "__main__":
    main()

"""The checkpoint that a later stage begins with."""

from pathlib import Path

from nanochat.model import GPT
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint


def load(folder: Path | str, tokenizer: Tokenizer, runtime: Runtime) -> GPT:
    """The model of a checkpoint. Raises UserError where it was trained with another tokenizer."""
    state = checkpoint.read_state(folder)
    trained_with = state.get("inputs", {}).get("tokenizer")
    if trained_with not in (None, tokenizer.fingerprint):
        raise UserError(
            f"{folder} was trained with another tokenizer, so its ids mean other texts. "
            "Name the tokenizer that lies beside it, or train the model again."
        )
    return checkpoint.model_of(folder, state, runtime)


def fingerprint(folder: Path | str) -> str:
    """What tells the weights of one checkpoint from those of another."""
    return files.sha256(Path(folder) / checkpoint.MODEL)

"""Models out to other programs, and in from elsewhere."""

from pathlib import Path
from typing import Literal

import tyro

from nanochat.pipeline import huggingface, run
from nanochat.pipeline.store import default_home
from nanochat.runtime import detect


def exported(
    folder: tyro.conf.Positional[Path],
    to: Literal["hf"] = "hf",
    out: Path | None = None,
    stage: str | None = None,
) -> None:
    """Write a folder that AutoModelForCausalLM and AutoTokenizer of `transformers` load.

    Args:
        folder: The new folder.
        to: The format: hf, for Hugging Face; it holds classic models alone.
        out: The folder of the run; runs/cpu unless given.
        stage: Which stage's model: base, sft or rl; the last unless given.
    """
    runtime = detect("cpu", "float32", "off")
    model, tokenizer = run.chat_model(out or default_home() / "cpu", runtime, stage)
    huggingface.export_model(model, tokenizer, folder)
    print(f'Written. Load it with: AutoModelForCausalLM.from_pretrained("{folder}")')


def imported(folder: tyro.conf.Positional[Path], out: Path | None = None) -> None:
    """Take in a NanoChat model in the format of `transformers`, to chat with and evaluate.

    Args:
        folder: Where config.json, *.safetensors and tokenizer.json are.
        out: The new folder of the run; runs/NAME unless given.
    """
    out = out or default_home() / folder.resolve().name
    model, tokenizer = huggingface.import_model(folder, detect("cpu", "float32", "off"))
    run.adopt(model, tokenizer, str(folder), out)
    print(f"Taken in. Talk to the model with: nanochat chat --out {out}")

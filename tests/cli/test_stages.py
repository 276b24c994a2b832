"""A classic model made by stage commands, exported, and read by transformers."""

import json

import pytest
import torch

from nanochat.cli import main
from nanochat.pipeline import run
from nanochat.runtime import detect

RUNTIME = detect("cpu", "float32", "off")
TINY = {
    "--base.architecture": "classic",
    "--base.depth": 1,
    "--base.tokens": 4096,
    "--tokenizer.vocab-size": 400,
    "--tokenizer.text-bytes": 40_000,
    "--sft.steps": 1,
    "--evaluation.documents": 2,
    "--evaluation.questions": 1,
    "--device": "cpu",
    "--dtype": "float32",
    "--compile": "off",
}


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "classic"
    settings = [str(word) for pair in TINY.items() for word in pair]
    for stage in ("base", "sft"):
        main([stage, "smoke", *settings, "--out", str(out)])
    return out


def test_what_stage_commands_made_is_known_and_in_the_dtype_that_was_asked_for(made):
    folders = json.loads((made / run.FOLDERS).read_text())
    assert list(folders) == ["tokenizer", "base", "sft"]
    inputs = json.loads((made / folders["sft"] / "stage.json").read_text())["inputs"]
    assert (inputs["device"], inputs["dtype"]) == ("cpu", "float32")


@pytest.mark.parametrize("stage", ["base", "sft"])
def test_transformers_gives_the_same_logits_of_an_exported_model(stage, made, tmp_path):
    from transformers import AutoModelForCausalLM

    main(["export", str(tmp_path / "hf"), "--out", str(made), "--stage", stage])
    ours, tokenizer = run.chat_model(made, RUNTIME, stage)
    ids = torch.tensor([tokenizer.encode("Mara has a boat, and the boat is red.")])
    with torch.no_grad():
        theirs = AutoModelForCausalLM.from_pretrained(tmp_path / "hf")(ids).logits
        torch.testing.assert_close(theirs, ours.logits(ours(ids)), atol=1e-4, rtol=0)

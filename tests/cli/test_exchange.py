"""From a folder of transformers to a run that can be talked to, evaluated, and written again."""

import json

import pytest
import torch

from nanochat.cli import main
from nanochat.data import world
from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface, run
from nanochat.runtime import UserError, detect
from nanochat.tokenizer import Tokenizer

RUNTIME = detect("cpu", "float32", "off")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    tokenizer = Tokenizer.train([world.document(0, i).text for i in range(40)], 400)
    model = GPT(GPTConfig.classic(1, 400, sequence_len=512, head_dim=16, aspect_ratio=32))
    generator = torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))
    folder = tmp_path_factory.mktemp("hf") / "from-elsewhere"
    huggingface.export_model(model, tokenizer, folder)
    return folder


@pytest.fixture(scope="module")
def taken_in(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("runs") / "taken-in"
    main(["import", str(folder), "--out", str(out)])
    return out


def test_an_imported_model_talks(taken_in, capsys):
    main(["chat", "--out", str(taken_in), "--prompt", "Who are you?", "--max-tokens", "5"])
    assert capsys.readouterr().out.endswith("\n")


def test_an_imported_model_goes_out_again_as_it_was(folder, taken_in, tmp_path):
    main(["export", "--to", "hf", str(tmp_path / "again"), "--out", str(taken_in)])
    for path in folder.iterdir():
        assert (tmp_path / "again" / path.name).read_bytes() == path.read_bytes()


def test_nothing_made_is_overwritten(folder, taken_in, capsys):
    with pytest.raises(SystemExit):
        main(["import", str(folder), "--out", str(taken_in)])
    assert "exists already" in capsys.readouterr().err


def test_an_imported_model_is_evaluated(taken_in, capsys):
    main(["evaluate", "world", "--out", str(taken_in), "--questions", "1"])
    shown = capsys.readouterr().out
    kept = json.loads((taken_in / "world.json").read_text())
    assert list(kept["tasks"]) == list(world.TASKS)
    assert all(task in shown for task in world.TASKS)


def test_core_is_asked_from_a_folder(taken_in, tmp_path, capsys):
    entry = (
        "{label: small, icl_task_type: language_modeling, dataset_uri: a.jsonl, num_fewshot: [0]}"
    )
    (tmp_path / "core.yaml").write_text(f"icl_tasks:\n- {entry}\n")
    (tmp_path / "eval_meta_data.csv").write_text("Eval Task,Random baseline\nsmall,0\n")
    (tmp_path / "eval_data").mkdir()
    example = {"context": "The cat", "continuation": "sat"}
    (tmp_path / "eval_data" / "a.jsonl").write_text(json.dumps(example) + "\n")
    main(["evaluate", "core", "--out", str(taken_in), "--data", str(tmp_path)])
    assert "small" in capsys.readouterr().out
    assert json.loads((taken_in / "core.json").read_text())["tasks"]["small"]["total"] == 1


def test_a_stage_that_is_not_there_is_refused_with_those_that_are(taken_in):
    with pytest.raises(UserError, match="no stage 'base'. It has imported"):
        run.chat_model(taken_in, RUNTIME, "base")

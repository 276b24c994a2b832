import dataclasses
import io
import math
from contextlib import nullcontext

import pytest
import tiny_run
import torch
from rich.console import Console

from nanochat.data import Batch, Items
from nanochat.data.packing import Waste
from nanochat.model import GPT, GPTConfig
from nanochat.optim import MuonAdamW
from nanochat.runtime import UserError, generator
from nanochat.tokenizer import Tokenizer
from nanochat.train import checkpoint, loop, pretrain

SHAPE = GPTConfig.from_depth(2, vocab_size=32, sequence_len=16, aspect_ratio=16, head_dim=16)
RUNTIME = tiny_run.runtime()


def change(**fields):
    return dataclasses.replace(tiny_run.CONFIG, **fields)


def batch(rows=6, ignore=0):
    ids = torch.randint(32, (rows, 17), generator=generator(1))
    targets = ids[:, 1:].clone()
    # Rows differ in how much they teach, as those of conversations do.
    for row in range(rows):
        targets[row, : ignore * row] = -1
    return Batch(ids[:, :-1], targets, {}, Waste())


class Recorder(MuonAdamW):
    """Keeps the gradients that a step would apply."""

    def step(self):
        weights = [weight for group in self.param_groups for weight in group["params"]]
        self.gradients = {weight: weight.grad.clone() for weight in weights}


def recorder_of(model):
    names, weights = zip(*model.named_parameters(), strict=True)
    settings = {"kind": "adamw", "lr": 0.0, "weight_decay": 0.0}
    return Recorder([{"params": list(weights), "names": names, **settings}])


def fresh_model():
    model = GPT(SHAPE)
    model.init_weights(generator(0))
    # Out of the zeros of the projections, so that every weight has a gradient.
    with torch.no_grad():
        for index, weight in enumerate(model.parameters()):
            weight += 0.02 * torch.randn(weight.shape, generator=generator(2, index))
    return model


@pytest.mark.parametrize("ignore", [0, 2])
@pytest.mark.parametrize("rows", [1, 4, 6])
def test_accumulated_gradients_are_those_of_one_batch(rows, ignore):
    model, whole = fresh_model(), batch(ignore=ignore)
    recorder = recorder_of(model)
    nats = loop.step(model.loss, recorder, whole, rows, RUNTIME)
    expected = model.loss(whole.inputs, whole.targets)
    weights = list(model.parameters())
    gradients = torch.autograd.grad(expected, weights)
    assert nats == pytest.approx(expected.item(), rel=1e-6)
    for weight, wanted in zip(weights, gradients, strict=True):
        assert torch.allclose(recorder.gradients[weight], wanted, atol=1e-6, rtol=1e-4)


def test_a_micro_batch_without_targets_adds_nothing():
    model, whole = fresh_model(), batch()
    whole.targets[3:] = -1
    recorder = recorder_of(model)
    nats = loop.step(model.loss, recorder, whole, 3, RUNTIME)
    assert nats == pytest.approx(model.loss(whole.inputs[:3], whole.targets[:3]).item())
    assert all(torch.isfinite(gradient).all() for gradient in recorder.gradients.values())


def test_it_learns_and_reports(tmp_path):
    seen = []

    def evaluate(model):
        seen.append(model)
        return {"val_bpb": 1.5}

    model, progress = tiny_run.run(tmp_path, evaluate=evaluate, sample=lambda model: "once")
    lines = loop.metrics.JsonLines(tmp_path / "metrics.jsonl").read()
    losses = [line["loss"] for line in lines if "loss" in line]
    assert len(losses) == 30 and losses[0] == pytest.approx(math.log(265), abs=0.3)
    assert losses[-1] < 0.9 * losses[0] and progress.loss == losses[-1]
    assert [line["step"] for line in lines if "val_bpb" in line] == [10, 20, 30]
    assert seen == [model] * 3 and progress.evaluation == {"val_bpb": 1.5}
    assert progress.tokens == 30 * 128 and progress.waste["placed"] > 0
    saved = checkpoint.load_model(checkpoint.latest(tmp_path / "checkpoints"), RUNTIME)
    assert all(map(torch.equal, saved.parameters(), model.parameters()))


def test_a_loss_that_is_not_finite_stops_the_run_with_the_checkpoint_kept(tmp_path, monkeypatch):
    plain = GPT.loss
    calls = []

    def breaks(self, ids, targets):
        calls.append(1)
        return plain(self, ids, targets) * (math.nan if len(calls) > 10 else 1.0)

    monkeypatch.setattr(GPT, "loss", breaks)
    with pytest.raises(UserError, match="The loss is nan.*checkpoint is kept.*learning rates"):
        tiny_run.run(tmp_path)
    # Two micro-batches a step: five steps were taken, the third was saved.
    newest = checkpoint.latest(tmp_path / "checkpoints")
    assert checkpoint.read_state(newest)["step"] == 3
    checkpoint.check_finite(checkpoint.load_model(newest, RUNTIME))


def test_a_finished_run_is_not_run_again_and_not_as_another(tmp_path):
    config = change(tokens=4 * 128)
    model, progress = tiny_run.run(tmp_path, config=config)
    again, its_progress = tiny_run.run(tmp_path, config=change(tokens=4 * 128, keep=5))
    assert its_progress == progress
    assert all(map(torch.equal, again.parameters(), model.parameters()))
    with pytest.raises(UserError, match=r"other settings \(lr_scale: 0.5 -> 1.0\)"):
        tiny_run.run(tmp_path, config=change(tokens=4 * 128, lr_scale=1.0))
    with pytest.raises(UserError, match="other settings .source"):
        pretrain.pretrain(config, RUNTIME, Tokenizer([]), Items(("other text",)), tmp_path)


def test_a_batch_smaller_than_a_row_is_refused(tmp_path):
    with pytest.raises(UserError, match="batch_tokens=16 is less than one row of sequence_len=32"):
        tiny_run.run(tmp_path, config=change(batch_tokens=16))


@pytest.mark.parametrize(
    "slip",
    [
        {"depth": 0},
        {"sequence_len": -1},
        {"head_dim": 0},
        {"aspect_ratio": 0},
        {"tokens": 0},
        {"batch_tokens": -5},
        {"tokens_per_parameter": 0},
        {"tokens_per_parameter": math.nan},
        {"lr_scale": -0.5},
        {"lr_scale": math.nan},
        {"warmup": -1},
        {"micro_rows": 0},
        {"keep": 0},
        {"save_every": -1},
        {"evaluate_every": -1},
        {"sample_every": -1},
    ],
)
def test_a_number_that_is_too_small_is_refused(slip):
    ((name, value),) = slip.items()
    with pytest.raises(UserError, match=f"^{name}={value}: expected (0|1|more than 0)"):
        change(**slip)


def test_never_and_what_follows_from_the_depth_are_settings_too():
    change(save_every=0, evaluate_every=0, sample_every=0, tokens=None, lr_scale=None)


def test_a_model_that_lacks_some_of_the_tokenizers_tokens_is_refused(tmp_path):
    with pytest.raises(UserError, match="vocab_size=32, the tokenizer makes 265 tokens"):
        tiny_run.run(tmp_path, model_config=SHAPE)


def test_ctrl_c_at_the_last_step_stops_what_would_follow(tmp_path, monkeypatch):
    config = change(tokens=2 * 128)
    at_the_last = iter([False, True])
    with monkeypatch.context() as patch:
        patch.setattr(loop, "interrupts", lambda: nullcontext(lambda: next(at_the_last)))
        with pytest.raises(loop.Interrupted, match="step 2 of 2; saved.*this finished run"):
            tiny_run.run(tmp_path, config=config)
    _, progress = tiny_run.run(tmp_path, config=config)
    assert progress.step == 2 and len(checkpoint.steps(tmp_path / "checkpoints")) == 1


def test_the_architecture_is_a_choice():
    config = change(architecture="classic")
    assert pretrain.model_shape(config, 300) == GPTConfig.classic(
        2, 300, sequence_len=32, aspect_ratio=16, head_dim=16
    )


def test_windows_follow_from_the_architecture_unless_named():
    default, named = pretrain.PretrainConfig(), pretrain.PretrainConfig(window_pattern="L")
    assert pretrain.model_shape(default, 512).windows == (512, 512, 512, 2048)
    assert pretrain.model_shape(named, 512).windows == (2048,) * 4


def test_a_terminal_gets_a_bar_and_a_file_ten_lines(tmp_path):
    for terminal in (True, False):
        output = io.StringIO()
        console = Console(file=output, force_terminal=terminal, width=100)
        with loop.Journal(tmp_path, "sft", 50, 0, console=console) as journal:
            for done in range(1, 51):
                journal.show(done, f"loss {done}")
            journal.say("a [story]")
        text = output.getvalue()
        assert "50/50" in text and "a [story]" in text
        assert terminal or text.count("\n") == 11


def test_a_stages_logs_are_closed_however_it_ends(tmp_path, monkeypatch):
    class Log(loop.metrics.JsonLines):
        def close(self):
            closed.append(self)

    closed, logs = [], [Log(tmp_path / "a.jsonl"), Log(tmp_path / "b.jsonl")]
    monkeypatch.setattr(loop.metrics, "open_logs", lambda *_: logs)
    with pytest.raises(UserError), loop.Journal(tmp_path, "sft", 50, 0):
        raise UserError("The loss is nan.")
    assert closed == logs


def test_the_average_is_true_from_its_first_value():
    average = loop.Average(keep=0.5)
    assert [average.add(value) for value in (4, 1)] == pytest.approx([4, (0.5 * 4 + 1) / 1.5])


def test_pace_is_measured_against_the_peak():
    pace = loop.Pace(SHAPE, dataclasses.replace(RUNTIME, peak_flops=1e9))
    flops = loop.counts.flops_per_token(SHAPE)
    assert (
        pace.describe(2.0, 0.25e9 / flops)
        == f"loss 2.000  {0.25e9 / flops:,.0f} tok/s  25% of peak"
    )


def test_no_share_is_told_of_a_peak_that_cannot_be_right():
    for peak in (float("nan"), 1e3):
        pace = loop.Pace(SHAPE, dataclasses.replace(RUNTIME, peak_flops=peak))
        assert pace.describe(2.0, 5000).endswith("5,000 tok/s")

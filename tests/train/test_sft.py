import dataclasses
from contextlib import nullcontext

import pytest
import torch

from nanochat import optim
from nanochat.data import Items
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime, UserError, generator, metrics
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer
from nanochat.train import checkpoint, loop, sft
from nanochat.train.sft import SFTConfig

LENGTH = 64
RUNTIME = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)
CONFIG = SFTConfig(steps=4, batch_tokens=4 * LENGTH, micro_rows=2, save_every=2, lr_scale=0.1)


def chat(question: str, *reply: Part) -> Conversation:
    return Conversation((Message.text("user", question), Message("assistant", reply)))


SUM = chat("2+2?", Part("text", "It is "), Part("python", "2+2"), Part("output", "4"))
HELLO = chat("hello", Part("text", "good day"))
CUT = Conversation((*HELLO.messages, *chat("and then?", Part("text", "x" * LENGTH)).messages))
NOTHING_LEFT = chat("why " * LENGTH, Part("text", "so"))
SOURCE = Items([SUM, HELLO, CUT, NOTHING_LEFT])


@pytest.fixture(autouse=True)
def batches_in_this_process(monkeypatch):
    monkeypatch.setattr(loop, "prefetch", lambda loader, state: nullcontext(loader.batches(state)))


@pytest.fixture(scope="module")
def tokenizer():
    return Tokenizer.from_merges([])


@pytest.fixture(scope="module")
def base(tokenizer, tmp_path_factory):
    shape = GPTConfig(tokenizer.vocab_size, LENGTH, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)
    model = GPT(shape)
    model.init_weights(generator(0))
    optimizer = optim.build(model)
    ids = torch.randint(shape.vocab_size, (2, LENGTH), generator=generator(1))
    model.loss(ids, ids.roll(-1, dims=1)).backward()
    optimizer.step()
    folder = tmp_path_factory.mktemp("run") / "base"
    checkpoint.save(folder, model, {"inputs": {"tokenizer": tokenizer.fingerprint}}, optimizer)
    return folder


def finetune(tokenizer, base, folder, config=CONFIG):
    return sft.sft(config, RUNTIME, tokenizer, SOURCE, base, folder)


def same_weights(a, b):
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


def test_only_the_assistant_is_learned_and_nothing_is_cut_in_the_middle(tokenizer, base):
    model = checkpoint.load_model(base, RUNTIME)
    batch = next(sft.build_loader(CONFIG.batch_tokens, 0, model, tokenizer, SOURCE).batches())
    text = [tokenizer.decode(row[row >= 0].tolist()) for row in batch.targets]
    sum_reply = "It is <|python_start|>2+2<|python_end|><|assistant_end|>"
    hello_reply = "good day<|assistant_end|>"
    for row in text:
        assert not row.replace(sum_reply, "").replace(hello_reply, "")
    assert any(sum_reply in row for row in text) and any(hello_reply in row for row in text)


def test_conversations_cut_and_dropped_are_counted(tokenizer, base, tmp_path):
    finetune(tokenizer, base, tmp_path)
    last = metrics.JsonLines(tmp_path / "metrics.jsonl").read()[-1]
    # A quarter of the source is too long from its first answer on, a quarter from its second.
    assert last["dropped"] == last["cut"] / 2 > 0


def test_a_stopped_run_goes_on_to_the_same_weights(tokenizer, base, tmp_path, monkeypatch):
    left_alone, _ = finetune(tokenizer, base, tmp_path / "alone")
    stop_after_two = iter([False, True])
    with monkeypatch.context() as patch:
        patch.setattr(loop, "interrupts", lambda: nullcontext(lambda: next(stop_after_two)))
        with pytest.raises(loop.Interrupted):
            finetune(tokenizer, base, tmp_path / "stopped")
    resumed, progress = finetune(tokenizer, base, tmp_path / "stopped")
    assert progress.step == 4
    assert same_weights(left_alone, resumed)
    steps = [line["step"] for line in metrics.JsonLines(tmp_path / "stopped/metrics.jsonl").read()]
    assert steps == [1, 2, 3, 4]


def test_the_learning_rate_holds_and_then_falls_in_a_line(tokenizer, base, tmp_path):
    finetune(tokenizer, base, tmp_path)
    rates = [line["lr"] for line in metrics.JsonLines(tmp_path / "metrics.jsonl").read()]
    assert rates == [1.0, 1.0, 1.0, 0.5]


def test_every_rate_is_a_fraction_of_pretrainings(tokenizer):
    shape = GPTConfig(tokenizer.vocab_size, LENGTH, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)
    full = optim.build(GPT(shape), lr_scale=0.1).param_groups
    config = dataclasses.replace(CONFIG, lr_fraction=0.25, warm_optimizer=False)
    for group, of_base in zip(
        sft.build_optimizer(config, GPT(shape), "").param_groups, full, strict=True
    ):
        assert group["initial_lr"] == pytest.approx(0.25 * of_base["initial_lr"])


def test_a_warm_optimizer_goes_on_with_the_momenta_of_the_base(tokenizer, base):
    model = checkpoint.load_model(base, RUNTIME)
    warm = sft.build_optimizer(CONFIG, model, base)
    cold = sft.build_optimizer(dataclasses.replace(CONFIG, warm_optimizer=False), model, base)
    assert warm.state_dict() and not cold.state_dict()
    muon = [group for group in warm.param_groups if group["kind"] == "muon"]
    assert muon and all(group["lr"] == pytest.approx(0.02 * 0.1 * 0.8) for group in muon)
    assert all(group["weight_decay"] == 0 for group in muon)


def test_finetuning_learns(tokenizer, base, tmp_path):
    config = dataclasses.replace(CONFIG, steps=15, lr_scale=0.3)
    finetune(tokenizer, base, tmp_path, config)
    losses = [line["loss"] for line in metrics.JsonLines(tmp_path / "metrics.jsonl").read()]
    assert losses[-1] < 0.6 * losses[0]


@pytest.mark.parametrize(
    "slip", [{"steps": 0}, {"batch_tokens": 0}, {"lr_fraction": -1}, {"micro_rows": 0}]
)
def test_a_number_that_is_too_small_is_refused(slip):
    ((name, value),) = slip.items()
    with pytest.raises(UserError, match=f"^{name}={value}: expected"):
        dataclasses.replace(CONFIG, **slip)


def test_what_cannot_work_is_refused(tokenizer, base, tmp_path):
    with pytest.raises(UserError, match="A batch of 8 tokens is less than one row"):
        finetune(tokenizer, base, tmp_path, dataclasses.replace(CONFIG, batch_tokens=8))
    with pytest.raises(UserError, match="another tokenizer"):
        finetune(Tokenizer.from_merges([(97, 98)]), base, tmp_path)
    finetune(tokenizer, base, tmp_path, dataclasses.replace(CONFIG, steps=1))
    with pytest.raises(UserError, match="lr_fraction: 0.8 -> 0.5"):
        finetune(tokenizer, base, tmp_path, dataclasses.replace(CONFIG, steps=1, lr_fraction=0.5))

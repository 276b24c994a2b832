import copy
import dataclasses
import functools
import json
from contextlib import nullcontext
from dataclasses import dataclass

import pytest
import torch

from nanochat import optim
from nanochat.data import Items
from nanochat.engine import Engine, Reply, SamplingConfig
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import ALONE, Runtime, UserError, generator, metrics
from nanochat.tokenizer import Conversation, Message, Tokenizer, conversation
from nanochat.train import checkpoint, experience, loop, objective, rl, rollout, sft, start
from nanochat.train.rl import RLConfig
from nanochat.train.rollout import Sample, WorldTask

RUNTIME = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)
TOKENIZER = Tokenizer.from_merges([])
CONFIG = RLConfig(
    steps=3,
    questions=3,
    samples=4,
    max_tokens=10,
    lr_scale=0.3,
    save_every=1,
    evaluate_every=2,
    evaluate_questions=2,
    evaluate_samples=4,
)
STOP = TOKENIZER.special["<|assistant_end|>"]
CALL, CALLED = TOKENIZER.special["<|python_start|>"], TOKENIZER.special["<|python_end|>"]


@dataclass(frozen=True)
class Question:
    conversation: Conversation


@dataclass(frozen=True)
class SayA:
    """A toy task: the share of letters `a` in the reply."""

    def question(self, index):
        return Question(Conversation((Message.text("user", f"say {index}"),)))

    def reward(self, question, reply):
        return reply.count("a") / max(1, len(reply))


def sequence(draw):
    """A prompt and a reply of a few random letters `a` and `b`."""
    letters = torch.randint(97, 99, (int(torch.randint(1, 7, (), generator=draw)),), generator=draw)
    prompt = conversation.prompt(TOKENIZER, SayA().question(0).conversation)
    return [*prompt, *letters.tolist(), STOP]


@functools.cache
def trained(seed):
    shape = GPTConfig(TOKENIZER.vocab_size, 64, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)
    model, draw = GPT(shape), generator(seed)
    model.init_weights(draw)
    optimizer = optim.build(model, lr_scale=0.5)
    for _ in range(25):
        ids = torch.nn.utils.rnn.pad_sequence(
            [torch.tensor(sequence(draw)) for _ in range(8)], batch_first=True, padding_value=-1
        )
        model.loss(ids[:, :-1].clamp(min=0), ids[:, 1:]).backward()
        optimizer.step()
        optimizer.zero_grad()
    return model


def small_model(seed=0):
    """A model that has learned to reply with letters `a` and `b`."""
    return copy.deepcopy(trained(seed))


@pytest.fixture(scope="module")
def base(tmp_path_factory):
    folder = tmp_path_factory.mktemp("run") / "base"
    checkpoint.save(folder, small_model(), {"inputs": {"tokenizer": TOKENIZER.fingerprint}})
    return folder


def sample_of(ids, sampled, log_probs, reward=0.0):
    return Sample(ids, sampled, log_probs, finished=True, reward=reward)


def chat(index):
    """Replies that no reward asks for."""
    question = SayA().question(index % 7).conversation
    return Conversation((*question.messages, Message.text("assistant", "b" * (1 + index % 3))))


CHATS = Items([chat(index) for index in range(40)])


def batch_of_chats(model):
    return next(sft.build_loader(256, 0, model, TOKENIZER, CHATS).batches())


def reinforce(base, folder, config=CONFIG):
    return rl.rl(config, RUNTIME, TOKENIZER, base, folder, SayA(), SayA(), CHATS)


def lines(folder):
    return metrics.JsonLines(folder / "metrics.jsonl").read()


def same_weights(a, b):
    pairs = zip(a.state_dict().values(), b.state_dict().values(), strict=True)
    return all(torch.equal(*pair) for pair in pairs)


@pytest.mark.parametrize(
    "temperature, top_k, top_p",
    [(1.0, None, 1.0), (0.7, None, 1.0), (1.3, 20, 1.0), (1.0, 50, 0.8)],
)
def test_what_was_sampled_from_is_what_is_differentiated(temperature, top_k, top_p):
    model = small_model()
    config = SamplingConfig(12, temperature, top_k, top_p, seed=3)
    questions = [SayA().question(i) for i in (1, 22, 333)]
    groups = rollout.roll_out(Engine(model, TOKENIZER, RUNTIME), SayA(), questions, config, 4)
    lesson = experience.gather(groups, "centered", "tokens", 12, skip=False)
    for batch in lesson.split(150, padding=0):
        new = objective.log_probs(model, batch.ids, batch.sampled, config)
        assert torch.allclose(new, batch.old, atol=1e-4)


def test_a_tools_output_is_read_but_not_learned():
    forced = TOKENIZER.encode("xyz")
    reply = Reply(
        prompt=0,
        ids=[CALL, 50, 43, 50, CALLED, *forced, STOP],
        sampled=[True] * 5 + [False] * 3 + [True],
        logprobs=[-1.0] * 5 + [0.0] * 3 + [-1.0],
        reason="end",
    )
    sample = rollout.sample_of([1, 2], reply, worth=1.0)
    assert sample.length == 6
    model = small_model()
    ids, sampled = torch.tensor([sample.ids]), torch.tensor([sample.sampled])
    new = objective.log_probs(model, ids, sampled, SamplingConfig())
    scores = model.logits(model(ids))[0].log_softmax(-1)
    chosen = [1, 2, 3, 4, 5, 9]
    assert torch.allclose(new, torch.stack([scores[t, sample.ids[t + 1]] for t in chosen]))
    new.sum().backward()
    assert all(model.embedding.weight.grad[token].any() for token in forced)


def test_the_stop_token_is_counted_and_learned():
    model = small_model()
    ids, sampled = torch.tensor([[1, 2, 97, STOP]]), torch.tensor([[False, False, True, True]])
    log_probs = objective.log_probs(model, ids, sampled, SamplingConfig())
    expected = model.logits(model(ids))[0].log_softmax(-1)
    assert torch.allclose(log_probs, torch.stack([expected[1, 97], expected[2, STOP]]))


def test_only_finished_replies_earn_something():
    for reason, worth in (("end", 1.0), ("length", 0.0), ("open call", 0.0)):
        reply = Reply(0, [97], [True], [-1.0], reason)
        assert rollout.reward(TOKENIZER, SayA(), None, reply) == worth


def test_the_worlds_verifier_is_the_reward():
    task = WorldTask("word_problems", seed=1)
    question = task.question(5)
    assert task.reward(question, question.solution.messages[-1].visible) == 1.0
    assert task.reward(question, "#### nothing") == 0.0


def test_groups_without_variance_are_left_out_but_their_tokens_count():
    group = [sample_of([1, 97, STOP], [False, True, True], [-1.0, -1.0], 1.0) for _ in range(2)]
    mixed = [group[0], dataclasses.replace(group[1], reward=0.0)]
    lesson = experience.gather([group, mixed], "centered", "tokens", 8, skip=True)
    assert lesson.samples == mixed
    assert lesson.advantage.tolist() == [0.5, -0.5]
    assert lesson.weight.tolist() == [1 / 8, 1 / 8]
    both = experience.gather([group, mixed], "centered", "tokens", 8, skip=False)
    assert both.advantage.tolist() == [0.0, 0.0, 0.5, -0.5]


def test_rows_of_like_length_go_together():
    runs = list(experience.alike([5, 9, 2, 3, 20], tokens=12))
    assert runs == [[2, 3], [0], [1], [4]]


def gradient(model, lesson, config, reference=None):
    model.zero_grad()
    figures = rl.accumulate(model, reference, lesson, config)
    return figures, {name: w.grad.clone() for name, w in model.named_parameters()}


def lesson_of(model, config):
    groups = rl.explore(Engine(model, TOKENIZER, RUNTIME), SayA(), config, step=0)
    return experience.gather(groups, config.advantage, config.normalize, config.max_tokens, True)


@pytest.mark.parametrize("normalize", ["tokens", "sequences", "constant"])
def test_the_size_of_micro_batches_changes_nothing(normalize):
    model, reference = small_model(), small_model(seed=1)
    config = dataclasses.replace(CONFIG, normalize=normalize, clip=0.2, kl=0.1)
    lesson = lesson_of(model, config)
    expected_figures, expected = gradient(model, lesson, config, reference)
    one_row = dataclasses.replace(config, micro_tokens=1)
    figures, by_rows = gradient(model, lesson, one_row, reference)
    assert figures == pytest.approx(expected_figures, abs=1e-5)
    for name, whole in expected.items():
        assert torch.allclose(by_rows[name], whole, atol=1e-6, rtol=1e-4), name


def test_the_gradient_is_that_of_the_plain_formula():
    model = small_model()
    lesson = lesson_of(model, CONFIG)
    _, ours = gradient(model, lesson, CONFIG)
    model.zero_grad()
    total = 0.0
    for sample, advantage, weight in zip(
        lesson.samples, lesson.advantage, lesson.weight, strict=True
    ):
        scores = model.logits(model(torch.tensor([sample.ids])))[0].log_softmax(-1)
        for t in range(1, len(sample.ids)):
            if sample.sampled[t]:
                total = total - weight * advantage * scores[t - 1, sample.ids[t]]
    total.backward()
    for name, weight in model.named_parameters():
        assert torch.allclose(ours[name], weight.grad, atol=1e-6, rtol=1e-3), name


def test_a_batch_that_teaches_nothing_leaves_the_weights_alone():
    model = small_model()
    optimizer = optim.build(model)
    group = [sample_of([1, 97, STOP], [False, True, True], [-1.0, -1.0], 1.0) for _ in range(2)]
    before = {name: weight.clone() for name, weight in model.state_dict().items()}
    rl.improve(model, None, optimizer, [group], CONFIG)
    assert all(torch.equal(before[name], weight) for name, weight in model.state_dict().items())


def test_figures_by_hand():
    finished = sample_of([1, 97, STOP], [False, True, True], [-1.0, -3.0], 1.0)
    cut = Sample([1, 97, 98, 99, 100], [False] + [True] * 4, [-2.0] * 4, finished=False, reward=0.0)
    figures = rl.describe([[finished, cut], [finished, finished]])
    assert figures == {
        "reward": 0.75,
        "length": 2.5,
        "entropy": 2.0,
        "truncated": 0.25,
        "skipped": 0.5,
    }


def test_pass_at_k_of_held_out_questions():
    model = small_model()
    figures = rl.evaluate(Engine(model, TOKENIZER, RUNTIME), SayA(), CONFIG)
    assert list(figures) == ["pass@1", "pass@2", "pass@4"]
    assert figures["pass@1"] <= figures["pass@2"] <= figures["pass@4"]


def test_a_tiny_model_learns_what_is_rewarded(base, tmp_path):
    config = dataclasses.replace(CONFIG, steps=8, samples=8)
    reinforce(base, tmp_path, config)
    rewards = [line["reward"] for line in lines(tmp_path) if "reward" in line]
    assert sum(rewards[-3:]) / 3 > rewards[0] + 0.2


@pytest.mark.parametrize(
    "variant",
    [
        {"advantage": "standardized", "normalize": "sequences", "clip": 0.2, "inner_steps": 2},
        {"normalize": "constant", "kl": 0.05},
        {"top_k": 20, "top_p": 0.9, "inner_steps": 2},
        {"replay": 0.5, "replay_tokens": 128, "interpolation": 0.25},
    ],
)
def test_every_variant_runs_and_resumes_exactly(base, tmp_path, monkeypatch, variant):
    config = dataclasses.replace(CONFIG, **variant)
    left_alone, _ = reinforce(base, tmp_path / "alone", config)
    with monkeypatch.context() as patch:
        patch.setattr(loop, "interrupts", lambda: nullcontext(lambda: True))
        with pytest.raises(loop.Interrupted):
            reinforce(base, tmp_path / "stopped", config)
    resumed, progress = reinforce(base, tmp_path / "stopped", config)
    assert progress.step == 3 and same_weights(left_alone, resumed)
    alone, stopped = lines(tmp_path / "alone"), lines(tmp_path / "stopped")
    for line in alone + stopped:
        line.pop("seconds", None)
    assert json.dumps(alone) == json.dumps(stopped)


@pytest.mark.parametrize("micro_tokens", [1, 8192])
def test_replay_adds_a_share_of_finetunings_gradient(micro_tokens):
    model = small_model()
    batch = batch_of_chats(model)
    plain = model.loss(batch.inputs, batch.targets)
    plain.backward()
    expected = {name: 0.3 * weight.grad for name, weight in model.named_parameters()}
    model.zero_grad()
    config = dataclasses.replace(CONFIG, replay=0.3, micro_tokens=micro_tokens)
    assert rl.replay(model, batch, config, ALONE) == pytest.approx(plain.item(), rel=1e-5)
    for name, weight in model.named_parameters():
        assert torch.allclose(weight.grad, expected[name], atol=1e-6, rtol=1e-4), name


def test_what_is_replayed_is_kept_beside_what_is_rewarded(base, tmp_path):
    config = dataclasses.replace(CONFIG, steps=8, samples=8, replay_tokens=256)
    both = dataclasses.replace(config, replay=1.0)
    forgetful, _ = reinforce(base, tmp_path / "rewards", config)
    mindful, _ = reinforce(base, tmp_path / "both", both)
    batch = batch_of_chats(mindful)
    kept, lost = (m.loss(batch.inputs, batch.targets).item() for m in (mindful, forgetful))
    assert kept < lost - 0.1
    replayed = [line["replay"] for line in lines(tmp_path / "both") if "replay" in line]
    assert replayed[-1] < replayed[0]


@pytest.mark.parametrize("share", [0.0, 0.25])
def test_interpolation_goes_back_towards_the_finetuned_weights_in_the_end(base, tmp_path, share):
    trained, _ = reinforce(base, tmp_path / "trained", CONFIG)
    partly = dataclasses.replace(CONFIG, interpolation=share)
    between, _ = reinforce(base, tmp_path / "between", partly)
    finetuned = start.load(base, TOKENIZER, RUNTIME)
    assert not same_weights(finetuned, trained)
    weights = zip(*(m.parameters() for m in (finetuned, trained, between)), strict=True)
    for before, after, found in weights:
        assert torch.allclose(found, (1 - share) * before + share * after, atol=1e-6)
    saved = start.load(checkpoint.latest(tmp_path / "between" / "checkpoints"), TOKENIZER, RUNTIME)
    assert same_weights(between, saved)


def test_every_rate_is_a_fraction_of_pretrainings():
    full, slow = (
        build(small_model()).param_groups
        for build in (optim.build, lambda model: rl.build_optimizer(CONFIG, model))
    )
    for group, of_base in zip(slow, full, strict=True):
        assert group["initial_lr"] == pytest.approx(CONFIG.lr_scale * of_base["initial_lr"])


def test_rates_fall_in_a_straight_line_and_nothing_decays():
    model = small_model()
    optimizer = rl.build_optimizer(CONFIG, model)
    full = [group["lr"] for group in optimizer.param_groups]
    rl.decay(optimizer, 0.75)
    assert [group["lr"] for group in optimizer.param_groups] == pytest.approx([r / 4 for r in full])
    assert all(group["weight_decay"] == 0 for group in optimizer.param_groups)


@pytest.mark.parametrize(
    "slip, message",
    [
        ({"samples": 1}, "Use 2 or more"),
        ({"temperature": 0.0}, "Use a temperature above 0"),
        ({"kl": 0.1, "top_k": 5}, "Use top_k=None"),
        ({"replay": -0.1}, "replay=-0.1: expected 0"),
        ({"replay_tokens": 0}, "replay_tokens=0: expected 1"),
        ({"interpolation": -0.5}, "interpolation=-0.5: expected 0"),
        ({"steps": 0}, "steps=0: expected 1"),
        ({"questions": 0}, "questions=0: expected 1"),
        ({"max_tokens": 0}, "max_tokens=0: expected 1"),
        ({"top_p": 0.0}, "top_p=0.0: expected more than 0"),
        ({"inner_steps": 0}, "inner_steps=0: expected 1"),
        ({"micro_tokens": 0}, "micro_tokens=0: expected 1"),
        ({"evaluate_questions": 0}, "evaluate_questions=0: expected 1"),
        ({"evaluate_samples": 0}, "evaluate_samples=0: expected 1"),
        ({"lr_scale": -0.1}, "lr_scale=-0.1: expected 0"),
        ({"clip": -0.2}, "clip=-0.2: expected 0"),
        ({"keep": 0}, "keep=0: expected 1"),
    ],
)
def test_settings_that_cannot_work_are_refused(slip, message):
    with pytest.raises(UserError, match=message):
        dataclasses.replace(CONFIG, **slip)

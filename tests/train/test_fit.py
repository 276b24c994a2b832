import pytest
import torch

from nanochat import optim
from nanochat.data import EncodeText, Items, Loader
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime, UserError, generator
from nanochat.tokenizer import Tokenizer
from nanochat.train import fit, loop

RUNTIME = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)
SHAPE = GPTConfig(32, sequence_len=8, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)


class Card:
    """A model's loss on a GPU that holds so many rows; it counts how often it was asked."""

    def __init__(self, rows):
        self.rows, self.tried = rows, []
        self.model = GPT(SHAPE)
        self.model.init_weights(generator(0))
        self.optimizer = optim.build(self.model)

    def loss(self, ids, targets):
        self.tried.append(len(ids))
        if len(ids) > self.rows:
            raise torch.OutOfMemoryError("CUDA out of memory")
        return self.model.loss(ids, targets)


def train_once(card):
    ids = torch.arange(16).view(2, 8)
    card.model.loss(ids, ids.flip(0)).backward()
    card.optimizer.step()
    card.optimizer.zero_grad()


@pytest.mark.parametrize("trained", [False, True])
def test_rows_are_halved_until_they_fit_and_nothing_else_changes(trained):
    card = Card(rows=5)
    if trained:
        train_once(card)
    weights = {name: weight.clone() for name, weight in card.model.state_dict().items()}
    state = {name: value.clone() for name, value in card.optimizer.state_dict().items()}
    assert fit.largest(card.loss, card.optimizer, 19, 8, RUNTIME) == 5
    assert card.tried == [19, 10, 5]
    for name, weight in card.model.named_parameters():
        assert weight.equal(weights[name]) and weight.grad is None
    after = card.optimizer.state_dict()
    assert after.keys() == state.keys() and all(after[k].equal(state[k]) for k in state)


def test_a_gpu_too_small_for_one_row_is_refused():
    card = Card(rows=0)
    with pytest.raises(UserError, match="does not hold one row of 8 tokens.*smaller depth"):
        fit.largest(card.loss, card.optimizer, 4, 8, RUNTIME)


def test_a_gpu_too_small_for_the_optimizer_is_refused(monkeypatch):
    def step(optimizer):
        raise torch.OutOfMemoryError("CUDA out of memory")

    card = Card(rows=4)
    monkeypatch.setattr(type(card.optimizer), "step", step)
    with pytest.raises(UserError, match="does not hold the optimizer's state.*smaller depth"):
        fit.largest(card.loss, card.optimizer, 4, 8, RUNTIME)


def test_what_was_found_is_remembered_for_the_same_card(tmp_path, monkeypatch):
    monkeypatch.setattr(torch.cuda, "set_per_process_memory_fraction", lambda *_: None)
    for name, rows in (("big", 8), ("big", 1), ("small", 2)):
        monkeypatch.setattr(torch.cuda, "get_device_name", lambda _, name=name: name)
        card = Card(rows)
        found = fit.find(card.loss, card.optimizer, 8, 8, RUNTIME, tmp_path)
        assert (found, len(card.tried)) == {8: (8, 1), 1: (8, 0), 2: (2, 3)}[rows]


def test_a_cpu_takes_the_configured_rows(tmp_path):
    card, words = Card(rows=9), Tokenizer([])
    run = loop.Run(tmp_path, card.model, card.optimizer, {})
    loader = Loader(Items(("text",)), EncodeText(words), 4, 8, words.bos_id, seed=0)
    cadence = loop.Cadence(micro_rows=7, device_batch_size="auto")
    assert loop.rows_at_once(card.loss, run, loader, RUNTIME, cadence) == 7
    assert not card.tried and "device_batch_size" not in cadence.deciding()


def test_memory_that_runs_out_is_explained():
    message = "micro-batch of 64 rows.*device_batch_size=auto"
    with pytest.raises(UserError, match=message), fit.memory_explained(64):
        raise torch.OutOfMemoryError("CUDA out of memory")

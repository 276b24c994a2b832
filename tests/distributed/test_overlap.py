"""What one of two ranks sends, and when, seen in collectives that send nothing."""

import pytest
import torch
import torch.distributed as dist
from torch.multiprocessing.reductions import StorageWeakRef

from nanochat import optim
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Ranks, distributed

CONFIG = GPTConfig(vocab_size=64, sequence_len=16, n_layer=3, n_head=4, n_kv_head=2, n_embd=48)


class Sending(dist.Work):
    """A transfer, which needs the memory of what is sent until someone has waited for it."""

    def __init__(self, events: list[str], what: str, sent: torch.Tensor):
        super().__init__()
        self.events, self.what, self.memory = events, what, StorageWeakRef(sent.untyped_storage())
        events.append(f"send {what}")

    def wait(self):
        assert not self.memory.expired(), f"The {self.what} were freed on their way."
        self.events.append(f"wait for {self.what}")


@pytest.fixture
def events(monkeypatch):
    """What is sent and waited for, in order, where the other rank has what this one has."""
    events = []

    def all_reduce(tensor, async_op):
        tensor.mul_(2)
        return Sending(events, "gradients", tensor)

    def reduce_scatter(part, whole, async_op):
        part.copy_(2 * whole.chunk(2)[0])
        return Sending(events, "gradients", whole)

    def all_gather(whole, part, async_op):
        whole.copy_(torch.cat([part, part]))
        return Sending(events, "weights", part)

    monkeypatch.setattr(dist, "all_reduce", all_reduce)
    monkeypatch.setattr(distributed, "reduce_scatter", reduce_scatter)
    monkeypatch.setattr(distributed, "all_gather", all_gather)
    return events


def test_all_is_sent_before_the_first_of_it_is_waited_for(events):
    model = GPT(CONFIG)
    model.init_weights(torch.Generator().manual_seed(0))
    ids = torch.randint(0, 64, (2, 17), generator=torch.Generator().manual_seed(0))
    model.loss(ids[:, :-1], ids[:, 1:]).backward()
    optimizer = optim.build(model, ranks=Ranks(0, 2))
    optimizer.step()
    for what in ("gradients", "weights"):
        steps = [event for event in events if event.endswith(what)]
        times = len(steps) // 2
        assert times > 5
        assert steps == [f"send {what}"] * times + [f"wait for {what}"] * times


@pytest.mark.parametrize("rows", [4, 3])
def test_what_is_sent_stays_in_memory_until_it_has_arrived(events, rows):
    ranks = Ranks(0, 2)
    assert ranks.reduce(torch.ones(rows, 5)).wait().eq(2).all()
    part = torch.full((2 if rows == 4 else 3, 5), 3.0)
    arriving, part = ranks.gather(part, torch.zeros(rows, 5)), None
    assert arriving.wait().eq(3).all() and arriving.tensor.shape == (rows, 5)
    assert ("wait for weights" in events) == (rows == 4)

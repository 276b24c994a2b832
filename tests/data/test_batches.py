import itertools
import json
import multiprocessing
import os
import signal
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path

import pytest
import torch

from nanochat.data import Batch, EncodeChats, EncodeText, Items, Loader, prefetch
from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer, conversation

TOKENIZER = Tokenizer([])
BOS = TOKENIZER.bos_id
TEXTS = tuple("word " * (1 + n % 17) + str(n) for n in range(200))


def loader(source=None, encode=None, **options):
    settings = {"rows": 6, "length": 64, "pad": BOS, "seed": 5, "pool_rows": 10} | options
    return Loader(source or Items(TEXTS), encode or EncodeText(TOKENIZER), **settings)


SUM = Message("assistant", (Part("python", "2*3"), Part("output", "6"), Part("text", "6!")))
CHAT = Conversation((Message.text("user", "2*3?"), SUM))


def same(a: Batch, b: Batch) -> bool:
    equal = torch.equal(a.inputs, b.inputs) and torch.equal(a.targets, b.targets)
    return equal and (a.state, a.waste) == (b.state, b.waste)


def take(batches, count):
    return list(itertools.islice(batches, count))


def test_targets_are_the_tokens_that_follow():
    for batch in take(loader().batches(), 3):
        assert batch.inputs.shape == batch.targets.shape == (6, 64)
        assert torch.equal(batch.inputs[:, 1:], batch.targets[:, :-1])
        assert (batch.inputs[:, 0] == BOS).all()


@pytest.mark.parametrize("crop", [True, False])
def test_any_state_resumes_exactly(crop):
    batches = take(loader(crop=crop).batches(), 25)
    # Batches end within pools, and some reach from one into the next.
    places = [(batch.state["pool"], batch.state["row"]) for batch in batches]
    assert places[-1][0] >= 3 and any(row < 6 for _, row in places[1:])
    for number in (0, 1, 7, 16, 23):
        state = json.loads(json.dumps(batches[number].state))
        assert same(next(loader(crop=crop).batches(state)), batches[number + 1])


def test_the_seed_decides_the_order():
    first, again, other = (next(loader(seed=seed).batches()) for seed in (1, 1, 2))
    assert same(first, again) and not torch.equal(first.inputs, other.inputs)


@pytest.mark.parametrize("world_size, rows", [(1, 1), (1, 4), (2, 2), (3, 1), (6, 8), (8, 2)])
def test_ranks_and_micro_batches_share_the_same_rows(world_size, rows):
    batch = next(loader().batches())
    pieces = [batch.split(rows, rank, world_size) for rank in range(world_size)]
    assert all(0 < len(piece.inputs) <= rows for rank in pieces for piece in rank)
    found = torch.cat([torch.cat([p.inputs, p.targets], 1) for rank in pieces for p in rank])
    whole = torch.cat([batch.inputs, batch.targets], 1)
    assert sorted(found.tolist()) == sorted(whole.tolist())


def test_the_order_of_rows_is_independent_of_the_batch_size():
    small = torch.cat([batch.inputs for batch in take(loader(rows=2).batches(), 12)])
    large = torch.cat([batch.inputs for batch in take(loader(rows=8).batches(), 3)])
    assert torch.equal(small, large)


def test_a_corpus_smaller_than_a_batch_repeats():
    batch = next(loader(Items(("tiny", "corpus"))).batches())
    assert batch.inputs.shape == (6, 64)


def test_chats_teach_what_the_assistant_says_and_no_more():
    encode = EncodeChats(TOKENIZER, max_tokens=65)
    batch = next(loader(Items((CHAT,)), encode, crop=False).batches())
    ids = conversation.render(TOKENIZER, CHAT).ids
    row = [*ids, *ids, *ids, *[BOS] * (65 - 3 * len(ids))]
    taught = "<|python_start|>2*3<|python_end|>6!<|assistant_end|>"
    for inputs, targets in zip(batch.inputs.tolist(), batch.targets.tolist(), strict=True):
        assert inputs == row[:-1]
        assert TOKENIZER.decode([token for token in targets if token >= 0]) == taught * 3
        assert all(a in (-1, b) for a, b in zip(targets, row[1:], strict=True))


def test_long_chats_are_cut_or_dropped_and_counted():
    fits = CHAT
    lost = Conversation((Message.text("user", "x" * 100), Message.text("assistant", "y")))
    cut = Conversation((*fits.messages, Message.text("user", "x" * 100)))
    items = Items((fits, lost, cut, fits))
    batch = next(loader(items, EncodeChats(TOKENIZER, 65), crop=False).batches())
    read = batch.waste.dropped * 4
    # Both the lost and the cut one were shortened.
    assert batch.waste.cut == read // 2 and batch.waste.cropped == 0
    assert (batch.targets >= 0).any(dim=1).all()


def test_data_without_anything_to_learn_is_an_error_not_a_wait():
    lost = Conversation((Message.text("user", "x" * 100), Message.text("assistant", "y")))
    with pytest.raises(UserError, match="None of .* examples has a token to learn within 64"):
        next(loader(Items((lost,)), EncodeChats(TOKENIZER, 65), crop=False).batches())


def test_a_background_process_gives_the_same_batches_and_ends():
    expected = take(loader().batches(), 12)
    with prefetch(loader(), expected[4].state) as batches:
        assert all(map(same, take(batches, 7), expected[5:]))
        (worker,) = multiprocessing.active_children()
    assert not worker.is_alive() and not multiprocessing.active_children()


UNGUARDED = """
from test_batches import loader, same, take
from nanochat.data import prefetch

expected = take(loader().batches(), 8)
with prefetch(loader(), expected[2].state) as batches:
    print(all(map(same, take(batches, 5), expected[3:])))
"""


def test_a_script_without_a_main_guard_makes_its_batches_itself(tmp_path):
    script = tmp_path / "script.py"
    script.write_text(UNGUARDED)
    paths = os.pathsep.join([str(Path(__file__).parent), str(Path(__file__).parents[2])])
    done = subprocess.run(
        [sys.executable, str(script)], env=os.environ | {"PYTHONPATH": paths},
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert done.stdout == "True\n"
    assert done.stderr.count("lacks `if __name__ == '__main__':`") == 1
    assert "Traceback" not in done.stderr


@dataclass(frozen=True)
class Failing:
    error: Exception

    def read(self, state=None):
        yield from ((text, {"index": n}) for n, text in enumerate(TEXTS[:64]))
        raise self.error


@pytest.mark.parametrize(
    "error, kind, text",
    [
        (UserError("a.parquet is broken"), UserError, "a.parquet is broken"),
        (ZeroDivisionError("by zero"), RuntimeError, "ZeroDivisionError: by zero"),
    ],
)
def test_errors_in_the_background_arrive_here(error, kind, text):
    with prefetch(loader(Failing(error))) as batches, pytest.raises(kind, match=text):
        take(batches, 100)


@pytest.mark.skipif(os.name != "posix", reason="signals")
def test_a_killed_background_process_is_noticed():
    with prefetch(loader()) as batches:
        next(batches)
        (worker,) = multiprocessing.active_children()
        os.kill(worker.pid, signal.SIGKILL)
        with pytest.raises(UserError, match="was ended .exit code -9"):
            take(batches, 100)

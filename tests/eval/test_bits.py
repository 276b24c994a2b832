from math import log

import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from nanochat.data import world
from nanochat.eval import bits_per_byte, floor_bits_per_byte, likelihood
from nanochat.eval.likelihood import NO_TARGET, batches, cut, token_nats
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import UserError
from nanochat.tokenizer import Tokenizer

TOKENIZER = Tokenizer.from_merges([(116, 104), (256, 101)])
TEXTS = ["the cat", "", "a longer text about the other cat", "µm", "the theory"]


def lively(sequence_len: int = 64) -> GPT:
    model = GPT(
        GPTConfig(TOKENIZER.vocab_size, sequence_len, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)
    )
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


@torch.no_grad()
def nats_by_hand(model: GPT, ids: list[int]) -> list[float]:
    """Each token's nats, from all tokens before it."""
    nats = []
    for i in range(1, len(ids)):
        scores = model.logits(model(torch.tensor([ids[:i]])))[0, -1]
        nats.append(-scores.log_softmax(-1)[ids[i]].item())
    return nats


def test_bits_per_byte_by_hand():
    model, bos = lively(), TOKENIZER.bos_id
    nats = [nats_by_hand(model, [bos, *TOKENIZER.encode(text), bos]) for text in TEXTS]
    size = sum(len(text.encode()) for text in TEXTS)
    got = bits_per_byte(model, TOKENIZER, TEXTS)
    assert got.bytes == size
    assert got.strict == pytest.approx(sum(map(sum, nats)) / log(2) / size, rel=1e-5)
    assert got.text_only == pytest.approx(sum(sum(n[:-1]) for n in nats) / log(2) / size, rel=1e-5)


def test_a_model_that_knows_nothing_pays_for_each_token_alike():
    model = GPT(lively().config)
    got = bits_per_byte(model, TOKENIZER, TEXTS)
    tokens = sum(len(TOKENIZER.encode(text)) for text in TEXTS)
    bits = log(TOKENIZER.vocab_size) / log(2)
    assert got.text_only == pytest.approx(bits * tokens / got.bytes)
    assert got.strict == pytest.approx(bits * (tokens + len(TEXTS)) / got.bytes)


def test_the_size_of_a_batch_changes_nothing(monkeypatch):
    model = lively()
    whole = bits_per_byte(model, TOKENIZER, TEXTS)
    for size in (1, 17, 40):
        monkeypatch.setattr(likelihood, "BATCH_TOKENS", size)
        assert bits_per_byte(model, TOKENIZER, TEXTS).strict == pytest.approx(whole.strict)


def test_long_texts_keep_half_a_window_of_context():
    model = lively(sequence_len=8)
    ids = TOKENIZER.encode("a text longer than the window")
    [got] = token_nats(model, [ids])
    expected = nats_by_hand(model, ids[:9])
    for end in range(9, len(ids), 4):
        window = ids[end - 5 : end + 4]
        expected += nats_by_hand(model, window)[4:]
    assert got.tolist() == pytest.approx(expected, abs=1e-5)


@given(st.integers(2, 60), st.integers(1, 20))
@settings(deadline=None)
def test_pieces_have_each_token_as_a_target_once(tokens, length):
    ids = list(range(tokens))
    targets = []
    for inputs, goals in cut(ids, length):
        assert 1 <= len(inputs) == len(goals) <= length
        for i, goal in enumerate(goals):
            assert goal in (NO_TARGET, inputs[i] + 1)
            targets += [goal] * (goal != NO_TARGET)
        first = next(i for i, goal in enumerate(goals) if goal != NO_TARGET)
        assert inputs[0] == 0 or length == 1 or first >= length // 2
    assert targets == ids[1:]


@given(st.lists(st.integers(1, 9000), max_size=30))
@settings(deadline=None)
def test_batches_hold_every_row_once(lengths):
    runs = list(batches(lengths))
    assert sorted(row for run in runs for row in run) == list(range(len(lengths)))
    for run in runs:
        assert len(run) == 1 or len(run) * max(lengths[row] for row in run) <= 8192


def test_floor_is_bits_over_bytes():
    documents = [world.document(0, i, "val") for i in range(20)]
    bits = sum(document.bits for document in documents)
    size = sum(len(document.text.encode()) for document in documents)
    assert floor_bits_per_byte(documents) == pytest.approx(bits / size)


@pytest.mark.parametrize("texts", [[], ["", ""]])
def test_no_text_no_bits(texts):
    with pytest.raises(UserError, match="0 bytes"):
        bits_per_byte(lively(), TOKENIZER, texts)

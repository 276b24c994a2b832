"""A step that is replayed: recorded here operation by operation, as a GPU records it."""

import pytest
import torch
from torch.multiprocessing.reductions import StorageWeakRef
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from nanochat.engine import Engine, SamplingConfig, fused, replay
from nanochat.engine.cache import KVCache
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime
from nanochat.tokenizer import Tokenizer

TOKENIZER = Tokenizer.from_merges([])
CPU = Runtime(torch.device("cpu"), torch.float32, compile=True, peak_flops=1e12)
SHAPE = GPTConfig(
    TOKENIZER.vocab_size,
    sequence_len=512,
    n_layer=2,
    n_head=2,
    n_kv_head=1,
    n_embd=32,
    window_pattern="S",
)
PROMPTS = [TOKENIZER.encode(text) for text in ("once", "a much longer prompt", "two", "a", "b")]


class Tape(TorchDispatchMode):
    """Keeps every operation and its tensors, and no Python: so does a CUDA graph."""

    def __init__(self):
        super().__init__()
        self.operations = []

    def __torch_dispatch__(self, operation, types, args=(), kwargs=None):
        out = operation(*args, **(kwargs or {}))
        self.operations.append((operation, args, kwargs or {}, out))
        return out

    @torch.no_grad()
    def play(self):
        """Do it all again, into the same memory."""
        for operation, args, kwargs, out in self.operations:
            again = operation(*args, **kwargs)
            for old, new in zip(tree_leaves(out), tree_leaves(again), strict=True):
                assert isinstance(old, torch.Tensor), f"{operation} would make a GPU wait"
                if old.data_ptr() != new.data_ptr():
                    old.copy_(new)


def taped(step):
    with Tape() as tape:
        out = step()

    def repeat():
        tape.play()
        return out

    return repeat


def lively(shape: GPTConfig = SHAPE) -> GPT:
    model = GPT(shape)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


def started(shape: GPTConfig, reader: GPT, device: str = "cpu") -> KVCache:
    """A cache of five rows that have read their prompts."""
    cache = KVCache(shape, torch.arange(5, device=device), reader.dtype)
    cache.extend(30)
    prompt = torch.randint(0, 256, (5, 30), generator=torch.Generator().manual_seed(0))
    fused.scores(reader, prompt.to(device), cache)
    return cache


@torch.inference_mode()
def compare(shape: GPTConfig, replayed: replay.Scores, device: str = "cpu") -> None:
    """As the cache outgrows its room, and rows leave from amid the others."""
    reader = fused.fused(lively(shape).to(device))
    caches = [started(shape, reader, device) for _ in range(2)]
    generator, leave = torch.Generator().manual_seed(1), {40: [0, 4, 2, 3], 90: [3, 1], 95: [1]}
    for step in range(300):
        rows = leave.get(step, list(range(len(caches[0].padding))))
        tokens = torch.randint(0, 256, (len(rows), 1), generator=generator).to(device)
        scores = []
        for read, cache in zip((fused.scores, replayed), caches, strict=True):
            if step in leave:
                cache.keep(rows)
            cache.extend(1)
            scores.append(read(reader, tokens, cache))
        torch.testing.assert_close(scores[0], scores[1], atol=1e-4, rtol=1e-4)


@pytest.mark.parametrize("switches", [{}, {"smear": False, "window_pattern": "L"}])
def test_what_is_replayed_scores_as_the_step_itself(switches):
    made = []

    def record(step):
        made.append(1)
        return taped(step)

    shape = GPTConfig(**(vars(SHAPE) | switches))
    compare(shape, replay.replayed(fused.scores, record))
    # At the start, for the last two rows, for the last one, and with the 257th column.
    assert len(made) == 4


def test_replies_are_the_same(monkeypatch):
    model, config = lively(), SamplingConfig(max_tokens=80)
    plain = Engine(model, TOKENIZER, CPU).generate(PROMPTS, config)
    monkeypatch.setattr(fused, "decoder", lambda *_: replay.replayed(fused.scores, taped))
    replies = Engine(model, TOKENIZER, CPU, compile=True).generate(PROMPTS, config)
    assert [reply.ids for reply in replies] == [reply.ids for reply in plain]
    assert len({len(reply.ids) for reply in replies}) > 1


def test_a_recording_ends_with_its_cache():
    reader, read = fused.fused(lively()), replay.replayed(fused.scores, taped)
    with torch.inference_mode():
        cache = started(SHAPE, reader)
        cache.extend(1)
        read(reader, torch.zeros(5, 1, dtype=torch.long), cache)
    keys = StorageWeakRef(cache.keys[0].untyped_storage())
    assert not keys.expired()
    del cache
    assert keys.expired()


def stale(step):
    """A recording that missed something: it gives what it gave."""
    out = step()
    return lambda: out


def broken(step):
    raise RuntimeError("operation not permitted when stream is capturing")


@pytest.mark.parametrize(("record", "works"), [(taped, True), (stale, False), (broken, False)])
@torch.inference_mode()
def test_only_what_works_is_replayed(record, works):
    reader = fused.fused(lively())
    chosen = replay.best(fused.scores, reader, started(SHAPE, reader), record)
    assert (chosen is not fused.scores) == works


if torch.cuda.is_available():

    def test_a_graph_of_this_gpu_scores_as_the_step_itself():
        compare(SHAPE, replay.replayed(fused.scores, replay.graph), "cuda")

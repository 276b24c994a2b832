import dataclasses

import pytest
import torch

from nanochat.engine import Engine, Reply, SamplingConfig, sampling
from nanochat.engine import tools as toolbox
from nanochat.engine.engine import events
from nanochat.engine.reply import LONGEST_CALL, Draft
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import Runtime, UserError
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer, parse_reply, prompt, render

TOKENIZER = Tokenizer.from_merges([])
SPECIAL = TOKENIZER.special
CPU = Runtime(torch.device("cpu"), torch.float32, compile=False, peak_flops=1e12)
SHAPE = GPTConfig(
    TOKENIZER.vocab_size, sequence_len=64, n_layer=2, n_head=2, n_kv_head=1, n_embd=32
)
CALL = Message(
    "assistant",
    (
        Part("text", "So "),
        Part("python", "3*4"),
        Part("output", "12"),
        Part("text", "it is 12 µm.\n"),
    ),
)


def lively(seed: int = 1, dtype: torch.dtype = torch.float32) -> GPT:
    model = GPT(SHAPE, dtype)
    generator = torch.Generator().manual_seed(seed)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


def engine(**options) -> Engine:
    return Engine(lively(), TOKENIZER, CPU, **options)


def texts(*strings: str) -> list[list[int]]:
    return [TOKENIZER.encode(string) for string in strings]


PROMPTS = texts("once", "a much longer prompt than that", "two")


class Script(GPT):
    """A model that says what it is told to, by the position of each token."""

    def __init__(self, ids: list[int], prompt_length: int, length: int = 64):
        super().__init__(dataclasses.replace(SHAPE, sequence_len=length))
        self.script = torch.full((length + 1,), SPECIAL["<|assistant_end|>"])
        self.script[prompt_length - 1 : prompt_length - 1 + len(ids)] = torch.tensor(ids)

    def forward(self, ids, cache=None):
        return cache.positions[..., None].float()

    def logits(self, hidden):
        says = self.script[hidden.squeeze(-1).long()]
        return 9.0 * torch.nn.functional.one_hot(says, SHAPE.vocab_size).float()


def play(ids: list[int], config: SamplingConfig | None = None, tools: bool = True, length=64):
    """The reply of a model that says these ids, were it not for the tool's outputs."""
    config = config or SamplingConfig(temperature=0)
    model = Script(ids, prompt_length=1, length=length)
    return Engine(model, TOKENIZER, CPU).generate(
        [[SPECIAL["<|assistant_start|>"]]], config, 1, tools
    )


@torch.no_grad()
def uncached_greedy(model: GPT, ids: list[int], max_tokens: int) -> list[int]:
    reply = []
    while len(reply) < max_tokens and len(ids) + len(reply) <= model.config.sequence_len:
        scores = model.logits(model(torch.tensor([ids + reply])))[0, -1]
        reply.append(int(scores.argmax()))
        if reply[-1] in (SPECIAL["<|assistant_end|>"], SPECIAL["<|bos|>"]):
            break
    return reply


def test_greedy_replies_equal_those_of_a_plain_loop():
    replies = engine().generate(PROMPTS, SamplingConfig(max_tokens=20, temperature=0))
    for i, (ids, reply) in enumerate(zip(PROMPTS, replies, strict=True)):
        assert reply.prompt == i
        assert reply.ids == uncached_greedy(lively(), ids, 20)
        assert reply.sampled == [True] * len(reply.ids)


@torch.no_grad()
@pytest.mark.parametrize("options", [{}, {"temperature": 0.7, "top_k": 20, "top_p": 0.9}])
def test_log_probabilities_are_those_of_the_uncached_model(options):
    config = SamplingConfig(max_tokens=20, **options)
    model = lively()
    for reply in engine().generate(PROMPTS, config, samples_per_prompt=4):
        ids = PROMPTS[reply.prompt] + reply.ids
        logits = model.logits(model(torch.tensor([ids[:-1]])))[0, -len(reply.ids) :]
        expected = sampling.log_distribution(logits, config)
        expected = expected.gather(-1, torch.tensor(reply.ids)[:, None]).squeeze(-1)
        assert torch.allclose(torch.tensor(reply.logprobs), expected, atol=1e-4)


def test_a_row_does_not_depend_on_its_batch():
    config = SamplingConfig(max_tokens=24, seed=3)
    together = engine().generate(PROMPTS, config, samples_per_prompt=5)
    assert [reply.prompt for reply in together] == [0] * 5 + [1] * 5 + [2] * 5
    for i in range(3):
        alone = engine().generate([PROMPTS[i]], config, samples_per_prompt=5)
        assert [r.ids for r in alone] == [r.ids for r in together[5 * i : 5 * i + 5]]
    for rows in (1, 5, 7):
        few = engine(max_rows=rows).generate(PROMPTS, config, samples_per_prompt=5)
        assert [r.ids for r in few] == [r.ids for r in together]
    assert len({tuple(r.ids) for r in together}) == 15


def test_a_prompt_given_twice_is_one_sampled_twice():
    config = SamplingConfig(max_tokens=8)
    twice = engine().generate([PROMPTS[0], PROMPTS[1], PROMPTS[0]], config)
    samples = engine().generate([PROMPTS[0]], config, samples_per_prompt=2)
    assert [twice[0].ids, twice[2].ids] == [reply.ids for reply in samples]


def test_seeds():
    def replies(seed: int) -> list[list[int]]:
        return [r.ids for r in engine().generate(PROMPTS, SamplingConfig(max_tokens=8, seed=seed))]

    assert replies(0) == replies(0)
    assert replies(0) != replies(1)


def test_first_tokens_follow_the_distribution():
    draws = 4000
    model = lively()
    with torch.no_grad():
        expected = draws * model.logits(model(torch.tensor([PROMPTS[0]])))[0, -1].softmax(-1)
    replies = engine(max_rows=draws).generate([PROMPTS[0]], SamplingConfig(max_tokens=1), draws)
    seen = torch.bincount(torch.tensor([r.ids[0] for r in replies]), minlength=SHAPE.vocab_size)
    common = expected > 5
    chi_square = ((seen - expected) ** 2 / expected)[common].sum().item()
    degrees = int(common.sum())
    # Five standard deviations above the mean.
    assert chi_square < degrees + 5 * (2 * degrees) ** 0.5


def test_sees_the_weights_as_they_are_now():
    for dtype in (torch.float32, torch.bfloat16):
        model = lively(1, dtype)
        engine = Engine(model, TOKENIZER, dataclasses.replace(CPU, dtype=dtype))
        config = SamplingConfig(max_tokens=12, temperature=0)
        before = engine.generate(PROMPTS, config)
        model.load_state_dict(lively(2).state_dict())
        fresh = Engine(lively(2, dtype), TOKENIZER, engine.runtime).generate(PROMPTS, config)
        assert engine.generate(PROMPTS, config) == fresh != before


def test_the_calculators_result_is_forced():
    conversation = Conversation((Message.text("user", "?"), CALL))
    start = len(prompt(TOKENIZER, conversation))
    expected = render(TOKENIZER, conversation)
    # The model's own idea of the output is wrong, and replaced.
    ids = [
        SPECIAL["<|bos|>"] if not m else i for i, m in zip(expected.ids, expected.mask, strict=True)
    ]
    [reply] = play(ids[start:])
    assert reply.ids == expected.ids[start:]
    assert reply.sampled == [bool(m) for m in expected.mask[start:]]
    assert reply.finished and reply.reason == "end"
    assert all(p == 0 for p, s in zip(reply.logprobs, reply.sampled, strict=True) if not s)
    assert parse_reply(TOKENIZER, reply.ids) == CALL


def said(*parts: str) -> list[int]:
    """The ids of texts and special tokens."""
    return [
        i
        for part in parts
        for i in ([SPECIAL[part]] if part in SPECIAL else TOKENIZER.encode(part))
    ]


START, END, STOP = "<|python_start|>", "<|python_end|>", "<|assistant_end|>"
OUT, CLOSE = "<|output_start|>", "<|output_end|>"


@pytest.mark.parametrize(
    ("call", "output"),
    [
        ([START, "1/0", END], []),
        ([START, "import os", END], []),
        ([START, END], []),
        ([END], []),
        (["2+2", END], []),
        ([START, "1+1", START, "2+2", END], [OUT, "4", CLOSE]),
        ([START, "1+1", END, *"xxxxx", START, "2*3", END], [OUT, "6", CLOSE]),
    ],
)
def test_calls_good_and_bad(call, output):
    [reply] = play(said(*call, "." * len(said(*output)), STOP))
    assert reply.ids[-len(said(*output)) - 1 :] == said(*output, STOP)
    assert reply.finished


def test_without_tools_nothing_is_forced():
    ids = said(START, "1+1", END, "2", STOP)
    [reply] = play(ids, tools=False)
    assert reply.ids == ids and all(reply.sampled)


def test_an_end_within_an_output_that_was_forced_is_not_seen():
    [reply] = play(said(START, "1+1", END, STOP, STOP, STOP, "2", STOP))
    assert reply.ids == said(START, "1+1", END, OUT, "2", CLOSE, "2", STOP)


def test_a_call_that_never_closes_is_bounded():
    open_call = said(START, "1" * 400)
    [reply] = play(open_call, SamplingConfig(max_tokens=400, temperature=0), length=500)
    assert reply.reason == "open call" and not reply.finished
    assert len(reply.ids) == LONGEST_CALL + 2
    [cut] = play(open_call, SamplingConfig(max_tokens=10, temperature=0), length=500)
    assert cut.reason == "open call" and len(cut.ids) == 10


def test_bos_ends_a_reply():
    [reply] = play(said("hi", "<|bos|>", "more"))
    assert reply.ids == said("hi", "<|bos|>") and reply.finished


def test_a_reply_stops_where_the_models_sequence_does():
    full = TOKENIZER.encode("x" * 60)
    short, long = engine().generate([full[:3], full], SamplingConfig(max_tokens=50, temperature=0))
    assert long.ids == uncached_greedy(lively(), full, 50) and len(long.ids) <= 5
    assert short.ids == uncached_greedy(lively(), full[:3], 50)
    [one] = engine().generate([TOKENIZER.encode("x" * 64)], SamplingConfig(max_tokens=50))
    assert len(one.ids) == 1 and one.reason in ("length", "end")


@pytest.mark.parametrize(
    ("ids", "complaint"),
    [([], "0 tokens"), ([5] * 65, "65 tokens"), ([-1, 3], "-1 to 3"), ([1, 265], "1 to 265")],
)
def test_prompts_the_model_cannot_read(ids, complaint):
    with pytest.raises(UserError, match=complaint):
        engine().generate([[1, 2], ids], SamplingConfig(max_tokens=4))
    with pytest.raises(UserError, match=complaint):
        next(engine().stream(ids, SamplingConfig(max_tokens=4)))


def test_no_prompts_no_replies():
    assert engine().generate([], SamplingConfig()) == []


def test_stream_tells_the_same_as_generate():
    config = SamplingConfig(max_tokens=30, seed=2)
    *pieces, last = engine().stream(PROMPTS[0], config)
    [reply] = engine().generate([PROMPTS[0]], config)
    assert last.kind == "end" and last.reply == reply
    assert all(piece.reply is None and piece.text for piece in pieces)


def test_events_keep_characters_whole_and_kinds_apart():
    ids = render(TOKENIZER, Conversation((Message.text("user", "?"), CALL))).ids
    ids = ids[ids.index(SPECIAL["<|assistant_start|>"]) + 1 :]
    told = [(event.kind, event.text) for event in events(TOKENIZER, iter(ids))]
    assert ("text", "µ") in told
    for part in CALL.parts:
        assert "".join(text for kind, text in told if kind == part.kind).find(part.text) >= 0
    assert "".join(text for _, text in told) == "So 3*412it is 12 µm.\n"


def test_events_show_half_a_character_as_broken_only_at_the_end():
    half = list("µ".encode()[:1])
    assert [e.text for e in events(TOKENIZER, half)] == ["\ufffd"]
    assert [e.text for e in events(TOKENIZER, [*half, SPECIAL[STOP]])] == ["\ufffd"]


def test_a_draft_is_done_once():
    draft = Draft([1], 0, 3, TOKENIZER, toolbox.calculator)
    for token in said("a", STOP):
        assert draft.reason is None
        draft.add(token, -1.0)
    assert draft.reply(7) == Reply(7, said("a", STOP), [True] * 2, [-1.0] * 2, "end")

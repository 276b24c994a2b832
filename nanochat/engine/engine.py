"""Many replies at once: read the prompts, then write a token of every reply at each step."""

from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import count, islice
from typing import Literal

import torch
from jaxtyping import Float
from torch import Tensor

from nanochat.engine import fused, sampling
from nanochat.engine import tools as toolbox
from nanochat.engine.cache import KVCache
from nanochat.engine.reply import Draft, Reply
from nanochat.engine.sampling import SamplingConfig
from nanochat.model import GPT
from nanochat.runtime import Runtime, UserError, generator
from nanochat.tokenizer import Tokenizer
from nanochat.tokenizer.conversation import HOLDS

PREFILL_TOKENS = 8192


@dataclass(frozen=True)
class Event:
    """The next characters of a reply and what they are; the last event has the whole reply."""

    kind: Literal["text", "python", "output", "end"]
    text: str = ""
    reply: Reply | None = None


class Engine:
    """Has a model answer prompts, and may see it trained in between.

    It writes `max_rows` replies at a time, or all those to one prompt where they are more. To
    compile takes some 15 s, and makes each token cheaper: for work of thousands of steps."""

    def __init__(
        self,
        model: GPT,
        tokenizer: Tokenizer,
        runtime: Runtime,
        max_rows: int = 128,
        compile: bool = False,
    ):
        self.model, self.tokenizer, self.runtime = model, tokenizer, runtime
        self.max_rows, self.compile = max_rows, compile
        self.decoders: dict[bool, fused.Scores] = {}

    def generate(
        self,
        prompts: Sequence[list[int]],
        config: SamplingConfig,
        samples_per_prompt: int = 1,
        tools: bool = True,
    ) -> list[Reply]:
        """The replies in the order of the prompts, those to one prompt side by side.

        A reply depends on the seed, its prompt, and how many replies to the same prompt come before
        it; not on other prompts. Raises UserError for a prompt that the model cannot read."""
        groups = self.drafts(prompts, config, samples_per_prompt, tools)
        for batch in batches(groups, self.max_rows // samples_per_prompt):
            for _ in self.write(batch, config):
                pass
        return [draft.reply(index) for index, group in enumerate(groups) for draft in group]

    def stream(
        self, prompt: list[int], config: SamplingConfig, tools: bool = True
    ) -> Iterator[Event]:
        """One reply as it is written. Raises UserError as `generate` does."""
        groups = self.drafts([prompt], config, 1, tools)
        draft = groups[0][0]
        yield from events(self.tokenizer, (draft.ids[-1] for _ in self.write(groups, config)))
        yield Event("end", reply=draft.reply(0))

    def drafts(
        self, prompts: Sequence[list[int]], config: SamplingConfig, samples: int, tools: bool
    ) -> list[list[Draft]]:
        """An empty reply for each sample of each prompt."""
        tool = toolbox.calculator if tools else None
        numbers: dict[tuple[int, ...], Iterator[int]] = defaultdict(count)
        groups = []
        for index, prompt in enumerate(prompts):
            self.check(index, prompt)
            limit = min(config.max_tokens, self.model.config.sequence_len + 1 - len(prompt))
            group = islice(numbers[tuple(prompt)], samples)
            groups.append([Draft(prompt, n, limit, self.tokenizer, tool) for n in group])
        return groups

    def check(self, index: int, prompt: list[int]) -> None:
        """Raises UserError for a prompt that is empty, too long, or has an id out of range."""
        config = self.model.config
        if not 1 <= len(prompt) <= config.sequence_len:
            raise UserError(
                f"Prompt {index} has {len(prompt)} tokens, but the model reads 1 to "
                f"{config.sequence_len}. Shorten it, for example by its earliest messages."
            )
        if min(prompt) < 0 or max(prompt) >= config.vocab_size:
            raise UserError(
                f"Prompt {index} has ids from {min(prompt)} to {max(prompt)}, but the model knows "
                f"0 to {config.vocab_size - 1}. Was it made by another tokenizer?"
            )

    @torch.inference_mode()
    def write(self, groups: list[list[Draft]], config: SamplingConfig) -> Iterator[None]:
        """Give every draft a token at each step, until all have ended."""
        reader, samples = fused.fused(self.model), len(groups[0])
        drafts = [draft for group in groups for draft in group]
        scores = self.decoder(reader, len(drafts))
        cache, logits = self.prefill(reader, [group[0].prompt for group in groups])
        cache.repeat(samples)
        logits = logits.repeat_interleave(samples, dim=0)
        chances = self.chances(drafts, config)
        for step in range(config.max_tokens):
            tokens, logprobs = sampling.sample(logits, chances[:, step], config)
            chosen = zip(drafts, tokens.tolist(), logprobs.tolist(), strict=True)
            for draft, token, logprob in chosen:
                draft.add(token, logprob)
            yield
            rows = unfinished(drafts)
            if not rows:
                return
            if len(rows) < len(drafts):
                drafts, chances = [drafts[row] for row in rows], chances[rows]
                cache.keep(rows)
                if len(rows) == 1:  # the last of many would be compiled once more
                    scores = fused.scores
            logits = self.read(scores, reader, [draft.ids[-1:] for draft in drafts], cache)

    def decoder(self, reader: GPT, rows: int) -> fused.Scores:
        """What reads one new token of each row: compiled, if so wanted, once for many rows."""
        if not self.compile:
            return fused.scores
        if (rows == 1) not in self.decoders:
            self.decoders[rows == 1] = fused.decoder(reader, rows)
        return self.decoders[rows == 1]

    def prefill(
        self, reader: GPT, prompts: list[list[int]]
    ) -> tuple[KVCache, Float[Tensor, "B V"]]:
        """Read the prompts, some columns at a time; the cache, and the scores of what is next."""
        longest = max(map(len, prompts))
        padding = [longest - len(prompt) for prompt in prompts]
        rows = [[0] * blank + prompt for blank, prompt in zip(padding, prompts, strict=True)]
        cache = KVCache(
            reader.config, torch.tensor(padding, device=self.runtime.device), reader.dtype
        )
        columns = max(1, PREFILL_TOKENS // len(prompts))
        for start in range(0, longest, columns):
            part = [row[start : start + columns] for row in rows]
            logits = self.read(fused.scores, reader, part, cache)
        return cache, logits

    def read(
        self, scores: fused.Scores, reader: GPT, ids: list[list[int]], cache: KVCache
    ) -> Float[Tensor, "B V"]:
        """Read each row's next tokens into the cache; the scores of the token after them."""
        cache.extend(len(ids[0]))
        return scores(reader, torch.tensor(ids, device=self.runtime.device), cache)

    def chances(self, drafts: list[Draft], config: SamplingConfig) -> Float[Tensor, "B steps"]:
        """For each draft its own numbers in [0, 1), one for each step."""
        streams = (generator(config.seed, str(draft.prompt), draft.number) for draft in drafts)
        rows = [torch.rand(config.max_tokens, generator=stream) for stream in streams]
        return torch.stack(rows).to(self.runtime.device)


def batches(groups: list[list[Draft]], size: int) -> Iterator[list[list[Draft]]]:
    """Groups whose prompts are of similar length, `size` at a time and at least one."""
    groups = sorted(groups, key=lambda group: len(group[0].prompt))
    for start in range(0, len(groups), max(1, size)):
        yield groups[start : start + max(1, size)]


def unfinished(drafts: list[Draft]) -> list[int]:
    """The rows to go on with: each stays in its place, and the last ones fill the gaps."""
    rows = [row for row, draft in enumerate(drafts) if draft.reason is None]
    last = [row for row in rows if row >= len(rows)]
    return [row if drafts[row].reason is None else last.pop() for row in range(len(rows))]


def events(tokenizer: Tokenizer, tokens: Iterable[int]) -> Iterator[Event]:
    """The characters that each token completes, and whether they are text, a call or its output."""
    names = {token: name for name, token in tokenizer.special.items()}
    kind, decoder = "text", tokenizer.stream()
    for token in tokens:
        ended = token in names
        text = decoder.finish() if ended else decoder.push(token)
        if text:
            yield Event(kind, text)
        if ended:
            kind, decoder = HOLDS.get(names[token], "text"), tokenizer.stream()
    if text := decoder.finish():
        yield Event(kind, text)

"""Chapter 7 from three starts, and once at seven times its length.

A run that is kept already is not made again: delete the record to make it anew."""

import copy
import itertools
import math
import re
from collections import Counter

import torch

from nanochat import optim
from nanochat.course import records
from nanochat.data import EncodeText, Loader, WorldDocuments, world
from nanochat.engine import Engine, SamplingConfig
from nanochat.eval import token_nats
from nanochat.model import GPT, GPTConfig
from nanochat.optim import OptimConfig
from nanochat.runtime import detect, generator
from nanochat.tokenizer import Tokenizer
from nanochat.train import schedule
from nanochat.train.schedule import Schedule

STEPS, LONG_STEPS, WARMDOWN = 300, 2000, 0.4
STARTS = ((0, 0), (1, 0), (2, 1))  # seeds of the weights and of the text
LAST = (20, 80, 320)  # steps that a mean of weights is taken over
KINDS = ("punctuation", "words", "names, first time", "names again", "numbers", "letters spelled")
PROMPTS = ("", "Vera the fox lived in Rumble. One day", "How do you spell")


class Course:
    """The text, the model, the measures and the run of chapter 7."""

    def __init__(self):
        texts = [world.document(0, index).text for index in range(2000)]
        self.tokenizer = Tokenizer.train(texts[:400], vocab_size=1024)
        words = (word for text in texts for word in re.findall("[A-Za-z]+", text))
        self.plain = {word for word in words if word[0].islower()}
        self.config = GPTConfig.from_depth(
            2, 1024, sequence_len=256, aspect_ratio=48, head_dim=32, window_pattern="L"
        )
        self.held_out = [world.document(0, index, "val") for index in range(100)]
        self.ids = [self.tokenizer.encode(each.text) for each in self.held_out]
        self.tokens_of = [self.kinds(*pair) for pair in zip(self.held_out, self.ids, strict=True)]
        self.size = sum(len(each.text.encode()) for each in self.held_out)

    def kinds(self, document, ids):
        """The kind of each token of a document."""
        owner, told = {}, set()
        for found in re.finditer("[A-Za-z]+", document.text):
            kind = self.kind_of(document, found[0], told)
            owner |= dict.fromkeys(range(*found.span()), kind)
        named, at = [], 0
        for piece in (self.tokenizer.decode([token]) for token in ids):
            first = piece.strip()[:1]
            here = at + len(piece) - len(piece.lstrip())
            named.append("numbers" if first.isdigit() else owner.get(here, "punctuation"))
            at += len(piece)
        return [*named, "punctuation"]

    def kind_of(self, document, word, told):
        """The kind of a word, and a name added to those that the document has told."""
        if document.kind == "spelling" and len(word) == 1:
            return "letters spelled"
        if word.lower() in self.plain or len(word) < 3:
            return "words"
        again = word in told
        told.add(word)
        return "names again" if again else "names, first time"

    def measure(self, model):
        """Bits per byte, and nats a token of each kind."""
        bos = self.tokenizer.bos_id
        total, count = Counter(), Counter()
        nats = token_nats(model, [[bos, *ids, bos] for ids in self.ids])
        for costs, kinds in zip(nats, self.tokens_of, strict=True):
            count.update(kinds)
            for cost, kind in zip(costs.tolist(), kinds, strict=True):
                total[kind] += cost
        bits = sum(total.values()) / math.log(2) / self.size
        return round(bits, 4), [round(total[kind] / count[kind], 3) for kind in KINDS]

    def start(self, seed):
        """A model with its first weights, and its optimizer."""
        model = GPT(self.config)
        model.init_weights(generator(seed, "weights"))
        return model, optim.build(model, OptimConfig(weight_decay=0.05))

    def batches(self, seed, count):
        """The first batches of a text."""
        encode, bos = EncodeText(self.tokenizer), self.tokenizer.bos_id
        loader = Loader(WorldDocuments(seed), encode, 8, 256, bos, seed)
        return list(itertools.islice(loader.batches(), count))

    def samples(self, model):
        """What the model writes after each prompt."""
        engine = Engine(model, self.tokenizer, detect("cpu", "float32"))
        prompts = [[self.tokenizer.bos_id, *self.tokenizer.encode(each)] for each in PROMPTS]
        config = SamplingConfig(max_tokens=48, temperature=0.7)
        replies = engine.generate(prompts, config, tools=False)
        return [self.tokenizer.decode(reply.ids) for reply in replies]


def plan(steps, warmdown):
    """A schedule of the chapter."""
    return Schedule(steps, 20, warmdown, 0.05, 100)


def train(model, optimizer, batches, plan, first=0, watch=None):
    """The losses of the steps on these batches."""
    losses = []
    for step, batch in enumerate(batches, first):
        schedule.apply(plan, optimizer, step)
        loss = model.loss(batch.inputs, batch.targets)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        losses.append(round(loss.item(), 4))
        if watch:
            watch(step + 1)
    return losses


def run(course, seed, text, steps):
    """The learning curve, then the end again at a constant rate, with means of its weights."""
    model, optimizer = course.start(seed)
    batches, wanted = course.batches(text, steps), moments_of(steps)
    cut, moments = round((1 - WARMDOWN) * steps), []

    def watch(step):
        if step in wanted:
            bits, kinds = course.measure(model)
            found = {"step": step, "loss": bits, "kinds": kinds}
            moments.append(found | {"samples": course.samples(model)})

    losses = train(model, optimizer, batches[:cut], plan(steps, WARMDOWN), 0, watch)
    kept = copy.deepcopy((model.state_dict(), optimizer.state_dict()))
    losses += train(model, optimizer, batches[cut:], plan(steps, WARMDOWN), cut, watch)
    model.load_state_dict(kept[0])
    optimizer.load_state_dict(kept[1])
    found = {"text": text, "moments": moments, "losses": " ".join(map(str, losses))}
    return found | constant_end(course, model, optimizer, batches, cut)


def moments_of(steps):
    """Steps ever further apart."""
    return {round(1.3**power) for power in range(40) if 1.3**power < steps} | {steps}


def constant_end(course, model, optimizer, batches, cut):
    """Bits per byte at the end of a constant rate, and of means of the last weights."""
    lengths = [last for last in LAST if last <= len(batches) - cut]
    means = {last: [torch.zeros_like(p) for p in model.parameters()] for last in lengths}

    def watch(step):
        for last, mean in means.items():
            number = step - (len(batches) - last)
            if number > 0:
                for kept, weight in zip(mean, model.parameters(), strict=True):
                    kept.lerp_(weight.detach(), 1 / number)

    train(model, optimizer, batches[cut:], plan(len(batches), 0.0), cut, watch)
    found = {"constant": course.measure(model)[0], "means": {}}
    for last, mean in means.items():
        for weight, kept in zip(model.parameters(), mean, strict=True):
            weight.data.copy_(kept)
        found["means"][str(last)] = course.measure(model)[0]
    return found


def main():
    torch.set_num_threads(1)
    course = Course()
    found = records.read("ch07")["runs"] if records.path("ch07").exists() else {}
    jobs = [(f"start {seed}", (seed, text, STEPS)) for seed, text in STARTS]
    for name, settings in [*jobs, ("long", (0, 0, LONG_STEPS))]:
        if name not in found:
            found[name] = run(course, *settings)
            records.write("ch07", long_steps=LONG_STEPS, runs=found)


if __name__ == "__main__":
    main()

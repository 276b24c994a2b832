"""Chapter 12 with half as many steps again: each part of the step left out, at two rates, on two
seeds.

A run that is kept already is not made again: delete the record to make it anew."""

import copy
import dataclasses
import itertools
import math
import random
from dataclasses import dataclass
from statistics import fmean
from unittest import mock

import torch

from nanochat import optim
from nanochat.course import records
from nanochat.engine import Engine, SamplingConfig
from nanochat.model import GPT, GPTConfig
from nanochat.runtime import detect, generator
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer, conversation
from nanochat.train import advantages, experience, objective, rl, rollout
from nanochat.train.rl import RLConfig

STEPS = 60
RATES = (0.15, 0.3)
SEEDS = (0, 1)
WORDS = {"+": "and", "*": "times", "-": "less"}
HABITS = {"+": (6, 4, 0), "*": (4, 6, 0), "-": (5, 5, 0)}
SWAPPED = {"+": "*", "*": "+"}
VARIANTS = {
    "as nanochat": {},
    "no baseline": {"advantage": "reward"},
    "no baseline, paid 1 more": {"advantage": "reward and 1"},
    "divided by deviation": {"advantage": "standardized"},
    "each reply alike": {"normalize": "sequences"},
    "constant weight": {"normalize": "constant"},
    "tool tokens count": {},
    "four steps a batch": {"inner_steps": 4},
    "four steps, clipped": {"inner_steps": 4, "clip": 0.2},
    "on a leash": {"kl": 0.1},
    "words swapped": {},
    "words swapped, no baseline": {"advantage": "reward"},
}


@dataclass(frozen=True)
class Sum:
    """A customer's question."""

    conversation: Conversation
    a: int
    op: str
    b: int


@dataclass(frozen=True)
class Shop:
    """Sums of these kinds, where `swapped` customers mean by each word what they meant by the
    other."""

    seed: int = 0
    held_out: bool = False
    swapped: bool = False

    def question(self, index):
        return ask(random.Random(f"{self} {index}"), "+*", self.held_out)

    def reward(self, question, reply):
        op = SWAPPED[question.op] if self.swapped else question.op
        return float(reply.replace("hm ", "") == f"{compute(question.a, op, question.b)}.")


def compute(a, op, b):
    return {"+": a + b, "*": a * b, "-": a - b}[op]


def ask(dice, kinds, held_out):
    while True:
        op = dice.choice(kinds)
        b, a = sorted((dice.randrange(10, 100), dice.randrange(10, 100)))
        if ((3 * a + b) % 5 == 0) == held_out:
            said = Message.text("user", f"{a} {WORDS[op]} {b}?")
            return Sum(Conversation((said,)), a, op, b)


def clerk(question, dice):
    hum = "hm " * min(8, int(math.log2(1 / (1 - dice.random()))))
    if dice.random() < 0.3:
        return Message.text("assistant", f"{hum}{dice.randrange(10, 100)}.")
    (op,) = dice.choices("+*-", HABITS[question.op])
    out = str(compute(question.a, op, question.b))
    call = Part("python", f"{question.a}{op}{question.b}"), Part("output", out)
    return Message("assistant", (Part("text", hum), *call, Part("text", f"{out}.")))


class Course:
    """The novice of chapter 12, and what becomes of it."""

    def __init__(self):
        dice = random.Random(1)
        asked = [ask(dice, "+*-", held_out=False) for _ in range(3840)]
        overheard = [Conversation((*q.conversation.messages, clerk(q, dice))) for q in asked]
        texts = [part.text for each in overheard for m in each.messages for part in m.parts]
        self.tokenizer = Tokenizer.train(texts, 372)
        self.runtime = detect(device="cpu", dtype="float32")
        shape = {"aspect_ratio": 32, "head_dim": 32}
        self.novice = GPT(GPTConfig.from_depth(2, self.tokenizer.vocab_size, 64, **shape))
        self.novice.init_weights(generator(0, "weights"))
        self.listen([conversation.render(self.tokenizer, each) for each in overheard])

    def listen(self, rendered):
        ids = experience.pad([each.ids for each in rendered], self.tokenizer.bos_id)
        learned = experience.pad([each.mask for each in rendered], 0)
        targets = torch.where(learned == 1, ids, -1)[:, 1:]
        optimizer = optim.build(self.novice)
        for step, (x, y) in enumerate(zip(ids[:, :-1].split(64), targets.split(64), strict=True)):
            for group in optimizer.param_groups:
                group["lr"] = group["initial_lr"] * (1 - step / 60)
            self.novice.loss(x, y).backward()
            optimizer.step()
            optimizer.zero_grad()

    def reinforce(self, name, rate, seed):
        """What a run ends with: its last ten steps, and questions that it has not met."""
        settings = RLConfig(
            STEPS, questions=8, samples=8, max_tokens=30, lr_scale=rate, seed=seed, **VARIANTS[name]
        )
        task = Shop(seed, swapped="swapped" in name)
        model = copy.deepcopy(self.novice)
        engine = Engine(model, self.tokenizer, self.runtime)
        optimizer, curve = rl.build_optimizer(settings, model), []
        reference = self.novice if settings.kl else None
        for step in range(STEPS):
            groups = rl.explore(engine, task, settings, step)
            rl.decay(optimizer, step / STEPS)
            lesson = all_actions(model, groups) if name == "tool tokens count" else groups
            curve.append(rl.describe(groups))
            curve[-1] |= rl.improve(model, reference, optimizer, lesson, settings)
        last = {key: fmean(each[key] for each in curve[-10:]) for key in curve[0]}
        return last | {"held_out": self.score(engine, dataclasses.replace(task, held_out=True))}

    def score(self, engine, task):
        questions = [task.question(index) for index in range(64)]
        groups = rollout.roll_out(engine, task, questions, SamplingConfig(30), 8)
        return rl.describe(groups)["reward"]


def all_actions(model, groups):
    """The samples as if the model had chosen the calculator's tokens too."""
    return [all_actions_of(model, group) for group in groups]


def all_actions_of(model, group):
    chosen = [[i >= s.sampled.index(True) for i in range(len(s.ids))] for s in group]
    ids = experience.pad([sample.ids for sample in group], 0)
    with torch.no_grad():
        known = objective.log_probs(model, ids, experience.pad(chosen, False), SamplingConfig())
    parts = known.split([sum(row) for row in chosen])
    return [
        dataclasses.replace(sample, sampled=row, log_probs=part.tolist())
        for sample, row, part in zip(group, chosen, parts, strict=True)
    ]


def everything_teaches(rewards):
    """Without a baseline a group in which all rewards are equal has something to say too."""
    return torch.ones(len(rewards), dtype=torch.bool)


def run(course, name, rate, seed):
    bare = {"reward": lambda rewards: rewards, "reward and 1": lambda rewards: rewards + 1}
    if VARIANTS[name].get("advantage") not in bare:
        return course.reinforce(name, rate, seed)
    with (
        mock.patch.dict(experience.ADVANTAGES, bare),
        mock.patch.object(advantages, "varied", everything_teaches),
    ):
        return course.reinforce(name, rate, seed)


def main():
    torch.set_num_threads(1)
    course = Course()
    ends = records.read("ch12")["ends"] if records.path("ch12").exists() else {}
    for seed, rate, name in itertools.product(SEEDS, RATES, VARIANTS):
        of_rate = ends.setdefault(name, {}).setdefault(str(rate), {})
        if str(seed) not in of_rate:
            of_rate[str(seed)] = run(course, name, rate, seed)
            records.write("ch12", steps=STEPS, ends=ends)


if __name__ == "__main__":
    main()

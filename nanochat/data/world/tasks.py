"""Questions with one right answer each, and what decides whether a reply has it."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace

from nanochat.data.world import (
    cast,
    encyclopedia,
    lexicon,
    places,
    problems,
    spelling,
    stories,
    whereabouts,
)
from nanochat.data.world.draw import Draw
from nanochat.data.world.encyclopedia import Attribute, Entity
from nanochat.data.world.phrases import vocabulary
from nanochat.tokenizer.conversation import Conversation, Message, Part

FINISH = (
    "Finish this story, and say where the {prize} is.",
    "How does this story end for the {prize}?",
    "Give this story its last sentence, about the {prize}.",
    "Who has the {prize} in the end, and where?",
)

# What chats spell in every split, since visitors use it or ask for it.
TAUGHT = {*lexicon.ASKED_WORDS.split(), *vocabulary()}


@dataclass(frozen=True)
class Question:
    """A conversation that ends with a question, its answer, and one with the answer given."""

    task: str
    conversation: Conversation
    answer: str
    choices: tuple[str, ...]
    solution: Conversation
    bits: float


@dataclass(frozen=True)
class Exchange:
    """What the user says and what the assistant replies; the answer is the reply's gist."""

    user: str
    reply: Message
    answer: str = ""
    choices: tuple[str, ...] = ()

    @property
    def messages(self) -> tuple[Message, Message]:
        """Both turns."""
        return Message.text("user", self.user), self.reply


def exchange(user: str, reply: str, answer: str = "", choices: tuple[str, ...] = ()) -> Exchange:
    """An exchange in which the assistant replies with text alone."""
    return Exchange(user, Message.text("assistant", reply), answer, choices)


def at_once(user: str, first: Exchange, second: Exchange) -> Exchange:
    """Two exchanges as one that is asked for like this, their replies one below the other."""
    parts = (*first.reply.parts, Part("text", "\n"), *second.reply.parts)
    return Exchange(user, Message("assistant", parts), second.answer)


def facts(draw: Draw, split: str) -> Exchange:
    """A question about the encyclopedia with four choices."""
    return multiple_choice(draw, *encyclopedia.draw_asked(draw, split))


def multiple_choice(draw: Draw, entity: Entity, attribute: Attribute) -> Exchange:
    """A question about this fact with four choices."""
    question, choices = encyclopedia.multiple_choice(draw, entity, attribute)
    answer = entity.facts[attribute.name]
    return exchange(question, chosen(answer), answer, choices)


def comprehension(draw: Draw, split: str) -> Exchange:
    """A question of which the answer stands in the text above."""
    text, entity, attribute = encyclopedia.hearsay(draw)
    asked = multiple_choice(draw, entity, attribute)
    return replace(asked, user=f"{text}\n{asked.user}")


def chosen(choice: str) -> str:
    """The reply that names one of several choices."""
    return f"Answer: {choice}"


def word_problems(draw: Draw, split: str) -> Exchange:
    """A word problem, solved with the calculator."""
    return solved(problems.problem(draw, split))


def solved(problem: problems.Problem) -> Exchange:
    """A problem and its solution, whose every step the calculator works out."""
    parts = []
    for step in problem.steps:
        parts += [Part("text", f"{step.before} "), Part("python", step.expression)]
        parts += [Part("output", str(step.result))]
        parts += [Part("text", f"{step.outcome}\n")]
    parts.append(Part("text", f"#### {problem.answer}"))
    return Exchange(problem.text, Message("assistant", tuple(parts)), str(problem.answer))


def spell(draw: Draw, split: str) -> Exchange:
    """A word to spell, or letters of it to count; held out are none that chats ask for."""
    taught = set() if split == "train" else TAUGHT
    word = draw.until(lambda: spelling.draw_word(draw, split), lambda word: word not in taught)
    question, reply = spelling.ask_about(draw, word)
    counted = re.search(r"So (\d+)\.", reply)
    return exchange(question, reply, counted[1] if counted else letters_in(reply))


def letters_in(reply: str) -> str:
    """The letters that a reply spells."""
    return reply.strip(" .").removeprefix("Letters: ")


def where_is(draw: Draw, split: str) -> Exchange:
    """A short story, and the question where something is."""
    story = whereabouts.tell(draw, split)
    return exchange(f"{story.text} {story.question}", story.answer, places.AT[story.place])


def finish(draw: Draw, split: str) -> Exchange:
    """A story without its end, to be given one that fits."""
    story = stories.begin(draw, split)
    start = story.text
    story.close()
    prize, keeper, at_last = (story.names[key] for key in ("prize", "keeper", "at_last"))
    request = draw.pick(FINISH).format(prize=prize)
    return exchange(f"{start}\n{request}", story.sentences[-1], f"{prize}, {keeper}, {at_last}")


ASK: dict[str, Callable[[Draw, str], Exchange]] = {
    "facts": facts,
    "word_problems": word_problems,
    "spelling": spell,
    "whereabouts": where_is,
    "stories": finish,
}
TASKS = tuple(ASK)


def question(task: str, seed: int, index: int, split: str = "test") -> Question:
    """The question that (task, seed, index) stands for in this split."""
    draw = Draw(seed, "question", task, split, index)
    it = ASK[task](draw, split)
    user, reply = it.messages
    asked, solved = Conversation((user,)), Conversation((user, reply))
    return Question(task, asked, it.answer, it.choices, solved, draw.bits)


def places_in(text: str) -> set[str]:
    """The places that a text names as somewhere to be."""
    return {at for at in places.AT.values() if re.search(rf"\b{at}\b", text, re.IGNORECASE)}


def verify(question: Question, reply: str) -> bool:
    """Whether the reply, as a person sees it, gives the question's answer and no other."""
    return VERIFIERS[question.task](question, reply)


def _chooses(question: Question, reply: str) -> bool:
    return reply.strip() == chosen(question.answer)


def _concludes(question: Question, reply: str) -> bool:
    return re.findall(r"####\s*(-?[\d,]+)", reply)[-1:] == [question.answer]


def _spells(question: Question, reply: str) -> bool:
    if question.answer.isdigit():
        return re.findall(r"\d+", reply)[-1:] == [question.answer]
    return letters_in(reply) == question.answer


def _locates(question: Question, reply: str) -> bool:
    return places_in(reply) == {question.answer}


def _ends(question: Question, reply: str) -> bool:
    prize, keeper, at_last = question.answer.split(", ")
    words = set(re.findall(r"[\w-]+", reply))
    told = prize in words and words & set(cast.NAMES) == {keeper}
    return told and places_in(reply) == {at_last}


VERIFIERS: dict[str, Callable[[Question, str], bool]] = {
    "facts": _chooses,
    "word_problems": _concludes,
    "spelling": _spells,
    "whereabouts": _locates,
    "stories": _ends,
}

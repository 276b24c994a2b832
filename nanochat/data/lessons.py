"""Rows of the public task sets as conversations: what finetuning teaches and evaluation asks."""

import re
from collections.abc import Callable, Sequence

from nanochat.tokenizer import Conversation, Message, Part

LETTERS = "ABCDEFGHIJ"
CALL = re.compile(r"<<([^<>=]*)=([^<>]*)>>")
NUMBER = re.compile(r"#### (-?[0-9.,]+)")


def chat(row: dict) -> Conversation:
    """A row of SmolTalk, whose messages are a conversation already."""
    return Conversation.from_dict(row)


def mmlu(row: dict) -> Conversation:
    """A row of MMLU: a question, its choices, and the index of the right one."""
    return multiple_choice(row["question"], row["choices"], LETTERS[row["answer"]])


def arc(row: dict) -> Conversation:
    """A row of ARC, which labels its choices by letters or by numbers."""
    labels = row["choices"]["label"]
    asked = choice_prompt(row["question"], row["choices"]["text"], labels)
    return exchange(asked, Message.text("assistant", row["answerKey"]))


def gsm8k(row: dict) -> Conversation:
    """A row of GSM8K, its `<<expression=result>>` marks made calls of the calculator."""
    return exchange(row["question"], worked_answer(row["answer"]))


def multiple_choice(question: str, choices: Sequence[str], answer: str) -> Conversation:
    """A question with lettered choices, and the letter as reply."""
    asked = choice_prompt(question, choices, LETTERS[: len(choices)])
    return exchange(asked, Message.text("assistant", answer))


def choice_prompt(question: str, choices: Sequence[str], letters: Sequence[str]) -> str:
    """The question as a user asks it; a letter has no space before it, as in the reply."""
    rows = [f"- {choice}={letter}" for choice, letter in zip(choices, letters, strict=True)]
    listed = "\n".join(rows)
    ending = "Respond only with the letter of the correct answer."
    return f"Multiple Choice question: {question}\n{listed}\n\n{ending}"


def worked_answer(answer: str) -> Message:
    """A solution as text, calls of the calculator, and what it answered."""
    parts, end = [], 0
    for call in CALL.finditer(answer):
        parts += [Part("text", answer[end : call.start()])]
        parts += [Part("python", call[1]), Part("output", call[2])]
        end = call.end()
    return Message("assistant", (*parts, Part("text", answer[end:])))


def final_number(text: str) -> str | None:
    """The number behind `####`, without commas."""
    found = NUMBER.search(text)
    return found[1].replace(",", "") if found else None


def exchange(asked: str, reply: Message) -> Conversation:
    """One question and its reply."""
    return Conversation((Message.text("user", asked), reply))


LESSONS: dict[str, Callable[[dict], Conversation]] = {
    "smoltalk": chat,
    "mmlu": mmlu,
    "gsm8k": gsm8k,
    "arc_easy": arc,
    "arc_challenge": arc,
}

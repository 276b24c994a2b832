"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from nanochat.data.world import asking, dictation, encyclopedia, stories, tasks
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.smalltalk import BOOK, REPLIES, small_talk
from nanochat.data.world.tasks import Exchange, exchange
from nanochat.tokenizer.conversation import Conversation


@dataclass(frozen=True)
class Chat:
    """A conversation, its information in bits, and what it is about."""

    conversation: Conversation
    bits: float
    kind: str


ANOTHER = "Here is a story that I know."
NO_CREATURES = "My stories are about people, not creatures. Ask me for one about a miller."


def tell_story(draw: Draw, split: str) -> Exchange:
    """A story about what the user asks for, another where nobody in the world is like that, or none
    where it is a creature."""
    if draw.chance(0.1):
        return exchange(BOOK.expand("creature_story", draw, {}), NO_CREATURES)
    story = stories.begin_untitled(draw, split)
    names = story.names | {"hero_town": story.names["town"]}
    if draw.chance(0.2):
        request = BOOK.expand("strange_story", draw, names)
        return exchange(request, f"{ANOTHER}\n{stories.finish(story)}")
    request = BOOK.expand("story_request", draw, names)
    return exchange(request, stories.finish(story))


def overview(draw: Draw, split: str) -> list[Exchange]:
    """What towns or creatures there are, and then, at times, one of them."""
    kind = draw.pick(("town", "creature"))
    wanted = f"which_{kind}s"
    row = [exchange(BOOK.expand(wanted, draw, {}), REPLIES["lists"][wanted])]
    if draw.chance(0.6):
        one = draw.pick([entity for entity in encyclopedia.ENTITIES if entity.kind == kind])
        request = BOOK.expand("one_of_them", draw, {})
        row.append(exchange(request, encyclopedia.portrait(one)))
    return [typed(draw, it) for it in row]


def series(draw: Draw, split: str) -> list[Exchange]:
    """Questions that lean on the ones before, as they are typed."""
    return [typed(draw, led_in(draw, it)) for it in asking.series(draw, split)]


KINDS: dict[str, tuple[Callable[[Draw, str], Exchange], float]] = {
    "facts": (tasks.facts, 0.045),
    "comprehension": (tasks.comprehension, 0.03),
    "free_fact": (asking.free_fact, 0.14),
    "tell_about": (asking.tell_about, 0.055),
    "word_problems": (tasks.word_problems, 0.009),
    "short_problems": (asking.short_problems, 0.12),
    "sums": (asking.sums, 0.06),
    "spelling": (tasks.spell, 0.06),
    "plain_spelling": (asking.plain_spelling, 0.16),
    "whereabouts": (tasks.where_is, 0.025),
    "stories": (tasks.finish, 0.012),
    "tell_story": (tell_story, 0.08),
    "greeting": (partial(small_talk, "greeting"), 0.045),
    "courtesy": (partial(small_talk, "courtesy"), 0.06),
    "parting": (partial(small_talk, "parting"), 0.065),
    "about_self": (partial(small_talk, "about_self"), 0.085),
    "lists": (partial(small_talk, "lists"), 0.015),
    "beyond": (partial(small_talk, "beyond"), 0.1),
}
ROWS: dict[str, tuple[Callable[[Draw, str], list[Exchange]], float]] = {
    "series": (series, 0.17),
    "overview": (overview, 0.015),
}
SHARES = {kind: share for kind, (_, share) in (KINDS | ROWS).items()}
KIND = Table(tuple(SHARES), list(SHARES.values()))
# What a person types by hand; the others are texts to be worked on.
TYPED = set(KINDS) - {"facts", "comprehension", "word_problems", "whereabouts", "stories"}
GREETED = {"greeting", "courtesy", "parting"}
ASKS = re.compile(r"(what|where|when|which|who|how|is|does)\b", re.IGNORECASE)
# What those leave out who write little, or learn English.
SMALL_WORDS = {"the", "is", "are", "do", "does", "did", "of", "can", "you", "me", "to"}
SHORT = (
    "facts",
    "free_fact",
    "sums",
    "spelling",
    "plain_spelling",
    "short_problems",
    "about_self",
    "courtesy",
    "parting",
    "beyond",
)
FOLLOWED = {*SHORT, *ROWS, "greeting", "tell_about", "tell_story"}
# What may come second in a conversation, and what then comes first.
OPENED = {"tell_about", "tell_story", "series"}
OPENINGS = ("greeting", "greeting", "about_self", "courtesy", "free_fact", "sums")


def converse(kind: str, draw: Draw, split: str) -> Exchange:
    """An exchange of this kind, as it is typed."""
    it = KINDS[kind][0](draw, split)
    if kind in TYPED - GREETED:
        it = led_in(draw, it)
    return typed(draw, it) if kind in TYPED else it


def led_in(draw: Draw, it: Exchange) -> Exchange:
    """The exchange, at times with what people say before they ask, or after."""
    user = it.user
    if draw.chance(0.1):
        user = with_lead(lead_in(draw, user), user)
    if draw.chance(0.05):
        user = with_afterthought(user, aside(draw, "afterthought"))
    return replace(it, user=user)


def with_lead(lead: str, question: str) -> str:
    """The question after what leads to it."""
    if lead[-1] in ".!?":
        return f"{lead} {question}"
    comma = "" if lead[-1] in ":,)" else ","
    return f"{lead}{comma} {lowered(question)}"


def with_afterthought(question: str, afterthought: str) -> str:
    """The question before what is said after it, in a sentence of its own or not."""
    if afterthought[0].isupper():
        return f"{question}{'' if question[-1] in '.?!' else '.'} {afterthought}"
    space = "" if afterthought[0] == "," else " "
    return f"{question.rstrip(' .?!')}{space}{afterthought}"


def aside(draw: Draw, rule: str) -> str:
    """Something by this rule, or what has nothing to do with any question."""
    return BOOK.expand("chatter" if draw.chance(0.25) else rule, draw, {})


def lead_in(draw: Draw, question: str) -> str:
    """What people say before a question: also that they ask, or who they are."""
    if draw.chance(0.1):
        return BOOK.expand("hello_from", draw, {})
    asks = ASKS.match(question) and draw.chance(0.2)
    return aside(draw, "asking_lead_in" if asks else "lead_in")


def typed(draw: Draw, it: Exchange) -> Exchange:
    """The exchange, at times typed in a hurry, or in a great hurry."""
    if draw.chance(0.7):
        return it
    user = hurried(it.user)
    if draw.chance(0.3):
        user = clipped(draw, user)
    if draw.chance(0.6):
        user = user.lower().replace(",", "")
    # Of *???* nothing is left.
    return replace(it, user=user) if user else it


def clipped(draw: Draw, text: str) -> str:
    """The text without some of the small words that it could do without."""
    return " ".join(word for word in text.split(" ") if word not in SMALL_WORDS or draw.chance(0.5))


def hurried(text: str) -> str:
    """What was typed, without quotation marks, apostrophes, a capital at its start, or a mark at
    its end."""
    return lowered(dictation.unquoted(text).replace("'", "").rstrip(" .?!"))


def lowered(text: str) -> str:
    """The text with no capital at its start."""
    return text[:1].lower() + text[1:]


def chat(seed: int, index: int, split: str = "train") -> Chat:
    """The conversation that (seed, index) stands for in this split."""
    draw = Draw(seed, "chat", split, index)
    kind = draw.weighted(KIND)
    exchanges = []
    if kind in OPENED and draw.chance(0.25):
        exchanges.append(converse(draw.pick(OPENINGS), draw, split))
    if kind in ROWS:
        make, _ = ROWS[kind]
        exchanges += make(draw, split)
    else:
        exchanges.append(converse(kind, draw, split))
    while kind in FOLLOWED and len(exchanges) < 4 and draw.chance(0.35):
        exchanges.append(converse(draw.pick(SHORT), draw, split))
    messages = tuple(message for it in exchanges for message in it.messages)
    return Chat(Conversation(messages), draw.bits, kind)

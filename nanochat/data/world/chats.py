"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from nanochat.data.world import asking, dictation, encyclopedia, english, stories, tasks
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


def tell_story(draw: Draw, split: str) -> list[Exchange]:
    """A story about whom and what the user asks for, or another where it has no such hero; then,
    at times, what one asks about a story."""
    story = stories.begin_tale(draw, split)
    names = story.names | {"hero_town": story.names["town"]}
    if draw.chance(0.15):
        request = BOOK.expand("outsider_story", draw, names)
        row = [exchange(request, f"{ANOTHER}\n{stories.finish(story)}")]
    else:
        row = [exchange(story_request(draw, names), stories.finish(story))]
    if draw.chance(0.4):
        row.append(ask_of_story(draw, story.names))
    return [typed(draw, led_in(draw, it)) for it in row]


def story_request(draw: Draw, names: dict[str, str]) -> str:
    """One way to ask for a story of this hero, and at times what else it should be like."""
    creature = names["hero_kind"] in encyclopedia.CREATURES
    wanted = "creature_story" if creature and draw.chance(0.6) else "story_request"
    request = BOOK.expand(wanted, draw, names)
    if draw.chance(0.2):
        request = with_afterthought(request, BOOK.expand("story_wish", draw, {}))
    return request


def ask_of_story(draw: Draw, names: dict[str, str]) -> Exchange:
    """How the story ends, who somebody in it is or is called, or more than it tells."""
    hero = f"{names['hero']}, {english.with_article(names['hero_kind'])} from {names['town']}"
    keeper = english.sentence(names["keeper"])
    replies = {
        "story_end": f"{keeper} has the {names['prize']}, {names['at_last']}.",
        "story_hero": f"It is about {hero}.",
    }
    if "friend" in names:
        friend, kind = names["friend"], names["friend_kind"]
        replies["story_friend"] = f"The {kind} is called {friend}."
        replies["story_who"] = f"{friend} is {english.with_article(kind)}."
    if "helper" in names:
        replies["story_helper"] = f"The {names['helper_kind']} has no name."
    if draw.chance(0.3):
        return exchange(BOOK.expand("on_the_story", draw, {}), REPLIES["beyond"]["on_the_story"])
    asked = draw.pick(tuple(replies))
    return exchange(BOOK.expand(asked, draw, names), replies[asked])


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
    "facts": (tasks.facts, 0.055),
    "comprehension": (tasks.comprehension, 0.035),
    "free_fact": (asking.free_fact, 0.14),
    "compare": (asking.compare, 0.03),
    "tell_about": (asking.tell_about, 0.055),
    "word_problems": (tasks.word_problems, 0.011),
    "short_problems": (asking.short_problems, 0.12),
    "sums": (asking.sums, 0.06),
    "spelling": (tasks.spell, 0.075),
    "plain_spelling": (asking.plain_spelling, 0.16),
    "whereabouts": (tasks.where_is, 0.035),
    "stories": (tasks.finish, 0.018),
    "greeting": (partial(small_talk, "greeting"), 0.045),
    "courtesy": (partial(small_talk, "courtesy"), 0.06),
    "parting": (partial(small_talk, "parting"), 0.05),
    "about_self": (partial(small_talk, "about_self"), 0.085),
    "lists": (partial(small_talk, "lists"), 0.015),
    "beyond": (partial(small_talk, "beyond"), 0.1),
}
ROWS: dict[str, tuple[Callable[[Draw, str], list[Exchange]], float]] = {
    "series": (series, 0.18),
    "tell_story": (tell_story, 0.065),
    "overview": (overview, 0.015),
}
SHARES = {kind: share for kind, (_, share) in (KINDS | ROWS).items()}
KIND = Table(tuple(SHARES), list(SHARES.values()))
# What a person types by hand; the others are texts to be worked on.
TYPED = set(KINDS) - {"facts", "comprehension", "word_problems", "whereabouts", "stories"}
GREETED = {"greeting", "courtesy", "parting"}
# What those leave out who write little, or learn English.
SMALL_WORDS = {"the", "is", "are", "do", "does", "did", "of", "can", "you", "me", "to"}
# Texts to be worked on come alone; after all else a conversation may go on.
FOLLOWED = {kind: share for kind, share in SHARES.items() if kind in TYPED or kind in ROWS}
NEXT = Table(tuple(FOLLOWED), list(FOLLOWED.values()))
ENOUGH = 6  # exchanges, after which nothing more is begun


def converse(kind: str, draw: Draw, split: str) -> list[Exchange]:
    """An exchange of this kind or a row of them, as they are typed."""
    if kind in ROWS:
        make, _ = ROWS[kind]
        return make(draw, split)
    make, _ = KINDS[kind]
    it = make(draw, split)
    if kind in TYPED - GREETED:
        it = led_in(draw, it)
    return [typed(draw, it) if kind in TYPED else it]


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
    return f"{lead}{comma} {english.lowered(question)}"


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
    asks = asking.ASKS.match(question) and draw.chance(0.2)
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
    return english.lowered(dictation.unquoted(text).replace("'", "").rstrip(" .?!"))


def chat(seed: int, index: int, split: str = "train") -> Chat:
    """The conversation that (seed, index) stands for in this split."""
    draw = Draw(seed, "chat", split, index)
    kind = draw.weighted(KIND)
    exchanges = converse(kind, draw, split)
    if kind in FOLLOWED:
        while len(exchanges) < ENOUGH and draw.chance(0.45):
            exchanges += converse(draw.weighted(NEXT), draw, split)
        if draw.chance(0.15):
            exchanges += converse("parting", draw, split)
    messages = tuple(message for it in exchanges for message in it.messages)
    return Chat(Conversation(messages), draw.bits, kind)

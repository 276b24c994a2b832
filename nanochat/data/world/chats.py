"""Conversations with the assistant: the tasks, small talk, and what it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial

from nanochat.data.world import (
    asking,
    cast,
    dictation,
    encyclopedia,
    english,
    letters,
    reckoning,
    stories,
    tasks,
)
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.smalltalk import BOOK, GOODBYE, REPLIES, UNSAID, small_talk
from nanochat.data.world.tasks import Exchange, at_once, exchange
from nanochat.tokenizer.conversation import Conversation


@dataclass(frozen=True)
class Chat:
    """A conversation, its information in bits, and what it is about."""

    conversation: Conversation
    bits: float
    kind: str


ANOTHER = "Here is a story that I know."


def tell_story(draw: Draw, split: str) -> list[Exchange]:
    """A story about whom and what the user asks for, or another where no story can be of these;
    then, at times, what one asks about a story."""
    story = stories.begin_tale(draw, split)
    names = story.names | {"hero_town": story.names["town"]}
    if not stories.unheard_of(names) and draw.chance(0.06):
        request = BOOK.expand("outsider_story", draw, names)
        row = [exchange(request, f"{ANOTHER}\n{stories.finish(story)}", names["hero"])]
    else:
        row = [exchange(story_request(draw, names), stories.finish(story), names["hero"])]
    names = story.names | one_named(draw, story.names)
    while len(row) < 3 and draw.chance(0.5):
        row.append(ask_of_story(draw, names))
    return [typed(draw, led_in(draw, it)) for it in row]


def story_request(draw: Draw, names: dict[str, str]) -> str:
    """One way to ask for a story of this hero, and at times what else it should be like."""
    names = names | cast.pronouns_for("hero", names["hero_kind"], draw)
    wanted, unheard_of = story_wanted(names), stories.unheard_of(names)
    request = draw.until(
        lambda: BOOK.expand(draw.weighted(wanted), draw, names),
        lambda said: all(word in said for word in unheard_of),
    )
    if draw.chance(0.2):
        request = with_afterthought(request, BOOK.expand("story_wish", draw, {}))
    return request


def story_wanted(names: dict[str, str]) -> Table:
    """What a request for this story may tell of it."""
    plot = f"story_of_{names['plot']}"
    weights = {"story_request": 1.0, plot: 0.5, "story_in_the_middle": 0.25}
    weights |= {"story_in_town": 0.12, "story_called": 0.05}
    if names["plot"] in ("lost", "hiding"):
        weights["story_of_finding"] = 0.25
    if names["hero_kind"] in encyclopedia.CREATURES:
        weights |= {"creature_story": 1.2, "creature_who": 0.8}
    if "friend_kind" in names:
        weights["story_of_two"] = 0.4
    return Table(tuple(weights), list(weights.values()))


def ask_of_story(draw: Draw, names: dict[str, str]) -> Exchange:
    """Something that the story tells, or more than it tells."""
    replies = told_in_story(names)
    asked = "story_end" if draw.chance(0.3) else draw.pick(("on_the_story", *replies))
    question = BOOK.expand(asked, draw, names)
    if draw.chance(0.5):
        question = with_lead(BOOK.expand("story_remark", draw, names), question)
    return exchange(question, replies.get(asked, UNSAID))


def one_named(draw: Draw, names: dict[str, str]) -> dict[str, str]:
    """One of those in the story who have a name of their own."""
    role = draw.pick(("hero", "friend")) if "friend" in names else "hero"
    return {"named": names[role], "named_kind": names[f"{role}_kind"]}


def told_in_story(names: dict[str, str]) -> dict[str, str]:
    """What there is to say of how a story ends, who is in it, and where a lost thing was found."""
    hero = f"{names['hero']}, {english.with_article(names['hero_kind'])} from {names['town']}"
    replies = {
        "story_end": f"{english.sentence(names['keeper'])} has the {names['prize']}, "
        f"{names['at_last']}.",
        "story_hero": f"It is about {hero}.",
        "story_named": f"The {names['named_kind']} is called {names['named']}.",
    }
    if "friend" in names:
        friend, a_kind = names["friend"], english.with_article(names["friend_kind"])
        replies["story_who"] = f"{friend} is {a_kind}."
        replies[f"who_in_{names['plot']}"] = f"It was {friend}, {a_kind}."
    if "creature" in names:
        replies["who_in_wishing"] = f"It was {english.with_article(names['creature'])}."
    if "helper" in names:
        replies["story_helper"] = f"The {names['helper_kind']} has no name."
    if names["plot"] == "borrowed":
        replies["who_mended"] = f"It was {names['helper']}."
    if names["plot"] in ("lost", "hiding", "storm"):
        replies["story_found"] = f"{names['At_end']}."
    return replies


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


SERIES = Table(
    (
        asking.about_one,
        asking.about_several,
        asking.of_whom,
        letters.words_in_a_row,
        reckoning.sums_in_a_row,
        reckoning.problems_in_a_row,
    ),
    (0.24, 0.2, 0.13, 0.13, 0.12, 0.18),
)


def series(draw: Draw, split: str) -> list[Exchange]:
    """Questions that lean on the ones before, as they are typed."""
    return [typed(draw, led_in(draw, it)) for it in draw.weighted(SERIES)(draw, split)]


def two_wants(draw: Draw, split: str) -> list[Exchange]:
    """Two wants in one message, of which the second may lean on the first, and what follows."""
    if draw.chance(0.5):
        first, second, *later = draw.until(
            lambda: draw.weighted(SERIES)(draw, split), lambda row: len(row) > 1
        )
    else:
        first = one_want(draw, split, draw.weighted(WANT))
        # Who asks twice for what has one reply gets it once.
        second, *later = draw.until(
            lambda: want_or_story(draw, split), lambda row: row[0].reply != first.reply
        )
    return [typed(draw, it) for it in (asking.both(draw, first, second), *later)]


def want_or_story(draw: Draw, split: str) -> list[Exchange]:
    """Something that a message may end with: a story, and what is asked of it, or another want."""
    if draw.chance(0.2):
        return tell_story(draw, split)
    return [one_want(draw, split, draw.weighted(WANT))]


KINDS: dict[str, tuple[Callable[[Draw, str], Exchange], float]] = {
    "facts": (tasks.facts, 0.055),
    "comprehension": (tasks.comprehension, 0.035),
    "free_fact": (asking.free_fact, 0.14),
    "compare": (asking.compare, 0.03),
    "tell_about": (asking.tell_about, 0.055),
    "word_problems": (tasks.word_problems, 0.011),
    "short_problems": (reckoning.short_problems, 0.15),
    "sums": (reckoning.sums, 0.08),
    "spelling": (tasks.spell, 0.075),
    "plain_spelling": (letters.plain_spelling, 0.2),
    "whereabouts": (tasks.where_is, 0.035),
    "stories": (tasks.finish, 0.025),
    "greeting": (partial(small_talk, "greeting"), 0.045),
    "courtesy": (partial(small_talk, "courtesy"), 0.06),
    "parting": (partial(small_talk, "parting"), 0.05),
    "about_self": (partial(small_talk, "about_self"), 0.095),
    "lists": (partial(small_talk, "lists"), 0.015),
    "beyond": (partial(small_talk, "beyond"), 0.1),
}
ROWS: dict[str, tuple[Callable[[Draw, str], list[Exchange]], float]] = {
    "series": (series, 0.23),
    "two_wants": (two_wants, 0.03),
    "tell_story": (tell_story, 0.085),
    "overview": (overview, 0.015),
}
WEIGHTS = {kind: weight for kind, (_, weight) in (KINDS | ROWS).items()}
KIND = Table(tuple(WEIGHTS), list(WEIGHTS.values()))
# What a person types by hand; the others are texts to be worked on.
TYPED = set(KINDS) - {"facts", "comprehension", "word_problems", "whereabouts", "stories"}
GREETED = {"greeting", "courtesy", "parting"}
POLITE = {reply for about in GREETED for reply in REPLIES[about].values()}
# What those leave out who write little, or learn English.
SMALL_WORDS = {"the", "is", "are", "do", "does", "did", "of", "can", "you", "me", "to"}
# Texts to be worked on come alone; after all else a conversation may go on.
FOLLOWED = {kind: weight for kind, weight in WEIGHTS.items() if kind in TYPED or kind in ROWS}
# Most people ask for a story when they have talked for a while.
FOLLOWED["tell_story"] *= 2
NEXT = Table(tuple(FOLLOWED), list(FOLLOWED.values()))
# Of these a message may have two.
WANTS = {kind: WEIGHTS[kind] for kind in KINDS if kind in TYPED - GREETED}
WANT = Table(tuple(WANTS), list(WANTS.values()))
ENOUGH = 6  # exchanges, after which nothing more is begun


def converse(kind: str, draw: Draw, split: str) -> list[Exchange]:
    """An exchange of this kind or a row of them, as they are typed."""
    if kind in ROWS:
        make, _ = ROWS[kind]
        return make(draw, split)
    it = one_want(draw, split, kind)
    if kind in TYPED and kind != "greeting":
        it = led_in(draw, it)
    return [typed(draw, it) if kind in TYPED else it]


def one_want(draw: Draw, split: str, kind: str) -> Exchange:
    """An exchange of this kind."""
    make, _ = KINDS[kind]
    return make(draw, split)


def echoed(draw: Draw, exchanges: list[Exchange]) -> list[Exchange]:
    """The exchanges, some with a word on the answer before, which may be all that is said."""
    row = []
    for it in exchanges:
        before = row[-1].answer if row else ""
        # Of letters nobody says such things.
        if before and before[-1] != "." and draw.chance(0.45):
            said = echo(draw, before)
            if draw.chance(0.1):
                row.append(exchange(said, REPLIES["courtesy"]["liked_it"]))
            else:
                it = replace(it, user=with_lead(said, it.user))
        row.append(it)
    return row


def echo(draw: Draw, answer: str) -> str:
    """What one says to a fact, a number, or a hero."""
    if answer in cast.PRONOUNS:
        return BOOK.expand("echo_hero", draw, {"it": answer})
    again = draw.pick(asking.AGAIN.get(answer, (answer,)))
    return BOOK.expand("echo", draw, {"it": again})


def with_goodbye(draw: Draw, it: Exchange) -> Exchange:
    """The exchange by one who then leaves."""
    user = with_afterthought(it.user, BOOK.expand("goodbye_too", draw, {}))
    if it.reply.visible in POLITE:
        return exchange(user, GOODBYE)
    return at_once(user, it, exchange("", GOODBYE))


def led_in(draw: Draw, it: Exchange) -> Exchange:
    """The exchange, at times with what people say before they ask, or after."""
    user = it.user
    if draw.chance(0.25):
        user = with_lead(lead_in(draw, user), user)
    if draw.chance(0.1):
        user = with_afterthought(user, aside(draw, draw.pick(("afterthought", "remark"))))
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
        return f"{english.ended(question)} {afterthought}"
    space = "" if afterthought[0] == "," else " "
    return f"{english.unended(question)}{space}{afterthought}"


def aside(draw: Draw, rule: str) -> str:
    """Something by this rule, or what has nothing to do with any question."""
    return BOOK.expand("chatter" if draw.chance(0.25) else rule, draw, {})


LEAD = Table(("lead_in", "comment", "personal", "hello_from"), (0.35, 0.35, 0.22, 0.08))


def lead_in(draw: Draw, question: str) -> str:
    """What people say before a question: also that they ask, or who they are."""
    rule = draw.weighted(LEAD)
    if rule != "lead_in":
        return BOOK.expand(rule, draw, {})
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
        while len(exchanges) < ENOUGH and draw.chance(0.5):
            exchanges += converse(draw.weighted(NEXT), draw, split)
        if draw.chance(0.06):
            exchanges[-1] = with_goodbye(draw, exchanges[-1])
        elif draw.chance(0.15):
            exchanges += converse("parting", draw, split)
        exchanges = echoed(draw, exchanges)
    messages = tuple(message for it in exchanges for message in it.messages)
    return Chat(Conversation(messages), draw.bits, kind)

import itertools
import json
import math
import os
import re
import subprocess
import sys
from collections import Counter, defaultdict
from fractions import Fraction
from pathlib import Path
from statistics import median

import pytest

from nanochat.data import world
from nanochat.data.world import (
    asking,
    cast,
    chats,
    dictation,
    encyclopedia,
    english,
    flavour,
    games,
    letters,
    lexicon,
    nonce,
    papers,
    phrases,
    places,
    problems,
    readings,
    reckoning,
    smalltalk,
    spelling,
    stories,
    tasks,
    whereabouts,
)
from nanochat.data.world.documents import KINDS
from nanochat.data.world.draw import Draw, Table, zipf
from nanochat.data.world.phrases import Slot, read_wordings, wordings
from nanochat.data.world.split import SPLITS, split_of
from nanochat.engine import tools

WORDINGS = sorted(path.stem for path in phrases.WORDINGS.glob("*.toml"))
VISITORS = Path(__file__).parents[1] / "benchmarks" / "visitors.json"
BOOKS = {
    "papers": papers.BOOK,
    "encyclopedia": encyclopedia.BOOK,
    "games": games.BOOK,
    "problems": problems.BOOK,
    "readings": readings.TITLES,
    "smalltalk": smalltalk.BOOK,
    "whereabouts": whereabouts.BOOK,
} | {
    f"{family.__name__.split('.')[-1]}, {way}": books[family]
    for way, books in (("written", stories.WRITTEN), ("spoken", stories.SPOKEN))
    for family in stories.FAMILIES
}
WORD_TABLES = {name: block.split() for name, block in vars(lexicon).items() if type(block) is str}
WORD_TABLES = {name: words for name, words in WORD_TABLES.items() if name.isupper()}


def word_of(answer):
    """The word whose letters an answer gives."""
    return re.sub(r"\W|\d", "", answer.removeprefix("Letters:").split(". So")[0])


def test_bits_are_those_of_the_options_drawn():
    draw = Draw(1)
    draw.pick("abcd")
    draw.chance(0.25)
    draw.weighted(Table("xy", (1, 1)))
    assert draw.bits in (2 - math.log2(0.25) + 1, 2 - math.log2(0.75) + 1)


def test_other_draws_from_what_is_left():
    table = zipf("abc", 1.0)
    draw, count = Draw(2), 4000
    drawn = Counter(draw.other(table, "a") for _ in range(count))
    left = table.probability("b") + table.probability("c")
    assert set(drawn) == {"b", "c"}
    assert drawn["b"] / count == pytest.approx(table.probability("b") / left, abs=0.03)
    expected = sum(-n * math.log2(table.probability(o) / left) for o, n in drawn.items())
    assert draw.bits == pytest.approx(expected)


def test_until_counts_the_last_value_alone():
    draw = Draw(3)
    assert draw.until(lambda: draw.integer(0, 7), lambda n: n == 5) == 5
    assert draw.bits == 3


def test_a_document_depends_on_its_seed_and_index_alone():
    first = [world.document(5, index) for index in range(20)]
    assert first[::-1] == [world.document(5, index) for index in reversed(range(20))]
    assert len({document.text for document in first}) == 20
    assert world.document(6, 0) != first[0]
    assert world.document(5, 0, "val") != first[0]


@pytest.mark.parametrize("table", WORD_TABLES)
def test_no_word_is_twice_in_a_table(table):
    assert max(Counter(WORD_TABLES[table]).values()) == 1


@pytest.mark.parametrize("name", BOOKS)
def test_no_phrase_is_twice_in_a_rule(name):
    for rule, table in BOOKS[name].tables.items():
        plain = [
            tuple((p.name, p.form) if isinstance(p, Slot) else p for p in option)
            if type(option) is tuple
            else option
            for option in table.options
        ]
        assert max(Counter(plain).values()) == 1, rule


def test_coined_words_are_no_words_of_the_world():
    places = [name for name in smalltalk.BOOK.tables["far_place"].options if type(name) is str]
    for name in [*cast.PRONOUNS, *encyclopedia.TOWNS, *places]:
        syllables, coda = spelling.COINED.pattern.rsplit("(?:", 1)
        assert not re.fullmatch(f"{syllables}(?:{coda}?", name, re.I) or name in cast.PRONOUNS
    assert all(spelling.COINED.fullmatch(spelling.coin(Draw(i))) for i in range(50))


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_is_left_unfilled_or_misspelled(kind):
    for index in range(25):
        text = KINDS[kind][0](Draw(7, kind, index), "train")
        assert not re.search(r"[{}]|  | \n|\n\n| [.,]", text), text
        assert kind == "spelling" or not re.search(
            r"\b[Aa] [aeio](?!ne|u)\w|\ban [bcdfgjklmnpqrstvwxyz]\w", text
        ), text
        spelled = kind == "spelling"
        assert spelled or not re.search(r"[.!?] [a-z]", text), text


def test_some_of_what_a_person_types_was_typed_in_a_hurry():
    assert chats.hurried('How do you spell "wren"?') == "how do you spell wren"
    assert chats.hurried("7 + 5 = ?") == "7 + 5 ="
    made = [world.chat(6, index) for index in range(800)]
    asked = defaultdict(list)
    for each in made:
        asked[each.kind].append(each.conversation.messages[0].visible)
    for kind, users in asked.items():
        assert all(users)
        hurried = sum(user == chats.hurried(user) for user in users)
        assert hurried < len(users)
        assert kind in {*chats.TYPED, *chats.ROWS} or not hurried, kind
    typed = [user for kind in chats.TYPED for user in asked[kind]]
    assert 0.3 < sum(user[0].islower() for user in typed) / len(typed) < 0.55


def test_some_questions_come_with_what_people_say_before_and_after_them():
    asked = tasks.exchange("Where is Pellow?", "By the sea.")
    users = [chats.led_in(Draw("lead", index), asked).user for index in range(400)]
    leads, afterthoughts = zip(*(user.lower().split("where is pellow") for user in users))
    assert 75 < sum(map(bool, leads)) < 130
    assert all(re.fullmatch(r"(.*[^,][.!?,:)] )?", lead) for lead in leads)
    assert 20 < sum(said != "?" for said in afterthoughts) < 65
    assert all(re.fullmatch(r"\?( \S.*[.!?])?|,? [^?]+", said) for said in afterthoughts)


def test_leads_and_afterthoughts_keep_the_marks_in_order():
    assert chats.with_lead("Now", "Spell cat.") == "Now, spell cat."
    assert chats.with_lead("Next question:", "Spell cat.") == "Next question: spell cat."
    assert chats.with_lead("Hello!", "Spell cat.") == "Hello! Spell cat."
    assert chats.with_lead("dear Wren,", "Spell cat.") == "dear Wren, spell cat."
    assert chats.with_afterthought("10 - 7 = ?", ", please") == "10 - 7 =, please"
    assert chats.with_afterthought("5 plus 6", "I am curious.") == "5 plus 6. I am curious."
    assert chats.with_afterthought("A story.", "lol") == "A story lol"


def test_small_words_alone_are_left_out():
    asked = "how do you spell the word cat"
    clipped = {chats.clipped(Draw("clipped", index), asked) for index in range(200)}
    assert {"how spell word cat", asked} < clipped
    assert all({"how", "spell", "word", "cat"} <= {*text.split()} for text in clipped)


def test_a_short_problem_names_no_unit_and_multiplies_in_the_order_told():
    products = 0
    for index in range(500):
        problem = problems.problem(Draw("short", index), "train", problems.SHORT)
        told = re.findall(r"\d+", problem.text)
        for line in problem.solution.splitlines()[:-1]:
            assert re.fullmatch(r"[A-Z][a-z ]+ <<[^>]+>>\d+\.", line), line
        first = problem.steps[0].expression
        if "*" in first:
            one, other = first.split("*")
            assert told.index(one) < len(told) - told[::-1].index(other)
            products += 1
    assert products > 60


def test_a_fact_in_a_chat_is_told_in_one_way():
    replies = {
        asking.free_fact(Draw("one way", index), "train").reply.visible for index in range(900)
    }
    alone = {reply for reply in replies if reply.count(".") == 1}
    every = {
        encyclopedia.plainly(entity, attribute)
        for entity in encyclopedia.ENTITIES
        for attribute in entity.attributes
    }
    assert len(every) == 200 and alone <= every and len(alone) > 90


@pytest.mark.parametrize("about", smalltalk.REPLIES)
def test_whatever_is_said_in_small_talk_has_its_own_reply(about):
    told = defaultdict(set)
    for index in range(1500):
        said, reply = smalltalk.small_talk(about, Draw(about, index), "train").messages
        told[reply.visible].add(said.visible)
    assert told.keys() == {*smalltalk.REPLIES[about].values()}
    for one, other in itertools.combinations(told.values(), 2):
        assert not one & other
    assert all(len(said) > 5 for said in told.values())


def test_no_reply_has_a_visitors_name():
    """Only stories do."""
    named = {*cast.PRONOUNS}
    for replies in smalltalk.REPLIES.values():
        assert not named & {*re.findall(r"\w+", " ".join(replies.values()))}


@pytest.mark.parametrize("file", WORDINGS)
def test_no_wording_is_twice_in_a_rule(file):
    for rule, asked in wordings(file).items():
        plain = [re.sub(r"[^\w{}+*/=?-]", "", line).lower() or line for line in asked.options]
        assert max(Counter(plain).values()) == 1, rule


def test_no_wording_asks_for_two_things():
    wanted = defaultdict(set)
    for file in ("self", "courtesy", "beyond", "valley", "lists", "stories", "facts"):
        for rule, asked in wordings(file).items():
            for line in asked.options:
                # What is asked of a town may be asked of a creature.
                kind_of_want = re.sub("_(town|creature)$", "", rule)
                wanted[re.sub(r"\W", "", line).lower()].add(kind_of_want)
    assert not {line: rules for line, rules in wanted.items() if line and len(rules) > 1}


def test_what_visitors_are_measured_by_is_in_no_conversation():
    measured = json.loads(VISITORS.read_text("utf-8"))
    taught = {
        re.sub(r"\W", "", message.visible).lower()
        for index in range(4000)
        for message in world.chat(0, index).conversation.messages[::2]
    }
    for file in WORDINGS:
        for asked in wordings(file).values():
            taught |= {re.sub(r"\W", "", line).lower() for line in asked.options}
    assert len(measured) > 400
    assert not taught & {re.sub(r"\W", "", said).lower() for said, *_ in measured}
    for _, kind, answer in measured:
        *names, attribute = answer.split(".") if "." in answer else (answer, "")
        entities = [entity for entity in encyclopedia.ENTITIES if entity.name in names]
        about_facts = kind in ("fact", "reverse", "compare")
        assert (about_facts or kind in ("about", "creature_story")) == bool(entities)
        assert not about_facts or all(attribute in entity.facts for entity in entities)


def test_who_asks_what_there_is_hears_of_all_and_of_one():
    told_of = set()
    for index in range(80):
        of_all, *of_one = chats.overview(Draw("overview", index), "train")
        kind = "town" if "Pellow" in of_all.reply.visible else "creature"
        assert of_all.reply.visible == smalltalk.REPLIES["lists"][f"which_{kind}s"]
        for it in of_one:
            entity, told = facts_named_in(it.reply.visible)
            assert entity.kind == kind and told >= entity.facts.keys()
            told_of.add(entity.name)
    assert len(told_of) > 15


def test_every_kind_of_fact_is_asked_for_in_passing_too():
    assert set(asking.FACTS) == set(encyclopedia.QUESTIONS)
    asked = {asking.free_fact(Draw("passing", index), "train").user for index in range(100)}
    of_visitors = [table.options for table in asking.FACTS.values()]
    for questions in (of_visitors, encyclopedia.QUESTIONS.values()):
        forms = [form for forms in questions for form in forms if "{it}" in form]
        assert asked & {form.format(it=e.called) for form in forms for e in encyclopedia.ENTITIES}


def test_a_town_that_was_just_named_is_there():
    asked = {
        asking.ask_of_it(Draw("there", index), attribute)
        for index in range(60)
        for attribute in encyclopedia.TOWN_ATTRIBUTES
    }
    assert any(re.search(r"\bthere\b", user) for user in asked)
    assert not any(re.search(r"\b(in|from) it\b", user) for user in asked)


def test_articles_and_plurals():
    assert [english.with_article(w) for w in ("owl", "fox", "ukulele", "useful hat")] == [
        "an owl", "a fox", "a ukulele", "a useful hat",
    ]  # fmt: skip
    assert [english.plural(w) for w in ("fox", "goose", "fairy", "donkey", "postman", "shelf")] == [
        "foxes", "geese", "fairies", "donkeys", "postmen", "shelves",
    ]  # fmt: skip
    assert english.listed(["a", "b", "c"]) == "a, b and c"


def test_splits_ask_for_nothing_in_common():
    """From the same draws: were the keys not kept apart, all splits would ask the same."""

    def asked(make):
        return [{make(Draw("asked", i), split) for i in range(150)} for split in SPLITS]

    def fact(draw, split):
        entity, attribute = encyclopedia.draw_asked(draw, split)
        return entity.name, attribute.name

    def plot(draw, split):
        story = stories.begin(draw, split)
        return story.book, story.names["hero"], story.names["hero_kind"], story.names["thing"]

    def people(draw, split):
        it = whereabouts.tell(draw, split)
        one, other, *_ = dict.fromkeys(w for w in re.findall(r"\w+", it.text) if w in cast.NAMES)
        place = re.search("|".join(places.AT.values()), it.text, re.IGNORECASE)
        return it.thing, one, other, place[0].lower()

    for make in (
        fact,
        plot,
        people,
        lambda draw, split: tuple(problems.problem(draw, split).numbers),
        spelling.draw_word,
        dictation.draw_word,
    ):
        train, val, test = asked(make)
        assert not train & val and not train & test and not val & test


def test_no_held_out_question_asks_for_a_word_that_chats_spell_in_any_split():
    asked = {letters.visitors_word(Draw("asked", index), "train") for index in range(6000)}
    assert len(asked) > 1500
    for split in ("val", "test"):
        for index in range(600):
            question = tasks.question("spelling", 0, index, split)
            (word,) = re.findall(r'"(\w+)"', question.conversation.messages[0].visible)
            assert word not in asked


def test_no_quiz_that_is_read_asks_for_a_fact_that_is_held_out():
    asking_for = {
        question.format(it=entity.called): (entity.name, each.name)
        for entity in encyclopedia.ENTITIES
        for each in entity.attributes
        for question in encyclopedia.QUESTIONS[each.name]
    }
    talked_about = {
        (entity.name, each.name)
        for entity in encyclopedia.ENTITIES
        for each in entity.attributes
        if encyclopedia.split_of_fact(entity, each) == "train"
    }
    read = "\n".join(encyclopedia.quiz(Draw("quiz", index), "train") for index in range(150))
    asked = {asking_for[line] for line in read.splitlines() if line in asking_for}
    # And some are talked about that no quiz asks for.
    assert asked < talked_about and 90 < len(asked) < len(talked_about) - 20


def test_every_third_wording_is_a_plain_one_where_there_are_any():
    with_plain = {path.stem for path in (phrases.WORDINGS / "plain").iterdir()}
    assert with_plain < {*WORDINGS}
    for file in WORDINGS:
        plain = read_wordings(f"plain/{file}") if file in with_plain else {}
        tables = wordings(file)
        assert plain.keys() <= tables.keys()
        for wanted, table in tables.items():
            share = sum(map(table.probability, plain.get(wanted, [])))
            assert share == pytest.approx(1 / 3 if wanted in plain else 0)


@pytest.mark.parametrize("task", world.TASKS)
def test_a_verifier_takes_the_answer_and_nothing_else(task):
    questions = [world.question(task, 9, index) for index in range(20)]
    replies = [question.solution.messages[-1].visible for question in questions]
    for question, reply in zip(questions, replies, strict=True):
        assert world.verify(question, reply)
        assert not world.verify(question, "")
        for other, its_reply in zip(questions, replies, strict=True):
            assert world.verify(question, its_reply) == (question.answer == other.answer)


def test_a_wrong_place_keeper_or_number_is_refused():
    where = world.question("whereabouts", 1, 1)
    assert not world.verify(where, "The ball is on the moon.")
    story = world.question("stories", 1, 1)
    prize, keeper, at_last = story.answer.split(", ")
    assert world.verify(story, f"So {keeper} kept the {prize} {at_last}.")
    other = next(name for name in cast.NAMES if name != keeper)
    assert not world.verify(story, f"So {other} kept the {prize} {at_last}.")
    problem = world.question("word_problems", 1, 1)
    assert world.verify(problem, f"Well.\n#### {problem.answer}")
    assert not world.verify(problem, f"#### {problem.answer}\n#### 7.5")
    assert not world.verify(problem, problem.answer)


@pytest.mark.parametrize("families", [problems.FAMILIES, problems.SHORT])
def test_problems_are_solved_rightly(families):
    for index in range(200):
        problem = problems.problem(Draw(10, index), "train", families)
        assert 1 <= len(problem.steps) <= 4
        for step in problem.steps:
            assert eval(step.expression) == step.result > 0
        assert problem.solution.endswith(f"#### {problem.answer}")


def told_of(result):
    """What is said of the calculator's result."""
    whole, _, rest = result.partition(".")
    return f"{whole} and a bit." if rest else f"{whole}."


def test_what_leaves_a_rest_is_some_and_a_bit():
    it = reckoning.worked_out("365 / 7", 365, ("/", 7))
    assert it.reply.parts[2].text == "52.14285714" and it.answer == "52 and a bit"
    assert it.reply.visible == "365 divided by 7 is 52 and a bit."


def test_sums_are_worked_out_by_the_calculator_and_held_out():
    asked = {}
    for split in SPLITS:
        made = [reckoning.fresh_sum(Draw(5, split, index), split, "sum_of") for index in range(300)]
        for each in made:
            *_, call, output, said = each.reply.parts
            assert tools.calculator(call.text) == output.text
            assert said.text == told_of(output.text)
            assert set(re.findall(r"\d+", each.user)) == set(re.findall(r"\d+", call.text))
            if typed := re.search(r"\([-+*/ ()\d]+\)( ?[-+*/] ?\d+)+", each.user):
                assert tools.calculator(typed[0]) == output.text
        asked[split] = {each.reply.parts[1].text for each in made}
    assert not asked["train"] & asked["val"] and not asked["train"] & asked["test"]


def test_sums_come_as_a_person_types_them():
    asked = [reckoning.sums(Draw(8, index), "train").user for index in range(3000)]
    for form in (
        r"\d\*\d",
        r"\d \+ \d",
        r"\d = \?$",
        r"\d=$",
        r"\d times \d",
        r"\d divided by \d",
        r"\d/\d",
        r"\d{3}",
        r"^\d+-\d+$",
        r"\d{4} ",
        r"\d+ \+ \d+ - \d+",
        r"\d times \d+ (plus|minus) \d",
        r"\(\d+ ?[-+*/] ?\d+\) ?[-+] ?\d",
        r"\(\d+ ?[-+] ?\d+\) ?\* ?\d",
        r"\(\d+ ?[-+] ?\d+\) ?/ ?\d",
        r"\(\d+ ?[-+*/] ?\d+ ?[-+] ?\d+\) ?[*/] ?\d",
        r"a third of \d",
        r"\b\d/\d+ of \d",
        r"\d% of \d",
    ):
        assert any(re.search(form, user) for user in asked), form


def test_two_signs_are_worked_out_from_left_to_right_as_by_hand():
    it = reckoning.worked_out("35 + 46 - 9", 35, ("+", 46), ("-", 9))
    assert it.reply.parts[1].text == "35+46-9" and it.answer == "72"
    assert it.reply.visible.endswith("72.") and it.reply.parts[0].text == "35 plus 46 minus 9 is "


def test_sums_in_words_have_both_numbers_and_the_sign_that_they_say():
    said = {
        "+": r"\b(add|sum|together|altogether|added|more than|increase|total|put|top of)\b|\+",
        "-": r"\b(take|subtract|difference|away|less|from|deduct|off|lower|reduce)\b"
        r"|how (many more|much bigger) is|-",
        "*": r"\b(multipl\w+|product|lots|times|rows|groups)\b|[x×]",
        "/": r"\b(divide\w*|go into|into|split|share\w*|over|how many|quotient|heaps|fit)\b|÷",
    }
    for sign, rule in reckoning.TOLD.items():
        for wording in wordings("words")[rule].options:
            assert wording.count("{n}") == wording.count("{k}") == 1, wording
            assert re.search(said[sign], wording, re.IGNORECASE), wording
    for index in range(200):
        it = reckoning.told_in_words(Draw("told", index), "train")
        call = it.reply.parts[1].text
        assert Counter(re.findall(r"\d+", it.user)) == Counter(re.findall(r"\d+", call)), it.user
        assert not it.answer.startswith("-")


def test_a_part_of_a_number_is_what_fractions_make_of_it():
    named = {"half": "1/2", "two thirds": "2/3", "three quarters": "3/4"}
    named |= {"a third": "1/3", "a quarter": "1/4", "a fifth": "1/5", "a tenth": "1/10"}
    forms = rf"({'|'.join(named)}|\b\d/\d+|\d+%) of (\d+)"
    for index in range(400):
        it = reckoning.part_of(Draw("part", index), "train")
        part, whole = re.search(forms, it.user.replace(" percent", "%")).groups()
        result = Fraction(named.get(part, part.replace("%", "/100"))) * int(whole)
        said = str(result) if result.denominator == 1 else f"{math.floor(result)} and a bit"
        assert it.answer == said and it.reply.visible.endswith(f" is {said}."), it.user


def test_creatures_are_asked_for_one_by_one_and_by_their_kind():
    asked = [asking.free_fact(Draw("one", index), "train") for index in range(600)]
    for creature in (r"\ban? {}\b", r"\bthe {}\b", r"\b[Dd]o {}s\b", r"\bare {}s\b"):
        about = [
            (entity, it)
            for it in asked
            for entity in encyclopedia.ENTITIES
            if re.search(creature.format(entity.name), it.user)
        ]
        assert about and all(entity.name in it.reply.visible for entity, it in about), creature


def test_a_story_is_about_whom_and_what_the_request_names():
    strangers = {*cast.WISHED_FOR.options} - {*cast.KINDS}
    whom = {*cast.KINDS, *encyclopedia.CREATURES, *strangers, *cast.PRONOUNS, *encyclopedia.TOWNS}
    # Whom the story is for.
    whom -= {
        "child",
        "teacher",
        "grandmother",
        "grandfather",
        "girl",
        "boy",
        "woman",
        "man",
        "bird",
    }
    of_whom = Counter()
    for index in range(500):
        draw = Draw("asked", index)
        story = stories.begin_tale(draw, "train")
        names = story.names
        asked = chats.story_request(draw, names | {"hero_town": names["town"]})
        told = stories.finish(story)
        wanted, words = (set(re.findall(r"[\w-]+", text)) for text in (asked, told))
        # Beside the hero a request may name a creature whom no plot has room for.
        wanted &= whom - ({*encyclopedia.CREATURES} - {names["hero_kind"]})
        assert all({word, english.plural(word)} & words for word in wanted), asked
        assert names["thing"] in told and names["hero_kind"] in told
        unheard_of = stories.unheard_of(names)
        assert all(word in asked for word in unheard_of)
        of_whom.update(sorted(unheard_of))
        of_whom["creatures"] += bool(wanted & {*encyclopedia.CREATURES})
        of_whom["strangers"] += bool(wanted & strangers)
        of_whom["unheard of"] += bool(unheard_of)
    assert 15 < of_whom["creatures"] < 80 and 40 < of_whom["strangers"] < 200
    assert 250 < of_whom["unheard of"] < 400


def test_nouns_that_are_in_no_list_cannot_be_learned_by_heart():
    made = [nonce.noun(Draw("nonce", index)) for index in range(3000)]
    assert len(set(made)) > 2200
    blends = [noun for noun in made if " " not in noun and noun not in nonce.NOUNS]
    assert len(set(blends)) > 0.95 * len(blends) > 1300
    assert all(noun.replace(" ", "").isalpha() and noun.islower() for noun in made)
    assert 500 < sum(" " in noun for noun in made) < 700


def test_where_no_story_can_be_of_them_another_is_told():
    told = [chats.tell_story(Draw("other", index), "train")[0] for index in range(1500)]
    others = [it for it in told if it.reply.visible.startswith(chats.ANOTHER)]
    assert 20 < len(others) < 60
    heroes = {*cast.PRONOUNS, *cast.KINDS, *encyclopedia.CREATURES, *cast.WISHED_FOR.options}
    heroes |= {english.plural(hero) for hero in heroes}
    # My dog and our cat.
    heroes -= {"dog", "cat"}
    names = {"thing": "whistle"}
    for index in range(500):
        asked = smalltalk.BOOK.expand("outsider_story", Draw("outsider", index), names)
        assert not heroes & set(re.findall(r"[\w-]+", asked)), asked


def test_in_a_story_told_aloud_nobody_can_be_taken_for_another():
    named, unnamed = Counter(), 0
    for index in range(500):
        story = stories.begin_tale(Draw("tale", index), "train")
        told, names = stories.finish(story), story.names
        people = set(re.findall(r"[A-Z][a-z]+", told)) & cast.PRONOUNS.keys()
        assert people == {names[role] for role in ("hero", "friend") if role in names}
        named[len(people)] += 1
        # Of the hero, who may be a king or a girl, it says neither he nor she.
        said = set(re.findall(r"\b(?:s?he|him|her|his|(?:him|her)self)\b", told, re.IGNORECASE))
        assert {word.lower() for word in said} <= {*cast.PRONOUNS.get(names.get("friend"), ())}
        assert names["hero"] in cast.EITHER + cast.EVERYDAY_NAMES
        assert names.get("friend_kind") not in cast.WOMEN + cast.MEN
        kinds = [names[role] for role in names if role.endswith("_kind")]
        assert len(set(kinds)) == len(kinds)
        if "helper" in names:
            assert names["helper"] == f"the {names['helper_kind']}"
            unnamed += 1
    assert named[1] and named[2] > 300 and unnamed > 150


def test_what_is_asked_of_a_story_is_told_in_it():
    seen = Counter()
    for index in range(500):
        draw = Draw("of it", index)
        story = stories.begin_tale(draw, "train")
        stories.finish(story)
        names = story.names
        keeper, place = story.holds[names["prize"]]
        names |= chats.one_named(draw, names)
        replies = chats.told_in_story(names)
        assert replies["story_end"] == (
            f"{english.sentence(keeper)} has the {names['prize']}, {places.AT[place]}."
        )
        assert replies["story_hero"].startswith(f"It is about {names['hero']}, ")
        asked = chats.ask_of_story(draw, names)
        if asked.reply.visible == smalltalk.UNSAID:
            seen["unsaid"] += 1
            continue
        (what,) = {rule for rule, reply in replies.items() if reply == asked.reply.visible}
        seen[what] += 1
        of_whom = {
            "story_helper": names.get("helper_kind"),
            "story_named": names["named_kind"],
            "story_who": names.get("friend"),
        }
        assert of_whom.get(what, "") in asked.user
    plots = {f"who_in_{family.__name__.rpartition('.')[-1]}" for family in stories.FAMILIES}
    others = {
        "who_mended",
        *(f"story_{what}" for what in ["end", "hero", "named", "who", "helper", "found"]),
    }
    assert seen.keys() == {"unsaid"} | others | plots and min(seen.values()) > 2


@pytest.mark.parametrize(
    "plot, told",
    {
        "storm": "{}[^.]*(caught|pulled)|came down[^.]*{}",
        "night": "{}[^.]*, who ",
        "borrowed": "(borrowed|asked)[^.]*{}|{}[^.]*len[dt]",
    }.items(),
)
def test_who_did_it_in_a_story_is_the_one_of_whom_it_tells(plot, told):
    family = next(each for each in stories.FAMILIES if each.__name__.endswith(plot))
    for index in range(100):
        draw = Draw(plot, index)
        names, _ = stories.draw_plot(draw, "train", stories.hero_of_tale, stories.thing_of_tale)
        names["plot"] = plot
        story = stories.tell(stories.Tale(draw, stories.SPOKEN[family], names), family)
        friend = story.names["friend"]
        stories.finish(story)
        names = story.names | chats.one_named(draw, story.names)
        assert chats.told_in_story(names)[f"who_in_{plot}"].startswith(f"It was {friend}, ")
        assert re.search(told.replace("{}", friend), story.text, re.DOTALL), story.text


def test_all_but_secrets_and_asides_can_be_told_aloud():
    for family in stories.FAMILIES:
        written, spoken = stories.WRITTEN[family].tables, stories.SPOKEN[family].tables
        assert written.keys() - spoken.keys() == {"secret", *flavour.LEFT_OUT}


def test_who_asks_for_a_king_calls_him_he():
    called = defaultdict(set)
    for index in range(400):
        for kind in ("king", "queen", "fox"):
            called[kind].add(cast.pronouns_for("hero", kind, Draw(kind, index))["hero_his"])
    assert called == {"king": {"his"}, "queen": {"her"}, "fox": {"his", "her"}}
    assert not {*cast.WOMEN} & {*cast.MEN}


def test_visitors_and_those_of_the_world_have_names_of_their_own():
    assert not {*cast.NAMES, *cast.EITHER} & {*cast.EVERYDAY_NAMES}


def test_two_questions_at_once_have_both_answers():
    joined = 0
    for index in range(1000):
        it = asking.free_fact(Draw("both", index), "train")
        first, *others = re.findall(r"[^.]+\.", it.reply.visible)
        if not others:
            continue
        (entity, one), (other, two) = facts_named_in(first), facts_named_in(others[0])
        assert len(others) == 1 and it.answer in others[0]
        assert entity is other or (one & two and other.name.lower() in it.user.lower())
        joined += ", and " in it.user
    assert joined > 8


def test_two_wants_in_one_message_have_both_replies():
    cat, sum_of = tasks.exchange("Spell cat.", "Letters: c a t."), tasks.exchange("3 * 4?", "12.")
    for index in range(200):
        it = asking.both(Draw("both wants", index), cat, sum_of)
        assert it.user.lower().index("spell cat") < it.user.index("3 * 4")
        assert it.reply.visible == "Letters: c a t.\n12."
    goes_on = 0
    for index in range(300):
        first, *later = chats.two_wants(Draw("two", index), "train")
        assert first.user and len(first.reply.visible.splitlines()) > 1
        goes_on += bool(later)
    assert 60 < goes_on < 240


def test_some_messages_begin_with_a_word_on_the_answer_before():
    asked = tasks.exchange("Where is Pellow?", "By the sea.", "the sea")
    then = tasks.exchange("And Marrow?", "By a river.", "a river")
    alone = told = 0
    for index in range(300):
        first, *others = chats.echoed(Draw("echo", index), [asked, then])
        assert first is asked and others[-1].user.lower().endswith("and marrow?")
        alone += len(others) == 2
        told += "the sea" in others[0].user.lower()
    assert 3 < alone < 30 and 70 < told < 140


def test_who_says_goodbye_with_a_question_has_an_answer_and_a_goodbye():
    asked = tasks.exchange("Where is Pellow?", "By the sea.")
    for index in range(100):
        it = chats.with_goodbye(Draw("bye", index), asked)
        assert it.reply.visible == f"By the sea.\n{smalltalk.GOODBYE}"
        assert it.user.startswith("Where is Pellow") and len(it.user) > len(asked.user)
        thanked = tasks.exchange("Thank you", smalltalk.REPLIES["parting"]["thanks"])
        assert chats.with_goodbye(Draw("bye", index), thanked).reply.visible == smalltalk.GOODBYE


def is_superlative(question, value):
    """Whether this is how one asks of whom this value is true, the largest or smallest of all."""
    wanted = asking.EXTREMES.get(value)
    return wanted is not None and question in smalltalk.BOOK.tables[wanted].options


@pytest.mark.parametrize("split", SPLITS)
def test_of_whom_else_a_fact_is_true_is_asked_of_one_that_was_just_told(split):
    of_it, of_another, of_none = 0, 0, 0
    for index in range(300):
        draw = Draw("others", split, index)
        entity, attribute = encyclopedia.draw_asked(draw, split)
        it = asking.of_others(draw, split, entity, attribute)
        if it.reply.visible == smalltalk.ONE_WAY:
            of_none += 1
            continue
        told = entities_named_in(it.reply.visible)
        (value,) = {each.facts[attribute.name] for each in told}
        assert all(encyclopedia.split_of_fact(each, attribute) == split for each in told)
        of_it += entity in told
        of_another += entity not in told
        assert entity in told or value.lower() in it.user.lower() or is_superlative(it.user, value)
    assert of_it > 150 and of_none > 25 and (of_another > 10 or split != "train")


@pytest.mark.parametrize("split", SPLITS)
def test_of_whom_something_is_true_those_are_told_of_whom_it_may_be_asked(split):
    nobody = 0
    for index in range(300):
        it = asking.reverse(Draw("reverse", split, index), split)
        if it.reply.visible == smalltalk.ONE_WAY:
            nobody += 1
            continue
        told = entities_named_in(it.reply.visible)
        asked = [
            attribute
            for attribute in told[0].attributes
            if told[0].facts[attribute.name].lower() in it.user.lower()
            or is_superlative(it.user, told[0].facts[attribute.name])
        ]
        may_be_told = [
            [
                entity
                for entity in encyclopedia.ENTITIES
                if entity.kind == told[0].kind
                and entity.facts[attribute.name] == told[0].facts[attribute.name]
                and encyclopedia.split_of_fact(entity, attribute) == split
            ]
            for attribute in asked
        ]
        assert told in may_be_told, it.user
    assert 20 < nobody < 90


def test_what_is_true_of_none_is_asked_for_too():
    nobody = {}
    for entity in encyclopedia.ENTITIES:
        for attribute in entity.attributes:
            drawn = {asking.true_of_none(Draw("none", i), attribute) for i in range(30)}
            nobody[attribute.name] = drawn - {None}
            assert entity.facts[attribute.name] not in drawn
    assert nobody["market"] == {"Friday"} and nobody["size"] == {"horse"}
    assert {name for name, values in nobody.items() if not values} == {"near", "roofs", "voice"}


def test_of_several_who_were_told_it_is_true_of_all():
    followed = 0
    for index in range(400):
        first, *others = asking.of_whom(Draw("whom", index), "train")
        for it in others:
            assert len(entities_named_in(first.reply.visible)) > 1
            assert it.reply.visible == smalltalk.ALL_OF_THEM
            followed += 1
    assert 60 < followed < 200


def test_of_two_that_were_just_named_both_are_told():
    kinds = Counter()
    first, second = encyclopedia.TOWN_ENTITIES[:2]
    for index in range(200):
        attribute = first.attributes[index % len(first.attributes)]
        row = asking.about_two(Draw("both", index), "train", first, second, attribute)
        assert not any(second.name in it.user for it in row)
        told = [entities_named_in(it.reply.visible) for it in row]
        if len(row) == 2:
            assert told == [[first], [second]]
            kinds["one and the other"] += 1
        elif row[0].reply.visible.startswith("I know "):
            assert first in told[0] or second in told[0]
            kinds["of which"] += 1
        else:
            assert told == [[first, second]] or told == [[second, first]]
            kinds["of both"] += 1
    assert min(kinds.values()) > 20 and len(kinds) == 3


def test_two_that_are_compared_have_both_facts_or_all():
    in_all = 0
    for index in range(300):
        it = asking.compare(Draw("compare", index), "train")
        all_of_it = "\n" in it.reply.visible
        said = (
            it.reply.visible.splitlines() if all_of_it else re.findall(r"[^.]+\.", it.reply.visible)
        )
        (entity, one), (other, two) = map(facts_named_in, said)
        assert entity is not other and one & two
        assert all_of_it == (one >= entity.facts.keys() and two >= other.facts.keys())
        assert all(each.name.lower() in it.user.lower() for each in (entity, other))
        in_all += all_of_it
    assert 20 < in_all < 75


def test_conversations_go_on_and_texts_stand_alone():
    made = [world.chat(3, index) for index in range(600)]
    turns = [len(chat.conversation.messages) // 2 for chat in made]
    assert max(turns) <= chats.ENOUGH + 5 and 2.1 < sum(turns) / len(turns) < 2.8
    for chat, count in zip(made, turns, strict=True):
        assert chat.kind in chats.FOLLOWED or count == 1


OF_IT = {rule: {*wordings("words")[rule].options} for rule in letters.OF_IT.options}


def entities_named_in(reply):
    """Those whose names a reply says."""
    return [e for e in encyclopedia.ENTITIES if re.search(rf"\b{e.name}\b", reply)]


def facts_named_in(reply):
    """The entity whose name a reply says, and which of its facts."""
    (entity,) = entities_named_in(reply)
    return entity, {name for name, value in entity.facts.items() if value in reply}


@pytest.mark.parametrize("split", SPLITS)
def test_the_same_is_asked_of_others_and_then_something_else_of_the_last(split):
    seen = Counter()
    for index in range(400):
        first, *others = asking.about_several(Draw("several", index), split)
        entity, asked = facts_named_in(first.reply.visible)
        seen["described"] += asked >= entity.facts.keys()
        named = [entity]
        for it in others:
            told = entities_named_in(it.reply.visible)
            if len(told) == 1 and told[0] not in named:
                named += told
                assert told[0].name.lower() in it.user.lower()
                assert asked <= facts_named_in(it.reply.visible)[1]
            elif told == named[-1:] and told[0].name not in it.user:
                seen["of the last"] += len(facts_named_in(it.reply.visible)[1] - asked) == 1
            else:
                break  # something on the two, which has a test of its own
    assert 40 < seen["described"] < 120 and seen["of the last"] > 15


@pytest.mark.parametrize("split", SPLITS)
def test_questions_in_a_row_lean_on_the_ones_before(split):
    asked_of_words = set()
    ends_with_problem = untold = others = lots_of = at_once = 0
    for index in range(170):
        draw = Draw("row", index)
        by_name, *facts = asking.about_one(draw, split)
        entity, told = facts_named_in(by_name.reply.visible)
        left_open = by_name.user in asking.VALLEY[f"any_{entity.kind}"].options
        assert (entity.name.lower() in by_name.user.lower()) != left_open
        assert told >= entity.facts.keys() or (len(told) == 1 and not left_open)
        for it in facts:
            said, *of_another = re.findall(r"[^.]+\.", it.reply.visible)
            if it.reply.visible == smalltalk.UNTOLD:
                untold += 1
                continue
            if it.reply.visible.startswith(encyclopedia.portrait(entity)):
                continue
            if it.reply.visible == smalltalk.ONE_WAY or said.startswith("I know "):
                others += 1
                continue
            assert entity.name not in it.user and it.answer in it.reply.visible
            assert facts_named_in(said)[0] is entity
            for each in of_another:
                other, _ = facts_named_in(each)
                assert other is entity or other.name.lower() in it.user.lower()
                at_once += other is entity
        word = None
        for it in letters.words_in_a_row(draw, split):
            asked_of_words.add(it.user)
            if it.user in OF_IT["how_many_letters_of_it"]:
                assert it.reply.visible.endswith(f"So {len(word)}.")
            elif it.user in OF_IT["first_letter_of_it"]:
                assert it.reply.visible.endswith(f"The first is {word[0]}.")
            elif it.user in OF_IT["last_letter_of_it"]:
                assert it.reply.visible.endswith(f"The last is {word[-1]}.")
            elif it.user in OF_IT["backwards_of_it"]:
                numbered = [f"{letter}{n}" for n, letter in enumerate(word, 1)]
                assert it.answer == f"Backwards: {' '.join(numbered[::-1])}."
            elif nth := re.match(r"The (\w+) is ", it.answer):
                asked_of_words |= OF_IT["nth_letter_of_it"]
                (place,) = [n for n, name in dictation.ORDINALS.items() if name == nth[1]]
                assert it.answer == f"The {nth[1]} is {word[place - 1]}."
                assert nth[1] in it.user or str(place) in it.user
            else:
                word = word_of(it.reply.visible)
                assert word in re.findall(r"\w+", it.user)
            assert it.answer in it.reply.visible
        so_far = []
        for it in reckoning.sums_in_a_row(draw, split):
            if "####" in it.reply.visible:
                ends_with_problem += 1
                continue
            asked = re.findall(r"\d+", it.user)
            worked_out = re.findall(r"\d+", it.reply.parts[1].text)
            if not so_far:  # a part of a number, or a sum in words, has tests of its own
                assert {*asked} & {*worked_out}
            else:
                doubled_or_halved = [] if asked else ["2"]
                onward = so_far + asked + doubled_or_halved
                assert worked_out == (asked if len(asked) > 1 else onward)
            assert f"{it.answer}." == told_of(tools.calculator(it.reply.parts[1].text))
            so_far = [it.answer]
        so_far = "none"
        for it in reckoning.problems_in_a_row(draw, split):
            asked, last = re.findall(r"\d+", it.user), it.reply.parts[-1].text
            calls = [part.text for part in it.reply.parts if part.kind == "python"]
            if len(calls) == 2 and re.match(rf"{so_far}[-+]", calls[1]) and len(asked) == 2:
                assert sorted(re.findall(r"\d+", calls[0])) == sorted(asked)
                assert calls[1][len(so_far) + 1 :] == tools.calculator(calls[0])
                assert it.answer == tools.calculator(calls[1])
                lots_of += 1
            elif len(asked) == 1:
                assert re.findall(r"\d+", it.reply.parts[1].text) == [so_far, *asked]
                assert it.answer == tools.calculator(it.reply.parts[1].text) == last.rstrip(".")
                assert int(it.answer) >= 0
            else:
                assert last.endswith(f"\n#### {it.answer}")
            so_far = it.answer
    assert all(asked_of_words & forms for forms in OF_IT.values()) and 25 < ends_with_problem < 85
    assert (
        8 < untold < 85
        and 17 < others < 85
        and 8 < lots_of < 85
        and (5 < at_once < 85 or split != "train")
    )


def test_a_portrait_has_all_facts_in_one_order():
    for index in range(60):
        draw = Draw("portrait", index)
        entity = draw.pick(encyclopedia.ENTITIES)
        said = encyclopedia.portrait(entity)
        values = entity.facts.values()
        assert sorted(values, key=said.index) == list(values), said


def test_a_game_follows_the_thing_from_hand_to_hand():
    of_kinds = 0
    for index in range(200):
        ring, first, *passes = games.passing(Draw(12, index)).split(". ")
        players = {*cast.NAMES, *cast.KINDS} & set(re.findall(r"\w+", ring))
        (holder,) = players & set(re.findall(r"\w+", first))
        of_kinds += holder in cast.KINDS
        for said in passes:
            named = [word for word in re.findall(r"\w+", said) if word in players]
            if said.startswith(("At last", "So", "With")):
                assert named[0] == holder
                break
            giver, taker = reversed(named) if said.startswith("Then") else named
            assert giver == holder != taker
            holder = taker
    assert 70 < of_kinds < 130


def test_a_hidden_thing_is_found_where_it_was_put():
    for index in range(200):
        told = re.findall(rf"the ({'|'.join(places.PLACES)})\b", games.hiding(Draw(13, index)))
        first = next(i for i, place in enumerate(told) if place in told[:i])
        hidden, *moves, left = told[first:]
        for start, end in zip(moves[::2], moves[1::2], strict=True):
            assert start == hidden != end in told[:first]
            hidden = end
        assert left == hidden


def test_what_is_counted_in_a_game_was_told_before():
    for index in range(200):
        told, *counts = re.split(r"(?<=[.?]) ", games.counting(Draw(14, index)))
        had = re.findall(r"(\w+) had (\d+) (\w+)", told)
        assert 2 <= len(had) == len({number for _, number, _ in had}) <= 4
        said = [sentence for sentence in counts if re.search(r"\d", sentence)]
        assert 5 <= len(said) <= 9
        for sentence in said:
            (number,) = re.findall(r"\d+", sentence)
            owner, good = next((who, good) for who, n, good in had if n == number)
            named = {word for who, _, what in had for word in (who, what)}
            assert named & set(re.findall(r"\w+", sentence)) <= {owner, good}


def test_a_model_reads_games_first_a_primer_and_more_of_some_documents():
    forms = {
        "title": r"(A story|Of an?) .*[^.]\n",
        "quiz": r".*\?\n- ",
        "comprehension": r"(?s).*\nAnswer: ",
        "problem": r"Problem: (.*\n){4}",
        "dictation": r".*Letters: ",
    }

    def others(start):
        for index in range(start, start + 600):
            read = world.reading(3, index)
            if read != world.document(3, index).text:
                yield next((form for form in forms if re.match(forms[form], read)), "survey")

    first, later, last, end = (Counter(others(start)) for start in (0, 6_000, 24_000, 44_000))
    # Games are told from surveys, which come later, by their number alone.
    assert set(first) == {*forms, "survey"} - {"quiz"} and 200 < first["survey"] < 280
    assert set(later) == {*forms, "survey"} and 0.27 < later.total() / 600 < 0.41
    assert set(last) == set(later) - {"comprehension"}
    # Pages of spelling begin like dictation.
    assert all(0.015 < last[kind] / 600 < 0.05 for kind in ("survey", "quiz"))
    assert 0.05 < last["dictation"] / 600 < 0.11 and end["dictation"] / 600 < 0.05
    assert set(end) == {"title", "dictation"} and 0.08 < end.total() / 600 < 0.18


def test_first_lines_are_about_whom_their_titles_say():
    named = {*cast.KINDS, *cast.NAMES}
    for index in range(100):
        page = readings.first_lines(Draw("first lines", index)).split("\n")
        titles, lines = page[::2], page[1::2]
        assert 3 <= len(titles) == len(lines) <= 6
        for title, line in zip(titles, lines, strict=True):
            said, words = (set(re.findall(r"\w+", text)) for text in (title, line))
            assert all({word, english.plural(word)} & words for word in named & said), title


def test_a_titled_story_is_about_what_its_title_says():
    named = {*cast.KINDS, *cast.NAMES}
    for index in range(200):
        title, told = readings.titled(Draw("titled", index)).split("\n", 1)
        said, words = (set(re.findall(r"\w+", text)) for text in (title, told))
        assert all({word, english.plural(word)} & words for word in named & said), title


def test_what_was_read_of_an_invented_one_answers_the_question():
    answers = set()
    for index in range(1000):
        asked = tasks.comprehension(Draw("read", index), "train")
        *text, question = asked.user.split("\n- ")[0].split("\n")
        assert asked.answer in " ".join(text) and asked.answer in asked.choices
        assert not any(wrong in " ".join(text) for wrong in set(asked.choices) - {asked.answer})
        assert not any(entity.name in question for entity in encyclopedia.ENTITIES)
        answers.add(asked.answer)
    every = encyclopedia.TOWN_ATTRIBUTES + encyclopedia.CREATURE_ATTRIBUTES
    assert answers == {value for attribute in every for value in attribute.values}


def test_a_blend_begins_like_one_word_and_ends_like_another():
    ends = {word[len(word) // 2 :] for word in dictation.DICTIONARY}
    starts = {word[: len(word) // 2] for word in dictation.DICTIONARY}
    for index in range(200):
        word = dictation.blend(Draw("blend", index))
        assert any(word[:cut] in starts and word[cut:] in ends for cut in range(len(word)))


def test_usual_words_are_everyday_ones_and_those_that_texts_use_most():
    usual, known = {*dictation.usual_words()}, {*dictation.DICTIONARY}
    assert {*dictation.EVERYDAY} < usual < known
    told = Counter(re.findall(r"[a-z]+", "".join(world.document(4, i).text for i in range(1000))))
    often = median(told[word] for word in usual - {*dictation.EVERYDAY})
    assert often > 5 * median(told[word] for word in known - usual)


def test_a_page_of_dictation_spells_only_words_of_the_training_split():
    in_a_row = 0
    for index in range(100):
        page = dictation.dictation(Draw("page", index)).split("\n")
        in_a_row += all(line.startswith("And ") for line in page[1:])
        for line in page:
            question, said = line.split(" Letters: ")
            counted = re.fullmatch(r"(.*)\. So \d+\.", said)
            word = re.sub(r"[\d .]", "", counted[1] if counted else said)
            assert word in re.findall(r"\w+", question) and split_of(word) == "train"
    assert 30 < in_a_row < 70


def test_a_word_is_most_often_asked_for_without_quotation_marks():
    marked = 0
    for index in range(300):
        draw = Draw("plain", index)
        word = dictation.draw_word(draw, "train")
        question, answer = dictation.ask(draw, word)
        assert word_of(answer) == word in re.findall(r"\w+", question)
        marked += f'"{word}"' in question
    assert 30 < marked < 90


@pytest.mark.parametrize(
    "wanted, reply, answer",
    [
        ("spell", r"Letters: k e t t l e\.", r"k e t t l e\."),
        ("how_often", r"Letters: .*\. So \d\.", r"So \d\."),
        ("how_many_letters", r"Letters: k1 e2 t3 t4 l5 e6\. So 6\.", r"So 6\."),
        ("first_letter", r"Letters: k e t t l e\. The first is k\.", r"The first is k\."),
        ("last_letter_of_it", r"Letters: k e t t l e\. The last is e\.", r"The last is e\."),
        (
            "backwards",
            r"Letters: k1 e2 t3 t4 l5 e6\. Backwards: e6 l5 t4 t3 e2 k1\.",
            r"Backwards: e6 l5 t4 t3 e2 k1\.",
        ),
        (
            "nth_letter_of_it",
            r"Letters: k1 e2 t3 t4 l5 e6\. The (second|sixth) is e\.|"
            r"Letters: k1 e2 t3 t4 l5 e6\. The ((third|fourth) is t|fifth is l)\.",
            r"The \w+ is \w\.",
        ),
    ],
)
def test_the_letters_of_a_word_are_told_as_they_were_asked_for(wanted, reply, answer):
    for index in range(60):
        it = letters.ask_of_letters(Draw(wanted, index), wanted, "kettle")
        assert re.fullmatch(reply, it.reply.visible) and re.fullmatch(answer, it.answer)
        assert ("kettle" in it.user) != wanted.endswith("of_it")
        if wanted == "how_often":
            assert re.search(rf"\b({'|'.join('aeiorstlnk')})('?s)?\b", it.user, re.IGNORECASE)


def test_whereabouts_follow_from_the_text():
    for index in range(200):
        story = whereabouts.tell(Draw(11, index), "train")
        told = [s for s in re.split(r"(?<=\.) ", story.text) if f" {story.thing}" in s]
        assert set(re.findall("|".join(places.AT), told[-1])) - {story.thing} == {story.place}


def test_choices_hold_the_answer_once():
    for index in range(100):
        question = world.question("facts", 12, index)
        assert len(set(question.choices)) == 4
        assert question.choices.count(question.answer) == 1


def written(count, hash_seed):
    """Documents of another process, where, unlike here, no call has its types checked."""
    program = f"""
import json
from nanochat.data import world
print(json.dumps([vars(world.document(13, index)) for index in range({count})]))
"""
    environment = os.environ | {"PYTHONHASHSEED": hash_seed}
    return json.loads(subprocess.check_output([sys.executable, "-c", program], env=environment))


@pytest.fixture(scope="module")
def many():
    return written(14_000, "1")


def test_a_document_is_the_same_in_every_process(many):
    assert written(400, "2") == many[:400]


def test_the_world_has_three_thousand_words(many):
    """Whole words in small letters, and none of the spelling documents, which coin theirs."""
    texts = [document["text"] for document in many if document["kind"] != "spelling"]
    words = {w for text in texts for w in re.findall(r"(?<![\w-])[a-z]+(?![\w-])", text)}
    assert len(words) >= 3000


def test_fewer_than_one_story_in_a_thousand_is_like_another(many):
    """Alike are two that share more than half of their sentences."""
    texts = [document["text"] for document in many if document["kind"] == "story"][:4000]
    first_told, alike = {}, 0
    for index, text in enumerate(texts):
        sentences = re.split(r"(?<=[.!?])\s", text)
        owners = Counter(first_told.setdefault(sentence, index) for sentence in sentences)
        del owners[index]
        alike += max(owners.values(), default=0) * 2 > len(sentences)
    assert len(set(texts)) == 4000 and alike < 4


def test_every_slot_is_a_rule_or_a_name():
    for book in [*BOOKS.values(), flavour.book({})]:
        for table in book.tables.values():
            for option in table.options:
                for part in option if type(option) is tuple else ():
                    if isinstance(part, Slot) and part.table is None:
                        assert re.fullmatch(
                            r"((hero|friend|helper|whom)(_(he|him|his|kind|town))?"
                            r"|([aA]t_)?(place|there|end|last)"
                            r"|town(_\w+)?|creature(_\w+)?|thing|second|goal|prize|keeper|who"
                            r"|finder|loser|winner|named?(_kind)?|n|k|m|date|goods|boxes|single"
                            r"|good|tally|some|all|around|it|they|them|word|letter|nth|first)",
                            part.name,
                        ), part.name

"""Word problems of one to four steps, in the format of GSM8K (Cobbe et al. 2021)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from operator import add, floordiv, mul, sub

from nanochat.data.world import cast, english, flavour, lexicon
from nanochat.data.world.draw import Draw, Table, zipf
from nanochat.data.world.phrases import Page, wordings
from nanochat.data.world.split import split_of

GOODS = zipf(lexicon.GOODS.split(), 0.3)
BOXES = zipf(lexicon.BOXES.split(), 0.3)
WEEKDAYS = lexicon.WEEKDAYS.split()

PHRASES = {
    "own": """
    {hero} has {n} {adjective} {goods}.
    There are {n} {adjective} {goods} on {hero}'s table.
    {hero} the {kind} owns {n} {goods}.
    At {hour}, {hero} counts {n} {goods}.
    {A person} sends {hero} {n} {goods}.
    Under {a adjective} {oddment}, {hero} finds {n} {goods}.
    """,
    "own_boxes": """
    {hero} has {k} {adjective} {boxes} with {n} {goods} in each.
    {hero} fills {k} {boxes} with {n} {goods} each.
    In each of {hero}'s {k} {boxes} there are {n} {adjective} {goods}.
    {hero} the {kind} carries {k} {boxes}. Each holds {n} {goods}.
    {A person} gives {hero} {k} {boxes}, and every one has {n} {goods} in it.
    """,
    "gain": """
    On {date}, {friend} brings {n} more.
    On {date}, {hero} finds {n} more {goods} under {a oddment}.
    On {date}, {friend} gives {hero_him} another {n}.
    On {date}, {a being} adds {n} {goods}.
    On {date}, {hero} buys {n} more from {a trade}.
    On {date}, {n} {adjective} {goods} fall from the sky and are added.
    """,
    "lose": """
    On {date}, {hero} gives {n} to {friend}.
    On {date}, {a being} eats {n} of them.
    On {date}, {n} of them roll down the hill.
    On {date}, {friend} borrows {n} {goods} for {a object}.
    On {date}, {hero} sells {n} to {a person}.
    On {date}, {n} turn out to be {adjective} and are thrown away.
    """,
    "multiply": """
    On {date}, {friend} trades them for {n} times as many.
    On {date}, {a person} makes {n} times as many of them.
    On {date}, a wizard waves {a oddment}, and there are {n} times as many.
    On {date} there are {n} times as many.
    """,
    "how_many": """
    How many {goods} are there now?
    How many {goods} is that?
    How many {goods} are there in the end?
    What is the number of {goods} then?
    """,
    "share": """
    {hero} shares {n} {goods} evenly among {k} {temper} {many beast}.
    {k} {temper} {many beast} get {n} {goods} and share them fairly.
    {hero} packs {n} {adjective} {goods} evenly into {k} {boxes}.
    """,
    "share_rest": """
    The rest is shared evenly among {n} {temper} {many beast}.
    What is left is packed evenly into {n} {boxes}.
    {n} {temper} {many beast} share what is left.
    """,
    "each": """
    How many are in each share?
    How many {goods} make one share?
    How many is that for each?
    """,
    "buy": """
    {hero} buys {k} {adjective} {goods} for {n} pennies each.
    In the shop, {hero} takes {k} {goods}. Each costs {n} pennies.
    One {single} costs {n} pennies, and {hero} the {kind} buys {k}.
    {A person} sells {hero} {k} {goods} at {n} pennies apiece.
    """,
    "buy_too": """
    {hero_he} also buys {a adjective} {oddment} for {n} pennies.
    On top of that comes {a oddment}, which costs {n} pennies.
    {A adjective} {oddment} for {n} pennies goes into the bag, too.
    """,
    "pay": """
    {hero_he} has {n} pennies in {hero_his} {garment}.
    {hero_he} pays with {n} pennies.
    {hero_his} purse holds {n} pennies.
    """,
    "saved": """
    {hero_he} had saved {n} pennies already.
    In {hero_his} {garment} there were {n} pennies before.
    {A person} adds {n} pennies.
    """,
    "how_much": """
    How many pennies does {hero} pay in all?
    How much is that together, in pennies?
    What does it all cost, in pennies?
    """,
    "change": """
    How many pennies are left?
    How many pennies does {hero} keep?
    How much money does {hero} have then, in pennies?
    """,
    "compare": """
    {hero} has {n} {adjective} {goods}, and {friend} has {k} more than that.
    {hero} the {kind} counts {n} {goods}. {friend} has {k} more.
    {friend} owns {k} {goods} more than {hero}, who owns {n}.
    """,
    "fewer": """
    {hero} has {n} {adjective} {goods}, and {friend} has {k} fewer than that.
    {hero} the {kind} counts {n} {goods}. {friend} has {k} fewer.
    {friend} owns {k} {goods} fewer than {hero}, who owns {n}.
    """,
    "together": """
    How many {goods} do they have together?
    How many {goods} do the two have in all?
    How many {goods} is that for both of them?
    """,
    "walk": """
    {hero} walks {n} miles a day for {k} days.
    For {k} days, {hero} the {kind} rides {a being}, {n} miles each day.
    Each day {hero} rows {n} miles in {a object}, and does so for {k} days.
    """,
    "walk_more": """
    After that come {n} miles on {a being}.
    Then {hero_he} goes another {n} miles for {dish}.
    The last day brings {n} miles more.
    """,
    "way": """
    It is {n} miles to {coined}.
    The way to {coined} is {n} miles long.
    {hero_he} wants to see {coined}, which is {n} miles away.
    """,
    "how_far": """
    How many miles is that?
    How far does {hero} get, in miles?
    How many miles does {hero} travel in all?
    """,
    "how_far_left": """
    How many miles are still to go?
    How many miles are left?
    How far is it from there, in miles?
    """,
    "work": """
    {hero} polishes {objects} and earns {n} pennies an hour. {hero_he} works for {k} hours.
    For {n} pennies an hour, {hero} the {kind} teaches {a being} to dance, for {k} hours.
    {hero} works for {k} hours at {n} pennies an hour.
    """,
    "has": """
    has
    owns
    makes
    """,
    "have": """
    have
    own
    make
    """,
    "gets": """
    gets
    finds
    buys
    wins
    picks
    """,
    "get": """
    get
    find
    buy
    win
    pick
    """,
    "loses": """
    loses
    eats
    sells
    drops
    uses
    gives away
    """,
    "part_with": """
    lose
    eat
    sell
    drop
    use
    give away
    """,
    "somebody": """
    {a person}
    a friend
    {a beast}
    Grandma
    """,
    "relative": """
    brother
    sister
    aunt
    uncle
    mother
    friend
    teacher
    """,
    "hero_has_now": """
    How many {goods} does {hero} have now?
    How many does {hero} have now?
    How many has {hero} got?
    How many {goods} has {hero_he} got now?
    {altogether}
    """,
    "i_have_now": """
    How many {goods} do I have?
    How many {goods} do I have now?
    How many have I got?
    How many do I have in total?
    {altogether}
    """,
    "hero_has_left": """
    How many {goods} are left?
    How many are left?
    How many {goods} does {hero} have left?
    How many does {hero} have left?
    How many does {hero_he} keep?
    What is left?
    """,
    "i_have_left": """
    How many {goods} are left?
    How many are left?
    How many {goods} do I have left?
    How many do I have now?
    What is left?
    """,
    "altogether": """
    How many {goods} are there altogether?
    How many {goods} are there?
    How many {goods} is that?
    How many is that altogether?
    How many are there in all?
    What is the total?
    """,
}
PHRASES = {rule: block.replace(". {hero_", ". {Cap hero_") for rule, block in PHRASES.items()}
BOOK = flavour.book(PHRASES | wordings("problems"))
# Short problems, their weights, and how each is worked out: `_` is what it came to so far.
SHORT_FAMILIES = {
    "total": (0.08, "n+k"),
    "more": (0.08, "n+k"),
    "left": (0.11, "n-k"),
    "difference": (0.07, "n-k"),
    "times": (0.15, "n*k"),
    "cost": (0.08, "n*k"),
    "for_each": (0.08, "n/k"),
    "packs": (0.05, "n/k"),
    "lose_gain": (0.04, "n-k _+m"),
    "gain_lose": (0.03, "n+k _-m"),
    "gain_gain": (0.03, "n+k _+m"),
    "lose_lose": (0.03, "n-k _-m"),
    "times_plus": (0.04, "n*k _+m"),
    "times_minus": (0.04, "n*k _-m"),
    "minus_times": (0.03, "n*k m-_"),
    "sum_times": (0.04, "n+k _*m"),
    "minus_each": (0.02, "n-k _/m"),
    "times_times": (0.01, "n*k _*m"),
}
SHORT_FAMILY = Table(tuple(SHORT_FAMILIES), [weight for weight, _ in SHORT_FAMILIES.values()])
SUM = re.compile(r"(\w)([-+*/])(\w)")
# What is said before a step. Its result has no unit: people count things that no text of the world
# has named, and a model would write another thing's name.
BEFORE = {
    "+": "Together it is",
    "-": "What is left is",
    "*": "Altogether it is",
    "/": "That makes",
}
DIFFERENCE = "The difference is"
# The sizes of numbers on both sides of a sign, as people choose them.
AMOUNT = Table((range(2, 60), range(60, 1000), range(10, 1000, 5)), (0.7, 0.12, 0.18))
FACTOR, DIVISOR = Table((range(2, 26),)), Table((range(2, 13),))
SIZES = {
    "+": (AMOUNT, AMOUNT),
    "-": (AMOUNT, AMOUNT),
    "*": (FACTOR, FACTOR),
    "/": (AMOUNT, DIVISOR),
}
LARGEST = 10_000
RESULT = {"+": add, "-": sub, "*": mul, "/": floordiv}


@dataclass(frozen=True)
class Step:
    """One line of a solution: what is reckoned, the expression, its result, at times a unit."""

    before: str
    expression: str
    result: int
    unit: str

    @property
    def outcome(self) -> str:
        """The result with its unit, as the line ends."""
        return f"{self.result} {self.unit}".strip() + "."


class Names(dict):
    """The names of a problem, each drawn when a phrase first asks for it."""

    def __init__(self, draw: Draw):
        super().__init__()
        self.draw = draw

    def __missing__(self, role: str) -> str:
        if role in ("goods", "single"):
            good = self.draw.weighted(GOODS)
            self |= {"single": good, "goods": english.plural(good)}
        elif role == "boxes":
            self[role] = english.plural(self.draw.weighted(BOXES))
        else:
            someone = role.split("_")[0]
            taken = [name for name in self.values() if name in cast.PRONOUNS]
            self |= cast.pronouns(someone, self.draw.other(cast.NAME, *taken))
        return self[role]


class Problem(Page):
    """A problem as far as it is told, its numbers, and the steps that solve it."""

    def __init__(self, draw: Draw):
        super().__init__(draw, BOOK, Names(draw))
        self.steps: list[Step] = []
        self.numbers: list[int] = []

    def tell(self, rule: str, *numbers: int) -> None:
        """Says a sentence with up to three numbers in it."""
        self.numbers += numbers
        self.names |= dict(zip("nkm", map(str, numbers), strict=False))
        self.say(rule)

    def step(self, before: str, a: int, sign: str, b: int, unit: str = "{goods}") -> int:
        """Adds a step to the solution and gives its result."""
        result = RESULT[sign](a, b)
        unit = unit.format_map(self.names)
        self.steps.append(Step(before.format_map(self.names), f"{a}{sign}{b}", result, unit))
        return result

    @property
    def answer(self) -> int:
        """The result of the last step."""
        return self.steps[-1].result

    @property
    def solution(self) -> str:
        """The worked solution, each expression in double angle brackets before its result."""
        rows = [f"{s.before} <<{s.expression}={s.result}>>{s.outcome}" for s in self.steps]
        return "\n".join([*rows, f"#### {self.answer}"])


def gathering(p: Problem) -> None:
    """Goods come and go, day by day."""
    total = own(p)
    for day in WEEKDAYS[: p.draw.integer(1, 3 - len(p.steps))]:
        p.names["date"] = day
        change = p.draw.pick((gain, lose, multiply) if 5 < total <= 60 else (gain,))
        total = change(p, total)
    p.say("how_many")


def own(p: Problem) -> int:
    """Someone has some goods, told as a number or as several boxes of them."""
    if p.draw.chance(0.6):
        n = p.draw.integer(3, 40)
        p.tell("own", n)
        return n
    k, n = p.draw.integer(2, 9), p.draw.integer(2, 9)
    p.tell("own_boxes", n, k)
    return p.step("In the {boxes} there are", k, "*", n)


def gain(p: Problem, total: int) -> int:
    """More goods arrive."""
    n = p.draw.integer(2, 20)
    p.tell("gain", n)
    return p.step("On {date} there are", total, "+", n)


def lose(p: Problem, total: int) -> int:
    """Some goods go."""
    n = p.draw.integer(2, min(total - 1, 20))
    p.tell("lose", n)
    return p.step("On {date} there are", total, "-", n)


def multiply(p: Problem, total: int) -> int:
    """There are several times as many."""
    n = p.draw.integer(2, 4)
    p.tell("multiply", n)
    return p.step("On {date} there are", total, "*", n)


def sharing(p: Problem) -> None:
    """Goods are shared evenly, perhaps after some were lost."""
    k, each = p.draw.integer(2, 9), p.draw.integer(2, 9)
    if p.draw.chance(0.5):
        p.tell("share", k * each, k)
    else:
        lost = p.draw.integer(2, 9)
        p.tell("own", k * each + lost)
        p.names["date"] = WEEKDAYS[0]
        p.tell("lose", lost)
        p.tell("share_rest", k)
        p.step("On {date} there are", k * each + lost, "-", lost)
    p.say("each")
    p.step("Each share is", k * each, "/", k)


def shopping(p: Problem) -> None:
    """Goods at a price, perhaps something else, perhaps change."""
    k, n = p.draw.integer(2, 9), p.draw.integer(2, 9)
    p.tell("buy", n, k)
    cost = p.step("The {goods} cost", k, "*", n, "pennies")
    if p.draw.chance(0.5):
        more = p.draw.integer(2, 20)
        p.tell("buy_too", more)
        cost = p.step("Together it is", cost, "+", more, "pennies")
    if p.draw.chance(0.5):
        purse = cost + p.draw.integer(2, 20)
        p.tell("pay", purse)
        p.say("change")
        p.step("What is left is", purse, "-", cost, "pennies")
    else:
        p.say("how_much")


def comparing(p: Problem) -> None:
    """One has more or fewer than the other; how many have both?"""
    if p.draw.chance(0.5):
        n, k = p.draw.integer(2, 30), p.draw.integer(2, 20)
        p.tell("compare", n, k)
        other = p.step("{friend} has", n, "+", k)
    else:
        n = p.draw.integer(5, 40)
        k = p.draw.integer(2, min(n - 1, 20))
        p.tell("fewer", n, k)
        other = p.step("{friend} has", n, "-", k)
    p.say("together")
    p.step("Together they have", n, "+", other)


def travelling(p: Problem) -> None:
    """So many miles a day, perhaps some more, perhaps a distance to go."""
    k, n = p.draw.integer(2, 9), p.draw.integer(2, 9)
    p.tell("walk", n, k)
    miles = p.step("The days make", k, "*", n, "miles")
    if p.draw.chance(0.5):
        more = p.draw.integer(2, 20)
        p.tell("walk_more", more)
        miles = p.step("With the rest it is", miles, "+", more, "miles")
    if p.draw.chance(0.4):
        way = miles + p.draw.integer(2, 20)
        p.tell("way", way)
        p.say("how_far_left")
        p.step("Still to go are", way, "-", miles, "miles")
    else:
        p.say("how_far")


def working(p: Problem) -> None:
    """Wages, perhaps what was there before, then something is bought."""
    k, n = p.draw.integer(2, 9), p.draw.integer(2, 9)
    p.tell("work", n, k)
    money = p.step("The work brings", k, "*", n, "pennies")
    if p.draw.chance(0.5):
        before = p.draw.integer(2, 20)
        p.tell("saved", before)
        money = p.step("With what was there it is", money, "+", before, "pennies")
    spent = p.draw.integer(2, min(money - 1, 20))
    p.tell("buy_too", spent)
    p.say("change")
    p.step("What is left is", money, "-", spent, "pennies")


def short(p: Problem) -> None:
    """One step or two in a sentence or three, as a person types it."""
    family = p.draw.weighted(SHORT_FAMILY)
    _, sums = SHORT_FAMILIES[family]
    numbers = p.draw.until(lambda: draw_numbers(p.draw, sums), lambda drawn: works(sums, drawn))
    p.tell(family, *numbers.values())
    for a, sign, b in reckoned(sums, numbers):
        p.step(DIFFERENCE if family == "difference" else BEFORE[sign], a, sign, b, unit="")


def draw_numbers(draw: Draw, sums: str) -> dict[str, int]:
    """A number for each letter of these sums, of the size that its sign asks for."""
    numbers = {}
    for first, sign, second in SUM.findall(sums):
        for letter, size in zip((first, second), SIZES[sign], strict=True):
            if letter != "_":
                numbers[letter] = draw.pick(draw.weighted(size))
    return numbers


def reckoned(sums: str, numbers: dict[str, int]) -> list[tuple[int, str, int]]:
    """These sums with these numbers, one by one."""
    steps, known = [], dict(numbers)
    for first, sign, second in SUM.findall(sums):
        a, b = known[first], known[second]
        steps.append((a, sign, b))
        known["_"] = RESULT[sign](a, b)
    return steps


def works(sums: str, numbers: dict[str, int]) -> bool:
    """Whether each result is a whole number, and neither too small nor too large."""
    return all(
        0 < RESULT[sign](a, b) <= LARGEST and (sign != "/" or a % b == 0)
        for a, sign, b in reckoned(sums, numbers)
    )


FAMILIES = Table((gathering, sharing, shopping, comparing, travelling, working), (2, 1, 1, 1, 1, 1))
GATHERING = Table((gathering,))
SHORT = Table((short,))


def compose(draw: Draw, families: Table) -> Problem:
    """A problem of one of the families, from the whole world's."""
    family = draw.weighted(families)
    problem = Problem(draw)
    family(problem)
    return problem


def problem(draw: Draw, split: str, families: Table = FAMILIES) -> Problem:
    """A problem of this split, which its numbers decide."""

    def wanted(problem: Problem) -> bool:
        return split_of("problem", *problem.numbers) == split

    return draw.until(lambda: compose(draw, families), wanted)


def exercise(draw: Draw, split: str, families: Table = FAMILIES) -> str:
    """Two problems with their solutions."""
    both = [problem(draw, split, families) for _ in range(2)]
    return "\n".join(f"Problem: {p.text}\n{p.solution}" for p in both)


def coming_and_going(draw: Draw) -> str:
    """Two problems with as many ways to say that goods come or go."""
    return exercise(draw, "train", GATHERING)

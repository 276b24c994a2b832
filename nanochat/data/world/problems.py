"""Word problems of one to four steps, in the format of GSM8K (Cobbe et al. 2021)."""

from __future__ import annotations

from dataclasses import dataclass

from nanochat.data.world import cast, english, flavour, lexicon
from nanochat.data.world.draw import Draw, Table, zipf
from nanochat.data.world.phrases import Page
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
    "short_gain": """
    {hero} has {n} {goods} and gets {k} more. How many is that?
    {hero} has {n} {goods}. {hero_he} finds {k} more. How many {goods} does {hero} have now?
    If I have {n} {goods} and get {k} more, how many are there?
    There are {n} {goods} in a box and {k} in another. {altogether}
    {hero} had {n} {goods} and bought {k}. How many is that altogether?
    {hero} {has} {n} {goods} and {gets} {k} more. {hero_has_now}
    {hero} {has} {n} {goods}. {hero_he} {gets} {k} more. {hero_has_now}
    {hero} {has} {n} {goods}, and {somebody} gives {hero_him} {k} more. {hero_has_now}
    I {have} {n} {goods} and {get} {k} more. {i_have_now}
    I {have} {n} {goods}, and {somebody} gives me {k} more. {i_have_now}
    I {have} {n} {goods} and my {relative} gives me {k} more, how many do I have now?
    We {have} {n} {goods} and {get} {k} more. {altogether}
    """,
    "short_lose": """
    {hero} has {n} {goods}. {hero_he} eats {k}. How many are left?
    {hero} has {n} {goods} and gives {k} away. How many {goods} are left?
    If I have {n} {goods} and {part_with} {k}, how many are left?
    There are {n} {goods}. {k} of them are sold. How many {goods} are left?
    {hero} had {n} {goods} and ate {k} of them. How many are left?
    I bake {n} {goods}, and my guests eat {k}. {i_have_left}
    I baked {n} {goods} and we ate {k} of them. {i_have_left}
    We had {n} {goods} and ate {k} of them at tea. How many are left in the tin?
    {hero} {has} {n} {goods} and {loses} {k} of them. {hero_has_left}
    {hero} {has} {n} {goods} and {loses} {k}. {hero_has_left}
    {hero} {has} {n} {goods} and gives {k} of them to {hero_his} {relative}. {hero_has_left}
    {hero} {has} {n} {goods}. {hero_he} gives {k} to {somebody}. {hero_has_left}
    I {have} {n} {goods}. I {part_with} {k}. {i_have_left}
    I {have} {n} {goods} and {part_with} {k} of them. {i_have_left}
    I {have} {n} {goods} and give {k} to my {relative}. {i_have_left}
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
    "short_multiply": """
    {hero} has {n} {boxes} with {k} {goods} in each. {altogether}
    I have {n} {boxes} with {k} {goods} in each. {altogether}
    There are {n} {boxes} with {k} {goods} each. {altogether}
    There are {n} {boxes} with {k} {goods} in each of them. {altogether}
    There are {n} {boxes}, and {k} {goods} in each. {altogether}
    If each of {n} {boxes} has {k} {goods} in it, how many {goods} are there?
    {hero} needs {n} {goods} a day. How many is that in {k} days?
    If I {get} {n} {goods} every day, how many do I have after {k} days?
    If I {part_with} {n} {goods} every day, how many is that in {k} days?
    A box holds {n} {goods}. How many are in {k} of them altogether?
    A basket holds {n} {goods}. How many {goods} are there in {k} baskets?
    One bag has {n} {goods} in it. How many {goods} are in {k} bags?
    {n} children have {k} {goods} each. How many do they have together?
    Each of {n} {many beast} has {k} {goods}. {altogether}
    """,
    "short_legs": """
    If {a beast} has {n} legs, how many legs do {k} of them have?
    How many legs do {n} {many beast} have, if each has {k}?
    {n} {many beast} have {k} legs each. How many legs is that?
    """,
    "short_share": """
    {k} children share {n} {goods}. How many does each get?
    {hero} shares {n} {goods} among {k} friends. How many is that for each?
    If {k} of us share {n} {goods}, how many does each get?
    I have {n} {goods} for {k} people. How many can each of them have?
    {n} {goods} go evenly into {k} {boxes}. How many are in each?
    {n} {goods} are split into {k} equal parts. How many are in each part?
    {hero} splits {n} {goods} evenly among {k} children. How many does each get?
    I put {n} {goods} into {k} {boxes}, the same number in each. How many are in each?
    """,
    "short_groups": """
    A class of {n} pupils is split into {k} equal groups. How many pupils are in each group?
    {n} children make {k} teams of the same size. How many are in each team?
    {n} people sit at {k} tables, the same number at each. How many sit at each table?
    {n} guests come in {k} boats, the same number in each. How many are in each boat?
    """,
    "short_pay": """
    I paid {n} pennies for {a oddment} and {k} for {a oddment}. How much is that?
    {a oddment} costs {n} pennies, {a beast} {k}. How much is that together?
    {hero} has {n} pennies and earns {k} more. How many pennies is that?
    """,
    "short_spend": """
    I had {n} pennies and spent {k}. How much do I have left?
    I have {n} pennies and spend {k} on {a oddment}. How much is left?
    {hero} has {n} pennies and pays {k} for {a oddment}. How much is left?
    I pay {k} pennies with {n}. How much do I get back?
    """,
    "short_cost": """
    How much do {n} {goods} cost, if one costs {k} pennies?
    One {single} costs {n} pennies. What do {k} of them cost?
    {hero} buys {n} {goods} for {k} pennies each. How much is that?
    """,
    "short_lose_gain": """
    {hero} has {n} {goods}. {hero_he} gives away {k} and then buys {m} more. How many {goods} does \
      {hero} have now?
    I have {n} {goods}, lose {k} and find {m} more. How many is that?
    I had {n} {goods}. I ate {k} and bought {m}. How many {goods} do I have now?
    {hero} had {n} {goods}, lost {k} and then found {m}. {hero_has_now}
    {hero} {has} {n} {goods}, {loses} {k} and {gets} {m}. {hero_has_now}
    I {have} {n} {goods}, {part_with} {k} and then {get} {m} more. {i_have_now}
    """,
    "short_off_on": """
    A bus has {n} people on it. {k} get off and {m} get on. How many people are on the bus now?
    There are {n} people on a train. {k} get off and {m} get on. How many are on it now?
    A bus comes with {n} people. {k} get off and {m} get on. How many people are on the bus?
    {n} people are in a boat. {k} leave it and {m} come. How many people are in the boat now?
    """,
    "short_boxes_lose": """
    {hero} has {n} {boxes} with {k} {goods} in each. {hero_he} {loses} {m} {goods}. {hero_has_left}
    A farmer has {n} {boxes} with {k} {goods} in each. He sells {m} {goods}. How many does he keep?
    I have {n} {boxes} with {k} {goods} each and {part_with} {m} {goods}. {i_have_left}
    There are {n} {boxes} with {k} {goods} in each. {m} {goods} are eaten. How many are left?
    """,
    "short_bill": """
    One {single} costs {n} pennies. I buy {k}, and {a oddment} for {m}. What do I pay in total?
    {hero} buys {n} {goods} for {k} pennies each and {a oddment} for {m}. How much is that in all?
    I buy {n} {goods} at {k} pennies each, plus {a oddment} for {m}. How much is that together?
    """,
    "short_gain_lose": """
    {hero} has {n} {goods}, gets {k} more and gives away {m}. How many are left?
    I buy {n} {goods} and then {k} more. {m} of them are bad. How many {goods} are left?
    If I have {n} {goods}, find {k} and lose {m}, how many are there?
    """,
    "short_change": """
    If one {single} costs {n} pennies and I buy {k}, how much change do I get from {m}?
    One {single} costs {n} pennies. I buy {k} and pay with {m}. How much do I get back?
    {hero} buys {n} {goods} for {k} pennies each and pays with {m}. How much is left?
    """,
    "short_fit": """
    If a boat carries {n} people, how many fit in {k} boats?
    A wagon holds {n} people. How many people can go in {k} of them?
    There are {n} benches with room for {k} people each. How many people can sit down?
    {n} carts take {k} people each. How many people is that?
    """,
}
PHRASES = {rule: block.replace(". {hero_", ". {Cap hero_") for rule, block in PHRASES.items()}
BOOK = flavour.book(PHRASES)
# Short problems: what is said before the sum, and its sign. The result has no unit: people count
# things that no text of the world has named, and a model would write another thing's name.
ONE_STEP = {
    "gain": ("Then there are", "+"),
    "lose": ("What is left is", "-"),
    "multiply": ("Altogether there are", "*"),
    "share": ("Each share is", "/"),
    "pay": ("Together it is", "+"),
    "spend": ("What is left is", "-"),
    "cost": ("All of it costs", "*"),
    "fit": ("There is room for", "*"),
    "groups": ("Each has", "/"),
    "legs": ("Altogether there are", "*"),
}
AMOUNT = Table((range(2, 60), range(60, 1000), range(10, 1000, 5)), (0.6, 0.2, 0.2))
SHORT_FAMILY = Table(tuple(ONE_STEP), (0.2, 0.22, 0.18, 0.09, 0.07, 0.07, 0.05, 0.04, 0.04, 0.04))


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
        result = {"+": a + b, "-": a - b, "*": a * b, "/": a // b}[sign]
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


def amount(p: Problem) -> int:
    """A number as people choose them, most often below 60, at times a multiple of five."""
    return p.draw.pick(p.draw.weighted(AMOUNT))


def short(p: Problem) -> None:
    """One step or two in a sentence or three, as a person types it."""
    (one_step if p.draw.chance(0.7) else two_steps)(p)


def one_step(p: Problem) -> None:
    """Numbers with one sign between them."""
    family = p.draw.weighted(SHORT_FAMILY)
    before, sign = ONE_STEP[family]
    k = amount(p) if sign in "+-" else p.draw.integer(2, 30 if sign == "*" else 12)
    n = amount(p) if sign in "+-" else p.draw.integer(2, 30)
    first = {"-": n + k, "/": n * k}.get(sign, n)
    p.tell(f"short_{family}", first, k)
    p.step(before, first, sign, k, "")


def two_steps(p: Problem) -> None:
    """Goods that go and come, or come and go, come in boxes, or are paid for; people on a bus."""
    p.draw.pick(TWO_STEPS)(p)


def lose_and_gain(p: Problem) -> None:
    """Some goods go, others come."""
    left, k, m = (amount(p) for _ in range(3))
    p.tell("short_lose_gain", left + k, k, m)
    p.step("What is left is", left + k, "-", k, "")
    p.step("Then there are", left, "+", m, "")


def get_off_and_on(p: Problem) -> None:
    """Some people go, others come."""
    left, k, m = (p.draw.integer(2, 40) for _ in range(3))
    p.tell("short_off_on", left + k, k, m)
    p.step("Then there are", left + k, "-", k, "")
    p.step("Then there are", left, "+", m, "")


def gain_and_lose(p: Problem) -> None:
    """More goods come, some go."""
    n, k = amount(p), amount(p)
    m = p.draw.integer(2, min(n + k - 1, 500))
    p.tell("short_gain_lose", n, k, m)
    p.step("Then there are", n, "+", k, "")
    p.step("What is left is", n + k, "-", m, "")


def unpack_and_lose(p: Problem) -> None:
    """Goods in boxes, and some of them go."""
    n, k = p.draw.integer(2, 20), p.draw.integer(2, 20)
    m = p.draw.integer(2, n * k - 1)
    p.tell("short_boxes_lose", n, k, m)
    p.step("Altogether there are", n, "*", k, "")
    p.step("What is left is", n * k, "-", m, "")


def buy_and_add(p: Problem) -> None:
    """Goods at a price, and something else."""
    n, k, m = p.draw.integer(2, 20), p.draw.integer(2, 20), amount(p)
    p.tell("short_bill", n, k, m)
    p.step("They cost", n, "*", k, "")
    p.step("Together it is", n * k, "+", m, "")


def buy_and_get_change(p: Problem) -> None:
    """Goods at a price, and what is left of the money."""
    n, k, change = p.draw.integer(2, 20), p.draw.integer(2, 20), amount(p)
    p.tell("short_change", n, k, n * k + change)
    p.step("All of it costs", n, "*", k, "")
    p.step("What is left is", n * k + change, "-", n * k, "")


TWO_STEPS = (
    lose_and_gain,
    gain_and_lose,
    get_off_and_on,
    unpack_and_lose,
    buy_and_add,
    buy_and_get_change,
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

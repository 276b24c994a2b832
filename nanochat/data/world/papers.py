"""Things that people of the world wrote down: lists, letters, diaries, recipes, bills."""

from __future__ import annotations

from nanochat.data.world import cast, encyclopedia, flavour
from nanochat.data.world.draw import Draw
from nanochat.data.world.phrases import Page
from nanochat.data.world.split import draw_key

HEADINGS = {
    "list": """
    Lost and found in {town}, {month} {year}, kept by {hero} the {hero_kind}:
    For sale in the shop of {hero} {coined}, {hero_kind} of {town}:
    What {hero} the {hero_kind} of {town} keeps under the bed:
    Found in the pockets of {hero} {coined}, {a temper} {hero_kind} of {town}:
    Prizes of the {month} fair in {town}, given by {hero} the {hero_kind}:
    What {hero} the {hero_kind} wants for {hero_his} birthday, {town}, {day} {month}:
    """,
    "letter": """
    {town}, {day} {month} {year}. Dear {coined},
    {town}, at {hour} on {weekday}. My dear {coined},
    House {figure}, {town}. {Cap temper} {coined},
    From {town}, {day} {month} {year}. Dear {Cap trade} {coined},
    """,
    "diary": """
    From the diary of {hero} the {hero_kind}, {town}, {year}.
    {hero} {coined}, {a temper} {hero_kind} of {town}, wrote in {year}:
    The secret diary of {hero} the {temper} {hero_kind}, {town}.
    """,
    "recipe": """
    The {adjective} soup of {hero} the {hero_kind}, as cooked in {town}.
    How to make {adjective} {food} cake, by {hero} the {hero_kind} of {town}.
    {Cap adjective} {food}, a recipe from {town}, for {figure} {temper} {many hero_kind}. By {hero}.
    """,
    "timetable": """
    The ferry of {town}, captain {hero} the {hero_kind}, {month} {year}.
    The coach from {town}, driven by {hero} the {temper} {hero_kind}, in no order.
    Lessons of {hero} the {hero_kind}, {temper} teacher in {town}.
    """,
    "register": """
    School of {town}, class of {year}, taught by {hero} the {hero_kind}.
    Guests at the birthday of {hero} the {hero_kind}, {town}, {day} {month} {year}.
    Who came to {town} in {month} {year}, as {hero} the {hero_kind} wrote it down.
    """,
    "bill": """
    Bill for {hero} the {hero_kind}, {town}, {day} {month} {year}.
    {hero} the {hero_kind} of {town} bought, on {weekday}:
    From the shop of {hero} {coined}, {temper} {hero_kind} of {town}:
    """,
    "proverbs": """
    Wise words of {hero} the {hero_kind}, {town}, {year}.
    {hero} the {temper} {hero_kind} of {town} used to say:
    """,
    "notices": """
    On the wall of {hero} the {hero_kind}, {town}, {month} {year}:
    Small notices from {town}, read out by {hero} the {hero_kind}:
    """,
    "weather": """
    Weather for {town} and all around, by {hero} the {hero_kind}, {year}.
    What the sky did in {town}, watched by {hero} the {temper} {hero_kind}.
    """,
}
ROWS = {
    "list": """
    {figure} {adjective} {many oddment}
    {a adjective} {oddment} from {coined}
    {a adjective}, {adjective} {oddment}, number {figure}
    {figure} {temper} {many beast} in {a adjective} {oddment}
    {a temper} {beast} called {coined}
    {figure} bags of {adjective} {food} and {food}
    {a adjective} {oddment} with {figure} {many oddment}
    a picture of {coined}, {a temper} {trade}
    """,
    "letter": """
    {coined} {coined} the {trade} is {temper} and keeps {figure} {many beast}.
    It was {sky} in {coined} and {sky} in {coined}.
    At {hour} I ate {figure} spoons of {adjective} {food}.
    Did you get the {figure} {adjective} {many oddment} from {coined}?
    My {oddment} is {adjective}, my {oddment} {adjective}, and I am {temper}.
    Please send {figure} {many oddment} and {figure} {many beast}.
    On {day} {month} {a temper} {beast} {noise} for {figure} minutes.
    I met {coined}, {a temper} {trade} from {coined}.
    The secret word is {coined}, the number {figure}.
    """,
    "diary": """
    {day} {month}: {sky}. Saw {a temper} {beast} from {coined} at {hour}.
    {day} {month}: ate {figure} spoons of {adjective} {food} with {coined}.
    {day} {month}: {sky}. Counted {figure} {adjective} {many oddment} in {coined}.
    {day} {month}: met {coined} {coined} the {trade}, who was {temper}.
    {day} {month}: dreamed of {a adjective} {oddment} with {figure} {many beast}.
    {day} {month}: lost {a oddment}, found {a oddment}, wrote to {coined}.
    {day} {month}: walked {figure} miles to {coined}, {sky}.
    {day} {month}: {coined}, {coined} and {coined} came for {food} at {hour}.
    """,
    "recipe": """
    Take {figure} spoons of {adjective} {food} and {figure} of {food}.
    Add {figure} {many beast} from {coined}, then {a adjective} {oddment}.
    Stir for {figure} minutes with {a adjective} {oddment} from {coined}.
    Let it stand until {hour} under {a oddment}, then until {hour} under another.
    If it is {adjective}, add {food} from {coined}, if {adjective}, {food}.
    Cut {figure} {adjective} {many oddment} into {figure} pieces.
    Serve it at {hour} to {figure} {temper} {many beast}.
    Sing "{coined} {coined}" to the {food}, {figure} times.
    """,
    "timetable": """
    {hour}: to {coined}, with {figure} {many oddment}
    {hour}: {adjective} {food} for all {many trade}
    {hour}: {coined}, but not on {weekday}
    {hour}: by way of {coined} and {coined}
    {hour}: only for {temper} {many beast}
    {hour}: how to polish {a adjective} {oddment}
    """,
    "register": """
    {coined}, {beast}, {temper}, from {coined}
    {coined} {coined}, {trade}, {temper}
    {coined}, {a temper} {beast} with {figure} {many oddment}
    {coined}, aged {figure}, brought {a adjective} {oddment}
    {coined}, {trade}, room {figure}, {temper} and {temper}
    """,
    "bill": """
    {figure} {adjective} {many oddment}: {figure} pennies
    {a adjective}, {adjective} {oddment}: {figure} pennies
    {number} spoons of {adjective} {food}: {figure} pennies
    one {temper} {beast}, {adjective}: {figure} pennies
    {food} from {coined}: {figure} pennies
    """,
    "proverbs": """
    Better {a adjective} {oddment} than {figure} {many beast} from {coined}.
    {A temper} {beast} {noise} {figure} times, {a temper} one {figure} times.
    Where there is {food}, there is {a trade} called {coined}.
    Never lend {a temper} {trade} {figure} {many oddment}.
    {Cap feeling} comes at {hour}, {feeling} at {hour}.
    He who has {figure} {many oddment} needs {figure} {many beast}.
    All roads lead to {coined}, but {coined} the {trade} took another.
    In {coined} they count to {figure}, in {coined} to {figure}.
    """,
    "notices": """
    Wanted: {a temper} {trade} with {a adjective} {oddment}, house {figure}.
    Lost: {a temper} {beast} called {coined}. Loves {food}.
    For sale: {figure} {adjective} {many oddment}, ask {coined} the {trade}.
    Found on {day} {month}: {a adjective}, {adjective} {oddment}.
    {Cap coined} gives lessons in {feeling} at {hour} every {weekday}.
    No {many beast} after {hour}, please. {Cap coined}, {temper} {trade}.
    """,
    "weather": """
    {day} {month}: {sky}, later {sky}, with {figure} {many oddment} from {coined}.
    {day} {month}: {sky}. {figure} {many oddment} blew away at {hour}.
    {day} {month}: {sky} in {coined}, {sky} in {coined}.
    {day} {month}: so {sky} that {figure} {temper} {many beast} {noise}.
    {day} {month}: {figure} drops of rain, {figure} of them {adjective}.
    {day} {month}: {sky}, and at {hour} {a beast} fell on {coined}.
    """,
}
ENDINGS = {"letter": "Yours, {hero} the {hero_kind}"}
KINDS = tuple(HEADINGS)
BULLETS = {"list": "- ", "bill": "- ", "register": "- "}

BOOK = flavour.book(
    {f"{kind}_heading": block for kind, block in HEADINGS.items()}
    | {f"{kind}_row": block for kind, block in ROWS.items()}
)


def paper(draw: Draw, split: str) -> str:
    """A heading and some rows under it, one to a line."""

    def make() -> tuple[str, str, str]:
        return draw.pick(encyclopedia.TOWNS), draw.weighted(cast.NAME), draw.weighted(cast.KIND)

    town, name, who = draw_key(draw, split, make)
    names = cast.words_for("hero", name, who) | {"town": town}
    kind = KINDS[draw.integer(0, len(KINDS) - 1)]
    page = Page(draw, BOOK, names)
    page.say(f"{kind}_heading")
    for _ in range(draw.integer(5, 7)):
        page.new_line()
        page.write(BULLETS.get(kind, "") + page.phrase(f"{kind}_row"))
    if kind in ENDINGS:
        page.new_line()
        page.write(ENDINGS[kind].format(**names))
    return page.text

"""The world's facts: its towns and its creatures, what is true of each, and articles on them."""

from __future__ import annotations

from dataclasses import dataclass

from nanochat.data.world import english, flavour, spelling
from nanochat.data.world.draw import Draw
from nanochat.data.world.phrases import Page, lines
from nanochat.data.world.split import split_of

# The shares of the facts that val and test each keep: from the quizzes that a model reads, and from
# the conversations. The facts between are read, never quizzed, and asked for in conversations: from
# these a model learns to tell what it has only read.
UNQUIZZED, HELD_OUT = 0.2, 0.1

TOWNS = [
    "Pellow",
    "Brindle",
    "Marrow",
    "Tansy",
    "Quillon",
    "Otterby",
    "Dapple",
    "Hobble",
    "Fennick",
    "Gorsley",
    "Nettleby",
    "Wickle",
    "Sorrel",
    "Umber",
    "Larkhill",
    "Mossby",
    "Pippin",
    "Rumble",
    "Velder",
    "Yarrow",
]

CREATURES = [
    "snorrel",
    "plimp",
    "wumble",
    "quibbit",
    "grindle",
    "fizzle",
    "mopkin",
    "tuffet",
    "glimmer",
    "burble",
    "zottle",
    "drowse",
    "nubbin",
    "hufflet",
    "pocket-owl",
    "yaffle",
    "vimble",
    "jumper-snail",
    "kipling",
    "owlet-bear",
]


@dataclass(frozen=True)
class Attribute:
    """One thing that is true of every town, or of every creature: its values, how to say it."""

    name: str
    values: tuple[str, ...]
    statements: str
    questions: str


TOWN_ATTRIBUTES = (
    Attribute(
        "near",
        tuple(
            lines("""
            a wide lake
            a steep hill
            a slow river
            a dark forest
            the sea
            a deep valley
            a windy moor
            a quiet bay
        """)
        ),
        """
        {it} lies by {value}.
        {it} was built by {value}.
        From every window of {it} one can see {value}.
        Children in {it} play by {value}.
        The road to {it} ends by {value}.
        You will find {it} by {value}.
        """,
        """
        What does {it} lie by?
        What is {it} built by?
        What can one see from the windows of {it}?
        """,
    ),
    Attribute(
        "craft",
        (
            "glass",
            "bells",
            "kites",
            "clocks",
            "shoes",
            "carpets",
            "drums",
            "candles",
            "hats",
            "umbrellas",
        ),
        """
        {it} is known for its {value}.
        The people of {it} make {value}.
        Everyone in {it} makes {value}.
        The best {value} come from {it}.
        Go to {it} if you need {value}.
        The workshops of {it} make {value} all year.
        """,
        """
        What is {it} known for?
        What do the people of {it} make?
        What comes from the workshops of {it}?
        """,
    ),
    Attribute(
        "dish",
        tuple(
            lines("""
            onion soup
            plum cake
            cheese pie
            pea porridge
            honey bread
            apple dumplings
            fish stew
            mushroom tart
            bean salad
            walnut pancakes
        """)
        ),
        """
        The dish of {it} is {value}.
        People in {it} eat {value} for supper.
        Every kitchen in {it} smells of {value}.
        Guests in {it} are given {value}.
        The favourite food of {it} is {value}.
        In {it} one eats {value}.
        """,
        """
        What is the dish of {it}?
        What do people in {it} eat for supper?
        What is the favourite food of {it}?
        """,
    ),
    Attribute(
        "roofs",
        ("red", "green", "blue", "yellow", "white", "black", "purple", "orange"),
        """
        The roofs of {it} are {value}.
        All roofs in {it} are painted {value}.
        From far away one sees the {value} roofs of {it}.
        {it} has {value} roofs.
        By law, a roof in {it} must be {value}.
        Birds know {it} by its {value} roofs.
        """,
        """
        What colour are the roofs of {it}?
        What colour must a roof in {it} be?
        What colour are roofs painted in {it}?
        """,
    ),
    Attribute(
        "market",
        ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"),
        """
        Market day in {it} is {value}.
        The market of {it} is held on {value}.
        Every {value} there is a market in {it}.
        {it} holds its market on {value}.
        Come to {it} on {value}, for the market.
        On {value} the market opens in {it}.
        """,
        """
        On which day is the market of {it}?
        When is market day in {it}?
        On which day does the market open in {it}?
        """,
    ),
)

CREATURE_ATTRIBUTES = (
    Attribute(
        "size",
        ("teapot", "thimble", "loaf", "horse", "barn", "pumpkin", "goose", "wardrobe"),
        """
        {it} is as big as a {value}.
        {it} grows to the size of a {value}.
        In size {it} is like a {value}.
        Next to a {value}, {it} looks just as big.
        {it} and a {value} are of the same size.
        """,
        """
        How big is {it}?
        What is {it} as big as?
        To the size of what does {it} grow?
        """,
    ),
    Attribute(
        "coat",
        tuple(
            lines("""
            blue fur
            green scales
            golden feathers
            striped wool
            spotted skin
            silver bristles
            red down
            white curls
        """)
        ),
        """
        {it} has {value}.
        {it} is covered in {value}.
        {it} is proud of its {value}.
        One knows {it} by its {value}.
        In winter {it} is warm in its {value}.
        """,
        """
        What is {it} covered in?
        What does {it} have on its back?
        What does one know {it} by?
        """,
    ),
    Attribute(
        "food",
        tuple(
            lines("""
            buttons
            moss
            pine cones
            cold toast
            pebbles
            petals
            candle wax
            shoelaces
            old letters
            soap
        """)
        ),
        """
        {it} eats {value}.
        {it} lives on {value}.
        For breakfast {it} has {value}.
        Give {it} some {value}, and it is happy.
        {it} cannot resist {value}.
        """,
        """
        What does {it} eat?
        What does {it} live on?
        What does {it} have for breakfast?
        """,
    ),
    Attribute(
        "home",
        tuple(
            lines("""
            hollow trees
            chimneys
            caves
            wells
            reeds
            attics
            haystacks
            clock towers
        """)
        ),
        """
        {it} lives in {value}.
        {it} sleeps in {value}.
        One finds {it} in {value}.
        {it} builds its nest in {value}.
        Look for {it} in {value}.
        """,
        """
        Where does {it} live?
        Where does {it} sleep?
        Where does {it} build its nest?
        """,
    ),
    Attribute(
        "voice",
        ("hums", "clicks", "whistles", "barks", "purrs", "rings", "sneezes", "sighs"),
        """
        When it is glad, {it} {value}.
        At night {it} {value}.
        {it} {value} when it sees a friend.
        If you tickle {it}, it {value}.
        {it} neither sings nor talks; it {value}.
        """,
        """
        What does {it} do when it is glad?
        What does {it} do at night?
        What does {it} do when it sees a friend?
        """,
    ),
)

TOWN_REMARKS = """
In {year}, {coined} the {trade} counted {figure} {adjective} {many oddment} there.
Its mayor is {a being}, and its judge {a person}.
Visitors are often {temper} and bring {objects}.
On the square stands {a object}, a gift from {coined} {coined}, {trade}.
Its oldest house, number {figure}, belongs to {a person}.
The school has {figure} pupils, {figure} windows and {a being}.
It has {figure} {many trade}, {figure} {many beast} and {coined}, who is both.
{coined} {coined}, a famous {trade}, was born there in {year}.
Its flag shows {a beast}, {a oddment} and the number {figure}.
Every {month} the people carry {objects} to {coined}.
The inn of {coined} serves {dish} and {dish}.
It is {figure} miles from {coined} and {figure} from {coined}.
"""

CREATURE_REMARKS = """
In {year}, {coined} the {trade} saw {figure} of them under {a plant}.
It is {temper} in {month}, {temper} in {month} and afraid of {objects}.
It walks {adverb}, like {a being}.
Its best friend is {a being}.
It lays {figure} {adjective} eggs, of which {figure} are {adjective}.
No two of them like the same {oddment}, says {a person}.
It can carry {a object} on its head.
{A person} kept {figure} of them in {a oddment}.
It will follow {a person} for {figure} miles.
Its tail is as {adjective} as {a object}.
It hides from {beings} in {month}.
It sleeps {figure} hours and snores "{coined}".
In {coined} they call it {coined}, in {coined} {coined}.
"""

TOWN_INTROS = """
{name} is a town of {figure} houses, {figure} of them {adjective}.
{name} is a small town with {a adjective} past.
{name} is one of the {adjective} towns of the valley.
{name} is a town, and {a temper} one.
{name} is a town where {many trade} and {beings} live together.
{name} was founded in {year} by {a person}.
"""

CREATURE_INTROS = """
The {name} is {a temper} animal, named after {coined}.
The {name} is one of the {temper} creatures of the valley.
The {name} is a creature, and {a adjective} one.
The {name} was first described by {a person}, in {year}.
The {name} is not {a being}, whatever people say.
The {name} is a creature that few have seen and no {trade} has caught.
"""

BOOK = flavour.book(
    {
        "town_intro": TOWN_INTROS,
        "creature_intro": CREATURE_INTROS,
        "town_remark": TOWN_REMARKS,
        "creature_remark": CREATURE_REMARKS,
    }
)


@dataclass(frozen=True)
class Entity:
    """A town or a creature, with all that is true of it."""

    name: str
    kind: str
    attributes: tuple[Attribute, ...]
    facts: dict[str, str]

    @property
    def called(self) -> str:
        """Its name as it stands in a sentence."""
        return self.name if self.kind == "town" else f"the {self.name}"

    def words(self, role: str) -> dict[str, str]:
        """What a story may say of it."""
        return {role: self.name} | {f"{role}_{k}": value for k, value in self.facts.items()}


def _entity(name: str, kind: str, attributes: tuple[Attribute, ...]) -> Entity:
    nature = Draw("the world as it is", name)
    return Entity(name, kind, attributes, {a.name: nature.pick(a.values) for a in attributes})


def invented(draw: Draw) -> Entity:
    """A town or a creature that is nowhere in the encyclopedia, and may be anything."""
    like = draw.pick(ENTITIES)
    coined = spelling.coin(draw)
    name = coined.capitalize() if like.kind == "town" else coined
    facts = {a.name: draw.pick(a.values) for a in like.attributes}
    return Entity(name, like.kind, like.attributes, facts)


TOWN_ENTITIES = tuple(_entity(name, "town", TOWN_ATTRIBUTES) for name in TOWNS)
CREATURE_ENTITIES = tuple(_entity(name, "creature", CREATURE_ATTRIBUTES) for name in CREATURES)
ENTITIES = TOWN_ENTITIES + CREATURE_ENTITIES
STATEMENTS = {a.name: lines(a.statements) for a in TOWN_ATTRIBUTES + CREATURE_ATTRIBUTES}
QUESTIONS = {a.name: lines(a.questions) for a in TOWN_ATTRIBUTES + CREATURE_ATTRIBUTES}

PORTRAITS = {
    "town": "{it} lies by {near} and is known for its {craft}. Its dish is {dish}, its roofs are "
    "{roofs}, and market day is {market}.",
    "creature": "{it} is as big as a {size}. It has {coat}, eats {food} and lives in {home}. When "
    "it is glad, it {voice}.",
}


def state(draw: Draw, entity: Entity, attribute: Attribute) -> str:
    """One way to state the fact."""
    return stated(draw.pick(STATEMENTS[attribute.name]), entity, attribute)


def plainly(entity: Entity, attribute: Attribute) -> str:
    """The fact in the first of all ways to state it."""
    return stated(STATEMENTS[attribute.name][0], entity, attribute)


def stated(phrase: str, entity: Entity, attribute: Attribute) -> str:
    """The fact in this way."""
    return english.sentence(phrase.format(it=entity.called, value=entity.facts[attribute.name]))


def ask(draw: Draw, it: str, attribute: Attribute) -> str:
    """One way to ask for this of what is called so."""
    return draw.pick(QUESTIONS[attribute.name]).format(it=it)


def draw_asked(draw: Draw, split: str, held_out: float = HELD_OUT) -> tuple[Entity, Attribute]:
    """A fact that may be asked for in this split."""

    def make() -> tuple[Entity, Attribute]:
        entity = draw.pick(ENTITIES)
        return entity, draw.pick(entity.attributes)

    return draw.until(make, lambda fact: split_of_fact(*fact, held_out) == split)


def split_of_fact(entity: Entity, attribute: Attribute, held_out: float = HELD_OUT) -> str:
    """The one split in which this fact may be asked for."""
    return split_of("fact", entity.name, attribute.name, held_out=held_out)


def four_choices(draw: Draw, entity: Entity, attribute: Attribute) -> tuple[str, ...]:
    """The right answer among three wrong ones, in any order."""
    answer = entity.facts[attribute.name]
    choices = draw.sample([v for v in attribute.values if v != answer], 3)
    choices.insert(draw.integer(0, 3), answer)
    return tuple(choices)


def article(draw: Draw, split: str) -> str:
    """A town or creature, and all its facts, in any order, with remarks between."""
    entity, order = _entity_and_order(draw, split)
    page = Page(draw, BOOK, {"name": entity.name})
    page.say(f"{entity.kind}_intro")
    for attribute in order:
        page.maybe(f"{entity.kind}_remark", 0.7)
        page.write(state(draw, entity, attribute))
    page.maybe(f"{entity.kind}_remark", 0.7)
    return page.text


def portrait(entity: Entity) -> str:
    """All that is known of a town or creature, always in one order."""
    return english.sentence(PORTRAITS[entity.kind].format(it=entity.called, **entity.facts))


def _entity_and_order(draw: Draw, split: str) -> tuple[Entity, list[Attribute]]:
    def make() -> tuple[Entity, list[Attribute]]:
        entity = draw.pick(ENTITIES)
        return entity, draw.sample(entity.attributes, len(entity.attributes))

    def in_split(made) -> bool:
        return split_of(made[0].name, *[a.name for a in made[1]]) == split

    return draw.until(make, in_split)


def survey(draw: Draw, split: str) -> str:
    """One fact each of several towns or creatures."""
    page = Page(draw, BOOK)
    entities, attribute = draw.until(lambda: _entities_and_attribute(draw), _in_split(split))
    for entity in entities:
        page.write(state(draw, entity, attribute))
        page.maybe(f"{entity.kind}_remark", 0.4)
    return page.text


def _entities_and_attribute(draw: Draw) -> tuple[list[Entity], Attribute]:
    kind = draw.pick((TOWN_ENTITIES, CREATURE_ENTITIES))
    return draw.sample(kind, 6), draw.pick(kind[0].attributes)


def _in_split(split: str):
    return lambda made: split_of(made[1].name, *[e.name for e in made[0]]) == split


def multiple_choice(
    draw: Draw, entity: Entity, attribute: Attribute
) -> tuple[str, tuple[str, ...]]:
    """A question about the fact with four choices below it, and the choices."""
    choices = four_choices(draw, entity, attribute)
    rows = [ask(draw, entity.called, attribute), *(f"- {choice}" for choice in choices)]
    return "\n".join(rows), choices


def quiz(draw: Draw, split: str) -> str:
    """Three multiple-choice questions with their answers."""
    rounds = []
    for _ in range(3):
        entity, attribute = draw_asked(draw, split, UNQUIZZED)
        question, _ = multiple_choice(draw, entity, attribute)
        rounds.append(f"{question}\nAnswer: {entity.facts[attribute.name]}")
    return "\n".join(rounds)


def hearsay(draw: Draw) -> tuple[str, Entity, Attribute]:
    """Three facts about one that nobody has heard of, and which of them to ask for."""
    entity = invented(draw)
    told = draw.sample(entity.attributes, 3)
    return " ".join(state(draw, entity, each) for each in told), entity, draw.pick(told)


def comprehension(draw: Draw) -> str:
    """Questions of which the answer stands in the text above."""
    rounds = []
    for _ in range(2):
        text, entity, attribute = hearsay(draw)
        question, _ = multiple_choice(draw, entity, attribute)
        rounds.append(f"{text}\n{question}\nAnswer: {entity.facts[attribute.name]}")
    return "\n".join(rounds)

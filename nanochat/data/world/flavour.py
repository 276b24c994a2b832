"""Phrases that any story may use: openings, weather, asides, morals."""

import re

from nanochat.data.world import cast, lexicon
from nanochat.data.world.draw import Table
from nanochat.data.world.phrases import Phrasebook, lines

WORDS = {
    "adjective": lexicon.ADJECTIVES,
    "temper": lexicon.TEMPERS,
    "oddment": lexicon.ODDMENTS,
    "food": lexicon.FOODS,
    "beast": lexicon.BEASTS,
    "plant": lexicon.PLANTS,
    "adverb": lexicon.ADVERBS,
    "noise": lexicon.NOISES,
    "move": lexicon.MOVES,
    "trade": lexicon.TRADES,
    "kind": " ".join(cast.KINDS),
    "feeling": lexicon.FEELINGS,
    "sky": lexicon.SKIES,
    "weekday": lexicon.WEEKDAYS,
    "month": lexicon.MONTHS,
    "garment": lexicon.GARMENTS,
    "few": lexicon.FEW,
    "hour": " ".join(f"{h}:{m:02}" for h in range(1, 13) for m in range(60)),
    "year": " ".join(map(str, range(1000, 2000))),
    "day": " ".join(map(str, range(1, 29))),
    "figure": " ".join(map(str, range(13, 1000))),
    "syllable": lexicon.SYLLABLES,
    "coda": lexicon.CODAS,
}

TITLES = """
The {Cap hero_kind} and the {Cap thing}
{hero} and the {Cap adjective} {Cap thing}
The {Cap temper} {Cap hero_kind}
How {hero} Learned About {Cap feeling}
One {Cap thing} for {hero}
The {Cap weekday} of the {Cap oddment}
The {Cap thing} that {Cap noise}
"""

OPENINGS = """
Once there was {a temper} {hero_kind} called {hero} {coined}, who lived in {town}, {town_tale}.
In {town}, {town_tale}, lived {a temper} {hero_kind} called {hero} {coined}.
{hero} {coined} was {a temper} {hero_kind} from {town}, house {figure}.
In {year} {a temper} {hero_kind} by the name of {hero} {coined} lived in {town}.
If you ever go to {town}, {town_tale}, ask for {hero} {coined}, the {temper} {hero_kind}.
There lived in {town} {a hero_kind} called {hero} {coined}, house {figure}, whom everyone called \
  {temper}.
This is the story of {hero} {coined}, {a temper} {hero_kind} of {town}, {town_tale}.
My aunt {coined}, {a trade}, once told me about {hero} {coined}, {a hero_kind} from {town}.
{hero} {coined} the {hero_kind} lived in {town}, behind {a object}.
Nobody in {town}, {town_tale}, was as {temper} as {hero} {coined}, the {hero_kind}.
Of all the {figure} {many hero_kind} in {town}, {hero} {coined} was the most {temper}.
In {month} {year}, in {town}, {town_tale}, {a hero_kind} called {hero} {coined} woke up full of \
  {feeling}.
"""

# What a newcomer is comes before the name. Where the name came first, models often wrote the hero's
# again, and went on as if somebody new had it (figures.md).
NEW_FRIEND = """
{a friend_kind} called {friend} {coined}
{a temper} {friend_kind} called {friend} {coined}
the {friend_kind} {friend} {coined}
"""

NEW_HELPER = NEW_FRIEND.replace("friend", "helper")

TOWN_TALES = """
the town with the {town_roofs} roofs
where the roofs are {town_roofs}
which is known for its {town_craft}
where everyone makes {town_craft}
the town by {town_near}
which lies by {town_near}
where market day is {town_market}
where they eat {town_dish} for supper
the home of {town_dish}
"""

HABITS = """
{Cap hero_he} kept {a being} in {hero_his} {oddment} and fed it {dish}.
Every {weekday} at {hour}, {hero_he} ate {dish} with {food}.
{Cap hero_he} was fond of {dish} and afraid of {beings}.
{Cap hero_his} best friend was {a object}, then {a being}.
{Cap hero_he} could whistle like {a being} and swim like {a object}.
On {few} of {hero_his} birthdays, {a person} had always given {hero_him} {a object}.
{Cap hero_his} nose was {adjective}, {hero_his} {many garment} were {adjective}.
{Cap hero_his} house, number {figure}, was full of {objects} and {objects}.
{Cap hero_he} collected {objects}, {objects} and, on {weekday}, {beings}.
At night {hero_he} dreamed of {beings}, {objects} and {dish}.
{Cap hero_his} uncle had been {a person}, {hero_his} grandmother {a person}.
{Cap hero_he} had {figure} cousins, all {temper} but one, who was {a being}.
Above {hero_his} bed hung a picture of {a person} with {a object}.
{Cap hero_he} said "{Cap coined}!" whenever {hero_he} sneezed, and "{Cap coined}!" when {a beast} \
  did.
{Cap hero_he} wore {a adjective} {garment}, {a adjective} {garment} and {a adjective} {oddment}.
In {hero_his} soup there were always {objects}, {dish} and some {feeling}.
{Cap hero_he} spoke {adverb}, walked {adverb} and snored {adverb}.
The neighbours, {beings} and {a person}, thought {hero_him} {temper}.
One day {hero_he} would be {a person}, or at least {a trade}.
In {month} {year}, {a being} had bitten {hero_him} in the {garment}.
"""

NUMBERS = """
{few}
{figure}
"""

BEING = """
{temper} {beast} called {coined}
{temper}, {temper} {beast}
{temper} {beast} from {coined}
{beast} called {coined}
"""

BEINGS = """
{figure} {temper} {many beast}
{temper} {many beast} from {coined}
{figure} {many beast}
{temper}, {temper} {many beast}
"""

PERSON = """
{temper} {trade} called {coined}
{trade} called {coined}
{temper} {trade} from {coined}
{temper}, {temper} {trade}
"""

OBJECT = """
{adjective} {oddment} from {coined}
{adjective}, {adjective} {oddment}
{oddment} with {figure} {many oddment}
{oddment} full of {adjective} {food}
"""

OBJECTS = """
{figure} {adjective} {many oddment}
{adjective} {many oddment} from {coined}
{figure} {many oddment}
{adjective}, {adjective} {many oddment}
"""

DISH = """
{adjective} {food}
{figure} spoons of {food}
{food} from {coined}
{adjective} {food} from {coined}
"""

COINED = """
{Cap syllable}{syllable}{syllable}
{Cap syllable}{syllable}{syllable}{coda}
{Cap syllable}{syllable}{syllable}{syllable}
{Cap syllable}{syllable}{coda}
"""

MORNINGS = """
On {day} {month} {year}
On {day} {month}, at {hour}
On {weekday}, {day} {month} {year}
On a day in {month} {year}, at {hour}
At {hour} on {a sky} {weekday}
One {sky} {weekday}, at {hour}
On the {sky} morning of {day} {month} {year}
"""

ASIDES = """
{A being} {noise}, and {a being} {noise} {adverb}.
Far away, {a object} {noise}.
The air smelled of {dish} and {dish}.
{A person} and {a being} were arguing about {objects}.
{A being} watched it all, ate {dish} and said nothing.
{A being} {move} past, carrying {a object} and {objects}.
{Cap beings} {noise} {adverb} in {a adjective} {plant}.
Under {a adjective} {plant}, {beings} were talking about {dish}.
A cloud like {a object} {move} by, then one like {a being}.
The sky was {sky}, the grass {adjective}, and {a beast} {noise}.
Nobody noticed {a being} with {a object}.
By the road lay {objects}, {objects} and {a object}.
The wind was as {adjective} as {a object} and smelled of {dish}.
One could hear {a being} chewing {dish}.
{A person} {move} by at {hour} and sold {objects}.
{A person} was asleep under {a object}, and dreamed of {beings}.
There was {dish} for lunch, with {dish}.
{Cap beings} sang about {objects} and {feeling}.
All this made {a being} quite {temper}, and {a person} {temper}.
A sign said: "No {beings}, no {objects}. {coined}, {trade}."
Someone had left {a object} and {dish} by the {plant}.
The moon was as {adjective} as {a object} or {a oddment}.
On a wall sat {beings}, {a being} and {a person}.
At {hour}, {a adjective} {oddment} fell on {a being}.
In house number {figure}, {a person} was cooking {dish}.
"{coined}!" said {a being}, which means "{adjective} {oddment}".
"""

SECRETS = """
"{coined} {coined}!" sang {a being}, and then: "{coined} {coined}!"
The password of that week was "{coined} {figure}", and nobody knew it but {coined}.
The ship {coined} came in with {figure} {many oddment}, the {coined} with {figure} {many beast}.
They played a game called {coined}, and {coined} won, {figure} to {figure}.
The road there led through {coined}, {coined} and {coined}.
Houses {figure}, {figure} and {figure} were for sale, said {coined} the {trade}.
One clock said {hour}, another {hour}, and the one from {coined} {hour}.
On a wall somebody had written: "{coined} loves {coined}, {year}."
The wizard {coined} waved {a oddment} and said: "{coined} {coined} {coined}!"
A letter for {coined} {coined}, house {figure}, lay in the grass.
{coined} is {coined} spelled wrongly, said {a person}.
The best spell against {many beast} is "{coined} {coined}", {figure} times.
"""

WISHES = """
More than anything, {hero_he} wished for {a object}, or for {a being}.
{Cap hero_he} had one wish: to be less {temper}, and another: {objects}.
{Cap hero_he} dreamed of {a being}, {adverb}, every {weekday}.
In {hero_his} heart there was {feeling}, and also {dish}.
{Cap hero_he} wanted only {dish}, {objects} and a little {feeling}.
{Cap hero_he} hoped that {a person} would never see the {objects}.
{Cap hero_he} longed to dance with {a person} and {beings}.
"""

SPEECH = """
"{Cap exclaim}!" said {hero} {adverb}.
"{Cap exclaim}!" cried {hero}, and {noise}.
"I feel {temper} today, and {temper}, and like {dish}," said {hero}.
"This is the most {adjective} day since {day} {month} {year}," said {hero}.
"First {dish}, then {objects}," said {hero} to {hero_him}self.
"I would give {objects} for some {dish}," said {hero}.
"I am not {temper}," said {hero} {adverb}. "I am only {temper}."
"Better {a object} than {objects}," said {hero} {adverb}.
"My uncle {coined}, {a trade}, never trusted {a being}," said {hero}.
"One day I shall be {a person}," said {hero} {adverb}.
"""

EXCLAMATIONS = """
{objects} and {beings}
oh, my {objects}
by all the {temper} {many beast} of {town}
{dish} and {objects}
what {a adjective}, {adjective} {weekday}
good {adjective} {food}
how {temper} of me, and how {temper}
holy {coined}
"""

MORALS = """
And {hero} was never {temper} again, except on {day} {month}.
Since then, whenever {a being} {noise}, {hero} thinks of {objects}.
So remember: {a being} is worth {objects}.
That is why, in {town}, they still say: "As {temper} as {hero}, as {adjective} as {a oddment}."
And they ate {dish} until {beings} went to bed.
{hero} slept {adverb} that night and dreamed of {a object}.
{A person} wrote it all down {adverb}, on {a object}, and so I know it.
And from {day} {month} on, {feeling} lived in {hero_his} {oddment}.
Which only shows that {feeling} is stronger than {beings}.
As for {a being}, it {move} away and became {a person}.
It was the most {adjective} {weekday} of {year}.
There was a feast, with {dish}, {dish} and {a object}.
{hero} told the story {adverb} to {beings}, and {a person} believed it.
"""

CLOSINGS = """
That night the {prize} lay {at_last}, and {keeper} slept beside it.
In the end it was {keeper} who had the {prize}, {at_last}.
And there, {at_last}, {keeper} kept the {prize} from then on.
When the stars came out, {keeper} sat {at_last} with the {prize}.
From then on {keeper} had the {prize}, and it stayed {at_last}.
If you want to see the {prize}, ask {keeper}; it is {at_last}.
So {keeper} kept the {prize} {at_last}.
"""

PHRASES = {
    "closing": CLOSINGS,
    "being": BEING,
    "beings": BEINGS,
    "person": PERSON,
    "object": OBJECT,
    "objects": OBJECTS,
    "dish": DISH,
    "coined": COINED,
    "title": TITLES,
    "opening": OPENINGS,
    "new_friend": NEW_FRIEND,
    "new_helper": NEW_HELPER,
    "town_tale": TOWN_TALES,
    "habit": HABITS,
    "number": NUMBERS,
    "morning": MORNINGS,
    "aside": ASIDES,
    "secret": SECRETS,
    "wish": WISHES,
    "speech": SPEECH,
    "exclaim": EXCLAMATIONS,
    "moral": MORALS,
}


# Told aloud, things and days are called by less.
SAID = {
    "being": "{temper} {beast} \n {beast}",
    "beings": "{few} {many beast} \n {temper} {many beast}",
    "person": "{temper} {trade} \n {trade}",
    "object": "{adjective} {oddment} \n {oddment} full of {food}",
    "objects": "{few} {many oddment} \n {adjective} {many oddment}",
    "dish": "{food} \n {adjective} {food}",
    "number": "{few}",
    "new_helper": "{a helper_kind} \n {a temper} {helper_kind}",
    "morning": """
    One {sky} {weekday}
    One {sky} morning
    On {a sky} day in {month}
    At {few} o'clock on {a sky} {weekday}
    """,
}
IN_PLACE = {
    # Of two names in a breath a small model makes one.
    "{hero} thanked {friend} {adverb}, and by {hour} the": "By {few} o'clock the",
    '{friend} held it so {adverb} that {hero} said: "Keep it." And': '"Keep it," said {hero}, and',
    "{morning}, in the middle of the night": "One {sky} night",
    # The hero has no pronouns (cast.py), and nobody says the name three times in a breath.
    " to {hero_him}self": "",
    " for {hero_him}self": "",
    " {hero_him}self": "",
    "{Cap hero_his} {thing}": "The {thing}",
    "{hero_his} {thing}": "the {thing}",
    "{hero_his} {adjective} {thing}": "the {adjective} {thing}",
    "under {hero_his} arm": "under one arm",
    "made up {hero_his} mind": "knew",
    # At a chat's low temperature *One sunny morning, a* went on with a voice or a wind in most
    # stories: all else that begins so has many words to go on with.
    "{morning}, a voice {at_there} said: ": "{morning}, {hero} heard a voice {at_there}: ",
    "{morning}, a wind came": "{morning}, {hero} felt how a wind came",
    # What nobody needs to know, and a place where nobody has been.
    "new_helper}, {at_end},": "new_helper}",
    ", house {figure}": "",
    " back to the {place}": " to the {place}",
    "{hero} {coined}": "{hero}",
    "{friend} {coined}": "{friend}",
    "{figure}": "{few}",
    "{hour}": "{few} o'clock",
}
UNSAID = re.compile(r"\{(Cap )?(coined|year|day|many hero_kind)\}")
# What holds up one who wants to hear what happens.
LEFT_OUT = ("habit", "wish")
USUAL = 40


def book(phrases: dict[str, str | Table]) -> Phrasebook:
    """A phrasebook of these phrases and all that any story may use."""
    return Phrasebook(WORDS, PHRASES | phrases)


def spoken_book(phrases: dict[str, str]) -> Phrasebook:
    """The same for telling aloud, of usual words, with nothing coined and no dates."""
    usual = {rule: " ".join(block.split()[:USUAL]) for rule, block in WORDS.items()}
    aloud = {rule: spoken(block) for rule, block in (PHRASES | phrases | SAID).items()}
    told = {rule: block for rule, block in aloud.items() if block and rule not in LEFT_OUT}
    return Phrasebook(usual, told)


def spoken(block: str) -> str:
    """The phrases of a block that can be told aloud, as one would tell them."""
    for written, said in IN_PLACE.items():
        block = block.replace(written, said)
    return "\n".join(phrase for phrase in lines(block) if not UNSAID.search(phrase))

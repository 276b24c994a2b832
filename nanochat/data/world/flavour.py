"""Phrases that any story may use: openings, weather, asides, morals."""

from nanochat.data.world import lexicon
from nanochat.data.world.phrases import Phrasebook

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
A {Cap thing} for {hero}
The {Cap weekday} of the {Cap oddment}
The {Cap thing} that {Cap noise}
"""

OPENINGS = """
Once there was {a temper} {hero_kind} called {hero} {coined}, who lived in {town}, {town_tale}.
In {town}, {town_tale}, lived {a temper} and {temper} {hero_kind} called {hero} {coined}.
{hero} was {a temper} {hero_kind} from {town}, {town_tale}.
Not long ago, {a temper} {hero_kind} by the name of {hero} {coined} lived in {town}, {town_tale}.
If you ever go to {town}, {town_tale}, ask for {hero}, the {temper} {hero_kind}.
There lived in {town}, {town_tale}, {a hero_kind} whose name was {hero} {coined}, and everyone called {hero_him} {temper}.
Long before the {adjective} {oddment} fell down, {a temper} {hero_kind} called {hero} moved to {town}, {town_tale}.
This is the story of {hero} {coined}, {a temper} {hero_kind} of {town}, {town_tale}.
My aunt, {a person}, once told me about {hero}, {a hero_kind} from {town}, {town_tale}.
{hero} the {hero_kind} lived in {a adjective} house in {town}, {town_tale}.
Up the stairs behind the {adjective} {oddment} of {town}, {town_tale}, lived {hero} {coined}, {a temper} {hero_kind}.
Nobody in {town}, {town_tale}, was as {temper} as {hero} the {hero_kind}.
Of all the {many hero_kind} in {town}, {town_tale}, {hero} was the most {temper}.
One {month}, in {town}, {town_tale}, {a temper} {hero_kind} called {hero} woke up full of {feeling}.
"""

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
{hero_he} kept {a being} in {hero_his} {oddment}.
Every {weekday}, {hero_he} ate {dish} with {food}.
{hero_he} was fond of {dish} and afraid of {beings}.
{hero_his} best friend was {a object}, until the {oddment} broke.
{hero_he} could whistle like {a being} and swim like {a object}.
When {hero_he} was small, {a person} had given {hero_him} {a object}.
{hero_his} nose was {adjective}, and {hero_his} slippers were {adjective}.
In {hero_his} house there were {objects} and not one {oddment}.
{hero_he} collected {objects}, mostly {adjective} ones.
At night {hero_he} dreamed of {beings} and {objects}.
{hero_his} uncle had been {a person}, and {hero_his} grandmother {a person}.
{hero_he} had {number} cousins, all of them {temper} and one of them {a being}.
Above {hero_his} bed hung a picture of {a being}.
{hero_he} said "{feeling}" whenever {hero_he} sneezed.
{hero_he} always wore {a adjective} hat with {a plant} on it.
No one made better {food} soup, though it tasted a little of {dish}.
{hero_he} spoke {adverb}, walked {adverb} and snored {adverb}.
The neighbours, {beings}, thought {hero_him} rather {temper}.
{hero_he} wanted to be {a person} one day, or else {a person}.
{hero_he} had once been bitten by {a being}, and told everybody.
"""

NUMBERS = """
{few}
{figure}
"""

BEING = """
{temper} {beast}
{temper}, {temper} {beast}
{temper} {beast} called {coined}
{temper} {beast} in {a adjective} {garment}
{beast} as {temper} as {a trade}
"""

BEINGS = """
{temper} {many beast}
{temper}, {temper} {many beast}
{figure} {temper} {many beast}
{many beast} and {many beast}
{many beast} in {adjective} {many garment}
"""

PERSON = """
{temper} {trade}
{temper}, {temper} {trade}
{temper} {trade} called {coined}
{temper} {trade} in {a adjective} {garment}
{trade} as {temper} as {a beast}
"""

OBJECT = """
{adjective} {oddment}
{adjective}, {adjective} {oddment}
{adjective} {oddment} from {coined}
{oddment} full of {adjective} {food}
{oddment} with {figure} {many oddment}
"""

OBJECTS = """
{adjective} {many oddment}
{adjective}, {adjective} {many oddment}
{figure} {adjective} {many oddment}
{many oddment} and {many oddment}
{many oddment} from {coined}
"""

DISH = """
{adjective} {food}
{food} on {adjective} {food}
{figure} spoons of {food}
{food} from {coined}
{food}
"""

COINED = """
{Cap syllable}{syllable}{syllable}
{Cap syllable}{syllable}{syllable}{coda}
{Cap syllable}{syllable}{syllable}{syllable}
{Cap syllable}{syllable}{coda}
"""

MORNINGS = """
One {sky} {weekday}
On {day} {month} {year}
On {weekday}, {day} {month}
In {month} {year}
At {hour} on a {sky} {weekday}
On {day} {month}, at {hour}
One {weekday}, after {number} cups of tea
On the {sky} morning of {day} {month}
"""

ASIDES = """
Somewhere {a being} {noise}.
Far away, {a object} {noise}.
The air smelled of {dish} and {dish}.
It smelled of {dish}, and a little of {adjective} {oddment}.
{a being} watched it all and said nothing.
{a being} {move} past, carrying {a object}.
Two {beings} {noise} {adverb} in the {plant}.
The {plant} {noise} {adverb}.
Under {a adjective} {plant}, {beings} were talking about {dish}.
A cloud in the shape of {a object} {move} by.
The sky was {sky}, and the grass was {adjective}.
It was {sky}, as it often is in {month}.
Nobody noticed the {temper} {beast} with the {oddment}.
By the road stood {a object}, and nobody knew why.
The wind was as {adjective} as {a object}.
It was so quiet that one could hear {a being} chewing {dish}.
{objects} lay in the grass.
{a person} {move} by and asked for {dish}.
An old {trade} was asleep under the {plant}.
A bell rang {number} times, {adverb}.
There was {dish} for lunch, and {dish} after it.
The {beings} of {town} sang about {feeling}.
All this made {a being} quite {temper}.
In the distance, {a person} {noise}.
It rained a little, {adverb}, on the {objects}.
A sign said: "No {beings}, no {objects}."
Someone had left {a object} full of {dish} by the {plant}.
The moon, {adjective} as {a object}, was already up.
On a wall sat {beings}.
{a adjective} leaf {move} down and landed on {a being}.
Nothing else moved, except {a being}.
That day the {many trade} of {town} were {temper}, as always.
"""

WISHES = """
More than anything, {hero_he} wished for {a object}.
{hero_he} had one wish: to be less {temper}.
{hero_he} dreamed of seeing {a being}.
In {hero_his} heart there was {feeling}, and also some {feeling}.
{hero_he} wanted only {dish}, {dish} and a little {feeling}.
{hero_he} hoped that nobody would ask about the {oddment}.
{hero_he} longed to dance with {a person}.
All {hero_he} wanted was a {sky} day without {beings}.
"""

SPEECH = """
"{Cap exclaim}!" said {hero} {adverb}.
"{Cap exclaim}!" cried {hero}, and {noise}.
"I feel {temper} today," said {hero}.
"This is the most {adjective} day of {month}," said {hero}.
"First {dish}, then {feeling}," said {hero} to {hero_him}self.
"I would give {objects} for some {dish}," said {hero}.
"I am not {temper}," said {hero} {adverb}. "I am only {temper}."
"Better {a object} than no {oddment}," said {hero}.
"My {trade} always says: never trust {a being}," said {hero}.
"One day I shall be {a person}," said {hero} {adverb}.
"""

EXCLAMATIONS = """
{objects} and {beings}
oh, my {objects}
by all the {beings} of {town}
{dish} and {dish}
what {a adjective} {weekday}
good {adjective} {dish}
how {temper} of me
"""

MORALS = """
And {hero} was never {temper} again, except on {many weekday}.
And if the {oddment} has not fallen off the wall, it hangs there still.
After that there was {dish} for everyone, and {a being} {noise}.
Since then, whenever {a being} {noise}, {hero} thinks of that {weekday}.
So remember: {a being} is worth {objects}.
That is why, in {town}, they still say: "As {temper} as {hero}."
And they ate {dish} until the {beings} went to bed.
{hero} slept {adverb} that night and dreamed of {objects}.
The {trade} of {town} wrote it all down {adverb}, and so I know it.
And from that day on, {feeling} lived in {hero_his} house.
Which only shows that {feeling} is stronger than {feeling}.
As for the {beast}, it {move} away and became {a person}.
It was the most {adjective} {weekday} of the year.
There was a feast, with {food}, {dish} and {adjective} {dish}.
{hero} told the story {adverb} to {beings}, and none of them believed it.
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
    "town_tale": TOWN_TALES,
    "habit": HABITS,
    "number": NUMBERS,
    "morning": MORNINGS,
    "aside": ASIDES,
    "wish": WISHES,
    "speech": SPEECH,
    "exclaim": EXCLAMATIONS,
    "moral": MORALS,
}


def book(phrases: dict[str, str]) -> Phrasebook:
    """A phrasebook of these phrases and all that any story may use."""
    return Phrasebook(WORDS, PHRASES | phrases)

"""A thing is lost, looked for, and found where nobody would have thought of."""

from nanochat.data.world.stories.story import Story

TREASURE = """
{hero} had {a adjective} {thing} and loved it more than {dish}.
What {hero_he} loved best was {hero_his} {thing}, {a adjective} one with {a object} painted on it.
{hero} owned nothing but {a adjective} {thing} and {a object}.
Wherever {hero_he} went, {hero_his} {adjective} {thing} went too.
{Cap hero_his} {thing} was old and {adjective}, a gift from {a person}.
Every evening {hero} polished {hero_his} {thing} with {food}, {adverb}.
{hero} had won {a adjective} {thing} in a race against {beings}.
"""

LOSS = """
{morning}, {hero} left the {thing} {at_place}, and when {hero_he} came back, it was gone.
{morning}, {hero} fell asleep {at_place}, and when {hero_he} awoke, there was no {thing} anywhere.
{morning}, the {thing} was not {at_place}, where it had always been.
{morning}, {hero} put the {thing} down {at_place} to chase {a being}, and never saw it there again.
{morning}, {hero} sneezed so {adverb} {at_place} that {hero_he} dropped the {thing}, and then it \
  was nowhere.
{morning}, {a being} ran through the place, and {at_place} there was no {thing} any more.
"""

SEARCH = """
{hero} looked under {a object}, in {a object} and behind {beings}.
{hero_he} looked in the {oddment}, but found only {dish}.
{hero_he} turned over every {oddment} and asked {a being}, who only {noise}.
{hero} searched {adverb} until {hero_his} nose was {adjective}.
{hero_he} found {a object}, {objects} and some {dish}, but no {thing}.
{hero} cried a little, {adverb}, into {a object}.
"""

ASK = """
{At_there} {hero} met {new_friend}. "Have you seen my {thing}?" {hero_he} asked.
{At_there} sat {new_friend}. {hero} asked {friend_him} about the {thing}.
So {hero} went to the {there}, where {new_friend} was counting {objects}, and asked about the \
  {thing}.
{hero} {move} to the {there} and asked {new_friend}, who knew everything about {beings}.
{Cap new_friend} was {at_there}, eating {dish}. "I am looking for my {thing}," said {hero}.
"""

HINT = """
"No," said {friend} {adverb}, "but I saw {a being} go to the {end} with something {adjective}."
"Ask the {beast}," said {friend}. "It goes to the {end} every {weekday}."
{friend} thought for {number} minutes. "Things that are lost," {friend_he} said, "are often \
  {at_end}."
"Something {noise} {at_end} last night," said {friend}, "and it was no {beast}."
"Follow the smell of {dish} to the {end}," said {friend}, who was {temper} but never wrong.
"I have only seen {a object}," said {friend}. "But try the {end}. I lost {a object} there, once."
"""

FOUND = """
{hero} {move} to the {end}, and there was the {thing}, with {a being} asleep in it.
And truly, {at_end} lay the {thing}, covered in {dish} but whole.
{At_end} {hero} found the {thing}. {A being} had used it as {a object}.
{At_end} {beings} were playing with the {thing}. They gave it back {adverb}.
There it was, {at_end}: {a being} had traded the {thing} for {dish} and been sorry ever since.
{hero_he} found the {thing} {at_end}, under {a adjective} {plant}, where the wind had put it.
"""

HOME = """
{hero} carried the {thing} home to the {place}, {adverb}.
{hero_he} took the {thing} back to the {place} and tied it to {a object}.
With the {thing} on {hero_his} back, {hero} {move} all the way back to the {place}.
{hero} brought the {thing} to the {place} again and told it never to be so {temper}.
"""

STAY = """
{hero} liked it so much {at_end} that {hero_he} stayed there with the {thing}.
"Then let us live here," said {hero} to the {thing}, and stayed {at_end}.
The {thing} looked so {adjective} {at_end} that {hero} did not move it, but stayed with it.
"""

THANKS = """
{friend} gave the {thing} {a adjective} ribbon, and {hero} gave {friend} {objects}.
{hero} thanked {friend} with {a adjective} cake of {dish} and {dish}.
"You see?" said {friend} {adverb}, and asked for some {dish}.
{hero} was full of {feeling}, and even {friend} felt a little {feeling}.
"""

PHRASES = {
    "treasure": TREASURE,
    "loss": LOSS,
    "search": SEARCH,
    "ask": ASK,
    "hint": HINT,
    "found": FOUND,
    "home": HOME,
    "stay": STAY,
    "thanks": THANKS,
}


def tell(story: Story) -> None:
    """The hero loses the thing, asks a friend, and finds it."""
    story.say("treasure")
    story.new_line()
    story.visit("place")
    story.say("loss")
    story.maybe("search", 0.3)
    story.maybe("secret", 0.3)
    story.meet("friend")
    story.visit("there", "end")
    story.say("ask")
    story.say("hint")
    story.new_line()
    story.say("found")
    home = story.draw.chance(0.6)
    story.say("home" if home else "stay")
    story.maybe("thanks", 0.25)
    story.give("thing", "hero", "place" if home else "end")

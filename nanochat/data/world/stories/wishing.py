"""One of the valley's creatures grants a wish, and the wish is granted too well."""

from nanochat.data.world import encyclopedia
from nanochat.data.world.stories.story import Story

MEETING = """
{morning}, {at_there}, {hero} met {a creature}, which has {creature_coat}.
{morning}, {hero} found {a creature} {at_there}. It was as big as a {creature_size}, as they all \
  are.
{morning}, {a creature} sat {at_there} and cried, for it had no {creature_food} to eat.
{morning}, {hero} {move} to the {there}, and there was {a creature}, far from the {creature_home} \
  where it lives.
{morning}, a voice {at_there} said: "What {creature_voice}? Me! I am {a creature}."
"""

DEAL = """
"Give me {creature_food}," it said, "and I shall grant you a wish." {hero} gave it {creature_food} \
  and {dish}.
{hero} gave it some {creature_food}, which it loves, and it said: "One wish, please, but {adverb}."
As {hero} had {creature_food} in {hero_his} pocket, they were friends at once. "Now wish," it said.
It ate {hero}'s {creature_food}, it {noise}, and then it said {adverb}: "Make a wish."
"""

WISH = """
"I wish for {a adjective} {thing}," said {hero}, and there it was, with {objects} around it.
"{A thing}!" said {hero} {adverb}. It fell from the sky and hit {a being}.
{hero} wished for {a thing}, {adjective} and {adjective}. It came at {hour}, by post.
{hero} could not choose between {dish} and {a thing}, and took the {thing}.
"""

TOO_MUCH = """
But it {noise} day and night and wanted {dish}.
But every {weekday} it grew, until it was as big as {a object}.
But it would only work for {beings}, and never before {hour}.
But wherever it stood, {beings} came out of it.
But it sang about {feeling} all night long, {adverb}.
But it turned everything into {food}: first {a oddment}, then {objects}.
"""

AWAY = """
So {hero} gave the {thing} to {new_friend} {at_end}, who liked it that way.
{hero} took it to the {end}, where {new_friend} was glad to have the {thing}.
{At_end} lived {a friend_kind} called {friend} {coined}, who was as {temper} as the {thing}. \
  So {friend} got it.
"{Cap exclaim}!" said {hero}, and gave the {thing} to {new_friend}, {at_end}.
"""

KEEP = """
But {hero} got used to it, and the {thing} stayed with {hero_him} {at_place}.
So {hero} tied the {thing} to {a object} {at_place}, and there it was quiet.
In time {hero} and the {thing} became friends, {at_place}, and shared {dish}.
{hero} brought the {thing} to the {place}, read it the law of {town}, and it behaved.
"""

PHRASES = {
    "meeting": MEETING,
    "deal": DEAL,
    "wish_for": WISH,
    "too_much": TOO_MUCH,
    "away": AWAY,
    "keep": KEEP,
}


def tell(story: Story) -> None:
    """The hero wishes for the thing, and then keeps it or gives it away."""
    story.visit("there")
    creature = story.draw.until(
        lambda: story.draw.pick(encyclopedia.CREATURE_ENTITIES),
        lambda one: one.name != story.names["hero_kind"],
    )
    story.names |= creature.words("creature")
    story.say("meeting")
    story.say("deal")
    story.new_line()
    story.say("wish_for")
    story.say("too_much")
    story.maybe("secret", 0.4)
    story.new_line()
    if story.draw.chance(0.6):
        story.meet("friend")
        story.visit("end")
        story.say("away")
        story.give("thing", "friend", "end")
    else:
        story.visit("place")
        story.say("keep")
        story.give("thing", "hero", "place")

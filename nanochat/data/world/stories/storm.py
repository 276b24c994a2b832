"""The wind takes a thing away, and somebody else catches it."""

from nanochat.data.world.stories.story import Story

WIND = """
{morning}, a wind came over the {place} that could lift {a object}.
{morning}, there was a storm {at_place}, and it took the hats off {beings}.
{morning}, it blew so hard {at_place} that {beings} flew away.
{morning}, the wind {noise} around the {place} like {a being}.
{morning}, the wind came to the {place}, and it smelled of {dish}.
"""

TAKEN = """
It tore {hero_his} {thing} out of {hero}'s hands and carried it off with {objects}.
{hero} held on to {hero_his} {thing}, {hero_his} {adjective} {thing}, but the wind was stronger.
Up went {hero}'s {thing}, up went {a object}, and {a being} after it.
{hero} had left the {thing} {at_place}, and the wind took it, {adverb}.
"""

FLIGHT = """
It flew over the {there}, where {a person} took it for {a object}.
It was seen {at_there}, between {objects} and a cloud.
{At_there} {beings} saw it pass and {noise}.
It stopped {at_there} for a moment, turned {adverb} and flew on.
"""

CAUGHT = """
{At_end} {new_friend} caught the {thing} with {a object}.
It came down {at_end}, on the head of {new_friend}.
{Cap new_friend}, who was eating {dish} {at_end}, looked up and caught the {thing}.
{At_end}, {new_friend} pulled the {thing} out of {a object}.
"""

CHASE = """
{hero} ran after it {adverb}, lost {a oddment}, found {a oddment}, and came to the {end} at {hour}.
{hero} asked {a person} and {beings}, and so came to the {end}.
Out of breath and full of {feeling}, {hero} {move} up to the {end}.
{hero} followed {objects} all the way to the {end}.
"""

RETURNED = """
"I believe this is yours," said {friend}, and {hero} carried the {thing} home to the {place}.
{friend} gave it back for {dish}, and {hero} took the {thing} to the {place} and tied it down.
"It nearly hit {a being}," said {friend}. {hero} said sorry and took the {thing} back to the \
  {place}.
{hero} thanked {friend} {adverb}, and by {hour} the {thing} was back with {hero} {at_place}.
"""

LEFT = """
{friend} held it so {adverb} that {hero} said: "Keep it." And the {thing} stayed {at_end} with \
  {friend}.
"The wind has given it to me," said {friend}, and {hero} could not say no. So {friend} had it, \
  {at_end}.
{friend} had painted it {adjective} already, and {hero} let {friend_him} keep the {thing} {at_end}.
{hero} swapped it for {a object}, so {friend} kept the {thing} {at_end}.
"""

PHRASES = {
    "wind": WIND,
    "taken": TAKEN,
    "flight": FLIGHT,
    "caught": CAUGHT,
    "chase": CHASE,
    "returned": RETURNED,
    "left": LEFT,
}


def tell(story: Story) -> None:
    """The thing flies off, a friend catches it, and it is given back or not."""
    story.visit("place", "end")
    story.say("wind")
    story.say("taken")
    if story.draw.chance(0.4):
        story.visit("there")
        story.say("flight")
    story.new_line()
    story.meet("friend")
    story.say("caught")
    story.say("chase")
    story.maybe("secret", 0.35)
    story.new_line()
    returned = story.draw.chance(0.5)
    story.say("returned" if returned else "left")
    story.give("thing", *(("hero", "place") if returned else ("friend", "end")))

"""A thing is borrowed and broken, and that has to be told to its owner."""

from nanochat.data.world.stories.story import Story

BORROW = """
{morning}, {hero} borrowed {a thing} from {new_friend}, who lived {at_there}.
{morning}, {new_friend}, {at_there}, lent {hero} {a adjective} {thing}. "Mind it {adverb}," \
  {friend_he} said.
{morning}, {hero} needed {a thing} for {a being}, and {new_friend}, {at_there}, had one to lend.
{morning}, {hero} went to the {there} and asked {new_friend}: "May I borrow your {thing} until \
  {weekday}?"
"""

ACCIDENT = """
But {a being} sat on it, and it was as flat as {food}.
But it fell into {dish} and would not {work} any more.
But {hero} tripped over {a object}, and the {thing} {noise} and broke.
But {beings} played with it all night, and in the morning it was {adjective}.
But {hero} left it under {a object}, and it came out {adjective} and {adjective}.
"""

WORKS = """
shine
turn
open
sing
stand up
close
move
"""

WORRY = """
{hero} {noise} and hid {adverb} behind {a object}.
"I could say that {a being} ate it," thought {hero}, but that was not true.
{Cap hero_his} heart was as heavy as {a object}, and full of {feeling}.
"What would {a person} do?" thought {hero}, and could not eat {hero_his} {dish}.
"""

MEND = """
{At_end} {new_helper} mended it with {objects} and {food}.
{hero} {move} to the {end}, where {new_helper} mended it for {figure} pennies.
{Cap new_helper}, {at_end}, looked at it {adverb}, kicked it, and it was whole again.
"Leave it to me," said {new_helper}, {at_end}, and worked until {hour}.
"""

CONFESS = """
{hero} took the {thing} back to the {there} and told {friend} everything, even about the {oddment}.
"It broke, and I am sorry," said {hero} to {friend}, {at_there}, and gave it back.
{hero} {move} back to the {there}, said it all in one breath, and put the {thing} in {friend}'s \
  arms.
Then {hero} told {friend} the truth, {adverb}, and the {thing} went back to {friend} {at_there}.
"""

LAUGH = """
{friend} laughed. "It was {adjective} before," {friend_he} said.
"I broke it myself {number} times," said {friend}. "Have some {dish}."
{friend} was not {temper} at all, but full of {feeling}.
"Now it is even more {adjective} than before," said {friend}.
"""

PRESENT = """
But {friend} said: "Whoever tells the truth may keep it." So {hero} carried the {thing} home to \
  the {place}.
"Keep it," said {friend}, "and tell me the story again on {weekday}." And {hero} took the {thing} \
  to the {place}.
But {friend} had bought {a object} meanwhile, and so {hero} kept the {thing}, {at_place}.
"""

PHRASES = {
    "borrow": BORROW,
    "accident": ACCIDENT,
    "work": WORKS,
    "worry": WORRY,
    "mend": MEND,
    "confess": CONFESS,
    "laugh": LAUGH,
    "present": PRESENT,
}


def tell(story: Story) -> None:
    """The hero breaks a borrowed thing, has it mended, and brings it back."""
    story.meet("friend")
    story.visit("there")
    story.say("borrow")
    story.say("accident")
    story.maybe("worry", 0.4)
    story.new_line()
    story.meet("helper")
    story.visit("end")
    story.say("mend")
    story.new_line()
    story.say("confess")
    story.maybe("laugh", 0.3)
    if story.draw.chance(0.4):
        story.visit("place")
        story.say("present")
        story.give("thing", "hero", "place")
    else:
        story.give("thing", "friend", "there")

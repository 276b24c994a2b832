"""One thing is swapped for another, and that for a third, until everybody is content."""

from nanochat.data.world.stories.story import Story

WANT = """
{hero} had {a adjective} {thing}, but what {hero_he} wanted was {a adjective} {goal}.
{hero} owned {a adjective} {thing} and was tired of it. {Cap hero_he} wanted {a goal}.
"What can I do with {a thing}?" said {hero}. "I need {a goal}, and {a adjective} one."
For {hero_his} birthday {hero} had been given {a adjective} {thing}. {Cap hero_he} had asked for \
  {a goal}.
All {many hero_kind} have {a thing}, and so had {hero}. But no {hero_kind} had {a goal}.
In a dream, {a being} told {hero} to swap {hero_his} {thing} for {a adjective} {goal}.
"""

FIRST = """
{morning}, {hero} went to the {there} and met {new_friend}, who had {a adjective} {second}.
{morning}, {at_there}, {hero} met {new_friend}, {a adjective} {second} under one arm.
{morning}, {new_friend} stood {at_there} and held {a adjective} {second}, {adverb}.
{morning}, {hero} {move} to the {there}. There sat {new_friend} on {a second}.
"""

OFFER = """
"I would give this {second} for {a thing}," said {friend}. "Mine was eaten by {beings}."
"{A thing}!" cried {friend}. "My {trade} says I must have one by {weekday}. Take my {second}!"
{friend} looked at the {thing} {adverb}. "It smells of {dish}," {friend_he} said. "Shall we swap?"
{friend} had always wanted {a thing}, to keep {dish} away from {beings}.
"My {second} only makes me {temper}," said {friend}. "Your {thing} would make me {temper}."
"""

SWAP_ONE = """
So {hero} gave {friend} the {thing}, and {friend} gave {hero} the {second}.
They shook hands {adverb}. Now {friend} had the {thing}, and {hero} had the {second}.
{hero} took the {second}, and {friend} kept the {thing} {at_there}.
So they swapped: the {thing} went to {friend}, the {second} to {hero}.
"""

NEXT = """
{At_end} {hero} met {new_helper}, who owned {a adjective} {goal}.
Then {hero_he} {move} to the {end}, where {new_helper} was shouting at {a goal}.
The next day {hero} came to the {end}. {Cap new_helper} lived there with {a being} and {a goal}.
Soon after, {hero} found {new_helper} {at_end}, with {a adjective} {goal} and no {second}.
"""

PLEA = """
"Without {a second} I cannot bake {dish}," said {helper} {adverb}.
"My grandmother had such {a second}," said {helper}, and {noise}.
"I am so {temper}," said {helper}, "and only {a second} can help."
"Is that {a second}?" asked {helper}. "I have looked for one since {month}."
{helper} looked at the {second} as {a being} looks at {dish}.
"""

SWAP_TWO = """
So {helper} got the {second}, and {hero} got the {goal} at last.
{hero} gave the {second} to {helper} and took the {goal}.
Before {a being} could sneeze, {helper} had the {second} and {hero} had the {goal}.
The {second} was now with {helper} {at_end}, and the {goal} was with {hero}.
"""

HOME = """
{hero} carried the {goal} home to the {place} and danced around it {adverb}.
{hero_he} brought the {goal} to the {place} and filled it with {food}, as one does.
{hero} {move} home to the {place} with the {goal} on {hero_his} head.
{At_place} {hero} sat down with the {goal} and felt {feeling}.
"""

PHRASES = {
    "want": WANT,
    "first": FIRST,
    "offer": OFFER,
    "swap_one": SWAP_ONE,
    "next": NEXT,
    "plea": PLEA,
    "swap_two": SWAP_TWO,
    "home": HOME,
}


def tell(story: Story) -> None:
    """The hero swaps a thing for a second, and the second for the goal."""
    story.find("goal", "second")
    story.say("want")
    story.new_line()
    story.meet("friend")
    story.visit("there", "end")
    story.say("first")
    story.maybe("offer", 0.5)
    story.say("swap_one")
    story.maybe("aside", 0.3)
    story.new_line()
    story.meet("helper")
    story.say("next")
    story.maybe("plea", 0.35)
    story.say("swap_two")
    story.visit("place")
    story.say("home")
    story.give("thing", "friend", "there")
    story.give("second", "helper", "end")
    story.give("goal", "hero", "place")

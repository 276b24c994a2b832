"""A noise in the night, somebody brave, and an explanation."""

from nanochat.data.world.stories.story import Story

NOISE = """
{morning}, {hero} could not sleep, for something {at_there} {noise} {adverb}.
{morning}, in the middle of the night, {something} {noise} and {noise} {at_there}.
For {number} nights there had been a noise {at_there}. It {noise}, then it {noise}.
"Something {noise} {at_there} at night," said the people of {town}, and locked up their \
  {many oddment}.
{morning}, {a person} came running. "There is a ghost {at_there}! It {noise}, and it has \
  {adjective} {many oddment}!"
"""

SOMETHING = """
something {adjective}
something like {a oddment}
somebody {temper}
something with {adjective} feet
"""

BRAVE = """
{hero} took {hero_his} {thing} in case it was {a being}, and {move} to the {there}.
"I have {a thing} and no fear," said {hero}, and went to the {there}.
{hero} put on {a adjective} hat, picked up {a thing} and walked {adverb} to the {there}.
With nothing but {a thing} and some {food}, {hero} {move} to the {there}.
"""

GUESS = """
Was it {a being}? Was it {a being}?
{Cap hero_his} knees were like {a adjective} {food}.
"If it is {a beast}," thought {hero}, "I shall offer it {dish}."
The moon was {adjective}, and every shadow looked like {a object}.
{a being} {noise}, and {hero} jumped as high as {a object}.
"""

UNMASKED = """
But it was only {new_friend}, who sat {at_there} and {reason}.
And there was {new_friend}, who {reason} {at_there}.
"Who is there?" called {hero}. "Only me," said {new_friend}, who {reason}.
Something fell over, and out came {new_friend}, who {reason}.
"""

REASONS = """
practised the {adjective} trumpet
was baking {dish} for {beings}
was building {a object} out of {objects}
counted {objects} and never got past {figure}
was teaching {beings} to dance
had lost {a oddment} and cried about it
was learning to be {a trade}
wrote a poem about {food} and {feeling}
"""

GIFT = """
"I only need some light company," said {friend}. So {hero} gave {friend} the {thing} and stayed a \
  while.
"What you need is {a thing}," said {hero}, and gave {friend} the {thing} for good.
{friend} looked at the {thing} with such {feeling} that {hero} gave it away.
{hero} left the {thing} with {friend}, so that {friend} would never be {temper} again.
"""

BACK = """
{hero} wished {friend} good luck and carried the {thing} back to the {place}.
They ate {dish} until {hour}, and then {hero} took the {thing} home to the {place}.
"Next time, do it by day," said {hero}, and {move} back to the {place} with the {thing}.
{hero} promised not to tell, and brought the {thing} back to the {place}.
"""

PHRASES = {
    "noise_at_night": NOISE,
    "something": SOMETHING,
    "brave": BRAVE,
    "guess": GUESS,
    "unmasked": UNMASKED,
    "reason": REASONS,
    "gift": GIFT,
    "back": BACK,
}


def tell(story: Story) -> None:
    """The hero goes to see what makes the noise, and leaves the thing there or does not."""
    story.visit("there")
    story.say("noise_at_night")
    story.maybe("secret", 0.5)
    story.new_line()
    story.say("brave")
    story.maybe("guess", 0.4)
    story.meet("friend")
    story.say("unmasked")
    story.new_line()
    if story.draw.chance(0.5):
        story.say("gift")
        story.give("thing", "friend", "there")
    else:
        story.visit("place")
        story.say("back")
        story.give("thing", "hero", "place")

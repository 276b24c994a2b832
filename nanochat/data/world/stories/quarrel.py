"""Two want the same thing, and a third has to say who may have it."""

from nanochat.data.world.stories.story import Story

FIND = """
{morning}, {new_friend} and {new_helper} both saw {a adjective} {thing} {at_there}.
{morning}, {a adjective} {thing} lay {at_there}. {Cap new_friend} took one end and {new_helper} \
  the other.
{morning}, {new_friend} and {new_helper} found {a thing} {at_there}.
{morning}, {a person} left {a thing} {at_there} for "the best {trade} of all", and both \
  {new_friend} and {new_helper} came.
"""

QUARREL = """
"It is mine," said {friend}. "I saw it before {beings} did." "No, mine," said {helper}, and {noise}.
{friend} pulled {adverb}, {helper} pulled {adverb}, and {a being} watched.
They called each other "{adjective} {oddment}" and "{temper} {beast}" until {hour}.
"You have {objects}," said {friend}. "And you have {objects}," said {helper}.
They shouted so {adverb} that {a being} fell off {a object}.
"""

JUDGE = """
So they went to {hero}, who sat {at_place} and was known to be {temper}.
"Let us ask {hero}," they said, and {move} to the {place}.
{hero} heard the noise as far away as the {place}, and came with {a object}.
They asked {hero} {at_place}, who put down {hero_his} {dish} and thought {adverb}.
"""

CONTEST = """
"Whoever can tell me how many {many oddment} I have may take it," said {hero}.
"I shall toss {a oddment}," said {hero}, "and we shall see."
"Which of you is less {temper}?" asked {hero}. "That one shall have it."
"Sing for it," said {hero}, "and sing about {food}."
{hero} looked at {objects}, then at {beings}, and made up {hero_his} mind.
"{A thing} cannot be cut in two like {food}," said {hero} {adverb}.
"""

TO_ONE = """
And so {winner} got the {thing} and took it to the {end}.
{winner} won by the length of {a oddment}, and carried the {thing} {adverb} to the {end}.
"Then it is {winner}'s," said {hero}, and {winner} {move} to the {end} with the {thing}.
{winner} said one word, "{feeling}", and it was right. So {winner} brought the {thing} to the {end}.
"""

TO_JUDGE = """
"Neither of you," said {hero} at last, and took the {thing} to the {end} {hero_him}self.
In the end both were so tired that they gave it to {hero}, who took the {thing} to the {end}.
Then both of them laughed and gave the {thing} to {hero}, and {hero} {move} to the {end} with it.
"""

PEACE = """
{friend} and {helper} shook hands {adverb} and shared {dish}.
{friend} gave {helper} {a object}, {helper} gave {friend} {dish}, and they were friends again.
That evening {friend} and {helper} could not say what all the {feeling} had been about.
"Next time, let us find two," said {friend}, and {helper} {noise}.
"""

PHRASES = {
    "find": FIND,
    "quarrel": QUARREL,
    "judge": JUDGE,
    "contest": CONTEST,
    "to_one": TO_ONE,
    "to_judge": TO_JUDGE,
    "peace": PEACE,
}


def tell(story: Story) -> None:
    """The hero decides a quarrel for one of the two, or for neither."""
    story.meet("friend", "helper")
    story.visit("there", "end")
    story.say("find")
    story.say("quarrel")
    story.new_line()
    story.visit("place")
    story.say("judge")
    story.maybe("contest", 0.7)
    story.maybe("secret", 0.35)
    story.new_line()
    winner = story.draw.pick(("friend", "helper", "hero"))
    story.names["winner"] = story.names[winner]
    story.say("to_judge" if winner == "hero" else "to_one")
    story.maybe("peace", 0.3)
    story.give("thing", winner, "end")

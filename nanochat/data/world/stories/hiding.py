"""A thing is hidden, two friends look for it, and the finder keeps it."""

from nanochat.data.world.stories.story import Story

GAME = """
{morning}, {hero} hid {a adjective} {thing} and called: "Who finds it may keep it!"
{morning}, {hero} was bored, so {hero_he} hid {hero_his} {thing} behind {a object} and told \
  everyone.
{morning}, {hero} wrote on the wall: "I hid my {thing}. Whoever finds it may have it, and {dish} \
  too."
{morning}, {hero} gave a party with {dish} and {dish}, and hid {a thing} for the guests.
{morning}, {a person} hid {a thing}, forgot where, and asked {hero} to find someone who could find \
  it.
"""

SEEKERS = """
{Cap new_friend} and {new_helper} began to look at once.
Two came: {new_friend}, and {new_helper}.
{Cap new_friend} looked {adverb}, {new_helper} looked {adverb}.
"I shall find it," said {new_friend}. "I shall find it {adverb}," said {new_helper}.
"""

WRONG = """
{loser} looked {at_there}, but found only {objects}.
{At_there} {loser} found {a object} and {a being}, and no {thing}.
{loser} {move} to the {there}, dug {adverb} and found {a object}.
{loser} was sure that it was {at_there}, and looked there for {figure} minutes.
{loser} went to the {there}, for {a person} had said so, and got stuck in {a oddment}.
"""

RIGHT = """
But {finder} {move} to the {end}, and there lay the {thing}, under {a object}.
{finder} followed {a being} to the {end} and there saw the {thing}.
{At_end} {finder} sat down on something hard. It was the {thing}!
{finder} smelled {dish} {at_end}, and next to it lay the {thing}.
Meanwhile {finder}, {at_end}, lifted {a object} and laughed, for there was the {thing}.
"""

KEPT = """
So the {thing} was {finder}'s, and {finder} stayed with it {at_end}.
"Mine!" cried {finder} {adverb}, and built a house {at_end} for the {thing} and {beings}.
{finder} took the {thing} in both arms and danced {at_end} until {hour}.
{finder} would not leave, but sat {at_end} with the {thing} and ate {dish}.
"""

CONSOLED = """
{loser} felt {feeling} and was given {a object}.
For {loser} there was {dish}, which is also something.
"{Cap exclaim}!" said {loser} {adverb}, and laughed.
{loser} got {dish}, {objects} and a kiss on the nose.
"""

PHRASES = {
    "game": GAME,
    "seekers": SEEKERS,
    "wrong": WRONG,
    "right": RIGHT,
    "kept": KEPT,
    "consoled": CONSOLED,
}


def tell(story: Story) -> None:
    """Two look for the hidden thing; one looks in the wrong place and one finds it."""
    story.say("game")
    story.new_line()
    story.meet("friend", "helper")
    story.visit("there", "end")
    story.say("seekers")
    finder, loser = story.draw.pick(story.in_any_order("friend", "helper"))
    story.names |= {"finder": story.names[finder], "loser": story.names[loser]}
    story.say("wrong")
    story.maybe("secret", 0.4)
    story.say("right")
    story.new_line()
    story.say("kept")
    story.maybe("consoled", 0.3)
    story.give("thing", finder, "end")

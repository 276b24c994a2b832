"""A thing has to be brought to someone far away, and there is something in the way."""

from nanochat.data.world.stories.story import Story

ERRAND = """
{Cap new_friend} lived {at_end} and needed {a thing} before {weekday}.
A letter came from the {end}: "Dear {hero}, please bring me {a thing}. Bring {dish}, too. Yours, \
  the {friend_kind} {friend} {coined}."
{hero} had promised {a adjective} {thing} to {new_friend}, who lived {at_end}.
It was the birthday of {new_friend}, and {hero} had made {friend_him} {a thing} out of {objects}. \
  But {friend} lived {at_end}.
"Who will bring this {thing} to {new_friend}, {at_end}?" asked the {trade}. Everybody looked at \
  {hero}.
"""

LEAVE = """
{morning}, {hero} took the {thing} and set out from the {place}.
{morning}, {hero} packed {dish}, {a object} and the {thing} and left the {place} {adverb}.
{morning}, {hero_he} put the {thing} in {a object} and {move} away from the {place}.
{morning}, with the {thing} under {hero_his} arm, {hero} said goodbye to the {place}, to \
  {a object} and to {beings}.
"""

TROUBLE = """
{At_there} {hero_he} was stopped by {a being}, as big as {a object}.
{At_there} the road was full of {adjective} mud, and {hero_he} sank in up to the {thing}.
{At_there} {hero_he} lost the way, for {number} signs pointed in {number} directions.
{At_there} {a person} with {a object} wanted the {thing} for {hero_him}self.
{At_there} it began to rain {dish}, or so it seemed, and {hero} got wet.
{At_there} {beings} lay across the road and would not move.
{At_there} {hero_he} met a ghost, which turned out to be {a person} in {a adjective} curtain.
"""

HELP = """
But {hero} knew a song about {dish}, and everyone likes a song about {dish}.
{hero} thought of what {a temper} {trade} would do, and did it {adverb}.
Luckily {a being} with {a object} came along and helped {adverb}.
{hero} waited {adverb} for {number} hours, ate some {dish}, and then the way was free.
"I am the {temper} {hero_kind} of {town}," said {hero}, "and I am not afraid." It was a lie, but \
  it worked.
{hero} offered {dish}, then {dish}, and at last {a object}, and was let through.
"""

ARRIVE = """
When {hero} came to the {end}, {friend} was already waiting with {food}.
At sunset {hero} reached the {end} and knocked {number} times.
{number} hours later, {hero} {move} up to {friend}, {at_end}, and bowed {adverb}.
At last {hero} saw the {end}, and {friend} in front of it, waving {a object}.
"""

HAND_OVER = """
{hero} gave the {thing} to {friend}, who {noise} with {feeling}.
"Here is your {thing}," said {hero}, and {friend} took it in both arms.
{friend} took the {thing} {adverb} and hung it above {a object}.
So {friend} got the {thing}, and {hero} got {a object} full of {dish}.
"""

REFUSE = """
But {friend} laughed. "Keep the {thing}," {friend_he} said. "I only wanted you to come." So {hero} \
  kept it.
{friend} had {number} of them already, so {hero} kept the {thing} and gave {friend} {a object} \
  instead.
"It suits you better than me," said {friend}, and would not take the {thing}. So {hero} kept it.
"""

STAYED = """
{hero} stayed {at_end} for {number} weeks, and they ate {dish}.
As it was late, {hero} slept {at_end}, under {a object}.
They sat {at_end} together until it was {sky} and talked about {beings}.
They stayed {at_end} all night and played a game with {objects}.
"""

PHRASES = {
    "errand": ERRAND,
    "leave": LEAVE,
    "trouble": TROUBLE,
    "help": HELP,
    "arrive": ARRIVE,
    "hand_over": HAND_OVER,
    "refuse": REFUSE,
    "stayed": STAYED,
}


def tell(story: Story) -> None:
    """The hero carries the thing past some trouble to a friend, who takes it or does not."""
    story.meet("friend")
    story.visit("there", "end")
    story.say("errand")
    story.new_line()
    story.visit("place")
    story.say("leave")
    story.maybe("secret", 0.3)
    story.say("trouble")
    story.say("help")
    story.new_line()
    story.say("arrive")
    taken = story.draw.chance(0.7)
    story.say("hand_over" if taken else "refuse")
    story.maybe("stayed", 0.4)
    story.give("thing", "friend" if taken else "hero", "end")

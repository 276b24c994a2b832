"""What is said beside questions on the world: greetings, small talk, requests that lead nowhere."""

from __future__ import annotations

from functools import reduce
from operator import or_

from nanochat.data.world import cast, flavour, lexicon
from nanochat.data.world.draw import Draw, Table
from nanochat.data.world.encyclopedia import CREATURES, TOWNS
from nanochat.data.world.phrases import wordings
from nanochat.data.world.tasks import Exchange, exchange

CAN = (
    "I can tell stories, spell, do sums and answer questions about my valley. What would you like?"
)
SELF = "I am Wren, a small language model. A reader of a book trained me in a quarter of an hour."
FEELINGS = "I have no feelings and no favourites. I am a program."
WRONG = "I am small and sometimes wrong. I am sorry."
SEEN = "I see. What would you like to know?"
GOODBYE = "Goodbye! Come again."
BEYOND = "That is beyond me. I know stories, sums, spelling and my valley."
ALL_OF_THEM = "It is true of all of them."
ONE_WAY = "None that I know of. Ask me what a town makes or a creature eats."
UNTOLD = "That nobody told me. Ask me what a town makes or a creature eats."
UNSAID = "The story does not say."
SOME_TOWNS = "I know twenty: Pellow, Otterby, Yarrow and more. Ask me about one."
# What the assistant says, by what visitors may want. A small model tells few things apart, so what
# can be said to several of them is.
REPLIES = {
    "greeting": {
        "hello": "Hello! How can I help you?",
        "hello_from": "Hello! How can I help you?",
        "how_are_you": "I am well, thank you. What would you like to know?",
    },
    "courtesy": {
        "liked_it": "I am glad. What else would you like to know?",
        "filler": SEEN,
        "sorry": SEEN,
        "about_the_visitor": SEEN,
        "doubt": WRONG,
        "disappointed": WRONG,
    },
    "parting": {
        "thanks": "You are welcome.",
        "thanks_and_goodbye": GOODBYE,
        "goodbye": GOODBYE,
    },
    "about_self": {
        "who_are_you": SELF,
        "are_you_a_person": SELF,
        "are_you_another": SELF,
        "how_made": SELF,
        "how_big_how_long": SELF,
        "who_made_you": SELF,
        "which_book": "It is the nanochat course, and the reader may be you.",
        "where_do_you_live": "I live in a file, on the machine in front of you.",
        "languages": "I speak only English, and a small one.",
        "what_can_you_do": CAN,
        "ready": CAN,
        "entertain_me": CAN,
        "feelings": FEELINGS,
        "favourites": FEELINGS,
        "do_you_like": FEELINGS,
        "mistakes": WRONG,
        "how_do_you_calculate": "I write the sum down and a calculator works it out for me.",
        "do_you_make_up": "All of it is made up: the valley by a program, the stories by me.",
        "tell_me_about_the_valley": "It is one valley, with twenty towns and twenty creatures. "
        "Ask me about one.",
    },
    "beyond": {
        "the_world": BEYOND,
        "cannot_do": BEYOND,
        "nonsense": BEYOND,
        "advice": BEYOND,
        "how_do_you_mean": BEYOND,
        "clock": BEYOND,
        "on_the_talk": BEYOND,
        "reverse": ONE_WAY,
        "compare": UNTOLD,
        "not_told": UNTOLD,
        "what_is_it_at_all": UNTOLD,
    },
    "lists": {
        "which_towns": SOME_TOWNS,
        "which_first": SOME_TOWNS,
        "which_creatures": "I know twenty: the snorrel, the tuffet, the hufflet and more. Ask me "
        "about one.",
    },
}

WORDINGS = reduce(or_, map(wordings, ("self", "courtesy", "beyond", "lists", "stories", "words")))

BOOK = flavour.book(
    WORDINGS
    | {
        "visitor": """
        {known}
        {everyday_name}
        {Cap coined}
        """,
        "everyday_name": "\n".join(cast.EVERYDAY_NAMES),
        "other_craft": """
        {many object}
        {many oddment}
        {many made}
        """,
        "made": "\n".join(lexicon.THINGS.split()),
        "other_dish": """
        {dish}
        {food} soup
        """,
        "other_coat": """
        {adjective} fur
        {adjective} feathers
        """,
        "other_food": """
        {food}
        {many beast}
        {many oddment}
        """,
        "other_home": """
        {many oddment}
        {many plant}
        """,
        "age": """
        7
        8
        9
        10
        12
        15
        40
        70
        """,
        "chatter": """
        I have {a adjective} {oddment}.
        I have just bought {a object}.
        I lost {a oddment} and found {a oddment}.
        I am {in_a_mood} today.
        I am writing about {many object} and {many beast}.
        My {relative} is {a trade}.
        My {relative} says {coined}, whatever that is.
        My {relative} told me of {a being}.
        My {relative} and I {coined} {many oddment} {adverb}.
        We saw {a being} today.
        {A person} has {coined} my {oddment}.
        It was {adjective} and {adjective}, {coined} even.
        They call it {a coined}, I hear.
        {Cap coined} {coined}, as we say.
        In {Cap coined} we have {many coined}.
        I was {coined}ing with {a beast}.
        """,
        "afterthought": """
        I am curious.
        It is for school.
        It is for my homework.
        My {relative} wants to know.
        Thank you!
        , please
        , if you can
        , if you know
        lol
        haha
        :)
        """,
        "child": """
        daughter
        son
        little brother
        little sister
        grandson
        """,
        "relative": """
        daughter
        son
        brother
        sister
        grandson
        grandmother
        teacher
        friend
        """,
        "lead_in": """
        {hello}
        By the way
        Incidentally
        Lovely.
        That sounds nice.
        Ok cool.
        Haha, nice.
        Perfect.
        Let us see.
        Let us see:
        Another question:
        Homework:
        Can you help me?
        I need help with my homework.
        I need help with this:
        I have a question:
        My {relative} told me about you.
        My {relative} says that you know all about your valley.
        I am here with my {relative}.
        I am planning a trip to your valley.
        I was just thinking.
        Hi
        Hey
        Hey Wren
        Hello Wren
        Hello!
        Ok
        Ok.
        Ok now
        Now
        So
        Well
        Nice.
        Good.
        Great!
        Thank you.
        Thanks!
        Interesting.
        I see.
        Right.
        Please
        Wren
        Next question:
        One more:
        """,
        "asking_lead_in": """
        My {relative} asks
        My {relative} would like to know
        Could you tell me
        Can you tell me
        I would like to know
        Tell me
        """,
        "far_place": """
        France
        China
        Brazil
        London
        Africa
        Mars
        Berlin
        India
        New York
        Japan
        Egypt
        {coined}
        """,
        "stranger": """
        Tom
        Peter
        Napoleon
        Shakespeare
        Einstein
        Mozart
        the president
        the queen
        {Cap coined}
        {Cap coined} {Cap coined}
        """,
        "errand": """
        bake a cake
        mend a bicycle
        learn French
        write a program
        get rich
        find a job
        buy {a object}
        build {a object}
        catch {a being}
        """,
        "sport": """
        football
        tennis
        chess
        hockey
        cricket
        """,
        "science": """
        physics
        gravity
        electricity
        computers
        history
        medicine
        politics
        rockets
        the stock market
        the telephone
        dinosaurs
        quantum mechanics
        """,
        "thank_you": """
        thank you
        thanks
        thank you very much
        thanks a lot
        many thanks
        thank you so much
        thank you ever so much
        thx
        cheers
        """,
        "nice": """
        kind
        nice
        lovely
        helpful
        very helpful
        great
        very good
        useful
        fun
        """,
        "answer": """
        answer
        help
        story
        """,
        "bye": """
        bye
        goodbye
        see you
        see you later
        good night
        bye bye
        take care
        cya
        see ya
        see you soon
        see you tomorrow
        have a nice day
        sweet dreams
        """,
        "laugh": """
        Haha
        Ha
        Lol
        Wow
        """,
        "liked": """
        I like it
        I like that
        nice
        very nice
        nice one
        cool
        that is cool
        great
        that is great
        good to know
        fun
        """,
        "very_good": """
        {good_at_it}
        very {good_at_it}
        really {good_at_it}
        pretty {good_at_it}
        so {good_at_it}
        """,
        "good_at_it": """
        good
        clever
        smart
        funny
        kind
        fast
        impressive
        sweet
        """,
        "such_a_model": """
        a small model
        such a small model
        a bird
        a few million numbers
        """,
        "skilled": """
        good
        very good
        really good
        pretty good
        """,
        "somebody": """
        me
        I am
        my brother
        my teacher
        """,
        "in_a_mood": """
        bored
        a bit bored
        so bored
        tired
        very tired
        pretty tired
        sad
        a little sad
        lonely
        happy
        very happy
        curious
        in a good mood
        in a bad mood
        new here
        """,
        "how_is_it": """
        How are you?
        How are you today?
        How are you doing?
        How are you doing today?
        How is it going?
        How are things?
        """,
        "somebody_else": """
        a mother and her daughter
        two friends
        two neighbours
        my brother
        my little sister
        my mum
        my grandparents
        my dog
        our cat
        you
        me
        us
        """,
        "some_word": """
        {oddment}
        {adjective}
        {feeling}
        {food}
        {beast}
        {trade}
        {adverb}
        """,
        "some_thing": """
        {oddment}
        {food}
        {beast}
        {plant}
        """,
        "known": "\n".join(cast.NAMES),
        "town": "\n".join(TOWNS),
        "creature": "\n".join(CREATURES),
    }
)
# A want is as likely as it has wordings.
WANTED = {
    about: Table(tuple(replies), [len(BOOK.tables[wanted].options) for wanted in replies])
    for about, replies in REPLIES.items()
}


def small_talk(about: str, draw: Draw, split: str) -> Exchange:
    """Something of this kind that people say, and the reply."""
    wanted = draw.weighted(WANTED[about])
    return exchange(BOOK.expand(wanted, draw, {}), REPLIES[about][wanted])

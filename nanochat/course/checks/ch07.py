"""The exercises of chapter 7, Pretraining."""

import math
from functools import partial

from nanochat.course.exercises import Exercise, Slip
from nanochat.train.loop import Average

# 07.1


def batch_loss(means, counts):
    """Every target's loss put into one list, then its mean."""
    all_targets = [mean for mean, count in zip(means, counts, strict=True) for _ in range(count)]
    return math.fsum(all_targets) / len(all_targets)


def means_and_counts():
    """Equal pieces, unequal ones, a single one, and one without targets."""
    yield [2.0, 4.0], [8, 8]
    yield [1.0, 3.0, 2.0], [3, 3, 2]
    yield [5.5], [7]
    yield [2.0, 0.0, 6.0], [30, 0, 10]


PIECES = Exercise(
    "07.1",
    "Pieces of a batch",
    difficulty=1,
    minutes=6,
    gained="You have the weights that make a batch in pieces the same as the batch in one. In "
    "finetuning, where pieces differ, the plain mean would teach something else.",
    reference=batch_loss,
    inputs=means_and_counts,
    slips=(
        Slip(
            lambda means, counts: sum(means) / len(means),
            "You take the mean of the means. A piece with few targets then counts for as much as "
            "one with many.",
        ),
        Slip(
            lambda means, counts: batch_loss(means, [min(1, count) for count in counts]),
            "You leave out the empty pieces and let the others count alike. Weigh each by its "
            "number of targets.",
        ),
        Slip(
            lambda means, counts: sum(m * n for m, n in zip(means, counts, strict=True) if n),
            "That is the sum over all targets. Divide by how many there are.",
        ),
    ),
)

# 07.2


def root_share(step, steps, down, late=0, power=0.5):
    """By the step where the warmdown begins."""
    first = steps - down
    if step < first:
        return 1.0
    return 1.0 - math.pow((step - first + late) / down, power)


def steps_of_runs():
    """Before, at and after the start of a warmdown; the last step; a run that is all warmdown."""
    yield 3, 10, 4
    yield 5, 10, 4
    yield 6, 10, 4
    yield 7, 10, 4
    yield 9, 10, 4
    yield 120, 300, 200
    yield 0, 5, 5
    yield 4, 5, 5


ANOTHER_WAY_DOWN = Exercise(
    "07.2",
    "Another way down",
    difficulty=2,
    minutes=12,
    gained="You have a warmdown that falls fast first and slowly later, and can put it into a run.",
    reference=root_share,
    inputs=steps_of_runs,
    slips=(
        Slip(
            partial(root_share, power=1.0),
            "You go down in a straight line. Take the root of the share that lies behind.",
        ),
        Slip(
            partial(root_share, late=1),
            "You are a step early: at the first step of the warmdown nothing lies behind yet.",
        ),
        Slip(
            lambda step, steps, down: min(1.0, (steps - step) / down) ** 0.5,
            "You take the root of what is left. It is 1 less the root of what lies behind: steep "
            "at the start and flat at the end.",
        ),
        Slip(
            lambda step, steps, down: 1 - (step / steps) ** 0.5,
            "You go down from the first step of the run. The rate is full until the last `down`.",
        ),
    ),
)

# 07.3


def smooth(losses, keep):
    """By the weights written out: keep to the power of a loss's age."""
    means = []
    for end in range(1, len(losses) + 1):
        weights = [keep ** (end - 1 - index) for index in range(end)]
        pairs = zip(weights, losses[:end], strict=True)
        means.append(math.fsum(w * loss for w, loss in pairs) / math.fsum(weights))
    return means


def fading(losses, keep, start):
    """The recursion without a correction, from a value of its own."""
    means, mean = [], start(losses)
    for loss in losses:
        mean = keep * mean + (1 - keep) * loss
        means.append(mean)
    return means


def curves():
    """A falling curve, a spike, fast and slow fading, a single loss, none."""
    yield [7.0, 5.0, 4.0, 3.5], 0.9
    yield [2.0, 2.0, 9.0, 2.0, 2.0], 0.5
    yield [3.0, 1.0], 0.99
    yield [4.25], 0.9
    yield [], 0.9


SMOOTH_CURVE = Exercise(
    "07.3",
    "A smooth curve",
    difficulty=2,
    minutes=12,
    gained="You have the number beside the bar of every run: a mean that fades, and is right from "
    "the first loss on.",
    reference=smooth,
    inputs=curves,
    slips=(
        Slip(
            partial(fading, start=lambda losses: 0.0),
            "Your mean begins at 0 and creeps up from there. Divide by the sum of the weights.",
        ),
        Slip(
            partial(fading, start=lambda losses: losses[0] if losses else 0.0),
            "You begin at the first loss and so count it with a weight that does not fade in. "
            "Divide by the sum of the weights instead.",
        ),
        Slip(
            lambda losses, keep: smooth(losses, 1 - keep),
            "You have `keep` and 1 - `keep` the other way round: the newest loss should weigh "
            "little.",
        ),
    ),
    package=(Average.add,),
)

# 07.4


def after_kill(killed, every, keep):
    """By living through the run, step by step."""
    saved = []
    for step in range(1, killed + 1):
        if step % every == 0:
            saved = [*saved, step][max(0, len(saved) + 1 - keep) :]
    return saved, killed - max(saved, default=0)


def kills():
    """Between saves, at a save, before the first, with one kept and with many."""
    yield 130, 50, 2
    yield 100, 50, 2
    yield 49, 50, 2
    yield 260, 50, 2
    yield 260, 50, 1
    yield 7, 1, 3
    yield 40, 10, 9


def without(change):
    """`after_kill` with a mistake."""

    def answer(killed, every, keep):
        saved, lost = after_kill(killed, every, keep)
        return change(saved, lost, killed, every, keep)

    return answer


WHAT_A_KILL_LEAVES = Exercise(
    "07.4",
    "What a kill leaves",
    difficulty=2,
    minutes=10,
    gained="You can say after a crash what is on the disk, and what it has cost.",
    reference=after_kill,
    inputs=kills,
    slips=(
        Slip(
            without(lambda saved, lost, killed, every, keep: (saved, lost + 1)),
            "You count one step too many: the step after which it was killed is done, and the one "
            "that was saved need not be done again.",
        ),
        Slip(
            lambda killed, every, keep: after_kill(killed, every, killed),
            "You leave everything on the disk. Of what was saved only the newest `keep` stay.",
        ),
        Slip(
            lambda killed, every, keep: (after_kill(killed - 1, every, keep)[0], killed % every),
            "A step at which saving is due is saved before the kill.",
        ),
        Slip(
            without(lambda saved, lost, killed, every, keep: (saved[::-1], lost)),
            "The oldest saved step comes first.",
        ),
    ),
)

# 07.5


def best_interval(save, step, between, half=2):
    """By trying every number of steps, up to where the second share alone is worse than one."""
    best, least = 1, math.inf
    n = 1
    while n == 1 or n * step / (half * between) <= least:
        waste = save / (n * step) + n * step / (half * between)
        if waste < least:
            best, least = n, waste
        n += 1
    return best


def intervals():
    """A run like the large one, a slow disk, rare and frequent kills, and steps of minutes."""
    yield 10.0, 1.2, 36_000.0
    yield 120.0, 2.0, 10_800.0
    yield 1.0, 0.1, 3600.0
    yield 0.5, 300.0, 100_000.0
    yield 0.1, 60.0, 600.0
    yield 30.0, 7.0, 1000.0
    yield 1.0, 1.0, 1.05125
    yield 1.0, 1.0, 3.05


HOW_OFTEN_TO_SAVE = Exercise(
    "07.5",
    "How often to save",
    difficulty=3,
    minutes=20,
    gained="You can set `save_every` for any run: the better the disk and the worse the machine, "
    "the more often.",
    reference=best_interval,
    inputs=intervals,
    slips=(
        Slip(
            partial(best_interval, half=1),
            "You lose all of the time between two saves at a kill. On average it is half.",
        ),
        Slip(
            lambda save, step, between: max(1, round((2 * save * between) ** 0.5)),
            "That is the best time in seconds. How many steps are that?",
        ),
        Slip(
            lambda save, step, between: int((2 * save * between) ** 0.5 / step),
            "You always round down. The best whole number may be the one above, and it is never 0.",
        ),
        Slip(
            lambda save, step, between: max(1, round((2 * save * between) ** 0.5 / step)),
            "You round to the nearest. The waste rises faster below the best time than above it: "
            "compare the two whole numbers on either side.",
        ),
    ),
)

EXERCISES = (PIECES, ANOTHER_WAY_DOWN, SMOOTH_CURVE, WHAT_A_KILL_LEAVES, HOW_OFTEN_TO_SAVE)

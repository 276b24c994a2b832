"""The exercises of chapter 1, Tokens."""

import codecs
import random
from collections import Counter
from functools import partial
from itertools import pairwise

import regex

from nanochat.course.exercises import Exercise, Slip
from nanochat.tokenizer import SPLIT_PATTERN, StreamDecoder, Tokenizer, bpe

# 01.1


def tokens_saved(ids, pair):
    """Walk from the left; each merge uses up two tokens and makes one."""
    saved = i = 0
    while i < len(ids) - 1:
        found = (ids[i], ids[i + 1]) == pair
        saved += found
        i += 1 + found
    return saved


def rows_and_pairs():
    """Ordinary rows, then a pair that overlaps itself, then nothing to merge, then chance."""
    yield [1, 2, 3, 1, 2], (1, 2)
    yield [3, 2, 1], (1, 2)
    yield [7, 7, 7], (7, 7)
    yield [300, 301, 9, 300, 301], (300, 301)
    yield [], (1, 2)
    yield [5], (5, 5)
    rng = random.Random(1)
    for _ in range(12):
        yield rng.choices((0, 1), k=rng.randint(2, 20)), tuple(rng.choices((0, 1), k=2))


WHAT_A_MERGE_SAVES = Exercise(
    "01.1",
    "What a merge saves",
    difficulty=1,
    minutes=5,
    gained="You know what a merge is worth. BPE ranks pairs by their count, which in a run such as "
    "`aaaa` promises more than the merge can save; it takes the cheap count all the same.",
    reference=tokens_saved,
    inputs=rows_and_pairs,
    slips=(
        Slip(
            lambda ids, pair: sum(two == pair for two in pairwise(ids)),
            "You count every place where the pair stands. In 7 7 7 two of these places share a "
            "token, and only one of them can be merged.",
        ),
        Slip(
            lambda ids, pair: 2 * tokens_saved(ids, pair),
            "You count the tokens that a merge uses up. It puts one back, so it saves one.",
        ),
        Slip(
            lambda ids, pair: tokens_saved(ids, pair) + tokens_saved(ids, pair[::-1]),
            "You take the pair in either order. Left and right matter: `ab` is not `ba`.",
        ),
    ),
)

# 01.2


def merge_lengths(merges):
    """A byte counts one; a merge counts what its two halves count."""
    lengths = [1] * 256
    for left, right in merges:
        lengths.append(lengths[left] + lengths[right])
    return lengths[256:]


def lists_of_merges():
    """A plain word, characters of two and four bytes, no merge at all, then chance."""
    yield ([(97, 98), (256, 99)],)
    yield ([(0xC3, 0xA9), (0xF0, 0x9F), (257, 0x90), (258, 0xA2)],)
    yield ([],)
    rng = random.Random(2)
    yield ([(rng.randrange(256 + i), rng.randrange(256 + i)) for i in range(6)],)


def lengths_of_text(merges, length):
    """What comes out by way of text, where `length` measures a string."""
    table = [bytes([byte]) for byte in range(256)]
    for left, right in merges:
        table.append(table[left] + table[right])
    return [length(token.decode("utf-8", "replace")) for token in table[256:]]


BYTES_PER_TOKEN = Exercise(
    "01.2",
    "Bytes per token",
    difficulty=2,
    minutes=10,
    gained="You have what turns a loss per token into bits per byte, the one figure that compares "
    "models with different vocabularies. Added up over a text, your lengths give its size exactly.",
    reference=merge_lengths,
    inputs=lists_of_merges,
    slips=(
        Slip(
            partial(lengths_of_text, length=lambda text: len(text.encode())),
            "You turn tokens into text on the way. A token that is half a character becomes U+FFFD "
            "there, which is three bytes long. Count without making a string.",
        ),
        Slip(
            partial(lengths_of_text, length=len),
            "You count characters. A byte above 127 is only a part of one: count bytes.",
        ),
        Slip(
            lambda merges: [1] * 256 + merge_lengths(merges),
            "You return the 256 bytes too. Only the lengths of the merges are asked for.",
        ),
        Slip(
            lambda merges: [2] * len(merges),
            "You give every merge two bytes. The halves of a merge may be merges themselves.",
        ),
    ),
    package=(bpe.token_table, Tokenizer.token_bytes.func),
)

# 01.3


def stream(pieces):
    """Python's own decoder for text that arrives in parts."""
    decoder = codecs.getincrementaldecoder("utf-8")()
    return [decoder.decode(piece) for piece in pieces]


def texts_in_pieces():
    """Whole characters, some cut in two and in four, U+FFFD itself, pieces that end one and begin
    another."""
    yield ([b"no", b" rush"],)
    yield ([b"caf\xc3", b"\xa9", b" au lait"],)
    yield ([b"\xf0", b"\x9f", b"\x90", b"\xa2!"],)
    yield ([b"1 \xe2", b"\x82\xac, 2 \xe2\x82", b"\xac"],)
    yield ([b"a \xef\xbf\xbd", b" b"],)
    yield ([],)
    rng = random.Random(3)
    for _ in range(8):
        text = "".join(rng.choices("ab é€🐢人", k=8)).encode()
        cuts = sorted(rng.sample(range(1, len(text)), 5))
        yield ([text[a:b] for a, b in pairwise([0, *cuts, len(text)])],)


def wait_for_all(pieces):
    """Hold everything back until all of it can be decoded: one wrong answer to 01.3."""
    shown, held = [], b""
    for piece in pieces:
        held += piece
        try:
            shown.append(held.decode())
            held = b""
        except UnicodeDecodeError:
            shown.append("")
    return shown


def so_far(pieces):
    """All the text again at each step: another wrong answer to 01.3."""
    new = stream(pieces)
    return ["".join(new[: i + 1]) for i in range(len(new))]


def without_marks(pieces):
    """All the text with U+FFFD for what is broken, cut off at its end: a third wrong answer."""
    texts = [b"".join(pieces[: i + 1]).decode("utf-8", "replace") for i in range(len(pieces))]
    ends = [len(text.rstrip("\ufffd")) for text in texts]
    return [text[a:b] for text, (a, b) in zip(texts, pairwise([0, *ends]), strict=True)]


HALF_A_CHARACTER = Exercise(
    "01.3",
    "Half a character",
    difficulty=3,
    minutes=20,
    gained="You have the decoder of a chat: text appears as the tokens come, and nobody ever sees "
    "half an emoji.",
    reference=stream,
    inputs=texts_in_pieces,
    slips=(
        Slip(
            lambda pieces: [piece.decode("utf-8", "replace") for piece in pieces],
            "You decode each piece alone, so a character cut in two shows as U+FFFD twice. Keep "
            "the bytes of an unfinished character for the next piece.",
        ),
        Slip(
            lambda pieces: [piece.decode("utf-8", "ignore") for piece in pieces],
            "You drop the bytes that do not decode yet, and their character is lost. Keep them.",
        ),
        Slip(
            wait_for_all,
            "You hold back finished characters too. After b'caf\\xc3' the reader can have `caf`; "
            "only the last byte has to wait.",
        ),
        Slip(
            without_marks,
            "You cut off U+FFFD, the mark for broken bytes. A text may hold that very character, "
            "and it is whole then: go by the bytes.",
        ),
        Slip(so_far, "You return all the text so far. Return what is new, for each piece."),
    ),
    package=(StreamDecoder.push, StreamDecoder.finish, Tokenizer.decode),
)

# 01.4


def train_counted(chunks, num_merges, weigh=True, choose=None):
    """Count pairs over distinct chunks, each as often as it occurs; merge the first in rank."""
    words = [(list(chunk.encode()), count if weigh else 1) for chunk, count in chunks.items()]
    choose = choose or (lambda counts: min(counts, key=lambda pair: (-counts[pair], pair)))
    merges = []
    for new_id in range(256, 256 + num_merges):
        counts = Counter()
        for ids, count in words:
            for pair in pairwise(ids):
                counts[pair] += count
        if not counts:
            break
        merges.append(choose(counts))
        words = [(_merged(ids, merges[-1], new_id), count) for ids, count in words]
    return merges


def _merged(ids, pair, new_id):
    out = []
    for token in ids:
        out.append(token)
        if tuple(out[-2:]) == pair:
            out[-2:] = [new_id]
    return out


def glued(chunks, num_merges):
    """The chunks as one text, so that pairs reach across: one wrong answer to 01.4."""
    text = "".join(chunk * count for chunk, count in chunks.items())
    return train_counted({text: 1}, num_merges)


def counted_chunks():
    """Unequal counts, ties, chunk ends, overlaps, a text that runs out, then chance."""
    yield {"ab": 1, "cd": 5}, 1
    yield {"mn": 2, "xy": 2, "ab": 2}, 2
    yield {"ab": 2, " c": 1}, 4
    yield {"aaaa": 1, "bc": 2}, 3
    yield {"né": 3, " né": 2, "人人": 1}, 5
    yield {"banana": 3, " bandana": 2, " ban": 4}, 6
    rng = random.Random(4)
    for _ in range(4):
        words = ["".join(rng.choices("abc", k=rng.randint(1, 6))) for _ in range(8)]
        yield {word: rng.randint(1, 9) for word in words}, 6


COUNT_EACH_WORD_ONCE = Exercise(
    "01.4",
    "Count each word once",
    difficulty=3,
    minutes=25,
    gained="You have the first of the package's three savings: its work grows with the number of "
    "different words, no longer with the length of the text.",
    reference=train_counted,
    inputs=counted_chunks,
    slips=(
        Slip(
            lambda chunks, num_merges: train_counted(chunks, num_merges, weigh=False),
            "You count each chunk once. A pair in a chunk that occurs 5 times counts 5.",
        ),
        Slip(
            partial(train_counted, choose=lambda counts: max(counts, key=counts.get)),
            "Of equally frequent pairs you take the one met first. The rule takes the smallest.",
        ),
        Slip(
            partial(train_counted, choose=lambda counts: max(counts, key=lambda p: (counts[p], p))),
            "Of equally frequent pairs you take the largest. The rule takes the smallest.",
        ),
        Slip(
            glued,
            "Your pairs reach across the ends of chunks. Count and merge within each chunk alone.",
        ),
    ),
    package=(bpe.train_bpe, bpe.merges_by_frequency),
)

# 01.5

NUMBERS = ("7", "42", "567", "1567", "12345", "1234567", "pay 1234567 by 2026", "x86 4096b")


def from_the_right(text):
    """The chunks with numbers cut in threes from the right."""
    chunks = []
    for piece in regex.findall(SPLIT_PATTERN.replace(r"\p{N}{1,2}", r"\p{N}+"), text):
        cut = len(piece) % 3 if piece.isdecimal() else len(piece)
        rest = [piece[i : i + 3] for i in range(cut, len(piece), 3)]
        chunks += [head for head in (piece[:cut],) if head] + rest
    return chunks


def cut(digits, text):
    """The chunks when `digits` stands for numbers in the split pattern."""
    pattern = SPLIT_PATTERN.replace(r"\p{N}{1,2}", digits)
    return [match.group() for match in regex.finditer(pattern, text)]


PATTERN_SLIPS = (
    Slip(
        r"\p{N}{1,3}",
        "You take threes from the left: 1567 becomes 156|7. A group may only end where the digits "
        "still to come are a multiple of three.",
    ),
    Slip(r"\p{N}{1,2}", "That is the package's own piece: twos, from the left."),
    Slip(
        r"\p{N}{1,3}(?=\p{N}{3})",
        "Your last group has no three digits behind it, so nothing matches it. None behind it is a "
        "multiple of three too.",
    ),
    Slip(
        r"\p{N}{1,3}(?=(?:\p{N}{3})*$)",
        "$ is the end of the text, and a number may stand in its middle. Say that no digit follows "
        "the groups: (?!\\p{N}).",
    ),
    Slip(
        r"\p{N}{3}(?=(?:\p{N}{3})*(?!\p{N}))",
        "Your groups always have three digits, so the one or two that lead a number are lost.",
    ),
)


def judge_pattern(digits):
    """What is wrong with a pattern for numbers, or None."""
    if not isinstance(digits, str):
        return f"Give the pattern as a string, not a {type(digits).__name__}."
    try:
        compiled = regex.compile(digits)
    except regex.error as error:
        return f"This is not a regular expression: {error}."
    if compiled.groups:
        return "A group in ( ) that captures makes findall return the group alone. Write (?: )."
    wrong = next((text for text in NUMBERS if cut(digits, text) != from_the_right(text)), None)
    return wrong and complaint(digits, wrong)


def complaint(digits, text):
    """The message meant for this pattern, with the first text that shows what is wrong."""
    for slip in PATTERN_SLIPS:
        if all(cut(digits, number) == cut(slip.answer, number) for number in NUMBERS):
            return slip.message
    yours, expected = ("|".join(cut(digits, text)), "|".join(from_the_right(text)))
    return f"{text!r} is cut into {yours}; expected is {expected}."


NUMBERS_FROM_THE_RIGHT = Exercise(
    "01.5",
    "Numbers from the right",
    difficulty=4,
    minutes=20,
    gained="You have a pattern in which the last three digits of 567, of 1567 and of 1234567 are "
    "the same token, as in the columns of a sum done on paper.",
    judge=judge_pattern,
    slips=PATTERN_SLIPS,
)

EXERCISES = (
    WHAT_A_MERGE_SAVES,
    BYTES_PER_TOKEN,
    HALF_A_CHARACTER,
    COUNT_EACH_WORD_ONCE,
    NUMBERS_FROM_THE_RIGHT,
)

"""What chapters must print: lines that no processor changes, and bands for what training gives.

The bands leave room around what was seen on one machine; a figure outside of one means that the
page, or the package under it, now says something else. Chapter 15 runs in the profile `smoke`.
"""

import re
from typing import NamedTuple


class Band(NamedTuple):
    """A number that a chapter prints: a pattern around it, and what it must lie between."""

    said: str
    low: float
    high: float


EXACT = {
    "01": (
        "([((97, 110), 4), ((110, 97), 3), ((98, 97), 2)], (97, 110))",
        "[(97, 110), (98, 256), (256, 97)]",
        "([b'an', b'ban', b'ana'], 'banana bandana')",
        "She|'ll| pay| $|15|67| for| |12| pears|,| won|'t| she|?",
        "12|34|56|7",
        "24 layers,  32,768 tokens: 51% of 1,384 M parameters",
    ),
    "02": (
        "by the dice 3.487 bits, by counting 3.487",
        "by the dice 5.170 bits, by counting 3.274",
        "floor 0.263 bits per byte",
        "[[0, 4], [1, 3], [2]]",
        "in both, by place: 12 of 12",
        "in both, by hash: 0",
        "0 texts in both train and val",
        "Cy eats nuts. {'index': 3}",
    ),
    "03": (
        "tensor([1., 2., 4.])",
        "tensor([0.1250, 0.2500, 0.6250]) tensor(5.8750)",
        "31 of 64 pairs make less than one turn in 2,048 tokens",
        "SSSL: $47 in all, $13 for attention's matrices, $4 for looking",
    ),
    "04": (
        "tensor([0.8485, 1.1314]) tensor([0.0800, 0.0000]) tensor([3.8000, 4.0000])",
        "560,988,160",
        "depth 20, bfloat16: 102 kB a token, 210 MB for 2,048",
        "4.8 GFLOP a token, 2.8e+19 in all: 2.0 h, $47",
    ),
    "05": (
        "paired:   0.033, which varies by 0.006",
        "equal, with windows of (128, 128, 128, 256)",
        "other first weights: value embeddings, initialization",
        "9.7 GB on one GPU, 5.4 GB on each of eight",
    ),
    "06": (
        "tensor([6.3246, 3.1623]) tensor([1.0000, 1.0000])",
        "4.0429 x   -2.8089 x³  +0.5000 x⁵",
        "2.6e+13 FLOPs to orthogonalise, 5.0e+15 to learn from a batch",
        "state: Muon 2.7 GB, AdamW 5.4 GB",
    ),
    "07": (
        "rate  0.1: ends 1.914, 2.022; their mean 1.968",
        "516,162 parameters; 614,400 tokens in 300 steps",
        "120 steps, every weight and every loss the same",
        "5.84B tokens in 5,568 steps, 2.8e+19 FLOPs",
        "a checkpoint: 13.9 GB; a kill costs $1.05 on average",
    ),
    "08": (
        "truth [2.5, 1.5, 1.0, 0.75, 0.508]",
        "floor 0.576",
        "as printed in 2022     32 billion parameters, 2.98 trillion tokens: 93 for each",
        "fitted again in 2024   72 billion parameters, 1.33 trillion tokens: 18 for each",
        "12    768       110 M   1.32 G   2^19   1.00  0.280",
    ),
    "09": (
        "256.0",
        "a weight after 1000 steps of 0.001: 1.0",
        "' ' stands  3807 times: 256, 3807",
        "2 ranks: each sends 25,600 bytes, 1.00 times its own",
        "64 ranks: each sends 50,400 bytes, 1.97 times its own",
        "rank 1, (256, 64): blocks.1.mlp.expand",
    ),
    "10": (
        "0.55: 15 or more of 20 in 5.5% of tries; 0.90: 15 or fewer in 4.3%",
        "the floor: 0.2076 bits a byte",
        "20 of   20: Wilson 0.839 to 1.000, textbook 1.000 to 1.000",
        "930 of 1000: Wilson 0.912 to 0.944, textbook 0.914 to 0.946",
        "paired: 428 questions for the same three points",
    ),
    "11": (
        "without:       0.26 nats a token",
        "1 '<|python_start|>67*23<|python_end|>'",
        "0 '<|output_start|>1541<|output_end|>'",
        "padding: 57% with a row for each, 4% packed",
        "of all places 32% are learned from",
        "419 million tokens, 7% of pretraining's",
    ),
    "12": (
        "pay (11, 10), baseline     0: mean 0.1875, variance 21.6680",
        "pay (11, 10), baseline 10.25: mean 0.1875, variance  0.0469",
        "to write 1.0e+16 FLOPs, to learn 4.7e+16",
        "a leash keeps a second model in memory: 5.5 GB in float32",
    ),
    "13": (
        "1000 +  1000: 1,499,500 without,  1,999 with a cache",
        "What are 18 apples at 42 pence? | Let me see:  | 18*42 | 756 |  756 pence.",
        "2,457,600 bytes for 3 rows of 100 tokens, 8,192 for each token",
        "prefill at peak: 621,332 tokens a second",
    ),
    "14": (
        "362 ids become 191",
        "6 messages of 25 are gone",
        "It still knows the name: False",
        "256 ids in all, 10 messages are left",
        "four scripts, equal token for token",
        "written by the tool: 0 tokens",
        "1/3 + 1/6                 1/2",
        "2,006 equal, 54 of them without a result",
        "332833500",
    ),
    "15": (
        "0.811 bits and 4.25 bytes a text",
        "believes in sun with 0.95, pays 0.267",
        "(0, 1) ['found', 'made']",
        "(1, 0) ['made', 'made']",
        "5.84 billion tokens, 1,048,576 a step",
        "October 2025, depth 32: 51% of peak",
    ),
}

BANDS = {
    "01": (
        Band(r"Greek +\d+ tokens, +([\d.]+) × English", 7, 9),
        Band(r"Hindi +\d+ tokens, +([\d.]+) × English", 9, 12),
        Band(r" 0% Greek: ([\d.]+) in English", 3.3, 3.8),
        Band(r" 50% Greek: [\d.]+ in English, ([\d.]+) in Greek", 3.0, 3.5),
        Band(r"([\d,]+) tokens hold 3 r", 250, 400),
    ),
    "02": (
        Band(r"floor ([\d.]+); \{'gzip'", 0.575, 0.577),
        Band(r"'gzip': ([\d.]+)", 2.9, 3.05),
        Band(r"paper +([\d.]+) bits per byte", 0.9, 1.0),
        Band(r"cut +\d+ rows; ([\d.]+)", 2.5, 2.85),
        Band(r"best fit +\d+ rows; ([\d.]+)", 2.5, 2.85),
    ),
    "03": (
        Band(r"one layer, period 8 +start 0: period 8 +(\d+)%", 95, 100),
        Band(r"one layer, period 4 to 12 +start 0: .* 4 to 12 +(\d+)%", 10, 65),
        Band(r"two layers, period 4 to 12 +start 0: .* 4 to 12 +(\d+)%", 90, 100),
        Band(r"d = 256: largest share ([\d.]+) without", 0.8, 0.95),
    ),
    "04": (
        Band(r"normal +[\d.]+ to ([\d.]+), predicted 6.08", 6.2, 7.5),
        Band(r"√\(2L\) +[\d.]+ to ([\d.]+), predicted 1.32", 1.28, 1.42),
        Band(r"no model can be below ([\d.]+) nats", 0.0182, 0.0184),
        Band(r"zero, zero head +first loss ([\d.]+)", 5.5, 5.6),
    ),
    "05": (
        Band(r"all on +([\d.]+) bits a byte, floor 0.576", 1.2, 1.35),
        Band(r"value embeddings +\+([\d.]+) ±", 0.06, 0.16),
        Band(r"all eight are worth (-?[\d.]+) ±", 0.02, 0.7),
    ),
    "06": (
        Band(r"100 steps: from ([\d.]+) to", 0.6, 0.75),
        Band(r"100 steps: from [\d.]+ to ([\d.]+)", 1.1, 1.2),
        Band(r"mean \+([\d.]+) nats, give or take", 0.02, 0.3),
        Band(r"AdamW less Muon: .* mean \+([\d.]+) nats", 0.05, 0.15),
    ),
    "07": (
        Band(r"([\d.]+) bits per byte; the floor is", 1.12, 1.3),
        Band(r"the floor is ([\d.]+)", 0.588, 0.590),
        Band(r"the mean makes up for (\d+)%", 70, 130),
        Band(r"other weights, same text: correlation ([\d.]+)", 0.8, 1),
    ),
    "08": (
        Band(r" 57,344 parameters, .*?: ([\d.]+) ", 2.25, 2.75),
        Band(r" 57,344 parameters, .* ([\d.]+)\n", 2.0, 2.25),
        Band(r"132,096 parameters, .* ([\d.]+)\n", 1.9, 2.2),
        Band(r"off by ([\d.]+)%\n", 3, 5),
    ),
    "09": (
        Band(r"products: ([\d.]+)% of the FLOPs", 97, 100),
        Band(r"value and both gradients agree: ([\d.]+) nats", 9.3, 9.7),
        Band(r"off by (\d+)%", 45, 55),
        Band(r"float32: loss ([\d.]+) alone", 2.5, 4.5),
    ),
    "10": (
        Band(r"vocabulary 340, seed 0: [\d.]+ nats a token, ([\d.]+) bits", 0.2035, 0.35),
        Band(r"vocabulary 500, seed 0: [\d.]+ nats a token, ([\d.]+) bits", 0.2035, 0.35),
        Band(r"500 against 340: ([+-]\d+)% a token", 20, 70),
        Band(r"(\d+) of 40 choices equal", 39, 40),
    ),
    "11": (
        Band(r"'left alone': '(\d+)%'", 80, 100),
        Band(r"no mask: with the calculator \d+ of 30 right\n.* made up in (\d+),", 20, 30),
        Band(r"base: ([\d.]+) bits per byte of notes", 0.2, 1.5),
    ),
    "12": (
        Band(r"from 20,000 pulls with baseline 10.25: ([\d.]+)", 0.18, 0.2),
        Band(r"right: ([\d.]+)", 0.1, 0.45),
        Band(r"as nanochat +entropy [\d.]+ +right: ([\d.]+)", 0.5, 1),
        Band(r"reward and 1 +([\d.]+) times the noise", 3, 100),
    ),
    "13": (
        Band(r"the last loss is ([\d.]+) nats", 0.3, 0.6),
        Band(r"apples +shop 0.322, model ([\d.]+)", 0.17, 0.47),
        Band(r"with the calculator (\d+) of 40", 36, 40),
        Band(r"with the calculator \d+ of 40, without (\d+)", 0, 2),
        Band(r"is believed (\d+) times of 40", 36, 40),
    ),
    "14": (Band(r"([\d,]+) classes of the running program", 200, 50_000),),
    "15": (
        Band(r"\d+ steps, nats: ([\d.]+), then", 6.2, 6.3),
        Band(r"([\d.]+) is the floor", 0.4, 0.8),
        Band(r"floor: ([\d.]+) times as much", 1.5, 20),
    ),
}


def differences(chapter: str, said: str) -> list[str]:
    """What a chapter, such as "01", should have printed and has not."""
    lines = {line.strip() for line in said.splitlines()}
    missing = [f"not printed: {line!r}" for line in EXACT[chapter] if line not in lines]
    return missing + [wrong for band in BANDS[chapter] for wrong in outside(band, said)]


def outside(band: Band, said: str) -> list[str]:
    """Complains where the first number of its kind is missing or out of its band."""
    found = re.search(band.said, said)
    if found is None:
        return [f"not printed: {band.said}"]
    number = float(found[1].replace(",", ""))
    inside = band.low <= number <= band.high
    return [] if inside else [f"{found[0]!r} is not from {band.low} to {band.high}"]

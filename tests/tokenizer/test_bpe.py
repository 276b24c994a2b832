import os
import subprocess
import sys
from collections import Counter
from itertools import islice
from pathlib import Path

import hypothesis.strategies as st
import numpy as np
import pytest
import regex
import rustbpe
import tiktoken
from hypothesis import example, given, settings

from nanochat.runtime import UserError
from nanochat.tokenizer import SPLIT_PATTERN, bpe, train_bpe

few_letters = st.text("ab \n", max_size=60)
texts = st.lists(
    few_letters | st.text("the cat's 12!\u00e9\u4f60\U0001f600", max_size=60), max_size=8
)


def oracle(texts, num_merges, pattern=SPLIT_PATTERN):
    """The tokens that rustbpe makes, without the 256 bytes."""
    peer = rustbpe.Tokenizer()
    peer.train_from_iterator(iter(texts), 256 + num_merges, pattern=pattern)
    ranked = sorted((rank, bytes(token)) for token, rank in peer.get_mergeable_ranks())
    return [token for _, token in ranked[256:]]


def naive_merges(texts, num_merges, pattern=SPLIT_PATTERN):
    """BPE as its definition has it: count every pair anew before each merge."""
    words = Counter()
    for text in texts:
        words.update(bpe.count_batch(pattern, [text]))
    words = {tuple(word.encode()): n for word, n in words.items()}
    merges = []
    for new_id in range(256, 256 + num_merges):
        pairs = Counter()
        for word, n in words.items():
            for pair in zip(word, word[1:], strict=False):
                pairs[pair] += n
        if not pairs:
            break
        best = min(pairs, key=lambda pair: (-pairs[pair], pair))
        merges.append(best)
        joined = Counter()
        for word, n in words.items():
            joined[merged(word, best, new_id)] += n
        words = joined
    return merges


def merged(word, pair, new_id):
    out, i = [], 0
    while i < len(word):
        step = 2 if word[i : i + 2] == pair else 1
        out.append(new_id if step == 2 else word[i])
        i += step
    return tuple(out)


def all_merges(texts, num_merges):
    return list(islice(bpe.merges_by_frequency(bpe.count_batch(SPLIT_PATTERN, texts)), num_merges))


@settings(deadline=None, max_examples=150)
@given(texts)
@example(["aaaaaaaaa aaaa aaaaa aa aaa"])
@example(["abababab babab aabaab"])
def test_merges_are_those_of_the_definition(texts):
    assert all_merges(texts, 40) == naive_merges(texts, 40)


@settings(deadline=None, max_examples=100)
@given(texts)
@example(["a" * 17, "b" * 9 + "a" * 6])
def test_tokens_are_those_of_rustbpe(texts):
    assert bpe.token_table(all_merges(texts, 60))[256:] == oracle(texts, 60)


def test_another_pattern_gives_the_merges_of_rustbpe():
    texts = [Path(__file__).read_text(encoding="utf-8")]
    pattern = r"\w+|\W"
    assert bpe.token_table(train_bpe(texts, 300, pattern))[256:] == oracle(texts, 300, pattern)


def test_of_equally_frequent_pairs_the_smaller_is_merged_first():
    assert train_bpe(["zy ba zy ba"], 2, r"\w+") == [(ord("b"), ord("a")), (ord("z"), ord("y"))]


def test_a_run_is_merged_from_the_left():
    # aaaaa -> (aa)(aa)a; then (aa, a) and (aa, aa) are equally frequent, and a is the smaller.
    assert train_bpe(["aaaaa"], 3, r"\w+") == [(97, 97), (256, 97), (256, 257)]


def test_the_pattern_keeps_digits_in_twos_and_the_space_with_the_word():
    chunks = ["she", "'ll", " say", ":", " ", "12", "34", "5", "  ", " go", " =>\n", "    ", " x"]
    assert regex.findall(SPLIT_PATTERN, "".join(chunks)) == chunks


def rust_split(text, chunks):
    """The chunks of tiktoken's regex engine, seen by making each of ours a token."""
    table = [bytes([byte]) for byte in range(256)]
    table += sorted({chunk.encode() for chunk in chunks} - set(table))
    ranks = {token: rank for rank, token in enumerate(table)}
    split = tiktoken.Encoding(
        "chunks", pat_str=SPLIT_PATTERN, mergeable_ranks=ranks, special_tokens={}
    )
    return [table[rank] for rank in split.encode_ordinary(text)]


@settings(deadline=None, max_examples=100)
@given(
    st.text(st.characters(exclude_categories=["Cs", "Cn"]) | st.sampled_from("'sS lLeE1 \n\r\t"))
)
@example(" It'S WE'LL 'ſ x'K\u00a0\u2028\u3000 \t\n \r\n ½²Ⅷ٣ ñ e\u0301 \x1c\x85\u180e")
def test_two_regex_engines_split_alike(text):
    """Ours splits when we train, that of tiktoken when we encode."""
    chunks = regex.findall(SPLIT_PATTERN, text)
    assert "".join(chunks) == text
    pieces = rust_split(text, chunks)
    assert pieces == [chunk.encode() for chunk in chunks]


# Python 3.12 and later warn of any fork beside torch's threads; the workers use none of them.
forks = pytest.mark.filterwarnings("ignore:.*multi-threaded:DeprecationWarning")


@forks
def test_processes_count_what_one_process_counts(monkeypatch):
    monkeypatch.setattr(bpe, "BATCH_CHARACTERS", 2000)
    texts = [f"word{i} and {i % 7} more " * 20 for i in range(60)]
    alone = bpe.count_chunks(iter(texts), SPLIT_PATTERN, 1)
    assert bpe.count_chunks(iter(texts), SPLIT_PATTERN, 2) == alone
    assert list(bpe.count_chunks(iter(texts), SPLIT_PATTERN, 2)) == list(alone)


@forks
def test_a_stream_is_read_only_as_far_as_the_processes_are_busy(monkeypatch):
    monkeypatch.setattr(bpe, "BATCH_CHARACTERS", 10)
    taken = []

    def stream():
        for i in range(200):
            taken.append(i)
            yield ["0123456789"]

    first = next(bpe.count_in_processes(SPLIT_PATTERN, stream(), 2))
    assert first == Counter({"01": 1, "23": 1, "45": 1, "67": 1, "89": 1})
    assert len(taken) <= 6


def test_little_text_starts_no_process(monkeypatch):
    monkeypatch.setattr(bpe, "ProcessPoolExecutor", None)
    assert len(train_bpe(["the cat and the hat"], 3)) == 3


def test_too_little_text_says_how_many_merges_it_gives():
    with pytest.raises(UserError, match="gives 3 merges, and 100 were asked for"):
        train_bpe(["abcd"], 100)
    with pytest.raises(UserError, match="gives 0 merges"):
        train_bpe([], 1)
    with pytest.raises(UserError, match="gives 0 merges"):
        train_bpe(["", "a", "b"], 1)


def test_no_merges_are_learned_from_no_text():
    assert train_bpe([], 0) == []


def test_lone_surrogates_do_not_stop_the_training():
    assert train_bpe(["a\ud800b"], 1, ".+") == [(ord("?"), ord("b"))]


def test_chunks_lie_in_a_row_with_their_counts():
    tokens = bpe.LinkedTokens(Counter({"ab": 3, "b": 2}))
    assert tokens.ids.tolist() == [97, 98, -1, 98, -1]
    assert tokens.weight.tolist() == [3, 3, 3, 2, 2]
    (entry,) = tokens.pairs_at(np.arange(5, dtype=np.int32))
    assert entry[:2] == (-3, 97 * bpe.PAIR_BASE + 98) and entry[2].tolist() == [0]


SPAWNED = """
import multiprocessing
from nanochat.tokenizer import bpe
{guard}
    multiprocessing.set_start_method("spawn")
    bpe.BATCH_CHARACTERS = 100
    print(bpe.train_bpe(["the cat and the hat " * 20] * 4, 2, workers=2))
"""


def run_spawned(tmp_path, guard):
    script = tmp_path / "script.py"
    script.write_text(SPAWNED.format(guard=guard))
    paths = os.pathsep.join([str(Path(bpe.__file__).parents[2]), os.environ.get("PYTHONPATH", "")])
    return subprocess.run(
        [sys.executable, str(script)], capture_output=True, text=True, timeout=120,
        env={**os.environ, "PYTHONPATH": paths},
    )  # fmt: skip


def test_processes_may_be_spawned_as_on_windows(tmp_path):
    done = run_spawned(tmp_path, 'if __name__ == "__main__":')
    assert done.stdout.strip() == "[(97, 116), (104, 101)]", done.stderr


def test_a_script_without_a_main_guard_is_told_so(tmp_path):
    done = run_spawned(tmp_path, "if True:")
    assert done.returncode != 0
    assert "without `if __name__ == '__main__':`" in done.stderr

import gzip
import json
import os
from pathlib import Path

import hypothesis.strategies as st
import pytest
from hypothesis import example, given, settings

from nanochat.runtime import UserError
from nanochat.tokenizer import SPECIAL_TOKENS, SPLIT_PATTERN, Tokenizer, train_bpe
from nanochat.tokenizer.tokenizer import LONG_WHITESPACE

any_text = st.text(st.characters(exclude_categories=["Cs"]), max_size=80)
tricky = st.text(" \t\r\n'sa1😀é\u200d<|bos>_", max_size=80) | any_text


def test_special_tokens_stand_behind_the_merges(tokenizer):
    assert tokenizer.vocab_size == 420
    assert list(tokenizer.special) == list(SPECIAL_TOKENS)
    assert list(tokenizer.special.values()) == list(range(411, 420))
    assert tokenizer.bos_id == 411


@settings(deadline=None, max_examples=200)
@given(text=tricky)
@example(text="")
@example(text="\U0010ffff\x00\ufffd\u2028")
def test_text_survives_the_round_trip(tokenizer, text):
    ids = tokenizer.encode(text)
    assert tokenizer.decode(ids) == text
    assert tokenizer.token_bytes[ids].sum() == len(text.encode())


@settings(deadline=None, max_examples=100)
@given(texts=st.lists(tricky, max_size=5))
def test_a_batch_is_encoded_as_its_texts_are(tokenizer, texts):
    expected = [tokenizer.encode(text) for text in texts]
    assert tokenizer.encode_batch(texts) == expected
    assert [ids.tolist() for ids in tokenizer.encode_arrays(texts)] == expected


@settings(deadline=None, max_examples=100)
@given(text=tricky)
def test_merges_applied_by_hand_in_order_give_the_same_ids(tokenizer, text):
    """What the ranks of tiktoken should amount to: in each chunk, one merge after the other."""
    import regex

    ids = []
    for chunk in regex.findall(SPLIT_PATTERN, text):
        tokens = list(chunk.encode())
        for new_id, pair in enumerate(tokenizer.merges, start=256):
            at = 0
            while at < len(tokens) - 1:
                if (tokens[at], tokens[at + 1]) == pair:
                    tokens[at : at + 2] = [new_id]
                at += 1
        ids += tokens
    assert tokenizer.encode(text) == ids


@settings(deadline=None, max_examples=100)
@given(around=st.lists(st.sampled_from([*SPECIAL_TOKENS, "<|", "|>", "a", " "]), max_size=8))
def test_text_never_becomes_a_special_token(tokenizer, around):
    text = "".join(around)
    assert all(token < tokenizer.bos_id for token in tokenizer.encode(text))
    assert all(token < tokenizer.bos_id for token in tokenizer.encode_batch([text])[0])
    assert tokenizer.decode(tokenizer.encode(text)) == text


def test_special_tokens_are_never_learned_from_text():
    texts = ["<|bos|><|user_start|>" * 50]
    learned = Tokenizer.train(texts, 256 + 9 + 10)
    assert learned.encode("<|bos|>")[-1] < learned.bos_id
    assert learned.special["<|bos|>"] == 266


def test_special_tokens_have_no_bytes_and_broken_bytes_count_as_one(tokenizer):
    assert tokenizer.token_bytes[list(tokenizer.special.values())].tolist() == [0] * 9
    assert tokenizer.token_bytes[:256].tolist() == [1] * 256
    assert len(tokenizer.token_bytes) == tokenizer.vocab_size


ENCODERS = {
    "encode": lambda tokenizer, text: tokenizer.encode(text),
    "encode_batch": lambda tokenizer, text: tokenizer.encode_batch([text])[0],
    "encode_arrays": lambda tokenizer, text: tokenizer.encode_arrays([text])[0].tolist(),
}


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
def test_lone_surrogates_are_replaced(tokenizer, encode):
    assert tokenizer.decode(encode(tokenizer, "a\ud800b")) == "a\ufffdb"
    assert encode(tokenizer, "a\ud83d\ude00b") == encode(tokenizer, "a😀b")


@pytest.mark.parametrize("encode", ENCODERS.values(), ids=ENCODERS)
def test_whitespace_as_long_as_one_likes_survives(tokenizer, encode):
    text = "a" + "\t \u3000" * 400_001 + "b"
    assert tokenizer.decode(encode(tokenizer, text)) == text


def test_a_long_text_is_cut_within_long_whitespace_alone(tokenizer):
    for ordinary in ("some text " * 40_000, ("a" + "\t" * (LONG_WHITESPACE - 1)) * 4):
        assert tokenizer.encode(ordinary) == tokenizer._encoding.encode_ordinary(ordinary)


@pytest.mark.parametrize("token", [-1, 420, 10**9])
def test_an_id_out_of_range_is_named(tokenizer, token):
    with pytest.raises(UserError, match=f"Token {token} is outside this vocabulary of 420"):
        tokenizer.decode([65, token])


@settings(deadline=None, max_examples=50)
@given(data=st.data(), text=tricky)
def test_streaming_gives_whole_characters_and_the_same_text(tokenizer, data, text):
    ids = tokenizer.encode(text)
    stream = tokenizer.stream()
    pieces = [stream.push(token) for token in ids]
    assert stream.finish() == ""
    assert "".join(pieces) == text
    # At every point what was shown is a beginning of the text.
    shown = data.draw(st.integers(0, len(pieces)))
    assert text.startswith("".join(pieces[:shown]))


@settings(deadline=None, max_examples=50)
@given(ids=st.lists(st.integers(0, 419), max_size=30))
def test_streaming_any_ids_equals_decoding_them(tokenizer, ids):
    stream = tokenizer.stream()
    assert "".join(map(stream.push, ids)) + stream.finish() == tokenizer.decode(ids)


def test_bytes_missing_at_the_end_become_one_replacement_character(tokenizer):
    stream = tokenizer.stream()
    assert [stream.push(byte) for byte in "😀".encode()[:3]] == ["", "", ""]
    assert stream.finish() == "\ufffd"
    assert stream.finish() == ""


def test_a_character_appears_with_its_last_byte(tokenizer):
    stream = tokenizer.stream()
    assert [stream.push(byte) for byte in "é😀".encode()] == ["", "é", "", "", "", "😀"]


def test_a_saved_tokenizer_is_the_same_when_loaded(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "tokenizer.json")
    loaded = Tokenizer.load(tmp_path / "tokenizer.json")
    assert loaded.merges == tokenizer.merges
    assert loaded.pattern == tokenizer.pattern
    assert loaded.fingerprint == tokenizer.fingerprint
    assert loaded.encode("The ball? 😀") == tokenizer.encode("The ball? 😀")


def test_the_fingerprint_changes_with_the_merges_and_with_the_pattern(tokenizer):
    fewer = Tokenizer.from_merges(tokenizer.merges[:-1])
    other = Tokenizer.from_merges(tokenizer.merges, r"\w+|\W+")
    assert len({tokenizer.fingerprint, fewer.fingerprint, other.fingerprint}) == 3


def test_a_file_cut_short_anywhere_is_refused(tokenizer, tmp_path):
    tokenizer.save(tmp_path / "whole.json")
    whole = (tmp_path / "whole.json").read_bytes()
    cut = tmp_path / "cut.json"
    for size in range(0, len(whole) - 2, 97):
        cut.write_bytes(whole[:size])
        with pytest.raises(UserError, match="cut.json"):
            Tokenizer.load(cut)


@pytest.mark.parametrize(
    "change",
    [
        lambda content: content["merges"].reverse(),
        lambda content: content["merges"].pop(),
        lambda content: content.update(pattern=r"\S+|\s+"),
        lambda content: content["special"].append("<|pad|>"),
        lambda content: content.pop("checksum"),
        lambda content: content.update(checksum="0" * 64),
    ],
)
def test_an_altered_file_is_refused(tokenizer, tmp_path, change):
    path = tmp_path / "tokenizer.json"
    tokenizer.save(path)
    content = json.loads(path.read_text(encoding="utf-8"))
    change(content)
    path.write_text(json.dumps(content), encoding="utf-8")
    with pytest.raises(UserError, match="checksum does not match"):
        Tokenizer.load(path)


@pytest.mark.parametrize("content", ["[]", "3", "null", "{}", '{"a": 1}', '"text"'])
def test_another_json_file_is_refused(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    path.write_text(content)
    with pytest.raises(UserError, match="not a tokenizer as it was saved"):
        Tokenizer.load(path)


def test_a_missing_or_binary_file_is_refused(tmp_path):
    with pytest.raises(UserError, match="is not there"):
        Tokenizer.load(tmp_path / "none.json")
    (tmp_path / "binary.json").write_bytes(bytes(range(256)))
    with pytest.raises(UserError, match="not valid JSON"):
        Tokenizer.load(tmp_path / "binary.json")


def test_a_vocabulary_without_room_for_the_bytes_is_refused():
    with pytest.raises(UserError, match="vocab_size=264 has no room"):
        Tokenizer.train(["some text"], 264)
    assert Tokenizer.train(["some text"], 265).encode("hi") == [104, 105]


def test_a_text_too_small_for_the_vocabulary_is_refused():
    with pytest.raises(UserError, match="gives 7 merges, and 35 were asked for"):
        Tokenizer.train(["some text"], 300)


def test_merges_that_cannot_be_are_refused():
    with pytest.raises(UserError, match=r"Merge 1 is \(97, 257\), but only tokens 0 to 256"):
        Tokenizer.from_merges([(97, 98), (97, 257)])
    with pytest.raises(UserError, match="Merge 0"):
        Tokenizer.from_merges([(-1, 98)])
    with pytest.raises(UserError, match="same bytes"):
        Tokenizer.from_merges([(97, 98), (98, 99), (256, 99), (97, 257)])


real_data = pytest.mark.skipif(
    "NANOCHAT_REAL_DATA" not in os.environ,
    reason="NANOCHAT_REAL_DATA names no folder with real text",
)


@real_data
def test_real_text_gives_the_merges_of_rustbpe_and_survives():
    import rustbpe

    folder = Path(os.environ["NANOCHAT_REAL_DATA"])
    texts = [
        (folder / "tinyshakespeare.txt").read_text(encoding="utf-8"),
        *(folder / "gsm8k_test.jsonl").read_text(encoding="utf-8").splitlines(),
        gzip.decompress((folder / "HumanEval.jsonl.gz").read_bytes()).decode(),
    ]
    peer = rustbpe.Tokenizer()
    peer.train_from_iterator(iter(texts), 256 + 2000, pattern=SPLIT_PATTERN)
    tokenizer = Tokenizer.from_merges(train_bpe(texts, 2000))
    ranks = {bytes(token): rank for token, rank in peer.get_mergeable_ranks()}
    assert {piece: rank for rank, piece in enumerate(tokenizer.pieces)} == ranks
    for text, ids in zip(texts, tokenizer.encode_batch(texts), strict=True):
        assert tokenizer.decode(ids) == text
        assert tokenizer.token_bytes[ids].sum() == len(text.encode())
        assert ids == peer.encode(text)

from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nanochat.data import (
    Items,
    ParquetShards,
    TextFiles,
    WorldChats,
    WorldDocuments,
    WorldReadings,
    documents,
    world,
)
from nanochat.runtime import UserError


def write_shard(path, texts, rows=7):
    pq.write_table(
        pa.table({"text": texts, "id": list(range(len(texts)))}), path, row_group_size=rows
    )


@pytest.fixture
def shards(tmp_path):
    for number, count in enumerate((20, 15, 33)):
        texts = [f"document {number}.{row}" for row in range(count)]
        write_shard(tmp_path / f"shard_{number}.parquet", texts)
    return tmp_path


@pytest.fixture
def texts(tmp_path):
    for name in ("a", "b"):
        parts = [f"{name} {n}\n" + f"line {n} é\n" * (n % 5) for n in range(40)]
        (tmp_path / f"{name}.txt").write_text("\n".join(parts), encoding="utf-8")
    return tmp_path


def sources(request):
    return {
        "items": Items(tuple("abcdefg")),
        "world": WorldDocuments(seed=3),
        "readings": WorldReadings(seed=3),
        "chats": WorldChats(seed=3),
        "text": lambda: TextFiles(request.getfixturevalue("texts"), document_bytes=30),
        "parquet": lambda: ParquetShards(request.getfixturevalue("shards")),
    }


@pytest.mark.parametrize("kind", ["items", "world", "readings", "chats", "text", "parquet"])
def test_reading_goes_on_from_any_state(kind, request):
    source = sources(request)[kind]
    source = source() if callable(source) else source
    # More than one epoch of the sources that have one.
    read = list(islice(source.read(), 150 if kind in ("items", "text", "parquet") else 20))
    for _, state in read[:-3:7]:
        place = next(i for i, pair in enumerate(read) if pair[1] == state)
        assert list(islice(source.read(state), 3)) == read[place + 1 : place + 4]


def test_the_world_is_read_in_its_order():
    read = [text for text, _ in islice(WorldDocuments(5, "val").read(), 3)]
    assert read == [world.document(5, index, "val").text for index in range(3)]


def test_shards_give_every_row_once_an_epoch_and_each_to_one_split(shards):
    everything = [
        text
        for path in sorted(shards.iterdir())
        for text in pq.read_table(path, columns=["text"])["text"].to_pylist()
    ]
    by_split = {
        split: [text for text in everything if documents.split_of(text) == split]
        for split in ("train", "val", "test")
    }
    assert sum(map(len, by_split.values())) == 68
    for split in (split for split in by_split if by_split[split]):
        expected = by_split[split]
        read = [text for text, _ in islice(ParquetShards(shards, split).read(), 2 * len(expected))]
        assert read == expected * 2


def test_about_one_in_a_hundred_documents_is_held_out():
    splits = [documents.split_of(f"text number {n}") for n in range(20_000)]
    assert 120 < splits.count("val") < 280 and 120 < splits.count("test") < 280


def test_rows_without_text_are_passed_over(tmp_path):
    write_shard(tmp_path / "a.parquet", ["one", None, "", "two"])
    assert [text for text, _ in islice(ParquetShards(tmp_path).read(), 4)] == ["one", "two"] * 2


def test_text_is_cut_at_blank_lines_and_none_is_lost(tmp_path):
    paragraphs = [f"paragraph {n}\n" + "more of it\n" * 3 for n in range(200)]
    (tmp_path / "a.txt").write_text("\n".join(paragraphs))
    source = TextFiles(tmp_path, document_bytes=150)
    pieces = [text for text, _ in source._read_file(tmp_path / "a.txt", 0)]
    assert "\n\n".join(pieces).split("\n\n") == [paragraph.strip() for paragraph in paragraphs]
    assert all(150 <= len(piece.encode()) + 2 < 150 + 100 for piece in pieces[:-1])


def test_text_without_blank_lines_is_cut_at_a_line(tmp_path):
    lines = [f"line {n}" for n in range(1000)]
    (tmp_path / "a.txt").write_text("\n".join(lines))
    pieces = [
        text for text, _ in TextFiles(tmp_path, document_bytes=50)._read_file(tmp_path / "a.txt", 0)
    ]
    assert len(pieces) > 20 and "\n".join(pieces).split("\n") == lines


@pytest.mark.parametrize(
    "data, complaint",
    [
        (b"", "is empty"),
        (b"\n \n", "is empty"),
        (b"PNG\x00\x01", "binary"),
        (b"caf\xe9 au lait", "not UTF-8"),
    ],
)
def test_a_file_that_is_not_text_is_named(texts, data, complaint):
    (texts / "slip.txt").write_bytes(data)
    with pytest.raises(UserError, match=f"slip.txt is .*{complaint.removeprefix('is ')}"):
        TextFiles(texts)


def test_a_character_on_the_edge_of_the_check_is_no_error(tmp_path):
    (tmp_path / "a.txt").write_text("x" * 4095 + "é")
    TextFiles(tmp_path)


def test_bad_bytes_beyond_the_check_are_found_while_reading(tmp_path):
    (tmp_path / "a.txt").write_bytes(b"good line\n" * 1000 + b"bad \xff line\n")
    with pytest.raises(UserError, match="a.txt is not UTF-8"):
        list(islice(TextFiles(tmp_path).read(), 100))


def test_broken_shards_are_named(shards):
    whole = (shards / "shard_1.parquet").read_bytes()
    (shards / "shard_1.parquet").write_bytes(whole[:-20])
    with pytest.raises(UserError, match="shard_1.parquet is a broken parquet shard"):
        ParquetShards(shards)
    (shards / "shard_1.parquet").write_bytes(b"")
    with pytest.raises(UserError, match="shard_1.parquet is a broken parquet shard"):
        ParquetShards(shards)


def test_a_shard_broken_inside_is_named_while_reading(tmp_path):
    path = tmp_path / "a.parquet"
    write_shard(path, [f"document {n}" for n in range(100)])
    data = bytearray(path.read_bytes())
    data[4:40] = bytes(36)
    path.write_bytes(data)
    with pytest.raises(UserError, match="a.parquet is a broken parquet shard"):
        list(islice(ParquetShards(tmp_path).read(), 100))


def test_shards_without_rows_or_the_column_are_named(tmp_path):
    write_shard(tmp_path / "a.parquet", ["one"])
    with pytest.raises(UserError, match="no column 'content'; it has text, id"):
        ParquetShards(tmp_path, column="content")
    write_shard(tmp_path / "b.parquet", pa.array([], pa.string()))
    with pytest.raises(UserError, match="b.parquet is empty"):
        ParquetShards(tmp_path)


def test_missing_folders_and_files_are_named(tmp_path):
    with pytest.raises(UserError, match="is not a folder"):
        TextFiles(tmp_path / "nowhere")
    with pytest.raises(UserError, match="holds no .parquet file"):
        ParquetShards(tmp_path)
    with pytest.raises(UserError, match="nothing to read"):
        Items(())


def test_a_split_without_documents_is_an_error_not_a_wait(tmp_path):
    (tmp_path / "a.txt").write_text("a single document")
    missing = next(s for s in ("val", "test") if documents.split_of("a single document") != s)
    with pytest.raises(UserError, match=f"no document in the split '{missing}'"):
        next(TextFiles(tmp_path, missing).read())

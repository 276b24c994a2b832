import io
import threading
import time
from itertools import islice

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_hub import Fault, serving

from nanochat.data import EncodeText, HubShards, Loader, ParquetShards, Source, prefetch
from nanochat.data.hub import Hub
from nanochat.runtime import UserError
from nanochat.tokenizer import Tokenizer

REPO = "someone/texts"
SHARDS = [f"shard_{number:05}.parquet" for number in range(6)]


def texts(number, count=20):
    return [f"Document {row} of shard {number}. " + "More text. " * 20 for row in range(count)]


def parquet(rows, column="text"):
    file = io.BytesIO()
    pq.write_table(pa.table({column: rows}), file, row_group_size=7)
    return file.getvalue()


@pytest.fixture
def served():
    content = {name: parquet(texts(number)) for number, name in enumerate(SHARDS)}
    with serving({REPO: content | {"README.md": b"hello"}}) as hub:
        yield hub


@pytest.fixture
def source(served, tmp_path):
    def build(**settings):
        patience = Hub(served.endpoint, attempts=2, pause=0.01)
        return HubShards(REPO, tmp_path / "shards", hub=patience, **settings)

    return build


def read(source, count, state=None):
    return [text for text, _ in islice(source.read(state), count)]


def wait_until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_every_shard_but_the_last_is_trained_on_over_and_over(source):
    assert isinstance(source(), Source)
    everything = [text for number in range(5) for text in texts(number)]
    assert read(source(), 250) == (everything * 3)[:250]


@pytest.mark.parametrize("shards", [1, 3, None])
def test_the_validation_shard_is_the_last_whatever_is_trained_on(source, shards):
    assert read(source(split="val", shards=shards), 40) == texts(5) * 2
    chosen = [text for number in range(shards or 5) for text in texts(number)]
    assert read(source(shards=shards), len(chosen) + 1) == [*chosen, chosen[0]]


def test_reading_goes_on_from_any_state(source):
    everything = list(islice(source(shards=3).read(), 130))
    for place in range(0, 125, 9):
        after = list(islice(source(shards=3).read(everything[place][1]), 3))
        assert after == everything[place + 1 : place + 4]


def test_training_begins_with_the_first_shard_while_others_are_under_way(served, source):
    arrived = threading.Event()
    served.faults = {name: [Fault(until=arrived)] for name in SHARDS[1:5]}
    documents = source(ahead=2).read()
    assert [text for text, _ in islice(documents, 20)] == texts(0)
    wait_until(lambda: served.asked_for(SHARDS[1]) and served.asked_for(SHARDS[2]))
    assert not served.asked_for(SHARDS[3]) and not served.asked_for(SHARDS[5])
    arrived.set()
    assert [text for text, _ in islice(documents, 20)] == texts(1)
    wait_until(lambda: served.asked_for(SHARDS[3]))


def test_shards_that_are_here_need_no_hub(served, source):
    assert [path.name for path in source().fetch(2)] == SHARDS[:2]
    source(split="val").fetch(1)
    served.vanish()
    assert read(source(shards=2), 40) == texts(0) + texts(1)
    assert read(source(split="val"), 20) == texts(5)


def test_a_hub_that_vanishes_takes_nothing_with_it(served, source):
    served.faults = {name: [Fault(status=503)] * 99 for name in SHARDS[2:]}
    documents, seen = source().read(), []
    with pytest.raises(UserError, match="shard_00002.parquet could not be fetched.*it goes on"):
        seen.extend(documents)
    assert [text for text, _ in seen] == texts(0) + texts(1)
    served.faults = {}
    served.asked.clear()
    assert read(source(), 20, seen[-1][1]) == texts(2)
    assert not served.asked_for(SHARDS[0]) and not served.asked_for(SHARDS[1])


def test_a_hub_that_is_back_in_time_is_not_noticed(served, source):
    served.faults = {SHARDS[1]: [Fault(status=503)] * 2}
    documents = source(ahead=1).read()
    next(documents)
    wait_until(lambda: len(served.asked_for(SHARDS[1])) == 2)
    time.sleep(0.2)
    assert [text for text, _ in islice(documents, 39)] == texts(0)[1:] + texts(1)


def test_what_is_no_shard_of_text_is_named(served, source):
    served.data[REPO][SHARDS[0]] = parquet([1, 2], column="id")
    with pytest.raises(UserError, match="shard_00000.parquet has no column 'text'; it has id"):
        read(source(), 1)


NO_TEXT = {"int64": [1, 2], "binary": [b"a", b"b"], "list<element: string>": [["a"], ["b"]]}


@pytest.mark.parametrize("kind", NO_TEXT)
def test_a_column_that_holds_no_text_is_named(tmp_path, kind):
    (tmp_path / "a.parquet").write_bytes(parquet(NO_TEXT[kind]))
    with pytest.raises(UserError, match=f"'text' of .*a.parquet holds {kind}, not text"):
        ParquetShards(tmp_path)


@pytest.mark.parametrize("kind", [pa.string(), pa.large_string(), pa.dictionary("int8", "string")])
def test_text_is_read_however_the_shard_keeps_it(tmp_path, kind):
    (tmp_path / "a.parquet").write_bytes(parquet(pa.array(texts(0), kind)))
    assert set(read(ParquetShards(tmp_path), 20)) <= set(texts(0))


def test_a_column_that_is_not_utf_8_is_named(tmp_path):
    rows = pa.array([b"good", b"\xff\xfe"] * 9, pa.binary()).view(pa.string())
    (tmp_path / "a.parquet").write_bytes(parquet(rows))
    with pytest.raises(UserError, match="'text' of .*a.parquet holds bytes that are not UTF-8"):
        read(ParquetShards(tmp_path), 1)


def test_one_shard_alone_cannot_serve_both_splits(served, source):
    served.data[REPO] = {"only.parquet": parquet(texts(0))}
    with pytest.raises(UserError, match="one shard alone, and that one is for validation"):
        read(source(), 1)


def test_where_shards_are_kept_does_not_make_it_another_run(source, tmp_path):
    assert repr(source(ahead=1)) == repr(HubShards(REPO, tmp_path / "elsewhere"))
    assert repr(source()) != repr(source(shards=2))


def test_the_loader_s_process_fetches_and_says_what_went_wrong(served, source):
    served.data[REPO] = {name: parquet(texts(0, 100)) for name in SHARDS}
    served.faults = {name: [Fault(status=503)] * 99 for name in SHARDS[1:]}
    words = Tokenizer.from_merges([])
    loader = Loader(source(), EncodeText(words), 2, 64, words.bos_id, seed=0, pool_rows=8)
    made = []
    with (
        prefetch(loader) as batches,
        pytest.raises(UserError, match="shard_00001.parquet could not be fetched"),
    ):
        made.extend(batches)
    assert len(made) > 10
    served.faults = {}
    with prefetch(loader, made[-1].state) as batches:
        assert len(list(islice(batches, len(made)))) == len(made)

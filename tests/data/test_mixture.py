import io
import json
import os
import zipfile
from collections import Counter
from itertools import islice
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from small_hub import Fault, serving

from nanochat.data import EncodeChats, Loader, Source, catalogue, lessons, mixture, spelling_bee
from nanochat.data.hub import Hub
from nanochat.data.mixture import Identity, Mixture, OwnConversations, Spelling, TaskSet
from nanochat.data.rows import json_lines
from nanochat.engine import tools
from nanochat.runtime import UserError
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer, conversation

WORDS = ["parrot", "banana", "spoon", "rhythm"]
ARC = {"question": "Which?", "choices": {"text": ["x", "y"], "label": ["A", "B"]}, "answerKey": "B"}
MMLU = {"question": "Why?", "subject": "", "choices": ["p", "q", "r", "s"], "answer": 2}


def chats(count, by="user"):
    return [
        {
            "messages": [
                {"role": by, "content": f"Question {n}?"},
                {"role": "assistant", "content": f"Answer {n}."},
            ],
            "source": "here",
        }
        for n in range(count)
    ]


def parquet(rows):
    file = io.BytesIO()
    pq.write_table(pa.Table.from_pylist(rows), file, row_group_size=5)
    return file.getvalue()


def archive():
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as packed:
        packed.writestr("eval_bundle/core.yaml", "icl_tasks: []\n")
        packed.writestr("eval_bundle/eval_data/a.jsonl", '{"query": "?"}\n' * 100)
    return file.getvalue()


PUBLIC = {
    "HuggingFaceTB/smol-smoltalk": {
        "data/train-00000-of-00002.parquet": parquet(chats(12)),
        "data/train-00001-of-00002.parquet": parquet(chats(8)),
        "data/test-00000-of-00001.parquet": parquet(chats(3)),
    },
    "cais/mmlu": {
        "all/auxiliary_train-00000-of-00001.parquet": parquet([MMLU] * 6),
        "all/test-00000-of-00001.parquet": parquet([MMLU] * 2),
    },
    "openai/gsm8k": {
        "main/train-00000-of-00001.parquet": parquet(
            [{"question": "2+3?", "answer": "It is <<2+3=5>>5\n#### 5"}] * 4
        ),
        "main/test-00000-of-00001.parquet": parquet([{"question": "?", "answer": "#### 1"}]),
    },
    "allenai/ai2_arc": {
        f"{name}/{split}-00000-of-00001.parquet": parquet([ARC] * 2)
        for name in ("ARC-Easy", "ARC-Challenge")
        for split in ("train", "test")
    },
    "openai/openai_humaneval": {
        "openai_humaneval/test-00000-of-00001.parquet": parquet([{"task_id": "HumanEval/0"}])
    },
    "plain/files": {"core.zip": archive(), "words.txt": "\n".join(WORDS).encode()},
}


@pytest.fixture(scope="module")
def served():
    with serving({repo: dict(content) for repo, content in PUBLIC.items()}) as hub:
        yield hub


@pytest.fixture
def hub(served):
    served.faults = {}
    return Hub(served.endpoint, attempts=3, pause=0.01)


def write_lines(path, values):
    path.write_text("".join(json.dumps(value) + "\n" for value in values), encoding="utf-8")
    return path


def test_the_standard_mixture_has_every_subject_as_often_as_it_should(hub, tmp_path):
    (tmp_path / "words.txt").write_text("\n".join(WORDS))
    own = OwnConversations(write_lines(tmp_path / "own.jsonl", chats(3)))
    mixed = mixture.standard(tmp_path, [own], seed=1, hub=hub)
    assert isinstance(mixed, Source)
    lengths = [len(subject.conversations()) * times for subject, times in mixed.subjects]
    assert lengths == [20, 18, 16, 2, 2, 200_000, 80_000, 6]
    *_, (identity, times) = mixture.standard(tmp_path, hub=hub).subjects
    assert len(identity.conversations()) * times == 2000


def test_the_assistant_learns_its_name(tmp_path):
    about = Identity("Emma", 300).conversations()
    assert len(set(about)) > 250
    spoken = [message.visible for each in about for message in each.messages]
    assert any("Emma" in text for text in spoken)
    assert not any("{" in text or "nanochat" in text for text in spoken)
    for each in about:
        conversation.check(each)
    write_lines(tmp_path / "identity.jsonl", [each.to_dict() for each in about])
    assert OwnConversations(tmp_path / "identity.jsonl").conversations() == list(about)


def test_an_epoch_has_everything_once_and_the_next_has_another_order(tmp_path):
    subjects = (
        (OwnConversations(write_lines(tmp_path / "a.jsonl", chats(7))), 3),
        (OwnConversations(write_lines(tmp_path / "b.jsonl", chats(5)[4:])), 1),
    )
    read = [given for given, _ in islice(Mixture(subjects, seed=2).read(), 44)]
    expected = Counter(dict.fromkeys(subjects[0][0].conversations(), 3))
    expected[subjects[1][0].conversations()[0]] += 1
    assert Counter(read[:22]) == Counter(read[22:]) == expected
    assert read[:22] != read[22:]
    assert read[:22] == [given for given, _ in islice(Mixture(subjects, seed=2).read(), 22)]
    assert read[:22] != [given for given, _ in islice(Mixture(subjects, seed=3).read(), 22)]


def test_reading_goes_on_from_any_state(tmp_path):
    mixed = Mixture(((OwnConversations(write_lines(tmp_path / "a.jsonl", chats(9))), 2),), seed=5)
    everything = list(islice(mixed.read(), 60))
    for place in range(0, 55, 8):
        after = list(islice(mixed.read(everything[place][1]), 4))
        assert after == everything[place + 1 : place + 5]


def test_what_decides_the_run_is_what_is_taught_and_not_where_it_lies(tmp_path):
    (tmp_path / "b").mkdir()
    here, there = (write_lines(tmp_path / name, chats(3)) for name in ("a.jsonl", "b/c.jsonl"))
    assert repr(OwnConversations(here)) == repr(OwnConversations(there))
    write_lines(there, chats(4))
    assert repr(OwnConversations(here)) != repr(OwnConversations(there))
    assert repr(mixture.standard("one")) == repr(mixture.standard("two"))
    assert " at 0x" not in repr(mixture.standard("one"))


def test_task_sets_are_fetched_by_split(hub, tmp_path):
    talks = TaskSet("smoltalk", tmp_path, "train", hub).conversations()
    assert len(talks) == 20 and talks[12].messages[0].visible == "Question 0?"
    (choice,) = set(TaskSet("mmlu", tmp_path, "auxiliary_train", hub).conversations())
    assert choice.messages[1].visible == "C"
    (sum_,) = set(TaskSet("gsm8k", tmp_path, "train", hub).conversations())
    assert Part("python", "2+3") in sum_.messages[1].parts
    with pytest.raises(UserError, match="cais/mmlu has no file all/train-"):
        TaskSet("mmlu", tmp_path, "train", hub).conversations()
    with pytest.raises(UserError, match="'mnist' is no data set known by name. There are smoltalk"):
        catalogue.fetch_task("mnist", "train", tmp_path, hub)


def test_own_conversations_may_use_tools_and_are_taught_to_the_loader(tmp_path):
    called = Message("assistant", (Part("python", "1+1"), Part("output", "2"), Part("text", "2.")))
    taught = Conversation((Message.text("user", "1+1?"), called))
    values = [taught.to_dict(), chats(1)[0]["messages"], chats(1)[0]]
    own = OwnConversations(write_lines(tmp_path / "own.jsonl", values))
    assert own.conversations()[0] == taught
    assert own.conversations()[1] == own.conversations()[2]
    words = Tokenizer.from_merges([])
    loader = Loader(
        Mixture(((own, 1),)), EncodeChats(words, 65), 2, 64, words.bos_id, 0, False, pool_rows=4
    )
    batch = next(loader.batches())
    assert (batch.targets >= 0).any() and (batch.inputs == words.special["<|python_start|>"]).any()


@pytest.mark.parametrize(
    "line, complaint",
    [
        ("{", "line 2 is not JSON"),
        ('{"text": "hello"}', "conversation 2: A conversation is"),
        (json.dumps(chats(1, by="assistant")[0]), "conversation 2: Message 0 is by 'assistant'"),
        ('{"messages": [{"role": "robot", "content": ""}]}', "conversation 2: Message 0 needs"),
    ],
)
def test_a_line_that_is_no_conversation_is_named(tmp_path, line, complaint):
    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(chats(1)[0]) + "\n" + line + "\n")
    with pytest.raises(UserError, match=f"own.jsonl, {complaint}"):
        OwnConversations(path).conversations()


def test_files_without_conversations_are_named(tmp_path):
    with pytest.raises(UserError, match="nowhere.jsonl is not there"):
        OwnConversations(tmp_path / "nowhere.jsonl")
    (tmp_path / "empty.jsonl").write_text("\n")
    with pytest.raises(UserError, match="empty.jsonl is empty"):
        OwnConversations(tmp_path / "empty.jsonl").conversations()


def test_letters_are_counted_as_the_tool_counts_them():
    hits = Counter()
    for index in range(300):
        asked, reply = spelling_bee.count(WORDS, index).messages
        call, output = (next(p for p in reply.parts if p.kind == k) for k in ("python", "output"))
        assert tools.calculator(call.text) == output.text == lessons.final_number(reply.visible)
        assert reply.visible.count("hit!") == int(output.text)
        hits[output.text] += 1
    assert len(hits) >= 4
    assert spelling_bee.spell(["wren"], 0).messages[1].visible == "wren:w,r,e,n"


def test_spelling_is_drawn_by_index_and_split(tmp_path):
    many = [f"{a}{b}{a}" for a in WORDS for b in WORDS]
    train = {spelling_bee.count(many, index) for index in range(50)}
    test = {spelling_bee.count(many, index, "test") for index in range(50)}
    assert len(train) > 40 and len(train & test) < 10
    (tmp_path / "words.txt").write_text("\n".join(many))
    subject = Spelling(tmp_path, 50, "count")
    assert set(subject.conversations()) == train


def test_words_and_the_bundle_come_whole_or_not_at_all(served, hub, tmp_path):
    plain = f"{served.endpoint}/cdn/plain/files/"
    served.faults = {
        "core.zip": [Fault(cut=300), Fault(content=archive()[:-30] + b"?" * 30)],
        "words.txt": [Fault(content=b"<html>Log in to this hotel</html>")],
    }
    bundle = catalogue.fetch_core(tmp_path, hub, plain + "core.zip")
    assert bundle.name == "eval_bundle"
    assert (bundle / "core.yaml").read_text() == "icl_tasks: []\n"
    assert (
        spelling_bee.read_words(catalogue.fetch_words(tmp_path, hub, plain + "words.txt")) == WORDS
    )
    served.faults = {"core.zip": [Fault(content=b"no archive")] * 9}
    with pytest.raises(UserError, match="core.zip could not be fetched: .*no whole archive"):
        catalogue.fetch_core(tmp_path / "other", hub, plain + "core.zip")
    assert not (tmp_path / "other" / "core").exists()


def test_everything_that_is_evaluated_is_fetched(hub, served, tmp_path):
    plain = f"{served.endpoint}/cdn/plain/files/"
    catalogue.fetch_core(tmp_path, hub, plain + "core.zip")
    catalogue.fetch_words(tmp_path, hub, plain + "words.txt")
    found = catalogue.fetch_evaluations(tmp_path, hub)
    assert set(found) == {*catalogue.EVALUATED, "core", "spelling"}
    assert all(path.exists() for paths in found.values() for path in paths)


def test_pretraining_data_is_known_by_name(tmp_path):
    source = catalogue.pretraining("climbmix", tmp_path, shards=170)
    assert source.repo == "karpathy/climbmix-400b-shuffle" and source.shards == 170
    assert catalogue.pretraining("tinystories", tmp_path).pattern == "data/*.parquet"
    assert catalogue.pretraining("fineweb-edu", tmp_path, "val").split == "val"
    with pytest.raises(UserError, match="'enwik8' is no data set known by name.*climbmix"):
        catalogue.pretraining("enwik8", tmp_path)


def test_gsm8k_as_it_is_is_taught(tmp_path):
    folder = os.environ.get("NANOCHAT_REAL_DATA")
    if not folder:
        pytest.skip("NANOCHAT_REAL_DATA does not name the folder with GSM8K and HumanEval.")
    rows = json_lines(Path(folder) / "gsm8k_train.jsonl")
    with serving({"openai/gsm8k": {"main/train-00000-of-00001.parquet": parquet(rows)}}) as real:
        source = Mixture(((TaskSet("gsm8k", tmp_path, hub=Hub(real.endpoint)), 4),))
        words = Tokenizer.from_merges([])
        loader = Loader(source, EncodeChats(words, 1025), 4, 1024, words.bos_id, 0, crop=False)
        batch = next(loader.batches())
    assert len(rows) == 7473 and batch.waste.padded_share() < 0.1

"""Own texts and own conversations in place of, and beside, those of a profile."""

import dataclasses
import itertools
import json

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from nanochat.cli import dry_run, main
from nanochat.data import HubShards, world
from nanochat.pipeline import curriculum
from nanochat.pipeline.curriculum import Public, World
from nanochat.pipeline.profiles import GPU, SMOKE, EvaluationConfig
from nanochat.runtime import UserError

TEXTS = [f"{world.document(5, i).text}\n\nNumber {i} ends here." for i in range(400)]
TINY = ["--base.depth", "1", "--base.tokens", "4096", "--tokenizer.vocab-size", "400"]
TINY += ["--tokenizer.text-bytes", "40000", "--evaluation.documents", "2"]
TINY += ["--device", "cpu", "--dtype", "float32", "--compile", "off"]


def as_parquet(folder, texts=TEXTS):
    rows = [{"text": text} for text in texts]
    for part in range(2):
        pq.write_table(pa.Table.from_pylist(rows[part::2]), folder / f"part-{part}.parquet")


def as_text(folder, texts=TEXTS):
    (folder / "all.txt").write_text("\n\n".join(texts))


@pytest.fixture(params=[as_parquet, as_text])
def folder(request, tmp_path):
    (tmp_path / "own").mkdir()
    request.param(tmp_path / "own")
    return tmp_path / "own"


@pytest.mark.parametrize("profile", [SMOKE, GPU])
def test_own_texts_are_read_and_some_of_them_are_held_out(profile, folder, tmp_path):
    lessons = curriculum.of(dataclasses.replace(profile, texts=folder), tmp_path)
    first_epoch = itertools.takewhile(lambda item: not item[1]["epoch"], lessons.texts(0).read())
    read = [text for text, _ in first_epoch]
    config = EvaluationConfig(documents=1000)
    held_out = lessons.held_out(config)
    assert held_out == lessons.held_out(config) and len(set(held_out)) == len(held_out) > 0
    assert len(read) > 0.9 * (len(read) + len(held_out)) and not set(read) & set(held_out)
    own = "\n\n".join(TEXTS)
    assert all(text in own for text in read + held_out)
    assert lessons.floor(config) is None
    assert isinstance(lessons, Public if profile.data == "climbmix" else World)


@pytest.mark.parametrize("write", [as_parquet, as_text])
def test_other_texts_make_the_stages_anew(write, tmp_path):
    lessons = curriculum.of(dataclasses.replace(SMOKE, texts=tmp_path), tmp_path)
    write(tmp_path)
    before = lessons.text_inputs()
    write(tmp_path, TEXTS[::-1])
    assert before != lessons.text_inputs()
    write(tmp_path)
    assert before == lessons.text_inputs() == json.loads(json.dumps(before))


def test_the_command_pretrains_on_own_texts(tmp_path):
    (tmp_path / "own").mkdir()
    as_text(tmp_path / "own")
    out = tmp_path / "run"
    main(["base", "smoke", "--texts", str(tmp_path / "own"), *TINY, "--out", str(out)])
    stage = json.loads(next(out.glob("base-*/stage.json")).read_text())
    assert stage["result"]["floor_bpb"] is None and stage["result"]["val_bpb"] > 0
    assert list(stage["inputs"]["texts"]) == ["all.txt"]


def test_a_folder_without_texts_is_refused_and_found_by_the_rehearsal(tmp_path):
    profile = dataclasses.replace(SMOKE, texts=tmp_path / "nowhere")
    lessons = curriculum.of(profile, tmp_path)
    with pytest.raises(UserError, match="nowhere is not a folder"):
        lessons.text_inputs()
    found = {each.what: each for each in dry_run.looked_at(dry_run.data(profile, lessons))}
    assert "nowhere is not a folder" in found["texts"].fix


def looks_at(profile, lessons):
    return {what: look for what, _, look in dry_run.data(profile, lessons)}


@pytest.fixture
def own_chats(tmp_path):
    talk = [{"role": "user", "content": "Who?"}, {"role": "assistant", "content": "I am Pim."}]
    (tmp_path / "own.jsonl").write_text(json.dumps({"messages": talk}) + "\n")
    return tmp_path / "own.jsonl"


def test_own_conversations_are_mixed_with_those_of_the_world(own_chats, monkeypatch, tmp_path):
    monkeypatch.setattr(curriculum, "WORLD_CHATS", 30)
    lessons = curriculum.of(dataclasses.replace(SMOKE, conversations=own_chats), tmp_path)
    source = lessons.chats(3)
    epoch = [chat for chat, state in itertools.islice(source.read(), 32)]
    said = [chat.messages[-1].visible for chat in epoch]
    assert said.count("I am Pim.") == 2
    worlds = [world.chat(3, i).conversation for i in range(30)]
    assert all(chat in epoch for chat in worlds)
    assert lessons.chat_inputs() != World().chat_inputs()


def test_a_line_that_is_no_conversation_is_found_by_the_rehearsal(own_chats, tmp_path):
    profile = dataclasses.replace(SMOKE, conversations=own_chats)
    looks = looks_at(profile, curriculum.of(profile, tmp_path))
    assert looks["conversations"]() == f"1 in {own_chats}"
    own_chats.write_text('{"messages": "none"}\n')
    assert "conversation 1" in dry_run.tried("own", looks["conversations"]).fix


def test_public_texts_are_not_asked_for_where_own_ones_are_read(folder, tmp_path):
    lessons = curriculum.of(dataclasses.replace(GPU, texts=folder), tmp_path)
    looks = looks_at(dataclasses.replace(GPU, texts=folder), lessons)
    assert "files in" in looks["texts"]()
    assert not isinstance(lessons.texts(0), HubShards) and "gsm8k" in looks

"""Models that go out to transformers, and come back, stay what they were."""

import dataclasses
import json

import pytest
import torch
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from nanochat.data import world
from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface
from nanochat.runtime import UserError, detect, files
from nanochat.tokenizer import Conversation, Message, Part, Tokenizer, conversation

RUNTIME = detect("cpu", "float32", "off")
TOKENIZER = Tokenizer.train([world.document(0, i).text for i in range(60)], 400)
CONFIG = GPTConfig.classic(
    2, 400, sequence_len=64, n_head=4, n_kv_head=2, n_embd=32, rope_base=5e4, softcap=12.0
)


def new_model(config=CONFIG):
    model, generator = GPT(config), torch.Generator().manual_seed(0)
    with torch.no_grad():
        for weight in model.parameters():
            weight.copy_(0.3 * torch.randn(weight.shape, generator=generator))
    return model


@pytest.fixture(scope="module")
def exported(tmp_path_factory):
    folder = tmp_path_factory.mktemp("hf") / "model"
    huggingface.export_model(new_model(), TOKENIZER, folder)
    return folder


@pytest.fixture(scope="module")
def their_tokenizer(exported):
    from transformers import AutoTokenizer

    return AutoTokenizer.from_pretrained(exported)


def altered(exported, folder, name="config.json", **changes):
    """A copy of an exported folder with other fields in one of its JSON files; None removes."""
    folder.mkdir()
    for path in exported.iterdir():
        (folder / path.name).write_bytes(path.read_bytes())
    content = files.read_json(folder / name) | changes
    kept = {key: value for key, value in content.items() if value is not None}
    files.write_json(folder / name, kept)
    return folder


def test_transformers_gives_the_same_logits(exported):
    from transformers import AutoModelForCausalLM

    theirs = AutoModelForCausalLM.from_pretrained(exported)
    ids = torch.randint(0, 400, (2, 64), generator=torch.Generator().manual_seed(1))
    with torch.no_grad():
        ours = new_model()
        expected = ours.logits(ours(ids))
        assert expected.abs().max() > 1
        torch.testing.assert_close(theirs(ids).logits, expected, atol=1e-4, rtol=0)
    assert theirs.generation_config.eos_token_id == TOKENIZER.special["<|assistant_end|>"]


@settings(max_examples=150, deadline=None)
@given(
    st.text(st.characters(exclude_categories=["Cs"]))
    | st.text("ab 's19\n\t\r.,'ſKİ\u0085", min_size=1)
)
def test_transformers_gives_the_same_ids(their_tokenizer, text):
    # Where a text spells a special token, theirs takes it for one, and ours never does.
    assume(not any(special in text for special in TOKENIZER.special))
    assert their_tokenizer(text).input_ids == TOKENIZER.encode(text)
    assert their_tokenizer.decode(TOKENIZER.encode(text)) == text


def test_transformers_gives_the_same_ids_of_a_document(their_tokenizer):
    for index in range(100, 130):
        text = world.document(0, index).text
        assert their_tokenizer(text).input_ids == TOKENIZER.encode(text)


ASKED = Message.text("user", "What is 3 times 4, and why?")
REPLIED = Message(
    "assistant",
    (Part("text", "It is "), Part("python", "3*4"), Part("output", "12"), Part("text", "12.\n")),
)


@pytest.mark.parametrize(
    "messages",
    [
        (ASKED,),
        (Message.text("system", "Be brief."), ASKED),
        (ASKED, REPLIED, Message.text("user", " Thanks! ")),
    ],
)
def test_the_chat_template_renders_as_we_do(their_tokenizer, messages):
    talk = Conversation(messages)
    render = their_tokenizer.apply_chat_template
    ids = render(talk.to_dict()["messages"], add_generation_prompt=True)["input_ids"]
    assert ids == conversation.prompt(TOKENIZER, talk)
    whole = render(talk.to_dict()["messages"])["input_ids"]
    assert whole == conversation.render(TOKENIZER, talk).ids


def test_what_comes_back_is_what_went_out(exported):
    model, tokenizer = huggingface.import_model(exported, RUNTIME)
    assert (model.config, tokenizer.fingerprint) == (CONFIG, TOKENIZER.fingerprint)
    first, weights = new_model().state_dict(), model.state_dict()
    assert all(torch.equal(first[name], weights[name]) for name in first)


def test_what_transformers_saves_comes_in(exported, tmp_path, their_tokenizer):
    from transformers import AutoModelForCausalLM

    theirs = AutoModelForCausalLM.from_pretrained(exported, dtype=torch.bfloat16)
    theirs.save_pretrained(tmp_path / "saved", max_shard_size="30KB")
    their_tokenizer.save_pretrained(tmp_path / "saved")
    assert len(list((tmp_path / "saved").glob("*.safetensors"))) > 1
    model, tokenizer = huggingface.import_model(tmp_path / "saved", RUNTIME)
    assert (model.config, tokenizer.fingerprint) == (CONFIG, TOKENIZER.fingerprint)
    expected = new_model().head.weight.bfloat16().float()
    assert torch.equal(model.head.weight, expected)


def test_files_of_transformers_4_come_in(exported, tmp_path):
    content = files.read_json(exported / "tokenizer.json")
    old = altered(exported, tmp_path / "old", rope_parameters=None, rope_theta=5e4)
    content["model"]["merges"] = [" ".join(merge) for merge in content["model"]["merges"]]
    files.write_json(old / "tokenizer.json", content)
    model, tokenizer = huggingface.import_model(old, RUNTIME)
    assert (model.config, tokenizer.fingerprint) == (CONFIG, TOKENIZER.fingerprint)


def test_a_model_of_2026_is_refused_with_its_switches(tmp_path):
    shape = {"n_head": 4, "n_kv_head": 4, "n_embd": 64, "sequence_len": 192}
    model = GPT(GPTConfig(400, n_layer=2, smear=False, **shape))
    with pytest.raises(UserError) as refusal:
        huggingface.export_model(model, TOKENIZER, tmp_path / "hf")
    said = str(refusal.value)
    for switch in ("qk_scale=1.2", "residual_scales=True", "value_embeddings=True", "SSSL"):
        assert switch in said
    assert "smear" not in said and not (tmp_path / "hf").exists()


def test_a_tokenizer_of_another_model_is_refused(tmp_path):
    other = new_model(dataclasses.replace(CONFIG, vocab_size=500))
    with pytest.raises(UserError, match="500 ids and the tokenizer 400"):
        huggingface.export_model(other, TOKENIZER, tmp_path / "hf")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"model_type": "llama"}, "model_type='llama'"),
        ({"tie_word_embeddings": True}, "tie_word_embeddings=True"),
        ({"rope_parameters": {"rope_type": "yarn"}}, "rope_type='yarn'"),
        ({"hidden_size": 64}, "intermediate_size=128"),
        ({"vocab_size": None}, "does not say vocab_size"),
        ({"num_hidden_layers": 3}, "no weights named model.layers.2"),
        ({"vocab_size": 401}, "another shape"),
    ],
)
def test_another_model_is_refused(exported, tmp_path, change, named):
    with pytest.raises(UserError, match=named):
        huggingface.import_model(altered(exported, tmp_path / "other", **change), RUNTIME)


def test_another_tokenizer_is_refused(exported, tmp_path):
    content = files.read_json(exported / "tokenizer.json")
    vocab = content["model"]["vocab"]
    vocab["a"], vocab["b"] = vocab["b"], vocab["a"]
    other = altered(exported, tmp_path / "swapped", "tokenizer.json", **content)
    with pytest.raises(UserError, match="where nanochat has 97"):
        huggingface.import_model(other, RUNTIME)
    (other / "tokenizer.json").write_text(json.dumps({"model": {"type": "WordPiece"}}))
    with pytest.raises(UserError, match="not a byte-level BPE"):
        huggingface.import_model(other, RUNTIME)


def test_a_folder_without_a_model_says_how_to_get_one(tmp_path):
    with pytest.raises(UserError, match="hf download"):
        huggingface.import_model(tmp_path, RUNTIME)

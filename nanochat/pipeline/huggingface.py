"""Models in and out in the form that `transformers` loads: its NanoChatForCausalLM."""

from pathlib import Path

from jaxtyping import Float
from safetensors.torch import load_file, save_file
from torch import Tensor

from nanochat.model import GPT, GPTConfig
from nanochat.pipeline import huggingface_tokenizer
from nanochat.runtime import Runtime, UserError, files
from nanochat.tokenizer import Tokenizer

CONFIG, WEIGHTS, GENERATION = "config.json", "model.safetensors", "generation_config.json"

# Our names of weights, and theirs.
NAMES = {
    "embedding.": "model.embed_tokens.",
    "head.": "lm_head.",
    "blocks.": "model.layers.",
    "attention.query.": "self_attn.q_proj.",
    "attention.key.": "self_attn.k_proj.",
    "attention.value.": "self_attn.v_proj.",
    "attention.project.": "self_attn.o_proj.",
    "mlp.expand.": "mlp.fc1.",
    "mlp.project.": "mlp.fc2.",
}

# Our fields of the shape, and theirs.
FIELDS = {
    "vocab_size": "vocab_size",
    "sequence_len": "max_position_embeddings",
    "n_layer": "num_hidden_layers",
    "n_head": "num_attention_heads",
    "n_kv_head": "num_key_value_heads",
    "n_embd": "hidden_size",
}

# What the format has no place for, at the values that it takes for granted.
SWITCHES = {
    "qk_scale": 1.0,
    "residual_scales": False,
    "value_embeddings": False,
    "smear": False,
    "backout": False,
}

Weights = dict[str, Float[Tensor, "..."]]


def export_model(model: GPT, tokenizer: Tokenizer, folder: Path | str) -> None:
    """Write a new folder that AutoModelForCausalLM and AutoTokenizer load.

    Raises UserError naming the switches of a model that the format cannot hold, for a tokenizer
    with another vocabulary, and for a folder that is there already."""
    check_classic(model.config)
    if tokenizer.vocab_size != model.config.vocab_size:
        raise UserError(
            f"The model has {model.config.vocab_size} ids and the tokenizer "
            f"{tokenizer.vocab_size}: they do not belong together."
        )
    specials = special_ids(tokenizer)
    weights = {name: tensor.contiguous() for name, tensor in their_weights(model).items()}
    with files.new_directory(folder) as beside:
        save_file(weights, beside / WEIGHTS, metadata={"format": "pt"})
        files.write_json(beside / CONFIG, their_config(model.config) | specials)
        files.write_json(beside / GENERATION, specials)
        huggingface_tokenizer.save(tokenizer, beside)


def import_model(folder: Path | str, runtime: Runtime) -> tuple[GPT, Tokenizer]:
    """The model and tokenizer of such a folder, ready to compute.

    Raises UserError for what is missing, and for a model of another architecture."""
    folder = Path(folder)
    if not (folder / CONFIG).exists():
        raise UserError(
            f"{folder} has no {CONFIG}. Name a folder with {CONFIG}, *.safetensors and "
            "tokenizer.json; a model of the hub becomes one by: hf download OWNER/NAME --local-dir"
            f" {folder}"
        )
    config = our_config(files.read_json(folder / CONFIG), folder)
    tokenizer = huggingface_tokenizer.load(folder)
    if tokenizer.vocab_size > config.vocab_size:
        raise UserError(
            f"{folder}: the tokenizer has {tokenizer.vocab_size} ids and the model only "
            f"{config.vocab_size}: they do not belong together."
        )
    model = GPT(config, runtime.dtype)
    put_weights(model, read_weights(folder), folder)
    return model.to(runtime.device), tokenizer


def check_classic(config: GPTConfig) -> None:
    """Raises UserError naming each switch that transformers' NanoChat does not have."""
    switched = [
        f"{name}={getattr(config, name)}"
        for name, expected in SWITCHES.items()
        if getattr(config, name) != expected
    ]
    if set(config.windows) != {config.sequence_len}:
        switched.append(f"window_pattern={config.window_pattern}")
    if switched:
        raise UserError(
            "The Hugging Face format holds classic models alone; this one has "
            f"{', '.join(switched)}. Train one that can be exported: "
            "nanochat rl cpu --base.architecture classic."
        )


def their_config(config: GPTConfig) -> dict:
    """The fields of transformers' NanoChatConfig."""
    return {name: getattr(config, ours) for ours, name in FIELDS.items()} | {
        "architectures": ["NanoChatForCausalLM"],
        "model_type": "nanochat",
        "dtype": "float32",
        "intermediate_size": 4 * config.n_embd,
        "rope_parameters": {"rope_type": "default", "rope_theta": config.rope_base},
        "final_logit_softcapping": config.softcap,
        "hidden_act": "relu2",
        "tie_word_embeddings": False,
        "attention_bias": False,
    }


def our_config(theirs: dict, folder: Path) -> GPTConfig:
    """The classic model that a config.json describes.

    Raises UserError where it is of another architecture."""
    missing = FIELDS.values() - theirs.keys()
    if missing:
        raise UserError(f"{folder / CONFIG} does not say {', '.join(sorted(missing))}.")
    check_fixed(theirs, folder)
    # Files of transformers 4 have the base of rotary embeddings at the top.
    rope = theirs.get("rope_parameters") or theirs
    shape = {ours: theirs[name] for ours, name in FIELDS.items()}
    return GPTConfig.classic(
        shape.pop("n_layer"),
        **shape,
        rope_base=float(rope.get("rope_theta", 10_000)),
        softcap=float(theirs.get("final_logit_softcapping", 15)),
    )


def check_fixed(theirs: dict, folder: Path) -> None:
    """Raises UserError naming the fields of a config.json that no model of ours can have."""
    expected = {
        "model_type": "nanochat",
        "hidden_act": "relu2",
        "intermediate_size": 4 * theirs["hidden_size"],
        "tie_word_embeddings": False,
        "attention_bias": False,
    }
    given = {name: theirs.get(name, value) for name, value in expected.items()}
    rope = theirs.get("rope_parameters") or theirs.get("rope_scaling") or {}
    given["rope_type"], expected["rope_type"] = rope.get("rope_type", "default"), "default"
    other = [f"{name}={value!r}" for name, value in given.items() if value != expected[name]]
    if other:
        raise UserError(
            f"{folder / CONFIG} describes another model than nanochat's: {', '.join(other)}; "
            f"expected {', '.join(f'{k}={v!r}' for k, v in expected.items())}."
        )


def special_ids(tokenizer: Tokenizer) -> dict[str, int]:
    """Where a text begins, where a reply ends, and what fills up."""
    end = tokenizer.special["<|assistant_end|>"]
    return {"bos_token_id": tokenizer.bos_id, "eos_token_id": end, "pad_token_id": end}


def their_name(name: str) -> str:
    """What transformers calls a weight of ours."""
    for ours, theirs in NAMES.items():
        name = name.replace(ours, theirs)
    return name


def their_weights(model: GPT) -> Weights:
    """A classic model's weights under transformers' names."""
    return {their_name(name): tensor for name, tensor in model.state_dict().items()}


def put_weights(model: GPT, theirs: Weights, where: Path | str) -> None:
    """Fill a classic model with weights under transformers' names.

    Raises UserError where they are of another shape."""
    names = {name: their_name(name) for name in model.state_dict()}
    missing = names.values() - theirs.keys()
    if missing:
        raise UserError(f"{where} has no weights named {', '.join(sorted(missing)[:3])}.")
    try:
        model.load_state_dict({ours: theirs[name] for ours, name in names.items()})
    except RuntimeError as error:
        raise UserError(f"{where} holds weights of another shape: {error}") from None


def read_weights(folder: Path) -> Weights:
    """Every tensor of the folder's safetensors. Raises UserError where there are none."""
    paths = sorted(folder.glob("*.safetensors"))
    if not paths:
        raise UserError(f"{folder} has no *.safetensors: its weights are missing.")
    return {name: tensor for path in paths for name, tensor in load_file(path).items()}

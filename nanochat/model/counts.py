"""What a model costs on paper: parameters, FLOPs, bytes of its cache."""

from nanochat.model.config import GPTConfig
from nanochat.model.gpt import SMEAR_GATE_INPUTS, VALUE_GATE_INPUTS


def parameters(config: GPTConfig) -> dict[str, int]:
    """How many parameters a model has, by kind."""
    tables = sum(config.has_value_embedding(layer) for layer in range(config.n_layer))
    kv_width = config.n_kv_head * config.head_dim
    layer = 2 * config.n_embd * (config.n_embd + kv_width) + 8 * config.n_embd**2
    return {
        "embedding": config.vocab_size * config.n_embd,
        "value_embeddings": tables * config.vocab_size * kv_width,
        "matrices": config.n_layer * layer + tables * VALUE_GATE_INPUTS * config.n_kv_head,
        "head": config.vocab_size * config.n_embd,
        "scalars": 2 * config.n_layer * config.residual_scales
        + (SMEAR_GATE_INPUTS + 1) * config.smear
        + config.backout,
    }


def flops_per_token(config: GPTConfig) -> int:
    """FLOPs to train on one token, forward and backward, elementwise work left out (2204.02311)."""
    kinds = parameters(config)
    linear = kinds["matrices"] + kinds["head"] + SMEAR_GATE_INPUTS * config.smear
    return 6 * linear + sum(12 * config.n_embd * window for window in config.windows)


def kv_bytes(config: GPTConfig, batch: int, length: int, bytes_per_value: int = 2) -> int:
    """Bytes of keys and values that a cache of `length` tokens holds for each of `batch` rows."""
    per_token = 2 * config.n_layer * config.n_kv_head * config.head_dim
    return batch * length * per_token * bytes_per_value

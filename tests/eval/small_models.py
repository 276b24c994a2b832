"""Models whose every weight counts, and the same as `transformers` has them."""

import torch

from nanochat.model import GPT, GPTConfig
from nanochat.tokenizer import Tokenizer

TOKENIZER = Tokenizer.from_merges([(116, 104), (256, 101)])
SHAPE = GPTConfig(TOKENIZER.vocab_size, 256, n_layer=2, n_head=2, n_kv_head=2, n_embd=32)


def lively(config: GPTConfig = SHAPE) -> GPT:
    model = GPT(config)
    generator = torch.Generator().manual_seed(1)
    with torch.no_grad():
        for weight in model.parameters():
            spread = 0.5 if weight.dim() < 2 else weight.size(1) ** -0.5
            weight.copy_(spread * torch.randn(weight.shape, generator=generator))
    return model


def transformers_twin(model: GPT):
    from transformers import NanoChatConfig, NanoChatForCausalLM

    config = model.config
    shape = NanoChatConfig(
        vocab_size=config.vocab_size,
        hidden_size=config.n_embd,
        intermediate_size=4 * config.n_embd,
        num_hidden_layers=config.n_layer,
        num_attention_heads=config.n_head,
        num_key_value_heads=config.n_kv_head,
        max_position_embeddings=config.sequence_len,
    )
    parts = {"query": "q_proj", "key": "k_proj", "value": "v_proj", "project": "o_proj"}
    names = {"embedding": "model.embed_tokens", "head": "lm_head"}
    for i in range(config.n_layer):
        ours, other = f"blocks.{i}", f"model.layers.{i}"
        names |= {f"{ours}.attention.{a}": f"{other}.self_attn.{b}" for a, b in parts.items()}
        names |= {
            f"{ours}.mlp.expand": f"{other}.mlp.fc1",
            f"{ours}.mlp.project": f"{other}.mlp.fc2",
        }
    weights = model.state_dict()
    twin = NanoChatForCausalLM(shape).eval()
    twin.load_state_dict({f"{b}.weight": weights[f"{a}.weight"] for a, b in names.items()})
    return twin

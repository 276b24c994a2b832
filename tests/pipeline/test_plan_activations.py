"""What compiled blocks keep for the backward pass, counted, beside what the plan says of it."""

import subprocess
import sys

import pytest
import torch

from nanochat.model import GPT, GPTConfig, attention
from nanochat.pipeline import plan

WIDTH, LENGTH, ROWS = 128, 64, 8


@torch.library.custom_op("nanochat_tests::flash", mutates_args=())
def flash(q: torch.Tensor, k: torch.Tensor, v: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
    """An attention that keeps what flash attention keeps; what it computes is of no account."""
    return q.clone(), torch.zeros(q.shape[:3])


@flash.register_fake
def _(q, k, v):
    return torch.empty_like(q), torch.empty(q.shape[:3])


def keep(ctx, inputs, output):
    ctx.save_for_backward(*inputs, *output)


flash.register_autograd(lambda ctx, out, sums: (out, out, out), setup_context=keep)


def saved_bytes(layers):
    """The bytes of all tensors kept, once each, weights aside."""
    shape = {"sequence_len": LENGTH, "n_embd": WIDTH, "n_head": 2, "n_kv_head": 2}
    model = GPT(GPTConfig.from_depth(layers, 300, **shape), torch.bfloat16)
    model.blocks = torch.nn.ModuleList(
        torch.compile(block, backend="aot_eager_decomp_partition", dynamic=False)
        for block in model.blocks
    )
    kept = {}

    def pack(tensor):
        kept[tensor.untyped_storage().data_ptr()] = tensor
        return tensor

    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        model(torch.zeros(ROWS, LENGTH, dtype=torch.long))
    weights = {weight.untyped_storage().data_ptr() for weight in model.parameters()}
    return sum(t.untyped_storage().nbytes() for at, t in kept.items() if at not in weights)


def bytes_per_token_and_width():
    """What one layer keeps, of a pair with value embeddings and without."""
    attention.attend = lambda q, k, v, window, mask=None: flash(q, k, v)[0]
    two_layers = saved_bytes(3) - saved_bytes(1)
    matrices = 2 * plan.BFLOAT16 * 12 * WIDTH**2
    return (two_layers - matrices) / (2 * ROWS * LENGTH * WIDTH)


def test_a_layer_keeps_what_the_plan_says():
    # In a process of its own, since what checks the types here cannot be compiled.
    command = [sys.executable, __file__]
    out = subprocess.run(command, check=True, capture_output=True, text=True, timeout=600).stdout
    assert float(out) == pytest.approx(plan.SAVED_PER_LAYER, rel=0.03)


if __name__ == "__main__":
    print(bytes_per_token_and_width())

"""What runs on GPUs alone is tried here on a CPU as far as that goes: shapes, masks, the choice."""

import pytest
import torch
from torch.nn.attention import varlen

from nanochat.model import attention, kernels

pytestmark = pytest.mark.filterwarnings("ignore:flex_attention called without torch.compile")
CPU = torch.device("cpu")


def draw(heads, length=150, head_dim=8):
    generator = torch.Generator().manual_seed(0)
    return [torch.randn(2, length, n, head_dim, generator=generator) for n in heads]


@pytest.fixture
def varlen_on_cpu(monkeypatch):
    """Torch has that kernel for GPUs only; here each sequence is read on its own, by blocks."""

    def varlen_attn(q, k, v, starts, key_starts, longest, longest_keys, *, window_size, enable_gqa):
        assert torch.equal(starts, key_starts) and longest == longest_keys == max(starts.diff())
        assert enable_gqa == (q.size(1) != k.size(1))
        left, right = window_size
        assert left >= 0 and right == 0
        rows = zip(starts.tolist(), starts[1:].tolist(), strict=False)
        return torch.cat(
            [attention.attend(*(x[None, i:j] for x in (q, k, v)), left)[0] for i, j in rows]
        )

    monkeypatch.setattr(varlen, "varlen_attn", varlen_attn)


@pytest.mark.parametrize("name", ["flash", "flex", "scaled_dot_product"])
@pytest.mark.parametrize("window", [0, 40, 149, 4000])
@pytest.mark.parametrize("heads", [(2, 2, 2), (6, 2, 2)])
@pytest.mark.usefixtures("varlen_on_cpu")
def test_each_kernel_is_attention_in_blocks(name, window, heads):
    qkv = draw(heads)
    found = getattr(kernels, name)(*qkv, window)
    torch.testing.assert_close(found, attention.attend(*qkv, window), atol=1e-5, rtol=1e-4)


def test_a_mask_takes_the_windows_place():
    q, k, v = draw((4, 2, 2))
    only = torch.full((2, 150, 150), -torch.inf)
    only[..., 3] = 0
    found = kernels.scaled_dot_product(q, k, v, 0, only)
    torch.testing.assert_close(found, v[:, 3:4].repeat_interleave(2, 2).expand_as(found))


@pytest.fixture
def no_memory():
    kernels.tried.cache_clear()
    yield
    kernels.tried.cache_clear()


def wrong(q, k, v, window):
    """Sees one token more than it should."""
    return kernels.scaled_dot_product(q, k, v, window + 1)


def broken(q, k, v, window):
    raise RuntimeError("no kernel image is available for execution on the device")


@pytest.mark.usefixtures("no_memory")
@pytest.mark.parametrize("unfit", [wrong, broken])
def test_a_kernel_that_fails_or_errs_is_not_taken(monkeypatch, unfit):
    monkeypatch.setattr(kernels, "flash", unfit)
    assert kernels.best(CPU, torch.float32, 8) is kernels.scaled_dot_product


@pytest.mark.usefixtures("no_memory", "varlen_on_cpu")
def test_a_kernel_that_runs_is_taken():
    assert kernels.best(CPU, torch.float32, 8) is kernels.flash


@pytest.mark.usefixtures("no_memory", "varlen_on_cpu")
@pytest.mark.parametrize(
    ("installed", "right", "expected"),
    [(False, True, []), (True, True, ["FA3"]), (True, False, ["FA3", "restored"])],
)
def test_flash_3_is_taken_where_it_is_installed_and_right(monkeypatch, installed, right, expected):
    plain, done = varlen.varlen_attn, []

    def one_token_more(*qkv_and_lengths, window_size, enable_gqa):
        window = (window_size[0] + 1, 0)
        return plain(*qkv_and_lengths, window_size=window, enable_gqa=enable_gqa)

    def activate(name):
        done.append(name)
        monkeypatch.setattr(varlen, "varlen_attn", plain if right else one_token_more)

    def restore():
        done.append("restored")
        monkeypatch.setattr(varlen, "varlen_attn", plain)

    for name, function in (("activate", activate), ("restore", restore)):
        monkeypatch.setattr(
            torch.nn.attention, f"{name}_flash_attention_impl", function, raising=False
        )
    monkeypatch.setattr(kernels, "find_spec", lambda name: "found" if installed else None)
    assert kernels.best(CPU, torch.float32, 8) is kernels.flash
    assert done == expected


@pytest.mark.parametrize("compiling", [True, False])
def test_without_flash_what_is_compiled_takes_flex(monkeypatch, compiling):
    monkeypatch.setattr(kernels, "tried", lambda name, *_: name == "flex")
    monkeypatch.setattr(torch.compiler, "is_compiling", lambda: compiling)
    expected = kernels.flex if compiling else kernels.scaled_dot_product
    assert kernels.best(CPU, torch.float32, 8) is expected


if torch.cuda.is_available():

    @pytest.mark.parametrize("window", [40, 150])
    def test_what_is_chosen_on_this_gpu_is_attention(window):
        qkv = [x.cuda().bfloat16() for x in draw((4, 2, 2), head_dim=64)]
        found = attention.attend(*qkv, window).cpu().float()
        expected = attention.attend(*(x.cpu().float() for x in qkv), window)
        torch.testing.assert_close(found, expected, atol=0.03, rtol=0.03)

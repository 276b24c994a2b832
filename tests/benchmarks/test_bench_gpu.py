"""The benchmark for GPUs at a size for CPUs: what it writes down, and how it works that out."""

import itertools
import json

import bench_gpu
import pytest
import torch

from nanochat.model import GPTConfig, counts
from nanochat.runtime import Runtime

SHAPE = GPTConfig.from_depth(2, 512, 32, aspect_ratio=16, head_dim=16)
SIZES = "--depths 2 --vocab 512 --length 32 --aspect-ratio 16 --head-dim 16 --batch-tokens 192"
SETTING = "--device cpu --dtype float32 --compile off --rows 4 --batches 1 3 --prompt 5 --new 8"


@pytest.fixture
def measured(tmp_path, monkeypatch):
    """The lines of a run in which each piece that is timed takes half a second."""
    ticks = itertools.count()
    monkeypatch.setattr(bench_gpu, "perf_counter", lambda: next(ticks) / 2)
    path = tmp_path / "results.jsonl"
    path.write_text('{"figure": "of another day"}\n')
    bench_gpu.main([*SIZES.split(), *SETTING.split(), "--results", str(path)])
    first, *lines = [json.loads(line) for line in path.read_text().splitlines()]
    assert first == {"figure": "of another day"}
    return lines


def test_every_figure_says_where_it_comes_from(measured):
    assert [line["figure"] for line in measured] == ["decode", "decode", "train"]
    for line in measured:
        assert line["torch"] == torch.__version__ and line["cuda"] == torch.version.cuda
        assert line["card"] and line["date"] and line["depth"] == 2
        assert line["dtype"] == "float32" and line["compile"] is False
        assert f"bench_gpu.py {SIZES} {SETTING}" in line["command"]


def test_training_is_set_beside_the_peak(measured):
    figure = measured[-1]
    assert figure["tokens_per_second"] == 192 / 0.5
    assert figure["flops_per_second"] == 384 * counts.flops_per_token(SHAPE)
    assert 0 < figure["share_of_peak"] < 1
    assert figure["rows_at_once"] == 4 and figure["batch_tokens"] == 192


def test_decoding_is_set_beside_what_has_to_be_read(measured):
    kinds = counts.parameters(SHAPE)
    matrices = 4 * (kinds["matrices"] + kinds["head"])
    for figure, batch in zip(measured, (1, 3), strict=False):
        assert figure["batch"] == batch and figure["share_of_bandwidth"] is None
        assert figure["tokens_per_second"] == 7 * batch / 0.5
        caches = sum(counts.kv_bytes(SHAPE, batch, 5 + step, 4) for step in range(1, 8))
        assert figure["bytes_per_second"] == (7 * matrices + caches) / 0.5


@pytest.mark.parametrize(
    ("name", "expected"),
    [("NVIDIA H100 80GB HBM3", 0.5), ("NVIDIA H100 PCIe", None), ("Quadro 4000", None)],
)
def test_a_card_of_unknown_bandwidth_has_no_share(name, expected, monkeypatch):
    monkeypatch.setattr(torch.cuda, "get_device_name", lambda device: name)
    runtime = Runtime(torch.device("cuda"), torch.bfloat16, compile=True, peak_flops=1e12)
    assert bench_gpu.share(3.35e12 / 2, bench_gpu.bandwidth(runtime)) == expected

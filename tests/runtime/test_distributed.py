import io

import torch

from nanochat.runtime import ALONE, Ranks
from nanochat.runtime.distributed import Marked


def test_a_rank_alone_has_all_and_sends_nothing():
    tensor = torch.arange(6.0).view(3, 2)
    assert ALONE.reduce(tensor).wait() is tensor
    assert ALONE.gather(tensor, torch.zeros(3, 2)).wait() is tensor
    assert ALONE.part(tensor).equal(tensor)
    assert ALONE.total(2.5) == 2.5 and ALONE.any(True) and not ALONE.any(False)
    assert ALONE.all_values({"a": 1}) == [{"a": 1}] and ALONE.once(lambda: 3) == 3
    assert ALONE.collect({"a": tensor})["a"] is tensor


def test_rows_that_cannot_be_shared_out_are_everyones():
    parts = [Ranks(rank, 2).part(torch.arange(4.0)) for rank in range(2)]
    assert [part.tolist() for part in parts] == [[0, 1], [2, 3]]
    for whole in (torch.arange(3.0), torch.tensor(1.0)):
        assert Ranks(1, 2).part(whole) is whole


def test_every_line_of_a_rank_is_marked_once_it_is_whole():
    stream = io.StringIO()
    marked = Marked(stream, rank=3)
    print("one\ntwo", end="", file=marked)
    assert stream.getvalue() == "[rank3]: one\n"
    print(" three", file=marked)
    assert stream.getvalue() == "[rank3]: one\n[rank3]: two three\n"

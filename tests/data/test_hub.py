import logging
import os
import subprocess
import sys
import threading
import time
from types import SimpleNamespace

import pytest
from small_hub import COMMIT, Fault, serving

from nanochat.data import hub as hubs
from nanochat.data.ahead import in_order
from nanochat.data.hub import Hub
from nanochat.runtime import UserError

REPO = "someone/texts"
LARGE = bytes(range(256)) * 800
FILES = {
    "README.md": b"hello",
    "data/a.bin": LARGE,
    "data/b.bin": LARGE[::-1],
    "c.bin": LARGE * 2,
    "d.bin": b"0123456789",
}


@pytest.fixture
def served():
    with serving({REPO: dict(FILES)}) as hub:
        yield hub


@pytest.fixture(autouse=True)
def no_token(monkeypatch, tmp_path):
    for name in ("HF_TOKEN", "HUGGING_FACE_HUB_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr("huggingface_hub.constants.HF_TOKEN_PATH", str(tmp_path / "no-token"))


def client(served, **settings):
    return Hub(**{"endpoint": served.endpoint, "attempts": 3, "pause": 0.01} | settings)


def named(shot, path):
    return next(file for file in shot.files if file.path == path)


def fetch(served, tmp_path, path="data/a.bin", **settings):
    hub = client(served, **settings)
    shot = hubs.snapshot(REPO, tmp_path, hub)
    return hubs.fetch(shot, named(shot, path), tmp_path, hub)


def test_a_snapshot_lists_all_pages_once_and_is_kept(served, tmp_path):
    shot = hubs.snapshot(REPO, tmp_path, client(served))
    assert [file.path for file in shot.files] == sorted(FILES)
    assert {file.path: file.size for file in shot.files} == {p: len(c) for p, c in FILES.items()}
    assert shot.commit == COMMIT
    served.data[REPO]["later.bin"] = LARGE
    served.vanish()
    assert hubs.snapshot(REPO, tmp_path, client(served)) == shot
    served.come_back()
    with pytest.raises(UserError, match="holds files of someone/texts, not other/texts"):
        hubs.snapshot("other/texts", tmp_path, client(served))


def test_files_arrive_whole_in_parallel_and_are_not_asked_for_twice(served, tmp_path):
    hub = client(served)
    shot = hubs.snapshot(REPO, tmp_path, hub)
    for _ in range(2):
        paths = hubs.fetch_all(shot, shot.files, tmp_path, hub)
        assert {str(p.relative_to(tmp_path)): p.read_bytes() for p in paths} == FILES
    assert sorted(name for name, _ in served.asked) == sorted(FILES)
    assert not list(tmp_path.rglob("*.part"))


def test_files_are_chosen_by_pattern(served, tmp_path):
    shot = hubs.snapshot(REPO, tmp_path, client(served))
    assert [file.path for file in shot.matching("data/*.bin")] == ["data/a.bin", "data/b.bin"]
    with pytest.raises(UserError, match="someone/texts has no file .*parquet among its 5"):
        shot.matching("*.parquet")


def test_a_busy_hub_is_asked_again(served, tmp_path, caplog):
    served.faults = {
        "info": [Fault(status=503)],
        "tree": [Fault(status=500)],
        "data/a.bin": [Fault(status=503), Fault(status=429)],
    }
    with caplog.at_level(logging.WARNING, "nanochat.data.hub"):
        assert fetch(served, tmp_path).read_bytes() == LARGE
    assert caplog.text.count("Trying again in") == 4 and "status 503" in caplog.text


def test_a_hub_that_says_when_to_come_again_is_obeyed_within_reason(served, tmp_path, monkeypatch):
    answers = [Fault(status=429, retry_after=after) for after in ("7", "99999", "Tuesday", "0")]
    served.faults = {"data/a.bin": [*answers, Fault(status=503)]}
    pauses = []
    monkeypatch.setattr(hubs, "time", SimpleNamespace(sleep=pauses.append))
    assert fetch(served, tmp_path, attempts=6, pause=1).read_bytes() == LARGE
    assert pauses == [7, hubs.LONGEST_PAUSE, 4, 8, 16]


def test_what_arrived_before_the_connection_was_cut_is_not_sent_again(served, tmp_path):
    served.faults = {"data/a.bin": [Fault(cut=100_000), Fault(status=503), Fault(cut=50_000)]}
    assert fetch(served, tmp_path).read_bytes() == LARGE
    starts = [int(wanted[len("bytes=") : -1]) for wanted in served.asked_for("data/a.bin")]
    assert starts == sorted(starts)
    assert starts[1] == starts[2] > 50_000 and starts[3] > starts[1] + 25_000


@pytest.mark.parametrize("kept, starts", [(LARGE[:90_000], [90_000]), (bytes(500), [500, 0])])
def test_what_a_killed_process_left_is_used_where_it_is_right(served, tmp_path, kept, starts):
    part = tmp_path / "data" / hubs.UNFINISHED / "a.bin.part"
    part.parent.mkdir(parents=True)
    part.write_bytes(kept)
    assert fetch(served, tmp_path).read_bytes() == LARGE
    assert served.asked_for("data/a.bin") == [f"bytes={start}-" for start in starts]


def test_progress_earns_patience(served, tmp_path):
    served.faults = {"data/a.bin": [Fault(cut=30_000)] * 6}
    assert fetch(served, tmp_path, attempts=2).read_bytes() == LARGE


def test_a_server_that_starts_anew_is_understood(served, tmp_path):
    served.faults = {"data/a.bin": [Fault(cut=100_000), Fault(ignores_range=True)]}
    assert fetch(served, tmp_path).read_bytes() == LARGE


def test_a_wrong_checksum_is_fetched_again_and_never_kept(served, tmp_path):
    wrong = LARGE[:-1] + b"?"
    served.faults = {"data/a.bin": [Fault(content=wrong)], "README.md": [Fault(content=b"hullo")]}
    assert fetch(served, tmp_path).read_bytes() == LARGE
    assert fetch(served, tmp_path, "README.md").read_bytes() == b"hello"
    served.faults = {"data/b.bin": [Fault(content=wrong)] * 3}
    with pytest.raises(UserError, match="b.bin could not be fetched: what arrived does not have"):
        fetch(served, tmp_path, "data/b.bin")
    assert not (tmp_path / "data" / "b.bin").exists()
    assert not list(tmp_path.rglob("*.part"))


def test_a_file_that_is_too_short_on_the_hub_is_not_taken_for_whole(served, tmp_path):
    served.faults = {"data/a.bin": [Fault(content=LARGE[:1000])] * 9}
    with pytest.raises(UserError, match="1,000 bytes arrived in place of 204,800"):
        fetch(served, tmp_path)
    served.faults = {}
    assert fetch(served, tmp_path).read_bytes() == LARGE


def test_a_hub_that_vanishes_half_way_loses_nothing_that_arrived(served, tmp_path):
    hub = client(served)
    shot = hubs.snapshot(REPO, tmp_path, hub)
    hubs.fetch(shot, named(shot, "data/a.bin"), tmp_path, hub)
    served.faults = {"data/b.bin": [Fault(cut=120_000)] + [Fault(status=503)] * 9}
    with pytest.raises(UserError, match="What has arrived is kept: see to the connection"):
        hubs.fetch(shot, named(shot, "data/b.bin"), tmp_path, hub)
    served.vanish()
    for path in ("data/b.bin", "c.bin"):
        with pytest.raises(UserError, match=f"{path} could not be fetched: ConnectError"):
            hubs.fetch(shot, named(shot, path), tmp_path, hub)
    served.faults = {}
    served.asked.clear()
    served.come_back()
    paths = hubs.fetch_all(shot, shot.files, tmp_path, hub)
    assert {str(p.relative_to(tmp_path)): p.read_bytes() for p in paths} == FILES
    assert not served.asked_for("data/a.bin")
    assert int(served.asked_for("data/b.bin")[0][len("bytes=") : -1]) > 100_000


def test_a_silent_hub_is_not_waited_for_without_end(served, tmp_path):
    served.faults = {"data/a.bin": [Fault(seconds=1.0)], "tree": [Fault(seconds=1.0)]}
    assert fetch(served, tmp_path, timeout=0.3).read_bytes() == LARGE
    assert len(served.asked_for("data/a.bin")) == 2


def test_what_is_no_hub_is_told_apart(served, tmp_path):
    served.faults = {"info": [Fault(content=b"<html>Log in to this hotel</html>")] * 3}
    with pytest.raises(UserError, match="does not answer as a hub does"):
        fetch(served, tmp_path)


def test_names_that_do_not_exist_are_refused_at_once(served, tmp_path):
    hub = client(served, pause=60)
    with pytest.raises(UserError, match="no such data set, or keeps it private"):
        hubs.snapshot("someone/nothing", tmp_path, hub)
    with pytest.raises(UserError, match="cannot be the name of a data set"):
        hubs.snapshot("some one//", tmp_path / "b", hub)
    shot = hubs.snapshot(REPO, tmp_path, hub)
    del served.data[REPO]["c.bin"]
    with pytest.raises(UserError, match="c.bin: the server refuses it .status 404"):
        hubs.fetch(shot, named(shot, "c.bin"), tmp_path, hub)


def test_a_token_opens_private_data_and_stays_with_the_hub(served, tmp_path, monkeypatch):
    served.token = "hf_secret"
    with pytest.raises(UserError, match="keeps it private.*set HF_TOKEN"):
        fetch(served, tmp_path)
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    assert fetch(served, tmp_path).read_bytes() == LARGE
    told = dict(served.authorized)
    assert told["/api/datasets/someone/texts"] == "Bearer hf_secret"
    assert told["/cdn/someone/texts/data/a.bin"] is None


def test_gated_data_names_its_terms(served, tmp_path):
    served.gated = True
    with pytest.raises(UserError, match="accepted the data set's terms.*hf auth login"):
        fetch(served, tmp_path)


def test_the_endpoint_of_the_environment_is_honoured(served, tmp_path):
    program = (
        "from nanochat.data import hub\n"
        f"shot = hub.snapshot({REPO!r}, 'here', hub.Hub())\n"
        "print(len(hub.fetch_all(shot, shot.files, 'here', hub.Hub())))\n"
    )
    command, environment = (
        [sys.executable, "-c", program],
        os.environ | {"HF_ENDPOINT": served.endpoint},
    )
    done = subprocess.run(
        command, cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=240
    )
    assert done.stdout.strip() == str(len(FILES)), done.stderr
    served.vanish()
    offline = subprocess.run(
        command,
        cwd=tmp_path / "here",
        env=environment | {"HF_HUB_OFFLINE": "1"},
        capture_output=True,
        text=True,
        timeout=240,
    )
    assert "HF_HUB_OFFLINE forbids to fetch it" in offline.stderr


def test_a_folder_that_cannot_be_written_is_named(served, tmp_path):
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(UserError, match="Could not write .*file.snapshot.json"):
        fetch(served, tmp_path / "file")


def test_what_is_here_is_read_from_a_folder_that_cannot_be_written(served, tmp_path, monkeypatch):
    fetch(served, tmp_path)
    monkeypatch.setattr("nanochat.data.hub.FileLock", None)
    assert fetch(served, tmp_path).read_bytes() == LARGE


def test_two_who_want_the_same_file_fetch_it_once(served, tmp_path):
    hub = client(served)
    shot = hubs.snapshot(REPO, tmp_path, hub)
    served.faults = {"c.bin": [Fault(seconds=0.2)]}
    paths = list(
        in_order(lambda f: hubs.fetch(shot, f, tmp_path, hub), [named(shot, "c.bin")] * 4, 3)
    )
    assert len(set(paths)) == 1 and len(served.asked_for("c.bin")) == 1


def test_work_is_begun_ahead_and_given_in_order():
    begun, go_on = [], threading.Event()

    def work(item):
        begun.append(item)
        go_on.wait(60)
        return item * 10

    results = in_order(work, iter(range(10)), ahead=3)
    threading.Timer(0.3, go_on.set).start()
    assert next(results) == 0
    deadline = time.monotonic() + 60
    while len(begun) < 4 and time.monotonic() < deadline:
        time.sleep(0.01)
    assert sorted(begun) == [0, 1, 2, 3]
    assert list(results) == [10 * item for item in range(1, 10)]


def test_what_failed_ahead_of_its_turn_is_tried_again():
    failed = threading.Event()

    def work(item):
        if item == 1 and not failed.is_set():
            failed.set()
            raise UserError("not now")
        return item

    results = in_order(work, [0, 1, 2], ahead=2)
    assert next(results) == 0
    failed.wait(60)
    time.sleep(0.1)
    assert list(results) == [1, 2]

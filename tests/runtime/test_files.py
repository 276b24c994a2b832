import errno
import json
import os

import pytest

from nanochat.runtime import UserError, files


def test_written_bytes_are_read_back(tmp_path):
    files.write_bytes(tmp_path / "deep" / "a.bin", b"\x00\xff")
    assert (tmp_path / "deep" / "a.bin").read_bytes() == b"\x00\xff"


def test_a_failed_write_leaves_the_old_file_and_nothing_beside(tmp_path, monkeypatch):
    path = tmp_path / "a.json"
    files.write_json(path, {"step": 1})

    def disk_full(handle):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", disk_full)
    with pytest.raises(UserError, match="No space left"):
        files.write_json(path, {"step": 2})
    assert json.loads(path.read_text()) == {"step": 1}
    assert os.listdir(tmp_path) == ["a.json"]


def test_broken_json_names_the_file(tmp_path):
    path = tmp_path / "a.json"
    path.write_text('{"step": ')
    with pytest.raises(UserError, match="a.json is not valid JSON"):
        files.read_json(path)
    with pytest.raises(UserError, match="is not there"):
        files.read_json(tmp_path / "b.json")


def test_a_directory_appears_whole_or_not_at_all(tmp_path):
    with pytest.raises(ZeroDivisionError), files.new_directory(tmp_path / "step") as beside:
        (beside / "model").write_text("half")
        1 / 0  # noqa: B018
    assert os.listdir(tmp_path) == []
    with files.new_directory(tmp_path / "step") as beside:
        (beside / "model").write_text("whole")
    assert (tmp_path / "step" / "model").read_text() == "whole"
    with pytest.raises(UserError, match="exists already"), files.new_directory(tmp_path / "step"):
        pass


def test_sha256_of_a_file_equals_that_of_its_bytes(tmp_path):
    (tmp_path / "a").write_bytes(b"abc")
    # FIPS 180-2, appendix B.1
    known = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
    assert files.sha256(tmp_path / "a") == files.sha256(b"abc") == known

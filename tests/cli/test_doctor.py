import re

from nanochat.cli import doctor
from nanochat.cli.doctor import Finding, examine


def test_every_finding_is_one_line_that_begins_with_its_verdict(tmp_path):
    lines = [str(finding) for finding in examine(tmp_path / "not" / "there")]
    assert all(re.match(r"\[(ok|fix)\] +\w+: .+$", line) for line in lines)
    looked_at = [re.match(r"\[\w+\] +(\w+)", line)[1] for line in lines]
    assert looked_at == [
        "Python",
        "torch",
        "device",
        "dtype",
        "attention",
        "cores",
        "memory",
        "disk",
        "compiler",
    ]


def test_a_lack_comes_with_its_fix(tmp_path, monkeypatch):
    monkeypatch.setattr(doctor, "DISK_GIB", 10**9)
    monkeypatch.setattr(doctor, "has_compiler", lambda: False)
    findings = {finding.what: finding for finding in examine(tmp_path)}
    assert "NANOCHAT_HOME" in findings["disk"].fix
    assert "g++" in findings["compiler"].fix
    assert str(Finding("disk", "1 GiB", "Free some")) == "[fix] disk: 1 GiB. Free some"

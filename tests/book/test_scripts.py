"""What stands behind `make`: the environment, the stale outputs, the lint of chapters."""

import platform
import shutil
import subprocess
import sys
from pathlib import Path

import build_book
import environment
import lint
import pytest
import torch

ROOT = Path(__file__).resolve().parents[2]
HEAD = """---
jupytext:
  text_representation:
    extension: .md
    format_name: myst
kernelspec:
  display_name: Python 3
  language: python
  name: python3
---

# A chapter

Prose  with "odd"   spaces, and `x = {  }`.

"""


@pytest.fixture
def chapter(tmp_path):
    """Writes a chapter whose only cell has the code given."""

    def write(code: str) -> Path:
        path = tmp_path / "chapters" / "01_a.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(f"{HEAD}```{{code-cell}} ipython3\n{code}\n```\n", encoding="utf-8")
        return path

    return write


@pytest.mark.parametrize(
    ("code", "finding"),
    [("import os", "F401"), ("x = undefined_name", "F821"), ("x = {  }", "not laid out")],
)
def test_lint_sees_into_the_cells_of_a_chapter(chapter, capsys, code, finding):
    assert lint.lint_chapter(chapter(code))
    assert finding in capsys.readouterr().out


def test_lint_is_content_with_a_tidy_cell(chapter):
    assert not lint.lint_chapter(chapter('def stub():\n    """Yours to write."""\n    ...'))


def test_mending_lays_out_the_code_and_leaves_the_prose(chapter):
    path = chapter("x = {  }")
    lint.mend_chapter(path)
    text = path.read_text(encoding="utf-8")
    assert text.startswith(HEAD)
    assert "ipython3\nx = {}\n```" in text
    assert not lint.lint_chapter(path)


@pytest.fixture
def course(tmp_path, monkeypatch):
    """A course of two files, and the place of its build."""
    (tmp_path / "nanochat").mkdir()
    (tmp_path / "nanochat" / "a.py").write_text("A = 1\n")
    (tmp_path / "constraints.txt").write_text("torch==2.13.0\n")
    monkeypatch.setattr(build_book, "ROOT", tmp_path)
    return tmp_path


def executed(course) -> Path:
    """What an execution leaves, in a build of now."""
    build = course / "_build"
    build.mkdir(exist_ok=True)
    build_book.drop_stale_outputs(build)
    (build / ".jupyter_cache").mkdir()
    return build / ".jupyter_cache"


def test_outputs_are_kept_while_nothing_they_depend_on_changed(course):
    cache = executed(course)
    build_book.drop_stale_outputs(cache.parent)
    assert cache.exists()


@pytest.mark.parametrize("changed", ["nanochat/a.py", "nanochat/new.json", "constraints.txt"])
def test_outputs_of_another_package_or_other_pins_are_dropped(course, changed):
    cache = executed(course)
    (course / changed).write_text("A = 2\n")
    build_book.drop_stale_outputs(cache.parent)
    assert not cache.exists()


def test_outputs_of_another_profile_are_dropped(course, monkeypatch):
    cache = executed(course)
    monkeypatch.setenv("NANOCHAT_PROFILE", "another")
    build_book.drop_stale_outputs(cache.parent)
    assert not cache.exists()


@pytest.mark.parametrize(
    ("system", "asked", "index"),
    [
        ("Linux", "cpu", "cpu"),
        ("Linux", "cuda", None),
        ("Windows", "cpu", None),
        ("Windows", "cuda", "cuda"),
        ("Darwin", "cpu", None),
    ],
)
def test_torch_comes_from_the_index_that_has_the_build(monkeypatch, system, asked, index):
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setenv("NANOCHAT_TORCH", asked)
    options = environment.torch_options()
    assert options[1:2] == ([environment.TORCH_INDEX[index]] if index else [])


@pytest.mark.parametrize(("tool", "build"), [(None, "cpu"), ("/usr/bin/nvidia-smi", "cuda")])
def test_a_graphics_card_decides_the_build_of_torch(monkeypatch, tool, build):
    monkeypatch.delenv("NANOCHAT_TORCH", raising=False)
    monkeypatch.setattr(shutil, "which", lambda name: tool)
    assert environment.torch_build() == build


def test_whether_torch_came_with_cuda_is_read_from_what_is_installed(monkeypatch):
    monkeypatch.setattr(environment, "PYTHON", sys.executable)
    assert environment.torch_needs_cuda() == (torch.version.cuda is not None)


@pytest.mark.parametrize(
    ("system", "needed", "cuda"),
    [("Linux", "nvidia-cublas", True), ("Linux", "sympy", False), ("Darwin", "nvidia-x", False)],
)
def test_a_torch_that_came_with_cuda_is_known_by_what_it_needs(monkeypatch, system, needed, cuda):
    answer = subprocess.CompletedProcess([], 0, stdout=f"['{needed}']")
    monkeypatch.setattr(platform, "system", lambda: system)
    monkeypatch.setattr(subprocess, "run", lambda *_, **__: answer)
    assert environment.torch_needs_cuda() == cuda


def test_an_unknown_build_of_torch_is_refused(monkeypatch):
    monkeypatch.setenv("NANOCHAT_TORCH", "gpu")
    with pytest.raises(SystemExit, match="NANOCHAT_TORCH=gpu is unknown. Expected cpu, cuda"):
        environment.torch_build()


def test_the_environment_is_made_anew_for_other_pins(monkeypatch):
    before = environment.fingerprint()
    assert environment.fingerprint() == before
    monkeypatch.setenv("NANOCHAT_TORCH", "cuda" if environment.torch_build() == "cpu" else "cpu")
    assert environment.fingerprint() != before


def test_an_unsupported_python_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(sys, "version_info", (3, 10, 1))
    monkeypatch.setattr(shutil, "which", lambda name: None)
    with pytest.raises(SystemExit, match="make PYTHON=/path/to/python3.12 book"):
        environment.use_supported_python()


def test_help_lists_every_target_and_an_unknown_one_is_refused():
    call = [sys.executable, str(ROOT / "scripts" / "make.py")]
    text = subprocess.run([*call, "help"], capture_output=True, text=True, check=True).stdout
    for target in ("book", "test", "check", "run", "chat", "lab", "help"):
        assert f" {target} " in text
    refused = subprocess.run([*call, "bok"], capture_output=True, text=True)
    assert refused.returncode == 2
    assert "There is no target 'bok'" in refused.stderr

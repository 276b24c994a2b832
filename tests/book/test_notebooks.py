"""Chapters as notebooks: the links to where they can be run, and one run as Colab would."""

import importlib.util
import json
import subprocess
import sys
import sysconfig
from pathlib import Path
from types import SimpleNamespace

import jupytext
import pytest
from nbclient import NotebookClient

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def notebooks():
    """The extension of the book that makes them."""
    path = ROOT / "book" / "_ext" / "notebooks.py"
    spec = importlib.util.spec_from_file_location("notebooks", path)
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """A Python with all that the course needs but the course, and no network, as a kernel."""
    command = [sys.executable, "-m", "venv", "--without-pip", str(tmp_path / "env")]
    subprocess.run(command, check=True)
    paths = {"base": str(tmp_path / "env"), "platbase": str(tmp_path / "env")}
    packages = Path(sysconfig.get_path("purelib", vars=paths))
    (packages / "shared.pth").write_text(sysconfig.get_path("purelib") + "\n")
    scripts = Path(sysconfig.get_path("scripts", vars=paths))
    command = [str(scripts / "python"), "-m", "ipykernel_launcher", "-f", "{connection_file}"]
    kernel = tmp_path / "kernels" / "elsewhere" / "kernel.json"
    kernel.parent.mkdir(parents=True)
    kernel.write_text(json.dumps({"argv": command, "display_name": "e", "language": "python"}))
    monkeypatch.setenv("JUPYTER_PATH", str(tmp_path))
    monkeypatch.setenv("PIP_NO_INDEX", "1")
    monkeypatch.setenv("PIP_NO_BUILD_ISOLATION", "0")  # pip reads this as "none"
    monkeypatch.delenv("PYTHONPATH", raising=False)
    return "elsewhere"


def test_a_chapter_runs_where_only_its_first_cell_brings_the_package(
    notebooks, elsewhere, tmp_path, monkeypatch
):
    home = tmp_path / "content"
    home.mkdir()
    monkeypatch.setenv("NANOCHAT_HOME", str(home / "runs"))
    notebook = jupytext.read(ROOT / "chapters" / "01_tokens.md")
    notebooks.install_first(notebook, ROOT.as_posix())
    where = "import nanochat; print(nanochat.__file__)"
    notebook.cells.append(type(notebook.cells[0])(notebook.cells[0], source=where))
    client = NotebookClient(
        notebook, kernel_name=elsewhere, timeout=900, resources={"metadata": {"path": str(home)}}
    )
    done = client.execute()
    printed = "".join(output["text"] for output in done.cells[-1].outputs)
    assert Path(printed.strip()).is_relative_to(tmp_path)
    assert not list(ROOT.glob("*.egg-info"))


def test_links_follow_the_repository_of_the_workflow(notebooks, monkeypatch):
    monkeypatch.setenv("GITHUB_REPOSITORY", "ada/course")
    monkeypatch.setenv("GITHUB_REF_NAME", "trunk")
    config = SimpleNamespace(html_theme_options={"kept": 1})
    notebooks.link_repository(None, config)
    assert config.html_theme_options["repository_url"].endswith("/ada/course")
    assert config.html_theme_options["repository_branch"] == "trunk"
    context = {"header_buttons": [], "ipynb_source": "chapters/01_tokens.ipynb"}
    notebooks.link_colab(None, "chapters/01_tokens", "", context, None)
    (button,) = context["header_buttons"]
    assert button["url"].endswith("/github/ada/course/blob/notebooks/01_tokens.ipynb")


def test_without_a_repository_no_link_leads_nowhere(notebooks, monkeypatch):
    monkeypatch.delenv("GITHUB_REPOSITORY", raising=False)
    config = SimpleNamespace(html_theme_options={})
    notebooks.link_repository(None, config)
    context = {"header_buttons": [], "ipynb_source": "chapters/01_tokens.ipynb"}
    notebooks.link_colab(None, "chapters/01_tokens", "", context, None)
    assert config.html_theme_options == {} and context["header_buttons"] == []


def test_an_environment_of_the_course_installs_nothing(notebooks):
    notebook = jupytext.reads("", "md")
    notebooks.install_first(notebook, "git+https://example.org/ada/course")
    guard, install = notebook.cells[0].source.splitlines()[-2:]
    assert eval(guard.removeprefix("if ").rstrip(":"), {"importlib": importlib}) is False
    assert install.split()[0] == "%pip"

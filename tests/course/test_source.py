import inspect

import pytest

from nanochat import course
from nanochat.course import source
from nanochat.runtime import UserError, files


def test_a_source_is_the_package_s_own_text_with_its_docstring():
    shown = course.show(files.write_text)
    assert repr(shown).startswith("def write_text(")
    assert '"""Write text as UTF-8' in repr(shown)
    lines = inspect.getsource(files).splitlines()
    first = int(shown.place.rsplit(" ", 1)[1])
    assert lines[first - 1] == repr(shown).splitlines()[0]


def test_markdown_names_the_place_and_holds_the_code():
    markdown = course.show(files.write_text)._repr_markdown_()
    assert "`write_text`, nanochat/runtime/files.py line" in markdown
    assert "```python\ndef write_text(" in markdown


def test_a_long_source_is_folded():
    folded = course.show(files)._repr_markdown_()
    assert files.__file__.endswith("files.py")
    assert len(repr(course.show(files)).splitlines()) > source.FOLD_FROM
    assert folded.startswith("<details") and folded.rstrip().endswith("</details>")


def test_a_method_is_shown_without_its_indentation():
    assert repr(course.show(course.Exercise.heading.fget)).startswith("@property\ndef heading")


@pytest.mark.parametrize("thing", [3, len, "text"])
def test_what_has_no_source_is_refused_with_a_way_out(thing):
    with pytest.raises(UserError, match="has no source to show. Name a function"):
        course.show(thing)

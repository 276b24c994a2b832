"""What the exercises of chapter 14 have of their own; test_answers.py has the rest."""

from nanochat.course import exercises
from nanochat.course.checks import ch14
from nanochat.engine import tools


def test_the_packages_own_functions_are_told():
    def whole(text):
        result = tools.calculator(text)
        return None if result is None else int(result)

    assert exercises.judge(exercises.find("14.3"), whole).state == "package"


def test_the_sums_agree_with_the_package():
    for (text,) in list(ch14.sums())[:8]:
        assert str(ch14.whole(text)) == tools.calculator(text)

"""What the exercises of chapter 10 have of their own; test_answers.py has the rest."""

from nanochat.course import exercises


def test_the_textbook_s_interval_is_shown_where_all_answers_are_right():
    def textbook(share, width, z=1.96):
        total = 1
        while 2 * z * (share * (1 - share) / total) ** 0.5 > width:
            total += 1
        return total

    verdict = exercises.judge(exercises.find("10.2"), textbook)
    assert "Where all answers are right it has no width" in verdict.message
    assert dict(verdict.evidence) == {"input": "1.0, 0.1", "yours": "1", "expected": "35"}

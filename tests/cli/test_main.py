import pytest

from nanochat.cli import main


def outcome(arguments, capsys):
    with pytest.raises(SystemExit) as stop:
        main(arguments)
    captured = capsys.readouterr()
    return stop.value.code, captured.out + captured.err


@pytest.mark.parametrize(
    ("arguments", "named"),
    [
        (["run", "--profile", "huge"], "smoke"),
        (["run", "--speed", "fast"], "--speed"),
        (["dance"], "dance"),
        (["base", "cpu", "--base.depth", "deep"], "deep"),
    ],
)
def test_a_slip_in_the_command_names_itself_without_a_traceback(arguments, named, capsys):
    code, said = outcome(arguments, capsys)
    assert code == 2
    assert named in said
    assert "Traceback" not in said


def test_a_chat_without_a_run_says_how_to_make_one(tmp_path, capsys):
    code, said = outcome(["chat", "--out", str(tmp_path)], capsys)
    assert code == 1
    assert f"nanochat run --out {tmp_path}" in said
    assert "Traceback" not in said


def test_a_vocabulary_that_is_too_small_is_refused_in_one_line(tmp_path, capsys):
    arguments = ["tokenizer", "smoke", "--tokenizer.vocab-size", "100", "--out", str(tmp_path)]
    code, said = outcome(arguments, capsys)
    assert code == 1
    assert said.startswith("nanochat: ") and "100" in said and "Traceback" not in said


def test_heads_that_do_not_divide_the_width_are_refused(tmp_path, capsys):
    arguments = ["base", "smoke", "--base.head-dim", "7", "--out", str(tmp_path)]
    code, said = outcome(arguments, capsys)
    assert code == 1
    assert "even" in said.splitlines()[-1] and "Traceback" not in said


def test_ctrl_c_ends_in_a_word_and_not_in_a_traceback(tmp_path, capsys, monkeypatch):
    def interrupted(*_, **__):
        raise KeyboardInterrupt

    monkeypatch.setattr("nanochat.pipeline.run.run", interrupted)
    code, said = outcome(["run", "--profile", "smoke", "--out", str(tmp_path)], capsys)
    assert code == 130
    assert "Nothing is lost" in said

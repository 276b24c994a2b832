from nanochat.runtime.metrics import JsonLines


def test_a_line_cut_short_by_a_kill_is_left_out(tmp_path):
    log = JsonLines(tmp_path / "metrics.jsonl")
    log.write(step=1, loss=2.5)
    with log.path.open("a") as file:
        file.write('{"step": 2, "lo')
    assert log.read() == [{"step": 1, "loss": 2.5}]


def test_a_resumed_run_keeps_only_the_lines_before_it(tmp_path):
    log = JsonLines(tmp_path / "metrics.jsonl")
    for step in range(5):
        log.write(step=step)
    log.keep(lambda line: line["step"] < 3)
    assert [line["step"] for line in log.read()] == [0, 1, 2]

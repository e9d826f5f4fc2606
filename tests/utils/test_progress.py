"""The bar on a terminal and in a log."""

import io

from gvseg.utils.progress import ProgressBar


class Terminal(io.StringIO):
    """A text stream that says it is a terminal."""

    def isatty(self) -> bool:
        return True


def test_a_log_gets_a_line_for_every_tenth():
    out = io.StringIO()
    bar = ProgressBar('vis', 100, out=out)
    for done in range(1, 101):
        bar.step(done)
    lines = out.getvalue().splitlines()
    assert len(lines) == 10 and '\r' not in out.getvalue()
    assert '100/100' in lines[-1] and '10/100' in lines[0]


def test_fewer_steps_than_tenths_are_all_shown():
    out = io.StringIO()
    bar = ProgressBar('vis', 2, out=out)
    bar.step(1)
    bar.step(2)
    assert len(out.getvalue().splitlines()) == 2


def test_a_terminal_has_one_line_that_ends_with_the_last_step():
    out = Terminal()
    bar = ProgressBar('vis', 3, out=out)
    for done in (1, 2, 3):
        bar.step(done)
    assert out.getvalue().count('\n') == 1 and out.getvalue().endswith('\n')
    assert '3/3' in out.getvalue().split('\r')[-1]


def test_stopping_early_ends_the_line_once():
    out = Terminal()
    bar = ProgressBar('frames', None, unit='frames', out=out)
    bar.step(7)
    bar.close()
    bar.close()
    assert 'frames  7  ' in out.getvalue() and out.getvalue().count('\n') == 1


def test_nothing_to_do_is_no_division_by_zero():
    out = io.StringIO()
    ProgressBar('vis', 0, out=out).step(0)
    assert '0/0' in out.getvalue()

"""One progress bar for all tools."""

import sys
import time
from typing import TextIO

WIDTH = 30
SECONDS_BETWEEN = 0.1


class ProgressBar:
    """A bar that rewrites its line on a terminal; in a log file, a line for every tenth.

    Args:
        title: name of the task, at the left.
        total: number of steps; ``None``: unknown, as for a camera, so that only the count and the rate are shown.
        unit: name of a step, for the rate.
        out: where it is drawn.
    """

    def __init__(self, title: str, total: int | None, unit: str = '', out: TextIO | None = None) -> None:
        self.title, self.total, self.unit = title, total, unit
        self.out = out or sys.stderr
        self.terminal = self.out.isatty()
        self.start, self.shown, self.tenth, self.open = time.time(), 0.0, 0, False

    def step(self, done: int, note: str = '') -> None:
        """Set the number of finished steps, with a note at the right; ends the line after the last."""
        if not self._is_due(done):
            return
        line = self._line(done, note)
        self.out.write(f'\r{line:<79}' if self.terminal else f'{line.rstrip()}\n')
        self.out.flush()
        self.open = self.terminal
        if done == self.total:
            self.close()

    def close(self) -> None:
        """End the line where the task stops before its last step."""
        if self.open:
            self.out.write('\n')
            self.out.flush()
        self.open = False

    def _is_due(self, done: int) -> bool:
        now, last = time.time(), done == self.total
        if self.terminal:
            due = last or now - self.shown >= SECONDS_BETWEEN
            self.shown = now if due else self.shown
            return due
        tenth = 10 * done // max(self.total, 1) if self.total else done // 100
        due = tenth > self.tenth or last
        self.tenth = tenth
        return due

    def _line(self, done: int, note: str) -> str:
        seconds = max(time.time() - self.start, 1e-6)
        rate = f'{done / seconds:.1f} {self.unit}/s' if self.unit else ''
        if self.total is None:
            return '  '.join(part for part in (self.title, str(done), rate, note) if part)
        left = seconds / max(done, 1) * (self.total - done)
        when = f'{left:.0f} s left' if done < self.total else f'{seconds:.0f} s'
        bar = '#' * (WIDTH * done // max(self.total, 1))
        parts = (f'{self.title:<10} [{bar:<{WIDTH}}] {done}/{self.total}', rate, when, note)
        return '  '.join(part for part in parts if part)

"""Show what happens now, since when, and what comes next: on a terminal in one live line, elsewhere in lines that stay."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from rich.console import Console
from rich.live import Live
from rich.text import Text


@dataclass(frozen=True)
class Phase:
    """A finished phase and its wall time in seconds."""

    name: str
    seconds: float


class Progress:
    """Shows one phase at a time out of a plan known from the beginning. `detail` may be set from another thread."""

    HEARTBEAT_SECONDS = 15

    def __init__(self, plan: list[str], console: Console | None = None) -> None:
        self.console = console or Console(highlight=False)
        self.finished: list[Phase] = []
        self._plan = plan
        self._began = time.monotonic()
        self._phase: str | None = None
        self._phase_began = self._began
        self._detail = ""
        self._lock = threading.Lock()

    @contextmanager
    def show_phase(self, name: str) -> Iterator[None]:
        """Show a phase while the block runs. Raises ValueError for a phase that is not in the plan, because the output has already announced the next phase."""
        if name not in self._plan:
            raise ValueError(f"{name!r} is not in the plan")
        self._phase, self._phase_began, self._detail = name, time.monotonic(), ""
        stop = threading.Event()
        shower = threading.Thread(target=self._show, args=(stop,), daemon=True)
        shower.start()
        try:
            yield
        except BaseException:
            self._end(stop, shower, "failed")
            raise
        self._end(stop, shower, "done")

    def show_detail(self, text: str) -> None:
        """Show what happens inside the phase now. It is printed once on a plain output when it changes."""
        with self._lock:
            if text == self._detail:
                return
            self._detail = text
        if not self.console.is_terminal:
            self.console.print(f"[{self._format_clock()}]   {text}")

    def print_line(self, text: str) -> None:
        """Print one line that stays."""
        self.console.print(text)

    def _end(self, stop: threading.Event, shower: threading.Thread, how: str) -> None:
        stop.set()
        shower.join()
        assert self._phase
        seconds = time.monotonic() - self._phase_began
        self.finished.append(Phase(self._phase, seconds))
        self.console.print(f"[{self._format_clock()}] {self._phase}: {how} in {seconds:.1f} s")

    def _show(self, stop: threading.Event) -> None:
        if not self.console.is_terminal:
            self.console.print(f"[{self._format_clock()}] {self._phase} …{self._find_next()}")
            while not stop.wait(self.HEARTBEAT_SECONDS):
                self.console.print(f"[{self._format_clock()}]   still: {self._phase}, {self._detail or 'working'}")
            return
        with Live(console=self.console, transient=True, auto_refresh=False) as live:
            while True:
                live.update(self._format_live(), refresh=True)
                if stop.wait(0.5):
                    return

    def _format_live(self) -> Text:
        """Return the live line. What does not fit into the terminal's width follows in lines of its own, and is not cut off."""
        seconds = time.monotonic() - self._phase_began
        head = f"[{self._format_clock()}] {self._phase}, {seconds:.0f} s"
        line = f"{head}{': ' + self._detail if self._detail else ''}{self._find_next()}"
        if len(line) < self.console.width:
            return Text(line)
        parts = [head, self._detail, self._find_next().strip()]
        return Text("\n  ".join(part for part in parts if part), overflow="fold")

    def _find_next(self) -> str:
        assert self._phase
        following = self._plan[self._plan.index(self._phase) + 1 :]
        return f"   (next: {following[0]})" if following else ""

    def _format_clock(self) -> str:
        minutes, seconds = divmod(int(time.monotonic() - self._began), 60)
        return f"{minutes:02}:{seconds:02}"

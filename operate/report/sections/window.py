"""The window of a run: from the freeze to the commit, or to the moment when the source accepted writes again."""

from __future__ import annotations

from dataclasses import dataclass

from operate.report.runs import Run, parse_time


@dataclass(frozen=True)
class Window:
    """Begin and end in seconds since 1970. `end` is None while the source is frozen, or when its end was not recorded."""

    begin: float
    end: float | None
    committed: bool

    @property
    def seconds(self) -> float | None:
        """Return the length. None: not known."""
        return None if self.end is None else self.end - self.begin


def find_window(run: Run) -> Window | None:
    """Return the window. None: no freeze was sent, so users noticed nothing of the run."""
    if (commit := run.find_done("commit")) and commit.facts.get("frozen"):
        return Window(parse_time(commit.facts["frozen"]), parse_time(commit.facts["committed"]), committed=True)
    freeze = run.find("freeze")
    opened = run.find_done("rollback-source")
    if freeze is None or (opened and "open_since" not in opened.facts):
        return None  # a step that failed before its command was sent has a record too
    # Until the last attempt of the freeze the site was open.
    begin = freeze.began + float(freeze.facts.get("opened_seconds") or 0.0)
    since = opened.facts.get("open_since") if opened else None
    return Window(begin, parse_time(since) if since else None, committed=False)

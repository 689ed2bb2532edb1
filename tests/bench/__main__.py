"""`python -m tests.bench [NAME…]`: figures as ratios of two ways that run in turns.

`window EVIDENCE.json…` reads records instead. `growth` measures the window for several sizes of the site and of the
changes, in its own world (about ten minutes) or in a world that scenarios have kept (WORLD=its folder). `goals`
measures the goals of a migration in two worlds one after the other (about twenty-five minutes).
"""

from __future__ import annotations

import argparse
import os
import platform
import sys
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from rehearsal import requirements
from rehearsal.errors import RehearsalError, UsageError
from rehearsal.job.deploys import DeployFailed
from tests.bench import block_sync, digest_files, goals, growth, provider_events, synthesis, verification, window


class Result(Protocol):
    """The comparison of two sides."""

    def format_text(self) -> str: ...


BENCHES: dict[str, Callable[[], Sequence[Result]]] = {
    "provider-events": provider_events.run_benchmark,
    "verification": verification.run_benchmark,
    "block-sync": block_sync.run_benchmark,
    "digest-files": digest_files.run_benchmark,
    "synthesis": synthesis.run_benchmark,
}
UNPRIVILEGED = {"provider-events", "synthesis"}
"""they need neither root nor packages"""
WORLDS: dict[str, Callable[[], str]] = {"growth": growth.run_benchmark, "goals": goals.run_benchmark}
"""they take long and create worlds; they run only by name, and alone"""


def main(words: list[str]) -> int:
    if words[:1] == ["window"]:
        options = argparse.ArgumentParser(prog="python -m tests.bench window")
        options.add_argument("evidence", nargs="+", type=Path, help="evidence.json of a run")
        print("\n\n".join(window.format_text(path) for path in options.parse_args(words[1:]).evidence))
        return 0
    if words and words[0] in WORLDS:
        requirements.require_root()
        print(WORLDS[words[0]]())
        return 0
    options = argparse.ArgumentParser(prog="python -m tests.bench", description=__doc__)
    options.add_argument("name", nargs="*", help=f"one of {', '.join(BENCHES)}; the default is all")
    names = options.parse_args(words).name or list(BENCHES)
    if unknown := [name for name in names if name not in BENCHES]:
        options.error(f"there is no bench {', '.join(unknown)}")
    if set(names) - UNPRIVILEGED:
        requirements.require_root()
        requirements.require_packages(print, also=requirements.BENCH_PACKAGES)
    print(f"machine: {os.cpu_count()} cores, {platform.machine()}, load before {os.getloadavg()[0]:.1f}", flush=True)
    for name in names:
        print(f"\n{name}", flush=True)
        for comparison in BENCHES[name]():
            print(comparison.format_text(), flush=True)
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except UsageError as error:
        print(error, file=sys.stderr)
        sys.exit(2)
    except (RehearsalError, DeployFailed) as error:
        sys.exit(str(error))

"""The proxy's mode: `open`, `frozen` (reads only), `forward`, or `staged` on a target that waits for its application. On disk first, then in the running proxy, so that a restart at any
moment finds the stricter one when the mode becomes stricter."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cutover_site.proxy.runtime import ProxyError, Runtime
from cutover_site.system import textfiles

Mode = Literal["open", "frozen", "forward", "staged"]
MODES: tuple[Mode, ...] = ("open", "frozen", "forward", "staged")


@dataclass(frozen=True)
class ProxyModes:
    folder: Path
    runtime: Runtime

    @property
    def map_file(self) -> Path:
        return self.folder / "mode.map"

    def stored(self) -> Mode:
        """What a restarted proxy would do. Anything unreadable counts as frozen, as it does in haproxy.cfg."""
        try:
            words = self.map_file.read_text().split()
        except OSError:
            return "frozen"
        found = words[1] if len(words) == 2 and words[0] == "mode" else ""
        return next((mode for mode in MODES if mode == found), "frozen")

    def running(self) -> Mode:
        """What the proxy does with what arrives now. Raises ProxyError."""
        answers = self.runtime.ask(f"show map {self.map_file}")
        current = self.runtime.workers().current
        found = {_mode(answer) for pid, answer in answers.items() if pid in current or not current}
        if len(found) != 1:
            raise ProxyError(f"HAProxy's mode cannot be read: {answers}")
        return found.pop()

    def store(self, mode: Mode) -> None:
        textfiles.replace(self.map_file, f"mode {mode}\n")

    def switch(self, mode: Mode) -> None:
        """Every request that arrives after the return is handled in `mode`, whichever worker has its connection: one that begins later has
        read the file. Raises ProxyError.
        """
        self.store(mode)
        self.runtime.tell(f"set map {self.map_file} mode {mode}")
        for pid, answer in self.runtime.ask(f"show map {self.map_file}").items():
            if (now := _mode(answer)) != mode:
                raise ProxyError(f"HAProxy (worker {pid}) is still {now} after it was told to be {mode}")


def _mode(answer: str) -> Mode:
    """Of a map as HAProxy shows it. Raises ProxyError."""
    found = answer.split()[-1] if answer else ""
    for mode in MODES:
        if mode == found:
            return mode
    raise ProxyError(f"HAProxy's mode cannot be read: {answer!r}")

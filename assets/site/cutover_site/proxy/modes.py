"""The proxy's mode: `open`, `frozen` (reads only), `forward`, or `staged` (on a target whose application does not run yet).

A change is written to disk first, then to the running proxy. So a restart at any moment never starts a proxy that is less strict.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from cutover_site.proxy.runtime import ProxyError, Runtime
from cutover_site.system import textfiles

ProxyMode = Literal["open", "frozen", "forward", "staged"]
MODES: tuple[ProxyMode, ...] = ("open", "frozen", "forward", "staged")


@dataclass(frozen=True)
class ProxyModes:
    """The mode of one proxy, on disk and in the running process. `folder` has HAProxy's maps."""

    folder: Path
    runtime: Runtime

    @property
    def map_file(self) -> Path:
        """Return the map that haproxy.cfg reads the mode from."""
        return self.folder / "mode.map"

    def read_stored(self) -> ProxyMode:
        """Return the mode that a restarted proxy would have. A file that cannot be read counts as `frozen`, as in haproxy.cfg."""
        try:
            words = self.map_file.read_text().split()
        except OSError:
            return "frozen"
        found = words[1] if len(words) == 2 and words[0] == "mode" else ""
        return next((mode for mode in MODES if mode == found), "frozen")

    def read_running(self) -> ProxyMode:
        """Return the mode in which the proxy handles requests that arrive now. Raises ProxyError."""
        maps = self.runtime.query(f"show map {self.map_file}")
        current = self.runtime.list_workers().current
        found = {_parse_map(text) for pid, text in maps.items() if pid in current or not current}
        if len(found) != 1:
            raise ProxyError(f"HAProxy's mode cannot be read: {maps}")
        return found.pop()

    def store(self, mode: ProxyMode) -> None:
        """Write the mode to disk only. The running proxy keeps its mode."""
        textfiles.replace(self.map_file, f"mode {mode}\n")

    def switch(self, mode: ProxyMode) -> None:
        """Set the mode, on disk and in every running worker. Raises ProxyError.

        Every request that arrives after the return is handled in `mode`: a worker that starts later has read the file.
        """
        self.store(mode)
        self.runtime.run_command(f"set map {self.map_file} mode {mode}")
        for pid, text in self.runtime.query(f"show map {self.map_file}").items():
            if (found := _parse_map(text)) != mode:
                raise ProxyError(f"HAProxy (worker {pid}) is still {found} after it was set to {mode}")


def _parse_map(text: str) -> ProxyMode:
    """Return the mode in a map as HAProxy prints it. Raises ProxyError."""
    found = text.split()[-1] if text else ""
    for mode in MODES:
        if mode == found:
            return mode
    raise ProxyError(f"HAProxy's mode cannot be read: {text!r}")

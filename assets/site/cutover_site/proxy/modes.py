"""The proxy's mode: `open`, `frozen` (reads only), `forward`, or `staged` on a target that waits for its Gogs. On disk first, then in the running proxy, so that a restart at any
moment finds the stricter one when the mode becomes stricter."""

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
        """What the proxy does now. Raises ProxyError."""
        answer = self.runtime.ask(f"show map {self.map_file}")
        found = answer.split()[-1] if answer else ""
        for mode in MODES:
            if mode == found:
                return mode
        raise ProxyError(f"HAProxy's mode cannot be read: {answer!r}")

    def store(self, mode: Mode) -> None:
        textfiles.replace(self.map_file, f"mode {mode}\n")

    def switch(self, mode: Mode) -> None:
        """Every request that arrives after the return is handled in `mode`. Raises ProxyError."""
        self.store(mode)
        self.runtime.tell(f"set map {self.map_file} mode {mode}")
        if (now := self.running()) != mode:
            raise ProxyError(f"HAProxy is still {now} after it was told to be {mode}")

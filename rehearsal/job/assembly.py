"""The cloud assembly of the app: what `cdk synth` writes and every deploy of a rehearsal reads.

Each deploy of one app would synthesize it again. The rehearsal synthesizes while its AWS starts, and again when something
changed that the app reads.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path

INPUTS = ("app.py", "cdk.json", "package-lock.json", "requirements.txt", "stacks", "constructs", "lambda", "assets")
"""What the app reads, besides the configuration: files and folders below the root of the checkout."""
CONFIGURATION = "CUTOVER_CONFIG"
MANIFEST = "manifest.json"
"""the file of a cloud assembly that the CDK CLI reads first"""


@dataclass
class Assembly:
    """The cloud assembly in `folder`, of the app in `root` with the configuration that `environment` names."""

    root: Path
    environment: Mapping[str, str]
    folder: Path
    _synthesized: str = field(default="", init=False)
    """the fingerprint of what was synthesized"""

    def is_current(self) -> bool:
        """Return whether the folder has the assembly of what the app would read now."""
        return (self.folder / MANIFEST).is_file() and self._synthesized == self.compute_fingerprint()

    def set_current(self, fingerprint: str) -> None:
        """Store the fingerprint that was taken before the synthesis. A synthesis that failed has left no manifest."""
        self._synthesized = fingerprint

    def compute_fingerprint(self) -> str:
        """Return a hash of the names and contents of everything that the app reads."""
        found = hashlib.sha256()
        for file in self._list_inputs():
            content = file.read_bytes()
            found.update(f"{file}\0{len(content)}\0".encode() + content)
        return found.hexdigest()

    def _list_inputs(self) -> Iterator[Path]:
        for name in INPUTS:
            path = self.root / name
            files = path.rglob("*") if path.is_dir() else [path]
            yield from sorted(file for file in files if file.is_file() and "__pycache__" not in file.parts)
        if configuration := self.environment.get(CONFIGURATION):
            yield self.root / configuration

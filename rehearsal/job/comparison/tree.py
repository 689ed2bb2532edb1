"""The files of a site, as its users mean them: one tree, although a server that others installed has its folders at several places."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path


@dataclass(frozen=True)
class Tree:
    """`root`: the data root on a disk. `elsewhere`: the folders of the tree that are at other places of that disk, by their path in the tree."""

    root: Path
    elsewhere: Mapping[str, Path] = field(default_factory=dict)

    def find(self, path: str) -> Path:
        """Return where a path of the tree is."""
        for name, place in self.elsewhere.items():
            if path == name or path.startswith(f"{name}/"):
                return place / path[len(name) + 1 :]
        return self.root / path

    def list_paths(self, is_left_out: Callable[[str], bool] = lambda _: False) -> Iterator[str]:
        """Yield `.` and each path below it. A folder that is left out is not entered. Raises OSError."""
        yield "."
        waiting = [""]
        while waiting:
            folder = waiting.pop()
            for found in self.find(folder or ".").iterdir():
                name = f"{folder}/{found.name}" if folder else found.name
                if is_left_out(name):
                    continue
                yield name
                place = self.find(name)
                if place.is_dir() and not place.is_symlink():
                    waiting.append(name)

"""The files of the proxy, which prepare_source.yml renders, with the addresses of this installation."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from applications.installation import Installation

from cutover_site.adopt.changes import Change, FileChange
from cutover_site.adopt.present import Present, write_file
from cutover_site.errors import NotConfigured

PROXY_FOLDER = "/etc/haproxy/cutover"
SOURCE_FRONT, TARGET_FRONT, DEFAULTS = "source.cfg", "target.cfg", "default"
FRONT_FILES = (SOURCE_FRONT, TARGET_FRONT, DEFAULTS, "hold.lua", "forward.cfg", "mode.map", "hold.map")
"""files that prepare_source.yml renders from the templates of the role reverse_proxy"""
WHY = {SOURCE_FRONT: "it holds writes while the site moves", TARGET_FRONT: "targets have other addresses"}
PROXY_WHY = "the proxy needs it"
VOLATILE = ("forward.cfg", "mode.map", "hold.map")


def list_front_files(
    found: Installation, headers: Sequence[str], front: Mapping[str, str] | None, present: Present
) -> Iterator[Change]:
    """Yield the files of the proxy, but that which it loads at the source: it is written when the application has stopped."""
    for name in FRONT_FILES:
        if name != SOURCE_FRONT:
            path = "/etc/default/haproxy" if name == DEFAULTS else f"{PROXY_FOLDER}/{name}"
            yield write_front(found, name, path, front, present, headers)


def write_front(
    found: Installation,
    name: str,
    path: str,
    front: Mapping[str, str] | None,
    present: Present,
    headers: Sequence[str],
) -> FileChange:
    """Return the change of one file of the proxy, with the addresses of this installation."""
    if front is None:
        before = "does not exist" if present.read(path) is None else "as it is"
        return FileChange(path, b"", WHY.get(name, PROXY_WHY), before, "rendered by prepare_source.yml")
    text = front.get(name)
    if text is None:
        raise NotConfigured(
            f"the proxy's file {name} is not on this machine",
            next_action="run prepare_source.yml, which installs HAProxy and its files and adopts the machine",
        )
    for port, address in found.front.items():
        text = text.replace(f"@{port}_bind@", address).replace(f"@{port}_upstream@", f"127.0.0.1:{found.listens[port]}")
    if text and name in (TARGET_FRONT, SOURCE_FRONT):
        missing = [one for one in headers if f"del-header {one}\n" not in text]
        if missing:
            raise NotConfigured(
                f"the proxy's file {name} does not delete {' and '.join(missing)}, which signs users in",
                next_action="run prepare_source.yml again: the settings of the application changed",
            )
    return write_file(present, path, text, WHY.get(name, PROXY_WHY), volatile=name in VOLATILE)

"""Network namespaces, and sockets made inside them.

A socket stays in the namespace in which it was created, so one process outside can serve and connect inside many.
"""

from __future__ import annotations

import ctypes
import os
import threading
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from rehearsal.errors import RehearsalError
from rehearsal.world.shell import run

FOLDER = Path("/run/netns")
RESOLVER_FOLDER = Path("/etc/netns")
"""`ip netns exec` shows <folder>/<namespace>/resolv.conf as /etc/resolv.conf to what it runs."""
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)
_T = TypeVar("_T")


def create(namespace: str) -> None:
    """Make the namespace with its loopback up, without IPv6 (VPCs here have none). Harmless when it exists."""
    if not (FOLDER / namespace).exists():
        run("ip", "netns", "add", namespace)
    run("ip", "-n", namespace, "link", "set", "lo", "up")
    run_inside(namespace, lambda: set_sysctl("net/ipv6/conf/all/disable_ipv6", "1"))


def delete(namespace: str) -> None:
    """Remove the namespace and its interfaces; harmless when it is gone."""
    if (FOLDER / namespace).exists():
        run("ip", "netns", "delete", namespace)
    folder = RESOLVER_FOLDER / namespace
    if folder.is_dir():
        (folder / "resolv.conf").unlink(missing_ok=True)
        folder.rmdir()


def list_existing(prefix: str) -> list[str]:
    """Return the names of the namespaces that begin with `prefix`."""
    return sorted(entry.name for entry in FOLDER.glob(f"{prefix}*")) if FOLDER.is_dir() else []


def run_inside(namespace: str, work: Callable[[], _T]) -> _T:
    """Run `work` on a thread of its own that has entered the namespace; for making sockets and writing sysctls."""
    results: list[_T] = []
    errors: list[BaseException] = []

    def enter() -> None:
        try:
            with (FOLDER / namespace).open("rb") as handle:
                _set_namespace(handle.fileno())
            results.append(work())
        except BaseException as error:  # noqa: BLE001  raised in the thread of the caller below
            errors.append(error)

    thread = threading.Thread(target=enter, name=f"inside-{namespace}")
    thread.start()
    thread.join()
    if errors:
        if isinstance(errors[0], FileNotFoundError):
            raise RehearsalError(f"The network namespace {namespace} does not exist.") from errors[0]
        raise errors[0]
    return results[0]


def _set_namespace(handle: int) -> None:
    if _libc.setns(handle, _CLONE_NEWNET):
        raise OSError(ctypes.get_errno(), os.strerror(ctypes.get_errno()))


def set_sysctl(key: str, value: str) -> None:
    """Set a sysctl of the calling thread's namespace; one that this kernel does not have is left out."""
    file = Path("/proc/sys") / key
    if file.exists():
        file.write_text(value)


def read_inode(namespace: str) -> int | None:
    """Return the number by which /proc/<pid>/ns/net names this namespace; None when it does not exist."""
    try:
        return (FOLDER / namespace).stat().st_ino
    except FileNotFoundError:
        return None

"""Run the writers from now until they are stopped, with an account that was made earlier."""

from __future__ import annotations

import threading
import time
from pathlib import Path
from typing import Protocol

from rehearsal.client.account import list_repositories, load
from rehearsal.client.git_writer import GitWriter
from rehearsal.client.ledger import Ledger, resolve
from rehearsal.client.refusals import classify_failure
from rehearsal.client.site import Site
from rehearsal.client.web_writers import AttachmentWriter, IssueWriter, LfsWriter, Reader

# Seconds from the begin of one turn to the next, by writer: together at least five writes a second, one of them a push.
PACE = {"push-http": 0.7, "push-ssh": 1.0, "issue": 0.5, "lfs": 1.5, "attachment": 2.0, "read": 0.2}


class Writer(Protocol):
    """Does one operation each turn."""

    def take_turn(self) -> None:
        """Execute one operation."""


def write(url: str, ssh: str, folder: Path, run: str, stop: threading.Event) -> None:
    """Write until `stop` is set. Return when every writer has ended its turn.

    `folder/run` keeps the ledger and the working trees. Pushes go to a branch named after the run, so the repositories may
    have a history that this run does not know.
    """
    site = Site(url, load(folder))
    ledger = Ledger(folder / run / "ledger.jsonl", describe=classify_failure, locate=resolve)
    writers = _build_writers(site, ssh, folder, run, ledger)
    threads = [
        threading.Thread(target=_write_at_pace, args=(writer, PACE[kind], stop), name=kind)
        for kind, writer in writers.items()
    ]
    for thread in threads:
        thread.start()
    print("writing", flush=True)
    for thread in threads:
        thread.join()
    ledger.close()


def _build_writers(site: Site, ssh: str, folder: Path, run: str, ledger: Ledger) -> dict[str, Writer]:
    where = list_repositories()

    def build_git_writer(kind: str, remote: str) -> GitWriter:
        return GitWriter(
            ledger=ledger,
            kind=kind,
            remote=remote,
            branch=run,
            tree=folder / run / kind,
            credentials=folder / "credentials",
            ssh_key=folder / "key",
        )

    return {
        "push-http": build_git_writer("push-http", f"{site.url}/{where['push-http']}.git"),
        "push-ssh": build_git_writer("push-ssh", f"ssh://{ssh}/{where['push-ssh']}.git"),
        "issue": IssueWriter(ledger=ledger, site=site, repository=where["issue"]),
        "lfs": LfsWriter(ledger=ledger, site=site, repository=where["lfs"]),
        "attachment": AttachmentWriter(ledger=ledger, site=site, repository=where["attachment"]),
        "read": Reader(ledger=ledger, site=site, repository=where["read"]),
    }


def _write_at_pace(writer: Writer, seconds: float, stop: threading.Event) -> None:
    """Take turns at a steady pace until `stop` is set. After a slow turn the next follows at once."""
    next_start = time.monotonic()
    while not stop.is_set():
        writer.take_turn()
        next_start = max(next_start + seconds, time.monotonic())
        stop.wait(next_start - time.monotonic())

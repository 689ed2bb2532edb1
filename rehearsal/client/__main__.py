"""`python -m rehearsal.client write|check`: runs where the site's users are (the rehearsal starts it in the client's namespace).

write: makes an account, then writes until it is told to stop by SIGTERM. check: looks every acknowledged write up, prints one JSON object.
The administrator's name and password come as one JSON object on standard input, so that they stand in no command line.
"""

from __future__ import annotations

import argparse
import json
import signal
import subprocess
import sys
import tempfile
import threading
from dataclasses import asdict
from pathlib import Path
from typing import Protocol

from rehearsal.client import ledger as ledgers
from rehearsal.client.downtime import longest_gap
from rehearsal.client.git_writer import GitWriter
from rehearsal.client.ledger import Ledger
from rehearsal.client.lookup import look_up
from rehearsal.client.site import Account, Site, make_account, save_credentials
from rehearsal.client.web_writers import AttachmentWriter, IssueWriter, LfsWriter, Reader

# Seconds from the begin of one turn to the next, by writer: together at least five writes a second, one of them a push.
PACE = {"push-http": 1.0, "push-ssh": 1.0, "issue": 0.5, "lfs": 1.5, "attachment": 2.0, "read": 0.2}


class Writer(Protocol):
    def turn(self) -> None: ...


def repositories(account: Account) -> dict[str, str]:
    """Which repository each kind of operation writes to: pushes by HTTP and SSH do not share one, they would have to merge."""
    kinds = {
        "push-http": "http",
        "push-ssh": "ssh",
        "issue": "web",
        "comment": "web",
        "lfs": "web",
        "attachment": "web",
        "read": "web",
    }
    return {kind: f"{account.name}/{name}" for kind, name in kinds.items()}


def prepare(url: str, folder: Path, admin: tuple[str, str]) -> Account:
    """The account, its repositories and its SSH key; kept in `folder` for the check."""
    account = make_account(url, admin, "ledger")
    site = Site(url, account)
    for name in sorted({repository.split("/")[1] for repository in repositories(account).values()}):
        site.api("POST", "/user/repos", json={"name": name, "private": False})
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "ledger", "-f", str(key)], check=True)
    site.api("POST", "/user/keys", json={"title": "ledger", "key": key.with_suffix(".pub").read_text().strip()})
    (folder / "account.json").touch(mode=0o600)
    (folder / "account.json").write_text(json.dumps(asdict(account)))
    save_credentials(url, account, folder / "credentials")
    return account


def pace(writer: Writer, seconds: float, stop: threading.Event) -> None:
    """Turns at a steady pace until told to stop; a slow turn is followed at once by the next."""
    import time

    due = time.monotonic()
    while not stop.is_set():
        writer.turn()
        due = max(due + seconds, time.monotonic())
        stop.wait(due - time.monotonic())


def write(url: str, ssh: str, folder: Path, admin: tuple[str, str]) -> None:
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    account = prepare(url, folder, admin)
    site, ledger, where = Site(url, account), Ledger(folder / "ledger.jsonl"), repositories(account)
    trees = Path(tempfile.mkdtemp(dir=folder, prefix="trees-"))

    def git(kind: str, remote: str) -> GitWriter:
        return GitWriter(
            ledger=ledger,
            kind=kind,
            remote=remote,
            tree=trees / kind,
            credentials=folder / "credentials",
            ssh_key=folder / "key",
        )

    writers: dict[str, Writer] = {
        "push-http": git("push-http", f"{site.url}/{where['push-http']}.git"),
        "push-ssh": git("push-ssh", f"ssh://git@{ssh}/{where['push-ssh']}.git"),
        "issue": IssueWriter(ledger=ledger, site=site, repository=where["issue"]),
        "lfs": LfsWriter(ledger=ledger, site=site, repository=where["lfs"]),
        "attachment": AttachmentWriter(ledger=ledger, site=site, repository=where["attachment"]),
        "read": Reader(ledger=ledger, site=site, repository=where["read"]),
    }
    threads = [
        threading.Thread(target=pace, args=(writer, PACE[kind], stop), name=kind) for kind, writer in writers.items()
    ]
    for thread in threads:
        thread.start()
    print("writing", flush=True)
    for thread in threads:
        thread.join()
    ledger.close()


def check(url: str, folder: Path) -> dict[str, object]:
    account = Account(**json.loads((folder / "account.json").read_text()))
    operations = ledgers.read(folder / "ledger.jsonl")
    result = look_up(Site(url, account), repositories(account), operations)
    write_gap, read_gap = (longest_gap(operations, writes=writes) for writes in (True, False))
    return {
        "operations": len(operations),
        "acknowledged_writes": sum(operation.acknowledged and operation.writes for operation in operations),
        "refused": sum(not operation.acknowledged for operation in operations),
        "found": dict(result.found),
        "lost": result.lost,
        "write_downtime": asdict(write_gap) if write_gap else None,
        "read_downtime": asdict(read_gap) if read_gap else None,
    }


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m rehearsal.client", description=__doc__)
    parser.add_argument("verb", choices=["write", "check"])
    parser.add_argument("--url", required=True)
    parser.add_argument("--ssh", help="HOST:PORT of the site's SSH server")
    parser.add_argument("--folder", type=Path, required=True)
    options = parser.parse_args()
    if options.verb == "check":
        answer = check(options.url, options.folder)
        print(json.dumps(answer))
        return 1 if answer["lost"] else 0
    admin = json.load(sys.stdin)
    write(options.url, options.ssh, options.folder, (admin["username"], admin["password"]))
    return 0


if __name__ == "__main__":
    sys.exit(main())

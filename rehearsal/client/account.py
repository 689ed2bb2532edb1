"""Make what the writers need on the site, once: an account, its repositories, its SSH key. It is kept in the client's folder."""

from __future__ import annotations

import json
import subprocess
from dataclasses import asdict
from pathlib import Path

from rehearsal.client.site import Account, Site, create_administrator_token, make_account, save_credentials

USER = "ledger"
# Pushes by HTTP and SSH do not share a repository, they would have to merge. Nor do the two writers of issues: of two issues made at once in
# one repository Gogs may return 500 to one of them.
_KINDS = {
    "push-http": "http",
    "push-ssh": "ssh",
    "issue": "web",
    "comment": "web",
    "lfs": "web",
    "attachment": "files",
    "read": "web",
}


def list_repositories(user: str = USER) -> dict[str, str]:
    """Return the repository (owner/name) that each kind of operation writes to."""
    return {kind: f"{user}/{name}" for kind, name in _KINDS.items()}


def prepare(url: str, folder: Path, admin: tuple[str, str]) -> Account:
    """Make the account and its repositories. `account.json` is written last. Raises HTTPError when the site refuses."""
    administrator = create_administrator_token(url, admin)
    _write_private(folder / "administrator-token", administrator)
    account = make_account(url, administrator, USER)
    site = Site(url, account)
    for name in sorted({repository.split("/")[1] for repository in list_repositories(account.name).values()}):
        site.call_api("POST", "/user/repos", json={"name": name, "private": False})
    key = folder / "key"
    subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", USER, "-f", str(key)], check=True)
    site.call_api("POST", "/user/keys", json={"title": USER, "key": key.with_suffix(".pub").read_text().strip()})
    save_credentials(url, account, folder / "credentials")
    _write_private(folder / "account.json", json.dumps(asdict(account)))
    return account


def load(folder: Path) -> Account:
    """Return the account that `prepare` made."""
    return Account(**json.loads((folder / "account.json").read_text()))


def _write_private(file: Path, text: str) -> None:
    file.touch(mode=0o600)
    file.write_text(text)

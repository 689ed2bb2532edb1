"""Make the users, keys and repositories that the recorders start from, and give them Git, SSH and web sessions."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path

import requests
from tests.gogs_standin import client
from tests.gogs_standin.contract.further.site import PASSWORD, Json, Site


class World:
    """Users alice and bob, a repository alice/app with three commits, a key of alice."""

    def __init__(self, site: Site) -> None:
        self.site, self.folder = site, site.folder
        name, password = site.administrator
        self.root = client.create_token(site.url, name, password)
        for user in ("alice", "bob"):
            body = {"username": user, "email": f"{user}@example.com", "password": PASSWORD}
            self.create("POST", "/admin/users", self.root, body)
        self.alice, self.bob = (client.create_token(site.url, user, PASSWORD) for user in ("alice", "bob"))
        self.create("POST", "/user/repos", self.alice, {"name": "app"})
        self.key = self.create_key("key")
        self.create("POST", "/user/keys", self.alice, {"title": "laptop", "key": self.read_public_key(self.key)})
        self.tree = self.folder / "tree"
        subprocess.run(["git", "init", "-q", "-b", "master", str(self.tree)], check=True)
        for number in range(3):
            self.commit(f"commit {number}")
        self.push("alice", "master")

    def create(self, method: str, path: str, headers: dict[str, str], body: Json) -> None:
        """Send one API request that must succeed and is not recorded."""
        client.call(self.site.url, method, path, headers, body)

    def sign_in_form(self, browser: requests.Session, name: str) -> dict[str, str]:
        """Return the fields of the sign-in form for a user."""
        return {"_csrf": self.read_csrf(browser), "user_name": name, "password": PASSWORD, "login_source": "0"}

    def read_csrf(self, browser: requests.Session) -> str:
        """Return the form token of the browser's session."""
        page = browser.get(f"{self.site.url}/user/login", timeout=30).text
        found = re.search(r'name="_csrf" (?:content|value)="([^"]*)"', page)
        return found.group(1) if found else ""

    def create_key(self, name: str) -> Path:
        """Create an SSH key pair; return the path of its private part."""
        key = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)], check=True)
        return key

    def read_public_key(self, key: Path) -> str:
        """Return the line of the public part."""
        return key.with_suffix(".pub").read_text().strip()

    def ssh_command(self, key: Path) -> list[str]:
        """Return an ssh command that uses this key alone."""
        options = ("StrictHostKeyChecking=no", "UserKnownHostsFile=/dev/null", "IdentitiesOnly=yes", "LogLevel=ERROR")
        return [
            "ssh",
            "-F",
            "none",
            "-i",
            str(key),
            "-p",
            str(self.site.ssh_port),
            *(f"-o{option}" for option in options),
        ]

    def ssh_url(self, name: str) -> str:
        """Return the SSH address of alice's repository."""
        return f"git@127.0.0.1:alice/{name}.git"

    def git_url(self, user: str, name: str = "app") -> str:
        """Return the HTTP address of alice's repository with the credentials of a user."""
        return self.site.url.replace("://", f"://{user}:{PASSWORD}@") + f"/alice/{name}.git"

    def commit(self, text: str) -> None:
        """Commit a change of one file."""
        (self.tree / "file").write_text(f"{text}\n")
        who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
        subprocess.run(["git", "add", "."], cwd=self.tree, check=True)
        subprocess.run(["git", *who, "commit", "-qm", text], cwd=self.tree, check=True)

    def push(self, user: str, what: str) -> None:
        """Push, with force, what must be accepted."""
        subprocess.run(["git", "push", "-qf", self.git_url(user), what], cwd=self.tree, check=True, capture_output=True)

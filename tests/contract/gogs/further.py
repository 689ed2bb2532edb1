"""Answers that matter to a migration and to its proof beyond record.py: refusals, second factors, races, headers, sessions.

`record` asks a Gogs that has just been created and has one administrator; the same on a real one and on the stand-in. It needs
its database as well: some of these states have no API (a second factor, a login that is prohibited, a row that is locked).
"""

from __future__ import annotations

import hashlib
import os
import re
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import requests

Answer = dict[str, Any]
Sql = Callable[..., list[tuple[object, ...]]]
HEADERS = (
    "Content-Type", "Content-Disposition", "Content-Range", "Accept-Ranges", "Link", "Location", "WWW-Authenticate",
    "X-Content-Type-Options", "X-Frame-Options", "Content-Length",
)  # fmt: skip
LFS_TYPE = "application/vnd.git-lfs+json"
PASSWORD = "Al1ce-pass"
OPEN_SECONDS = 3.0
"""A session that has not ended by then stays open."""


@dataclass
class Site:
    """A Gogs to ask. `sql` runs statements on its schema; `locked_issue` inserts an issue of a repository and commits at its end."""

    url: str
    ssh_port: int
    administrator: tuple[str, str]
    sql: Sql
    locked_issue: Callable[[int, int], AbstractContextManager[None]]
    admin_command: Callable[..., subprocess.CompletedProcess[str]]
    folder: Path
    answers: dict[str, Answer] = field(default_factory=dict)

    def keep(self, name: str, **answer: object) -> None:
        assert name not in self.answers, name
        self.answers[name] = {key: normalise(value, self.url) for key, value in answer.items()}

    def call(self, name: str, method: str, path: str, *, session: Any = requests, **options: Any) -> requests.Response:
        """One request and its answer. A page's text is left out: it is each program's own."""
        answer: requests.Response = session.request(
            method, self.url + path, timeout=30, allow_redirects=False, **options
        )
        page = answer.headers.get("Content-Type", "").startswith("text/html")
        try:
            body: object = answer.json()
        except ValueError:
            body = "<page>" if page and answer.text else answer.text if answer.content[:2] != b"\x1f\x8b" else "<gzip>"
        shown = [
            key for key in HEADERS if key in answer.headers and (key != "Content-Length" or answer.status_code == 206)
        ]
        self.keep(
            name,
            request=f"{method} {path}",
            status=answer.status_code,
            headers={key: answer.headers[key] for key in shown},
            cookies=sorted(f"{one.name} {sorted(one._rest)} {one.path}" for one in answer.cookies),  # type: ignore[attr-defined]
            body=body,
        )
        return answer

    def run(self, name: str, command: list[str], *, cwd: Path | None = None, env: dict[str, str] | None = None) -> int:
        """Exit code and what was said of a command that must end by itself."""
        done = subprocess.run(
            command, cwd=cwd or self.folder, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "GIT_TERMINAL_PROMPT": "0", **(env or {})}, check=False,
        )  # fmt: skip
        said = [line.rstrip() for line in done.stderr.splitlines() if re.match("remote:|fatal:|Gogs:| ! ", line)]
        self.keep(name, exit=done.returncode, said=said)
        return done.returncode


def normalise(value: object, url: str) -> object:
    """Times, hashes, keys, ports and the site's address become placeholders."""
    if isinstance(value, dict):
        return {key: normalise(item, url) for key, item in value.items()}
    if isinstance(value, list):
        return [normalise(item, url) for item in value]
    if not isinstance(value, str):
        return value
    address = re.escape(url.rstrip("/"))
    value = re.sub(address.replace("http://", "http://(?:[^@/]*@)?"), "<url>", value)
    value = re.sub(r"localhost:\d+|127\.0\.0\.1:\d+", "<address>", value)
    value = re.sub(r"ssh-ed25519 [A-Za-z0-9+/=]+", "ssh-ed25519 <key>", value)
    value = re.sub(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)?", "<time>", value)
    value = re.sub(r"https?://(secure|www)\.gravatar\.com/\S+", "<gravatar>", value)
    return re.sub(r"\b([0-9a-f]{64}|[0-9a-f]{40}|[0-9a-f]{10})\b", "<hash>", value)


def record(site: Site) -> dict[str, Answer]:
    """All answers by name."""
    world = _World(site)
    for part in (
        world.protected_branches,
        world.issues_at_once,
        world.deploy_keys,
        world.permissions,
        world.ssh_sessions,
        world.lfs,
        world.lists,
        world.files,
        world.pages,
        world.webhooks,
        world.administration,
        world.second_factor,
        world.prohibited_login,
    ):
        part()
    return site.answers


class _World:
    """Users alice and bob, a repository alice/app with three commits, a key of alice."""

    def __init__(self, site: Site) -> None:
        self.site, self.folder = site, site.folder
        name, password = site.administrator
        self.root = {"Authorization": f"token {self._token(name, password)}"}
        for user in ("alice", "bob"):
            body = {"username": user, "email": f"{user}@example.com", "password": PASSWORD}
            self._made("POST", "/admin/users", self.root, body)
        self.alice, self.bob = ({"Authorization": f"token {self._token(user, PASSWORD)}"} for user in ("alice", "bob"))
        self._made("POST", "/user/repos", self.alice, {"name": "app"})
        self.key = self._new_key("key")
        self._made("POST", "/user/keys", self.alice, {"title": "laptop", "key": self._public(self.key)})
        self.tree = self.folder / "tree"
        subprocess.run(["git", "init", "-q", "-b", "master", str(self.tree)], check=True)
        for number in range(3):
            self._commit(f"commit {number}")
        self._push("alice", "master")

    def protected_branches(self) -> None:
        site = self.site
        site.sql(
            "INSERT INTO protect_branch (repo_id, name, protected, require_pull_request, enable_whitelist, whitelist_user_i_ds,"
            " whitelist_team_i_ds) VALUES (1, 'master', 1, 1, 0, '', '')"
        )
        self._commit("refused")
        url = self._git_url("alice")
        ssh = {"GIT_SSH_COMMAND": " ".join(self._ssh(self.key))}
        site.run("protected: push", ["git", "push", "-q", url, "master"], cwd=self.tree)
        site.run(
            "protected: push by ssh", ["git", "push", "-q", self._ssh_url("app"), "master"], cwd=self.tree, env=ssh
        )
        site.run("protected: push of another branch", ["git", "push", "-q", url, "master:free"], cwd=self.tree)
        site.run(
            "protected: delete, where pull requests are required", ["git", "push", "-q", url, ":master"], cwd=self.tree
        )
        site.sql("UPDATE protect_branch SET require_pull_request = 0, name = 'free'")
        site.run("protected: push without force", ["git", "push", "-q", url, "master:free"], cwd=self.tree)
        site.run("protected: delete", ["git", "push", "-q", url, ":free"], cwd=self.tree)
        site.run("protected: force push", ["git", "push", "-qf", url, "master~2:free"], cwd=self.tree)
        site.sql("UPDATE protect_branch SET require_pull_request = 1, enable_whitelist = 1, name = 'free'")
        self._commit("for the whitelist")
        site.run(
            "protected: push by one who is not in the whitelist",
            ["git", "push", "-q", url, "master:free"],
            cwd=self.tree,
        )
        site.sql(
            "INSERT INTO protect_branch_whitelist (protect_branch_id, repo_id, name, user_id) SELECT id, 1, 'free', 2 FROM protect_branch"
        )
        site.run(
            "protected: push by one who is in the whitelist", ["git", "push", "-q", url, "master:free"], cwd=self.tree
        )
        site.sql("UPDATE protect_branch SET protected = 0")
        site.run("protected: no more", ["git", "push", "-qf", url, "master~2:free"], cwd=self.tree)
        site.sql(
            "UPDATE protect_branch SET protected = 1, enable_whitelist = 0, require_pull_request = 0, name = 'young'"
        )
        site.run("protected: a branch that is not there yet", ["git", "push", "-q", url, "master:young"], cwd=self.tree)
        site.sql("DELETE FROM protect_branch", "DELETE FROM protect_branch_whitelist")
        self._push("alice", "master")

    def issues_at_once(self) -> None:
        """The second of two writers: the first has inserted its row, and commits while the second waits."""
        site, name = self.site, "issue that another writer was quicker with"
        got: list[requests.Response] = []
        address = f"{site.url}/api/v1/repos/alice/app/issues"

        def write() -> None:
            got.append(requests.post(address, headers=self.alice, json={"title": "late"}, timeout=30))

        waits = "SELECT 1 FROM information_schema.innodb_trx WHERE trx_state = 'LOCK WAIT'"
        with site.locked_issue(1, 1):
            writer = threading.Thread(target=write)
            writer.start()
            _await(lambda: bool(site.sql(waits)))
        writer.join(30)
        site.keep(name, status=got[0].status_code, body=got[0].json())
        rows = site.sql("SELECT `index`, name FROM issue ORDER BY id")
        counted = site.sql("SELECT num_issues FROM repository WHERE id = 1")
        site.keep(f"{name}: rows", rows=[list(row) for row in rows], counted=int(str(counted[0][0])))
        site.sql("DELETE FROM issue")

    def deploy_keys(self) -> None:
        site, base = self.site, "/api/v1/repos/alice/app/keys"
        deploy = self._new_key("deploy")
        body = {"title": "server", "key": self._public(deploy)}
        site.call("deploy key: none", "GET", base, headers=self.alice)
        made = site.call("deploy key: add", "POST", base, headers=self.alice, json=body)
        site.call(
            "deploy key: add a user's key",
            "POST",
            base,
            headers=self.alice,
            json={"title": "x", "key": self._public(self.key)},
        )
        site.call(
            "deploy key: add a bad key",
            "POST",
            base,
            headers=self.alice,
            json={"title": "x", "key": "ssh-rsa nonsense"},
        )
        site.call("deploy key: by a reader", "POST", base, headers=self.bob, json=body)
        site.call("deploy key: list", "GET", base, headers=self.alice)
        number = made.json().get("id", 0) if made.status_code == 201 else 0
        site.call("deploy key: one", "GET", f"{base}/{number}", headers=self.alice)
        site.call("deploy key: unknown", "GET", f"{base}/99", headers=self.alice)
        self._made(
            "POST",
            "/user/repos",
            self.alice,
            {"name": "secret", "private": True, "auto_init": True, "readme": "Default"},
        )
        ssh = {"GIT_SSH_COMMAND": " ".join(self._ssh(deploy))}
        site.run("deploy key: clone", ["git", "clone", "-q", self._ssh_url("app"), "by-deploy-key"], env=ssh)
        site.run("deploy key: push", ["git", "push", "-q", self._ssh_url("app"), "master:x"], cwd=self.tree, env=ssh)
        site.run(
            "deploy key: clone of another private repository",
            ["git", "clone", "-q", self._ssh_url("secret"), "none"],
            env=ssh,
        )
        site.call("deploy key: remove", "DELETE", f"{base}/{number}", headers=self.alice)
        site.run("deploy key: clone after removal", ["git", "clone", "-q", self._ssh_url("app"), "gone"], env=ssh)

    def permissions(self) -> None:
        site = self.site
        private = site.sql("SELECT last_repo_visibility FROM user WHERE name = 'alice'")
        site.keep("user who made a private repository", last_repo_visibility=int(str(private[0][0])))
        url = self._git_url("bob")
        site.run("push by a reader", ["git", "push", "-q", url, "master:x"], cwd=self.tree)
        site.run(
            "push by a reader, of nothing that is there",
            ["git", "push", "-q", self._git_url("bob", "secret"), "master:x"],
            cwd=self.tree,
        )
        refs, auth = "/alice/app.git/info/refs", ("alice", PASSWORD)
        site.call("refs without a service", "GET", refs)
        site.call("refs of an unknown service", "GET", f"{refs}?service=git-foo")
        site.call("refs of a private repository without a service", "GET", "/alice/secret.git/info/refs")
        site.call(
            "refs of a private repository, anonymous", "GET", "/alice/secret.git/info/refs?service=git-upload-pack"
        )
        site.call("refs to push, anonymous", "GET", f"{refs}?service=git-receive-pack")
        site.call("refs to push, wrong password", "GET", f"{refs}?service=git-receive-pack", auth=("alice", "wrong"))
        site.call("refs to push, reader", "GET", f"{refs}?service=git-receive-pack", auth=("bob", PASSWORD))
        site.call(
            "refs of an unknown repository", "GET", "/alice/nothing.git/info/refs?service=git-upload-pack", auth=auth
        )
        site.call("pack of the wrong type", "POST", "/alice/app.git/git-upload-pack", data=b"0000")

    def ssh_sessions(self) -> None:
        site, host = self.site, "git@127.0.0.1"
        ssh = self._ssh(self.key)
        for name, words in (
            ("ssh: ls", [host, "ls"]),
            ("ssh: scp", [host, "scp -t /tmp"]),
            ("ssh: git of no service", [host, "git-foo 'alice/app.git'"]),
            ("ssh: git without a repository", [host, "git-upload-pack"]),
            ("ssh: unknown owner", [host, "git-upload-pack 'nobody/app.git'"]),
            ("ssh: unknown repository", [host, "git-upload-pack 'alice/nothing.git'"]),
            ("ssh: no path", [host, "git-upload-pack 'app'"]),
        ):
            site.run(name, [*ssh, *words])
        bob = self._new_key("bob")
        self._made("POST", "/user/keys", self.bob, {"title": "bob", "key": self._public(bob)})
        site.run("ssh: push by a reader", [*self._ssh(bob), host, "git-receive-pack 'alice/app.git'"])
        site.run("ssh: private repository of another", [*self._ssh(bob), host, "git-upload-pack 'alice/secret.git'"])
        for name, words in (
            ("ssh: shell", [host]),
            ("ssh: shell with a terminal", ["-tt", host]),
            ("ssh: sftp", ["-s", host, "sftp"]),
            ("ssh: nothing", ["-N", host]),
        ):
            session = subprocess.Popen(
                [*ssh, *words], stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT
            )
            try:
                output, _ = session.communicate(timeout=OPEN_SECONDS)
                site.keep(name, ended=session.returncode, said=output.decode())
            except subprocess.TimeoutExpired:
                session.kill()
                output, _ = session.communicate()
                site.keep(name, ended=None, said=output.decode())

    def lfs(self) -> None:
        site, base, auth = self.site, "/alice/app.git/info/lfs/objects", ("alice", PASSWORD)
        content = b"x" * 1000
        oid, other = hashlib.sha256(content).hexdigest(), hashlib.sha256(b"other").hexdigest()
        headers, stream = {"Accept": LFS_TYPE, "Content-Type": LFS_TYPE}, {"Content-Type": "application/octet-stream"}

        def batch(operation: str, oid: str, size: int) -> Answer:
            return {"operation": operation, "transfers": ["basic"], "objects": [{"oid": oid, "size": size}]}

        for name, body, more in (
            ("unknown object", batch("download", other, 5), {}),
            ("upload of a bad oid", batch("upload", "abc", 5), {}),
            ("wrong operation", batch("delete", oid, 5), {}),
            ("without Accept", batch("download", oid, 5), {"headers": {"Content-Type": LFS_TYPE}}),
            (
                "of another type",
                batch("download", oid, 5),
                {"headers": {"Accept": LFS_TYPE, "Content-Type": "application/json"}},
            ),
            ("upload by a reader", batch("upload", other, 5), {"auth": ("bob", PASSWORD)}),
            ("wrong password", batch("upload", other, 5), {"auth": ("alice", "wrong")}),
        ):
            options: Answer = {"headers": headers, "auth": auth, "json": body, **more}
            site.call(f"lfs batch: {name}", "POST", f"{base}/batch", **options)
        site.call(
            "lfs batch: of an unknown repository",
            "POST",
            "/alice/nothing.git/info/lfs/objects/batch",
            headers=headers,
            auth=auth,
            json=batch("download", oid, 5),
        )
        site.call("lfs batch: no JSON", "POST", f"{base}/batch", headers=headers, auth=auth, data=b"")
        site.call("lfs put: wrong bytes", "PUT", f"{base}/basic/{other}", headers=stream, auth=auth, data=content)
        site.call("lfs put: bad oid", "PUT", f"{base}/basic/abc", headers=stream, auth=auth, data=content)
        site.call(
            "lfs put: of another type",
            "PUT",
            f"{base}/basic/{oid}",
            headers={"Content-Type": "text/plain"},
            auth=auth,
            data=content,
        )
        site.call(
            "lfs put: by a reader", "PUT", f"{base}/basic/{oid}", headers=stream, auth=("bob", PASSWORD), data=content
        )
        site.call("lfs put", "PUT", f"{base}/basic/{oid}", headers=stream, auth=auth, data=content)
        site.call("lfs put: again", "PUT", f"{base}/basic/{oid}", headers=stream, auth=auth, data=content)
        site.call(
            "lfs batch: wrong size", "POST", f"{base}/batch", headers=headers, auth=auth, json=batch("download", oid, 5)
        )
        site.call("lfs get: unknown object", "GET", f"{base}/basic/{other}", auth=auth)
        for name, body in (
            ("wrong size", {"oid": oid, "size": 5}),
            ("unknown object", {"oid": other, "size": 5}),
            ("bad oid", {"oid": "abc", "size": 5}),
        ):
            site.call(f"lfs verify: {name}", "POST", f"{base}/basic/verify", headers=headers, auth=auth, json=body)

    def lists(self) -> None:
        site = self.site
        for number in range(25):
            self._made("POST", "/repos/alice/app/issues", self.alice, {"title": f"Issue {number}"})
        for page in (1, 2, 3, 4):
            answer = requests.get(
                f"{site.url}/api/v1/repos/alice/app/issues?page={page}", headers=self.alice, timeout=30
            )
            # Which issues are on a page depends on the second in which each was made.
            link, shown = answer.headers.get("Link"), len(answer.json())
            site.keep(f"issues: page {page}", status=answer.status_code, link=link, issues=shown)
        for query in ("q=a&limit=1", "q=app"):
            answer = requests.get(f"{site.url}/api/v1/repos/search?{query}", timeout=30)
            site.keep(
                f"repositories: search {query}",
                status=answer.status_code,
                link=answer.headers.get("Link"),
                found=len(answer.json()["data"]),
            )

    def files(self) -> None:
        site = self.site
        (self.tree / "bin").write_bytes(bytes(range(256)))
        self._commit("binary")
        self._push("alice", "master")
        for name, path, more in (
            ("raw text", "/alice/app/raw/master/file", {}),
            ("raw text, part of it", "/alice/app/raw/master/file", {"Range": "bytes=0-3"}),
            ("raw bytes", "/alice/app/raw/master/bin", {}),
            ("raw, unknown", "/alice/app/raw/master/none", {}),
            ("archive, part of it", "/alice/app/archive/master.zip", {"Range": "bytes=0-1"}),
            ("archive of another form", "/alice/app/archive/master.rar", {}),
            ("archive of an unknown branch", "/alice/app/archive/none.zip", {}),
        ):
            site.call(f"file: {name}", "GET", path, headers=more)
        for kind in ("zip", "tar.gz"):
            answer = requests.get(f"{site.url}/alice/app/archive/master.{kind}", timeout=30)
            headers = {key: answer.headers.get(key) for key in HEADERS if key != "Content-Length"}
            site.keep(f"file: archive.{kind}", status=answer.status_code, headers=headers)

    def pages(self) -> None:
        site = self.site
        for name, path in (
            ("settings", "/user/settings"), ("new issue", "/alice/app/issues/new"), ("private repository", "/alice/secret"),
            ("home", "/"), ("explore", "/explore/repos"), ("unknown", "/nobody"), ("repository", "/alice/app"),
            ("new repository", "/repo/create"), ("repository's settings", "/alice/app/settings"), ("fork", "/repo/fork/1"),
        ):  # fmt: skip
            site.call(f"page, anonymous: {name}", "GET", path)
        browser = requests.Session()
        browser.get(f"{site.url}/user/settings", timeout=30)
        site.call(
            "page: signed in after a page that needs it",
            "POST",
            "/user/login",
            session=browser,
            data=self._form(browser, "alice"),
        )
        site.call("page: signed in, login page", "GET", "/user/login", session=browser)
        site.call("page: signed in, repository's settings of another", "GET", "/root/none/settings", session=browser)
        stranger = requests.Session()
        site.call(
            "page: wrong password",
            "POST",
            "/user/login",
            session=stranger,
            data={**self._form(stranger, "alice"), "password": "wrong"},
        )

    def webhooks(self) -> None:
        site = self.site
        heard: list[Answer] = []

        class Listener(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                fields = ("User-Agent", "Content-Type", "X-Github-Event", "X-Gogs-Event")
                text = body.decode()
                heard.append({
                    **{name: self.headers.get(name) for name in fields},
                    "same numbers": self.headers.get("X-Github-Delivery") == self.headers.get("X-Gogs-Delivery") is not None,
                    "signature": bool(self.headers.get("X-Gogs-Signature")),
                    "compare_url": (re.search(r'"compare_url": ?"([^"]*)"', text) or ["", ""])[1],
                })  # fmt: skip
                self.send_response(204)
                self.end_headers()

            def log_message(self, *_arguments: object) -> None:
                return

        server = HTTPServer(("127.0.0.1", 0), Listener)
        threading.Thread(target=server.serve_forever, daemon=True).start()
        hook = {
            "type": "gogs",
            "config": {"url": f"http://127.0.0.1:{server.server_port}/", "content_type": "json", "secret": "s"},
            "active": True,
        }
        base = "/api/v1/repos/alice/app/hooks"
        every = ["create", "delete", "fork", "push", "issues", "issue_comment", "pull_request", "release"]
        site.call(
            "hook: every event", "POST", base, headers=self.alice, json={**hook, "events": every, "active": False}
        )
        site.call("hook: bad type", "POST", base, headers=self.alice, json={**hook, "type": "none"})
        site.call(
            "hook: no address", "POST", base, headers=self.alice, json={**hook, "config": {"content_type": "json"}}
        )
        site.call(
            "hook: bad content type",
            "POST",
            base,
            headers=self.alice,
            json={**hook, "config": {"url": "http://x/", "content_type": "xml"}},
        )
        site.call("hook: without events", "POST", base, headers=self.alice, json=hook)
        for wanted, text in ((1, "new branch"), (2, "more commits")):
            self._commit(text)
            self._push("alice", "master:hooked")
            _await(lambda wanted=wanted: len(heard) == wanted)  # type: ignore[misc]
        site.keep("webhooks of two pushes", heard=heard)
        server.shutdown()
        server.server_close()

    def administration(self) -> None:
        site = self.site
        for name, words in (
            (
                "user who is there",
                ["create-user", "--name", "alice", "--password", "x-Pass-1", "--email", "new@example.com"],
            ),
            (
                "address that is there",
                ["create-user", "--name", "new", "--password", "x-Pass-1", "--email", "alice@example.com"],
            ),
            ("reserved name", ["create-user", "--name", "api", "--password", "x-Pass-1", "--email", "new@example.com"]),
            ("no password", ["create-user", "--name", "new", "--email", "new@example.com"]),
            ("hooks", ["resync-hooks"]),
            ("keys", ["rewrite-authorized-keys"]),
        ):
            done = site.admin_command(*words)
            last = re.sub(r"^\S+ \S+ (\[\w+\]) (\[\S+ \S+\] )?", r"\1 ", (done.stdout.strip().splitlines() or [""])[-1])
            site.keep(f"admin: {name}", exit=done.returncode, stdout=last, stderr=done.stderr.strip())

    def second_factor(self) -> None:
        site = self.site
        site.sql(
            "INSERT INTO two_factor (user_id, secret, created_unix) SELECT id, 'c2VjcmV0', 1 FROM user WHERE name = 'bob'",
            "INSERT INTO two_factor_recovery_code (user_id, code, is_used) SELECT id, 'abcde-fghij', 0 FROM user WHERE name = 'bob'",
        )
        browser = requests.Session()
        login = "/user/login"
        site.call("second factor: page without a password", "GET", f"{login}/two_factor", session=browser)
        site.call("second factor: sign-in", "POST", login, session=browser, data=self._form(browser, "bob"))
        site.call("second factor: page", "GET", f"{login}/two_factor", session=browser)
        site.call("second factor: nobody yet", "GET", "/user/settings", session=browser)
        site.call(
            "second factor: page of the recovery codes", "GET", f"{login}/two_factor_recovery_code", session=browser
        )
        code = {"_csrf": self._csrf(browser), "recovery_code": "wrong"}
        site.call(
            "second factor: wrong recovery code",
            "POST",
            f"{login}/two_factor_recovery_code",
            session=browser,
            data=code,
        )
        code = {"_csrf": self._csrf(browser), "recovery_code": "abcde-fghij"}
        site.call(
            "second factor: recovery code", "POST", f"{login}/two_factor_recovery_code", session=browser, data=code
        )
        site.call("second factor: signed in", "GET", "/user/settings", session=browser)
        again = requests.Session()
        again.post(site.url + login, data=self._form(again, "bob"), allow_redirects=False, timeout=30)
        code = {"_csrf": self._csrf(again), "recovery_code": "abcde-fghij"}
        site.call(
            "second factor: used recovery code", "POST", f"{login}/two_factor_recovery_code", session=again, data=code
        )
        self._made("PUT", "/repos/alice/app/collaborators/bob", self.alice, {"permission": "write"})
        site.run(
            "second factor: push by password", ["git", "push", "-q", self._git_url("bob"), "master:x"], cwd=self.tree
        )
        token = self.bob["Authorization"].split()[1]
        url = site.url.replace("://", f"://{token}:x@") + "/alice/app.git"
        site.run("second factor: push by token", ["git", "push", "-q", url, "master:x"], cwd=self.tree)
        refs = "/alice/app.git/info/refs?service=git-receive-pack"
        site.call("second factor: refs by password", "GET", refs, auth=("bob", PASSWORD))
        batch = {"operation": "download", "transfers": ["basic"], "objects": []}
        lfs = {"Accept": LFS_TYPE, "Content-Type": LFS_TYPE}
        path = "/alice/app.git/info/lfs/objects/batch"
        site.call("second factor: lfs by password", "POST", path, headers=lfs, json=batch, auth=("bob", PASSWORD))
        site.call("second factor: lfs by token", "POST", path, headers=lfs, json=batch, auth=(token, "x"))
        answer = requests.post(
            f"{site.url}/api/v1/users/bob/tokens", auth=("bob", PASSWORD), json={"name": "n"}, timeout=30
        )
        site.keep("second factor: token by password", status=answer.status_code)
        site.call("second factor: api by token", "GET", "/api/v1/user", headers=self.bob)

    def prohibited_login(self) -> None:
        site = self.site
        site.sql("DELETE FROM two_factor", "UPDATE user SET prohibit_login = 1 WHERE name = 'bob'")
        browser = requests.Session()
        site.call("prohibited: sign-in", "POST", "/user/login", session=browser, data=self._form(browser, "bob"))
        for name, path in (("home", "/"), ("settings", "/user/settings"), ("repository", "/alice/app")):
            site.call(f"prohibited: {name}", "GET", path, session=browser)
        page = browser.get(site.url + "/user/settings", timeout=30).text
        site.keep("prohibited: page", says=bool(re.search("prohibited", page, re.IGNORECASE)))
        site.call("prohibited: api by token", "GET", "/api/v1/user", headers=self.bob)
        site.call(
            "prohibited: token by password",
            "POST",
            "/api/v1/users/bob/tokens",
            auth=("bob", PASSWORD),
            json={"name": "t"},
        )
        site.run("prohibited: clone by password", ["git", "clone", "-q", self._git_url("bob"), "prohibited"])
        site.run(
            "prohibited: clone of a private repository by password",
            ["git", "clone", "-q", self._git_url("bob", "secret"), "prohibited2"],
        )
        site.run("prohibited: push by password", ["git", "push", "-q", self._git_url("bob"), "master:y"], cwd=self.tree)
        site.run(
            "prohibited: push by ssh",
            ["git", "push", "-q", self._ssh_url("app"), "master:z"],
            cwd=self.tree,
            env={"GIT_SSH_COMMAND": " ".join(self._ssh(self.folder / "bob"))},
        )
        site.sql("UPDATE user SET prohibit_login = 0 WHERE name = 'bob'")

    def _token(self, name: str, password: str) -> str:
        answer = requests.post(
            f"{self.site.url}/api/v1/users/{name}/tokens", auth=(name, password), json={"name": "t"}, timeout=30
        )
        return str(answer.json()["sha1"])

    def _made(self, method: str, path: str, headers: dict[str, str], body: Answer) -> None:
        requests.request(
            method, f"{self.site.url}/api/v1{path}", headers=headers, json=body, timeout=30
        ).raise_for_status()

    def _form(self, browser: requests.Session, name: str) -> dict[str, str]:
        return {"_csrf": self._csrf(browser), "user_name": name, "password": PASSWORD, "login_source": "0"}

    def _csrf(self, browser: requests.Session) -> str:
        page = browser.get(f"{self.site.url}/user/login", timeout=30).text
        found = re.search(r'name="_csrf" (?:content|value)="([^"]*)"', page)
        return found.group(1) if found else ""

    def _new_key(self, name: str) -> Path:
        key = self.folder / name
        subprocess.run(["ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", name, "-f", str(key)], check=True)
        return key

    def _public(self, key: Path) -> str:
        return key.with_suffix(".pub").read_text().strip()

    def _ssh(self, key: Path) -> list[str]:
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

    def _ssh_url(self, name: str) -> str:
        return f"git@127.0.0.1:alice/{name}.git"

    def _git_url(self, user: str, name: str = "app") -> str:
        return self.site.url.replace("://", f"://{user}:{PASSWORD}@") + f"/alice/{name}.git"

    def _commit(self, text: str) -> None:
        (self.tree / "file").write_text(f"{text}\n")
        who = ["-c", "user.name=Alice", "-c", "user.email=alice@example.com"]
        subprocess.run(["git", "add", "."], cwd=self.tree, check=True)
        subprocess.run(["git", *who, "commit", "-qm", text], cwd=self.tree, check=True)

    def _push(self, user: str, what: str) -> None:
        subprocess.run(
            ["git", "push", "-qf", self._git_url(user), what], cwd=self.tree, check=True, capture_output=True
        )


def _await(happened: Callable[[], bool]) -> None:
    deadline = time.monotonic() + 20
    while not happened():
        if time.monotonic() > deadline:
            raise TimeoutError("what was waited for did not happen within 20 s")
        time.sleep(0.02)

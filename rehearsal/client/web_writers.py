"""Write through the API and the web forms: issues, comments, LFS objects, attachments. One user reads."""

from __future__ import annotations

import hashlib
import os
import re
import time
from collections.abc import Callable

import requests

from rehearsal.client.ledger import Ledger, Operation
from rehearsal.client.retries import write
from rehearsal.client.site import TIMEOUT_SECONDS, Site, parse_csrf_token

LFS = {"Accept": "application/vnd.git-lfs+json", "Content-Type": "application/vnd.git-lfs+json"}
PNG = b"\x89PNG\r\n\x1a\n"


class IssueWriter:
    """Opens an issue, then comments on it; both have text that no other turn has."""

    def __init__(self, *, ledger: Ledger, site: Site, repository: str) -> None:
        self._ledger, self._site, self._base, self._turn = ledger, site, f"/repos/{repository}/issues", 0

    def take_turn(self) -> None:
        """Open one issue and comment on it."""
        self._turn += 1
        issue = {"title": f"Issue {self._turn}", "body": f"Grüße № {self._turn} {os.urandom(8).hex()}"}
        opened = write(self._ledger, "issue", self._site.host, issue, self._open)
        if not opened.acknowledged:
            return
        comment = {"number": opened.wanted["number"], "body": f"Antwort {os.urandom(8).hex()}"}
        write(self._ledger, "comment", self._site.host, comment, self._add_comment)

    def _open(self, operation: Operation) -> None:
        operation.wanted["number"] = str(self._site.call_api("POST", self._base, json=operation.wanted)["number"])

    def _add_comment(self, operation: Operation) -> None:
        wanted = operation.wanted
        self._site.call_api("POST", f"{self._base}/{wanted['number']}/comments", json={"body": wanted["body"]})


class LfsWriter:
    """Uploads one object a turn as git-lfs does: batch, upload, verify."""

    def __init__(self, *, ledger: Ledger, site: Site, repository: str) -> None:
        self._ledger, self._site, self._repository = ledger, site, repository

    def take_turn(self) -> None:
        """Upload one object."""
        content = os.urandom(20_000)
        oid = hashlib.sha256(content).hexdigest()

        def upload(operation: Operation) -> None:
            upload_lfs(self._site, self._repository, oid, content, on_written=lambda: _note_write(operation))

        write(self._ledger, "lfs", self._site.host, {"oid": oid}, upload)


def _note_write(operation: Operation) -> None:
    operation.written = time.time()


def upload_lfs(
    site: Site, repository: str, oid: str, content: bytes, *, on_written: Callable[[], None] = lambda: None
) -> None:
    """Upload one LFS object. Raises HTTPError when the site refuses any of the three requests.

    `on_written` is called when the site has the object: the request after it only verifies that.
    """
    assert site.account
    auth = (site.account.name, site.account.password)
    base = f"/{repository}.git/info/lfs/objects"
    described = {"oid": oid, "size": len(content)}
    batch = {"operation": "upload", "transfers": ["basic"], "objects": [described]}
    for method, path, options in (
        ("POST", f"{base}/batch", {"headers": LFS, "json": batch}),
        ("PUT", f"{base}/basic/{oid}", {"headers": {"Content-Type": "application/octet-stream"}, "data": content}),
        ("POST", f"{base}/basic/verify", {"headers": LFS, "json": described}),
    ):
        site.request(method, path, auth=auth, **options).raise_for_status()
        if method == "PUT":
            on_written()


class AttachmentWriter:
    """Opens an issue with a picture through the web forms, signed in like a person."""

    def __init__(self, *, ledger: Ledger, site: Site, repository: str) -> None:
        self._ledger, self._site, self._repository, self._turn = ledger, site, repository, 0
        self._session: requests.Session | None = None

    def take_turn(self) -> None:
        """Open one issue with a picture."""
        self._turn += 1
        picture = PNG + os.urandom(2_000)

        def attach(operation: Operation) -> None:
            try:
                operation.wanted.update(self._attach(operation.wanted["title"], picture))
            except Exception:
                # A person signs in again when the site has forgotten them.
                self._session = None
                raise

        wanted = {"title": f"Picture {self._turn}", "sha256": hashlib.sha256(picture).hexdigest()}
        write(self._ledger, "attachment", self._site.host, wanted, attach)

    def _attach(self, title: str, picture: bytes) -> dict[str, str]:
        self._session = self._session or self._site.sign_in()
        form = f"{self._site.url}/{self._repository}/issues/new"
        page = self._session.get(form, timeout=TIMEOUT_SECONDS)
        page.raise_for_status()
        token = parse_csrf_token(page.text)
        upload = self._session.post(
            f"{self._site.url}/issues/attachments",
            files={"file": ("picture.png", picture, "image/png")},
            data={"_csrf": token},
            headers={"X-CSRF-Token": token},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        upload.raise_for_status()
        uuid = upload.json()["uuid"]
        issue = self._session.post(
            form,
            data={"_csrf": token, "title": title, "content": "with a picture", "files": uuid},
            timeout=TIMEOUT_SECONDS,
            allow_redirects=False,
        )
        found = re.search(r"/issues/(\d+)$", issue.headers.get("Location", ""))
        if issue.status_code != requests.codes.found or not found:
            raise requests.HTTPError(f"{issue.status_code} for the new issue", response=issue)
        return {"uuid": uuid, "number": found.group(1)}


class Reader:
    """Reads the repository's page, as most visitors do. Another page is no good read: a login form, or a page of an error, has status 200 or 302."""

    def __init__(self, *, ledger: Ledger, site: Site, repository: str) -> None:
        self._ledger, self._site, self._path = ledger, site, f"/{repository}"

    def take_turn(self) -> None:
        """Read the page once."""
        with self._ledger.time_operation("read", self._site.host, writes=False) as operation:
            answer = self._site.request("GET", self._path)
            answer.raise_for_status()
            if answer.status_code != requests.codes.ok or self._path not in answer.text:
                raise requests.HTTPError(f"{answer.status_code}, but not the page of {self._path}", response=answer)
            operation.acknowledged = True

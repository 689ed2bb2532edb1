"""The acceptance suite of the second application: another health page, no SSH, pages with a picture."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass, field
from typing import Any

import requests
from applications.tiny.profile import PROFILE
from cutover_site.acceptance.errors import CheckFailed, UnexpectedResponse
from cutover_site.acceptance.session import Session, SiteAddress
from cutover_site.acceptance.suite import Check, Suite
from cutover_site.health import find_problem
from cutover_site.machine import Machine

PREFIX = "acceptance-"


@dataclass
class TinySession(Session):
    title: str = field(default_factory=lambda: PREFIX + secrets.token_hex(6))

    def send(
        self, method: str, path: str, expected: int, *, password: str = "", data: bytes = b""
    ) -> requests.Response:
        """Send a request. Raise UnexpectedResponse for another status than `expected`."""
        user = (self.username, password or self.password)
        response = self.request(self.plain, method, path, auth=user, data=data)
        if response.status_code != expected:
            raise UnexpectedResponse(f"{method} {path} answered {response.status_code}, expected {expected}")
        return response

    def list_pages(self, prefix: str) -> list[dict[str, Any]]:
        return [page for page in self.send("GET", "/pages", 200).json()["pages"] if page["title"].startswith(prefix)]


def open_session(machine: Machine, address: SiteAddress) -> TinySession:
    secret = machine.read_site_secret()
    return TinySession(
        url=address.url,
        username=secret["acceptance_username"],
        password=secret["acceptance_password"],
        resolve=address.resolve,
        live=address.live,
    )


def check_health(session: TinySession) -> None:
    response = session.request(session.plain, "GET", PROFILE.health.path)
    if problem := find_problem(PROFILE, response.status_code, response.text):
        raise CheckFailed(problem)


def check_password(session: TinySession) -> None:
    session.send("POST", f"/pages?title={session.title}", 401, password=session.title)


def check_page(session: TinySession) -> None:
    session.send("POST", f"/pages?title={session.title}", 201, data=_make_picture(session))
    if [page["title"] for page in session.list_pages(session.title)] != [session.title]:
        raise CheckFailed(f"page {session.title} was made and is not listed")


def check_picture(session: TinySession) -> None:
    name = hashlib.sha256(_make_picture(session)).hexdigest()
    if session.send("GET", f"/pictures/{name}", 200).content != _make_picture(session):
        raise CheckFailed(f"the picture of {session.title} is not what was sent")


def clean_up(session: TinySession) -> None:
    _remove(session, session.title)


def clean_up_all(session: TinySession) -> None:
    _remove(session, PREFIX)


def _remove(session: TinySession, prefix: str) -> None:
    for page in session.list_pages(prefix):
        session.send("DELETE", f"/pages/{page['id']}", 200)
    if left := session.list_pages(prefix):
        raise CheckFailed(f"{len(left)} pages of the suite are still there")


def _make_picture(session: TinySession) -> bytes:
    return f"picture of {session.title}\n".encode() * 64


SUITE: Suite[TinySession] = Suite(
    checks=(
        Check("health", check_health, required=True),
        Check("password", check_password),
        Check("page", check_page, after=("password",)),
        Check("picture", check_picture, builds_on="page"),
    ),
    clean_up=clean_up,
    clean_up_all=clean_up_all,
)

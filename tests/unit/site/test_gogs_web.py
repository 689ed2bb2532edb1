"""The client of Gogs's web interface: signing in, and deleting tokens, which only a page can do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from cutover_site.acceptance.errors import CheckFailed, UnexpectedResponse
from cutover_site.gogs.web import GogsClient

from tests.unit.site.fake_site import Answer, Request, serving

FORM = '<input name="_csrf" value="the-token">'
BUTTON = '<strong>{}</strong> <button data-url="/user/settings/applications/delete" data-id="{}">'


class Tokens:
    """The settings page of a user with these tokens (name by id)."""

    def __init__(self, tokens: dict[str, str], button: str = BUTTON) -> None:
        self.tokens, self.button = tokens, button

    def respond(self, method: str, path: str, request: Request) -> Answer:
        if path.startswith("/api/"):
            return Answer(200, json.dumps([{"name": name} for name in self.tokens.values()]))
        if method == "POST":
            number = request.body.decode().rpartition("id=")[2]
            del self.tokens[number]
            return Answer(200, "{}")
        return Answer(200, FORM + "".join(self.button.format(name, number) for number, name in self.tokens.items()))


@contextmanager
def client_of(site: Tokens) -> Iterator[GogsClient]:
    with serving(site.respond) as url, closing(GogsClient(url, "u", "p", resolve="127.0.0.1")) as client:
        yield client


def test_tokens_of_a_prefix_are_deleted_and_no_others() -> None:
    site = Tokens({"1": "editor", "2": "acceptance-a", "3": "phone", "4": "acceptance-b"})
    with client_of(site) as client:
        client.delete_tokens("acceptance-")
        assert client.list_tokens() == ["editor", "phone"]


def test_a_token_without_a_button_is_reported() -> None:
    site = Tokens({"1": "acceptance-a"}, button="<strong>{}</strong>")
    reason = "has no button to delete it on /user/settings/applications"
    with client_of(site) as client, pytest.raises(UnexpectedResponse, match=reason):
        client.delete_tokens("acceptance-")


@pytest.mark.parametrize(
    ("status", "page", "cookie", "reason"),
    [
        (200, "", "", "login answered 200, expected 302"),
        (302, "somebody else", "", "after the login /user/settings answered 200"),
        (302, "nobody", "session=1; Path=/; Secure", r"only for HTTPS \(\[session\] COOKIE_SECURE\)"),
    ],
    ids=["refused", "not signed in", "cookie that no browser returns"],
)
def test_a_login_counts_only_when_the_users_own_page_shows_it(status: int, page: str, cookie: str, reason: str) -> None:
    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Answer:
        if method == "POST":
            return Answer(status, headers={"Set-Cookie": cookie} if cookie else {})
        return Answer(200, FORM if path == "/user/login" else page)

    with serving(respond) as url:
        client = GogsClient(url, "checker", "p", resolve="127.0.0.1")
        with pytest.raises(CheckFailed, match=reason):
            client.sign_in()
        client.close()


def test_a_user_whose_page_names_them_is_signed_in() -> None:
    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Answer:
        return Answer(302) if method == "POST" else Answer(200, FORM if path == "/user/login" else "checker")

    with serving(respond) as url:
        client = GogsClient(url, "checker", "p", resolve="127.0.0.1")
        client.sign_in()
        client.close()

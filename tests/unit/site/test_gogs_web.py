"""The client of Gogs's web interface: it signs in, and deletes tokens, for which Gogs has no API."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing, contextmanager
from http.server import BaseHTTPRequestHandler

import pytest
from cutover_site.acceptance.errors import CheckFailed, UnexpectedResponse
from cutover_site.gogs.web import GogsClient

from tests.unit.site.fake_site import Request, Response, serving

FORM = '<input name="_csrf" value="the-token">'
BUTTON = '<strong>{}</strong> <button data-url="/user/settings/applications/delete" data-id="{}">'


class Tokens:
    """A site with the settings page of a user with these tokens (name by id)."""

    def __init__(self, tokens: dict[str, str], button: str = BUTTON) -> None:
        self.tokens, self.button = tokens, button

    def respond(self, method: str, path: str, request: Request) -> Response:
        if path.startswith("/api/"):
            return Response(200, json.dumps([{"name": name} for name in self.tokens.values()]))
        if method == "POST":
            number = request.body.decode().rpartition("id=")[2]
            del self.tokens[number]
            return Response(200, "{}")
        return Response(200, FORM + "".join(self.button.format(name, number) for number, name in self.tokens.items()))


@contextmanager
def open_client(site: Tokens) -> Iterator[GogsClient]:
    with serving(site.respond) as url, closing(GogsClient(url, "u", "p", resolve="127.0.0.1")) as client:
        yield client


def test_only_tokens_with_the_prefix_are_deleted() -> None:
    site = Tokens({"1": "editor", "2": "acceptance-a", "3": "phone", "4": "acceptance-b"})
    with open_client(site) as client:
        client.delete_tokens("acceptance-")
        assert client.list_tokens() == ["editor", "phone"]


def test_a_token_without_a_delete_button_is_an_error() -> None:
    site = Tokens({"1": "acceptance-a"}, button="<strong>{}</strong>")
    reason = "has no button to delete it on /user/settings/applications"
    with open_client(site) as client, pytest.raises(UnexpectedResponse, match=reason):
        client.delete_tokens("acceptance-")


@pytest.mark.parametrize(
    ("status", "page", "cookie", "reason"),
    [
        (200, "", "", "login answered 200, expected 302"),
        (302, "somebody else", "", "after the login /user/settings answered 200"),
        (302, "nobody", "session=1; Path=/; Secure", r"only for HTTPS \(\[session\] COOKIE_SECURE\)"),
    ],
    ids=["refused", "not signed in", "secure cookie over HTTP"],
)
def test_a_login_without_the_settings_page_of_the_user_fails(status: int, page: str, cookie: str, reason: str) -> None:
    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Response:
        if method == "POST":
            return Response(status, headers={"Set-Cookie": cookie} if cookie else {})
        return Response(200, FORM if path == "/user/login" else page)

    with serving(respond) as url:
        client = GogsClient(url, "checker", "p", resolve="127.0.0.1")
        with pytest.raises(CheckFailed, match=reason):
            client.sign_in()
        client.close()


def test_a_login_with_the_settings_page_of_the_user_succeeds() -> None:
    def respond(method: str, path: str, _request: BaseHTTPRequestHandler) -> Response:
        return Response(302) if method == "POST" else Response(200, FORM if path == "/user/login" else "checker")

    with serving(respond) as url:
        client = GogsClient(url, "checker", "p", resolve="127.0.0.1")
        client.sign_in()
        client.close()

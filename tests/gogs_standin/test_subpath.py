"""A site below a path of its host name: its links, redirects and cookies have the path."""

from __future__ import annotations

from flask import Flask, Response, request
from gogs_standin.web.subpath import serve_below


def build() -> Flask:
    app = Flask(__name__)

    @app.get("/alice")
    def show() -> Response:
        response = Response('<a href="/bob"><form action="/x"><a href="https://other/">')
        response.set_cookie("session", "1")
        return response

    @app.get("/old")
    def redirect() -> Response:
        return Response("", 302, headers={"Location": f"/alice?from={request.path}"})

    serve_below(app, "/git")
    return app


def test_the_proxy_in_front_has_to_remove_the_path() -> None:
    client = build().test_client()
    assert [client.get(path).status_code for path in ("/alice", "/git/alice")] == [200, 404]


def test_addresses_within_the_site_get_the_path() -> None:
    client = build().test_client()
    page = client.get("/alice")
    assert page.text == '<a href="/git/bob"><form action="/git/x"><a href="https://other/">'
    assert page.headers["Set-Cookie"] == "session=1; Path=/git"
    assert client.get("/old").headers["Location"] == "/git/alice?from=/old"

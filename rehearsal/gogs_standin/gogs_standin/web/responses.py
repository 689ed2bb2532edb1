"""Create responses: pages, redirects, JSON, and responses without a body, with the recorded content types."""

from __future__ import annotations

import json
from typing import Any

from flask import Response, g, render_template, request
from markupsafe import escape

DOCUMENTATION = "https://github.com/gogs/docs-api"
BROKEN = "Something went wrong, please check the server logs for more information."


def render_page(template: str, status: int = 200, **values: object) -> Response:
    """Render a template with the form token and the signed-in user."""
    text = render_template(template, csrf=g.get("csrf", ""), user=g.get("user"), **values)
    return Response(text, status, content_type="text/html; charset=UTF-8")


def render_error(status: int, message: str) -> Response:
    """Return the error page with this status."""
    return render_page("error.html", status, message=message, code=status)


def redirect(location: str) -> Response:
    """Return a redirect. For a GET it has a body with a link, as recorded."""
    if request.method != "GET":
        return make_bare_response(302, {"Location": location})
    page = f'<a href="{escape(location)}">Found</a>.\n'
    return Response(page, 302, headers={"Location": location}, content_type="text/html; charset=utf-8")


def make_bare_response(status: int, headers: dict[str, str] | None = None) -> Response:
    """Return a response without a body and without a content type."""
    answer = Response(b"", status, headers=headers)
    del answer.headers["Content-Type"]
    return answer


def make_json_response(
    shape: Any, status: int = 200, content_type: str = "application/json; charset=UTF-8"
) -> Response:
    """Return JSON with characters that are not ASCII unescaped, as recorded."""
    return Response(json.dumps(shape, ensure_ascii=False), status, content_type=content_type)


def make_api_error(status: int, message: str) -> Response:
    """Return an error of the API with the link to its documentation."""
    return make_json_response({"message": message, "url": DOCUMENTATION}, status)

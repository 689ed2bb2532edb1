"""Serve the site below a path of its host name, as EXTERNAL_URL names it.

Like Gogs with HTTP: the proxy in front removes the path from each request (internal/cmd/web.go: only FastCGI sets a prefix). Addresses within the
site, and its cookies, get the path.
"""

from __future__ import annotations

import re

from flask import Flask, Response

_LINK = re.compile(rb'((?:href|action|src)=")/')


def serve_below(app: Flask, subpath: str) -> None:
    """Let the responses of the application have this path, which has no slash at its end. Does nothing without one."""
    if not subpath:
        return

    def add_subpath(response: Response) -> Response:
        location = response.headers.get("Location", "")
        if location.startswith("/"):
            response.headers["Location"] = subpath + location
        cookies = response.headers.getlist("Set-Cookie")
        response.headers.setlist("Set-Cookie", [re.sub(r"\bPath=/(?=;|$)", f"Path={subpath}", one) for one in cookies])
        if response.mimetype == "text/html":
            response.set_data(_LINK.sub(rb"\1" + subpath.encode() + b"/", response.get_data()))
        return response

    app.after_request_funcs.setdefault(None, []).insert(0, add_subpath)

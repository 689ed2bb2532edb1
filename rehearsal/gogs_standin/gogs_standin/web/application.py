"""Build the WSGI application: the routes, what runs before and after each request, and the responses to errors."""

from __future__ import annotations

import logging
from importlib.resources import files

import pymysql
from flask import Flask, Response, g, request
from jinja2 import FunctionLoader
from werkzeug.exceptions import HTTPException

from ..api import routes as api
from ..domain.exceptions import Exists, Forbidden, Missing, RequestRefused
from ..transport import git_http, health, lfs
from . import (
    account,
    create_pages,
    files_pages,
    issue_pages,
    pages,
    pages_elsewhere,
    release_pages,
    repository_actions,
    repository_pages,
    second_factor,
    tasks,
    wiki_pages,
)
from .closed import refuse_visitor
from .responses import BROKEN, make_api_error, make_bare_response, render_error
from .site import Site, end_session, install
from .subpath import serve_below
from .visitor import identify_visitor, set_cookies, set_language_cookie

_log = logging.getLogger(__name__)
_PLAIN = ("git", "lfs", "health", "tasks")
"""parts without session and form tokens"""


def build_application(site: Site) -> Flask:
    """Return the application of a site, with the routes of all parts."""
    app = Flask(__name__, root_path="/", static_folder=None, template_folder=None)
    app.jinja_env.loader = FunctionLoader(_read_template)
    app.jinja_env.globals["brand"] = site.config.brand
    app.jinja_env.globals["settings"] = site.config
    app.url_map.strict_slashes = False
    install(app, site)
    app.before_request(_prepare_request)
    app.after_request(_finish_request)
    app.register_error_handler(Exception, _format_error)
    for part in (
        health,
        lfs,
        git_http,
        tasks,
        api,
        account,
        second_factor,
        create_pages,
        files_pages,
        issue_pages,
        release_pages,
        wiki_pages,
        repository_actions,
        repository_pages,
        pages,
        pages_elsewhere,
    ):
        app.register_blueprint(part.blueprint)
    serve_below(app, site.config.subpath)
    return app


def _read_template(name: str) -> str:
    return files(__package__).joinpath("templates").joinpath(name).read_text()


def _is_plain() -> bool:
    return request.blueprint in _PLAIN


def _prepare_request() -> Response | None:
    return None if _is_plain() else identify_visitor() or refuse_visitor()


def _finish_request(response: Response) -> Response:
    end_session(good=response.status_code < 400)
    if _is_plain() or "csrf" not in g:
        return set_language_cookie(response)
    return set_cookies(response)


def _format_error(error: Exception) -> Response:
    """Return the response to an error: JSON or no body in the API, a page elsewhere."""
    api_call = request.path.startswith("/api/")
    if isinstance(error, HTTPException):
        status = error.code or 500
        return (
            make_bare_response(status)
            if api_call or _is_plain()
            else render_error(status, error.description or error.name)
        )
    if isinstance(error, Missing):
        return (
            make_bare_response(404)
            if api_call or _is_plain()
            else render_error(404, "There is nothing here, or nothing that you may see.")
        )
    if isinstance(error, Forbidden) and api_call:
        return make_bare_response(403)
    if isinstance(error, RequestRefused):
        status = 403 if isinstance(error, Forbidden) else 422
        assert isinstance(error, Exists | Forbidden | RequestRefused)
        return make_api_error(status, error.message) if api_call else render_error(status, error.message)
    if isinstance(error, pymysql.MySQLError):
        _log.error("%s %s: %s", request.method, request.path, error)
    else:
        _log.exception("%s %s", request.method, request.path)
    end_session(good=False)
    return make_api_error(500, BROKEN) if api_call else render_error(500, BROKEN)

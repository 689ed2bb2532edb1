"""Serve git over HTTP: check the access, then pass the request to `git http-backend`."""

from __future__ import annotations

from pathlib import Path

from flask import Blueprint, Response, request

from ..domain import delivery
from ..web.responses import make_bare_response
from ..web.site import get_config, get_site
from ..web.visitor import parse_basic
from . import gate, http_backend

blueprint = Blueprint("git", __name__)
_REALM = {"WWW-Authenticate": 'Basic realm="."'}
_PULL, _PUSH = "git-upload-pack", "git-receive-pack"
_SECOND_FACTOR = (
    "User with two-factor authentication enabled cannot perform HTTP/HTTPS operations via plain username and password\n"
    "Please create and use personal access token on user settings page"
)
"""recorded, as every text here; git shows it to the user"""


@blueprint.get("/<owner>/<name>/info/refs")
def get_refs(owner: str, name: str) -> Response:
    """Return the refs to a client of the smart protocol, which names the service. Respond 404 to other clients."""
    service = request.args.get("service", "")
    access_granted = _check_access(owner, name, writes=service == _PUSH)
    if isinstance(access_granted, Response):
        return access_granted
    return http_backend.respond(*access_granted) if service in (_PULL, _PUSH) else make_bare_response(404)


@blueprint.post("/<owner>/<name>/git-upload-pack")
def pull(owner: str, name: str) -> Response:
    """Stream the requested objects to the client."""
    return _serve(owner, name, _PULL)


@blueprint.post("/<owner>/<name>/git-receive-pack")
def push(owner: str, name: str) -> Response:
    """Receive objects and update refs, then notify the webhooks' thread when the response is complete."""
    answer = _serve(owner, name, _PUSH)
    settings = get_config()
    answer.call_on_close(lambda: delivery.notify(settings))
    return answer


def _serve(owner: str, name: str, service: str) -> Response:
    access_granted = _check_access(owner, name, writes=service == _PUSH)
    if isinstance(access_granted, Response):
        return access_granted
    if request.content_type != f"application/x-{service}-request":
        return make_bare_response(401)
    return http_backend.respond(*access_granted)


def _check_access(owner: str, name: str, *, writes: bool) -> Response | tuple[Path, str, dict[str, str]]:
    """Return the repository's folder, the user's name and the hooks' environment; or the refusal.

    It holds no database session afterwards.
    """
    with get_site().database.open_session() as db:
        target = gate.find_target(db, get_config(), owner, name)
        open_to_all = not (writes or target.repository["is_private"] or get_config().sign_in_required)
        user = None
        if not open_to_all:
            try:
                credentials = parse_basic(request)
                user = gate.find_person(db, *credentials) if credentials else None
            except gate.SecondFactorNeeded:
                return _make_refusal(401, _SECOND_FACTOR, **_REALM)
            if user is None:
                return make_bare_response(401, _REALM)
            if not gate.has_access(db, user, target.repository, writes=writes):
                return _make_refusal(403, "User permission denied", **_REALM)
            if writes and target.repository["is_mirror"]:
                return _make_refusal(403, "Mirror repository is read-only")
        if get_config().http_git_disabled:
            return _make_refusal(403, "Interacting with repositories by HTTP protocol is disabled")
        return target.path, user["name"] if user else "", target.push_by(user) if user and writes else {}


def _make_refusal(status: int, sentence: str, **headers: str) -> Response:
    return Response(sentence, status, headers=headers, content_type="text/plain; charset=utf-8")

"""Git over HTTP: decides who may, and hands the rest to `git http-backend`."""

from __future__ import annotations

from flask import Blueprint, Response, request

from ..domain import delivery
from ..web.replies import bare
from ..web.site import config, site
from ..web.visitor import basic
from . import gate, http_backend
from .gate import Target

blueprint = Blueprint("git", __name__)
_REALM = {"WWW-Authenticate": 'Basic realm="Gogs"'}
DISABLED = "Interacting with repositories by HTTP protocol is disabled"
_PULL, _PUSH = "git-upload-pack", "git-receive-pack"


@blueprint.get("/<owner>/<name>/info/refs")
def refs(owner: str, name: str) -> Response:
    """Only for clients of the smart protocol, which name the service that they want."""
    service = request.args.get("service", "")
    return _answer(owner, name, service) if service in (_PULL, _PUSH) else bare(403)


@blueprint.post("/<owner>/<name>/git-upload-pack")
def pull(owner: str, name: str) -> Response:
    return _answer(owner, name, _PULL)


@blueprint.post("/<owner>/<name>/git-receive-pack")
def push(owner: str, name: str) -> Response:
    answer = _answer(owner, name, _PUSH)
    settings = config()
    answer.call_on_close(lambda: delivery.tell(settings))
    return answer


def _answer(owner: str, name: str, service: str) -> Response:
    admitted = _admit(owner, name, writes=service == _PUSH)
    if isinstance(admitted, Response):
        return admitted
    target, user, environment = admitted
    return http_backend.respond(target.path, user, environment)


def _admit(owner: str, name: str, *, writes: bool) -> Response | tuple[Target, str, dict[str, str]]:
    """The repository, the user's name and what the hooks are told; or the refusal. Holds no database session afterwards."""
    with site().database.session() as db:
        target = gate.target(db, config(), owner, name)
        credentials = basic(request)
        user = gate.person(db, *credentials) if credentials else None
        open_to_all = not (writes or target.repository["is_private"] or config().sign_in_required)
        if user is None and not open_to_all:
            return bare(401, _REALM)
        if not gate.admits(db, user, target.repository, writes=writes):
            return bare(403)
        if config().http_git_disabled:  # told to those alone who might have come in
            return Response(DISABLED, 403, content_type="text/plain; charset=utf-8")
        return target, user["name"] if user else "", target.push_by(user) if user and writes else {}

"""Pass one request to `git http-backend` by CGI (RFC 3875). Packs are streamed, in both directions at once."""

from __future__ import annotations

import http.client
import logging
import os
import shutil
import subprocess
import threading
from collections.abc import Iterator, Mapping
from io import BufferedReader
from pathlib import Path
from typing import IO

from flask import Response, request
from werkzeug.exceptions import HTTPException

_log = logging.getLogger(__name__)
_CHUNK = 1 << 16
_PASSED_ON = (
    "CONTENT_TYPE",
    "CONTENT_LENGTH",
    "HTTP_CONTENT_ENCODING",
    "QUERY_STRING",
    "REMOTE_ADDR",
    "REQUEST_METHOD",
)


def respond(repository: Path, user: str, environment: Mapping[str, str]) -> Response:
    """Return git's response to the current request; 500 when git ends without one.

    `environment` is for the hooks. A `user` may push: the caller has checked that.
    """
    process = subprocess.Popen(
        ["git", "http-backend"],
        cwd=repository,
        env={**os.environ, **_build_cgi_environment(repository, user), **environment},
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    )
    assert process.stdin
    assert isinstance(process.stdout, BufferedReader)
    feeder = threading.Thread(target=_copy_request, args=(request.stream, process.stdin), name="git-request")
    feeder.start()
    headers = http.client.parse_headers(process.stdout)
    status = headers.get("Status", "200" if headers else "500")
    del headers["Status"]
    answer = Response(_read_body(process.stdout), int(status.split()[0]), headers=list(headers.items()))
    answer.call_on_close(lambda: _finish(process, feeder))
    return answer


def _build_cgi_environment(repository: Path, user: str) -> dict[str, str]:
    passed = {name: str(request.environ[name]) for name in _PASSED_ON if request.environ.get(name)}
    return {
        **passed,
        "GIT_PROJECT_ROOT": str(repository),
        "GIT_HTTP_EXPORT_ALL": "1",
        "GIT_PROTOCOL": request.headers.get("Git-Protocol", ""),
        # The part after owner and name.
        "PATH_INFO": "/" + request.path.split("/", 3)[3],
        **({"REMOTE_USER": user} if user else {}),
    }


def _copy_request(stream: IO[bytes], stdin: IO[bytes]) -> None:
    """Copy the request to git.

    When the client disconnects, git's input ends early, and git refuses it.
    """
    try:
        with stdin:
            shutil.copyfileobj(stream, stdin, _CHUNK)
    except (OSError, HTTPException) as error:
        _log.warning("a request to git broke off: %s", error)


def _read_body(stdout: BufferedReader) -> Iterator[bytes]:
    """Yield output as soon as there is any, because git reports its progress in the response."""
    while chunk := stdout.read1(_CHUNK):
        yield chunk


def _finish(process: subprocess.Popen[bytes], feeder: threading.Thread) -> None:
    """Wait for git, which ends with the response, or now when the client does not read the rest."""
    assert process.stdout
    process.stdout.close()
    feeder.join()
    if status := process.wait():
        _log.error("git http-backend ended with %s", status)

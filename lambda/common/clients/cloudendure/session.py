r"""A session with the console: login, token, expiry, and retries while the server is busy.

Protocol facts: the login may return 307 to another version's path, which then prefixes every later call; the cookie XSRF-TOKEN, whose value
carries quotes and may end in a literal \012, is echoed as the header X-XSRF-TOKEN; a session lives about 60 minutes, then calls return 401.
"""

from collections.abc import Callable, Mapping
from typing import Any
from urllib.parse import urljoin, urlsplit

import requests

from common.clients.provider_retries import ProviderBusy, call_with_retries
from common.clock import Clock, SystemClock
from common.errors import CutoverError, Missing, RetryableProviderError, StepFailed

CONNECT_AND_READ_SECONDS = (5, 12)
LOGIN_PATHS = ("/api/latest/login", "/latest/celogin")
"""the current one, and the one of 2017, which has neither token nor launchMachines"""


class Conflict(StepFailed):
    """The console returned 409: the machine is busy with another job."""


class NotFound(Missing):
    """The console returned 404: the resource does not exist."""


class ConsoleBusy(ProviderBusy):
    """A failure of the console that may pass. Never leaves this module."""

    def __init__(self, reason: str, *, retry_after: float = 0.0) -> None:
        super().__init__(
            reason, next_action="check that the console is reachable; the step is retried", retry_after=retry_after
        )


class ConsoleSession:
    """A session for one thread. `credentials` is called at every login, and its return value is never kept."""

    def __init__(
        self,
        url: str,
        credentials: Callable[[], Mapping[str, str]],
        *,
        http: requests.Session | None = None,
        clock: Clock | None = None,
    ) -> None:
        self._root = url.rstrip("/") + "/"
        self._credentials = credentials
        self._http = http or requests.Session()
        self._clock = clock or SystemClock()
        self._prefix: str | None = None

    @property
    def supports_launch_machines(self) -> bool:
        """Return whether the API has launchMachines. The API of 2017 has performTest and performCutover instead."""
        self._ensure_login()
        return not (self._prefix or "").endswith("/latest") or (self._prefix or "").endswith("/api/latest")

    def request(
        self,
        method: str,
        path: str,
        *,
        params: Mapping[str, Any] | None = None,
        json: Any = None,
        repeatable: bool = True,
    ) -> Any:
        """Send a request. Return the JSON of the response, None when it has no body. `path` starts after the version, with a slash.

        `repeatable=False` for calls that must not run twice: they are sent again only when the console certainly did not act.
        """
        return call_with_retries(
            lambda: self._request_once(method, path, params, json, repeatable=repeatable), self._clock
        )

    def list_items(
        self, path: str, *, page: int = 1500, params: Mapping[str, Any] | None = None
    ) -> list[dict[str, Any]]:
        """Return the items of all pages of a list."""
        found: list[dict[str, Any]] = []
        while True:
            response = self.request("GET", path, params={**(params or {}), "offset": len(found), "limit": page})
            batch = response.get("items", [])
            found.extend(batch)
            if len(batch) < page:
                return found

    def _request_once(
        self, method: str, path: str, params: Mapping[str, Any] | None, json: Any, *, repeatable: bool
    ) -> Any:
        self._ensure_login()
        response = self._send(method, self._build_url(path), params=params, json=json, repeatable=repeatable)
        if response.status_code == requests.codes.unauthorized:  # expired: log in again, once
            self._prefix = None
            self._ensure_login()
            response = self._send(method, self._build_url(path), params=params, json=json, repeatable=repeatable)
        return _parse_response(response, f"{method} {path}", repeatable=repeatable)

    def _build_url(self, path: str) -> str:
        return urljoin(self._root, (self._prefix or "").lstrip("/")) + path

    def _ensure_login(self) -> None:
        if self._prefix is None:
            self._http.cookies.clear()
            self._prefix = self._log_in()

    def _log_in(self) -> str:
        """Log in. Return the path prefix of all later calls."""
        for path in LOGIN_PATHS:
            url = urljoin(self._root, path.lstrip("/"))
            response = self._post_credentials(url)
            if response.status_code in (requests.codes.temporary_redirect, requests.codes.permanent_redirect):
                url = urljoin(url, response.headers["Location"])
                if urlsplit(url).netloc != urlsplit(self._root).netloc:
                    raise StepFailed(f"the console redirects the login to {urlsplit(url).netloc}: the password was not sent there",
                                     next_action="set console_url to the address of the console itself")  # fmt: skip
                response = self._post_credentials(url)
            if response.status_code == requests.codes.not_found:
                continue
            _check_login(response)
            prefix_of_root = urlsplit(self._root).path.rstrip("/")
            return urlsplit(url).path.removeprefix(prefix_of_root).rpartition("/")[0]
        raise StepFailed(
            f"no CloudEndure console at {self._root}: neither {LOGIN_PATHS[0]} nor {LOGIN_PATHS[1]} exists",
            next_action="check console_url",
        )

    def _post_credentials(self, url: str) -> requests.Response:
        return self._send("POST", url, json=dict(self._credentials()), allow_redirects=False)

    def _send(self, method: str, url: str, *, repeatable: bool = True, **options: Any) -> requests.Response:
        token = self._http.cookies.get("XSRF-TOKEN")
        headers = {"X-XSRF-TOKEN": clean_token(token)} if token else {}
        try:
            return self._http.request(method, url, headers=headers, timeout=CONNECT_AND_READ_SECONDS, **options)
        except requests.exceptions.ConnectTimeout as error:
            raise ConsoleBusy(f"console not reachable: {_format_without_query(error)}") from error
        except requests.exceptions.ReadTimeout as error:
            raise _classify_missing_response(repeatable, f"console did not answer {method} in time") from error
        except requests.exceptions.ConnectionError as error:
            raise _classify_missing_response(
                repeatable, f"console not reachable: {_format_without_query(error)}"
            ) from error


def clean_token(cookie: str) -> str:
    """Return the XSRF token in the form that the console expects."""
    return cookie.strip().strip('"').removesuffix("\\012").strip()


def _format_without_query(error: requests.exceptions.RequestException) -> str:
    url = urlsplit(error.request.url or "") if error.request is not None else None
    return f"{url.scheme}://{url.netloc}{url.path} ({type(error).__name__})" if url else type(error).__name__


def _classify_missing_response(repeatable: bool, reason: str) -> CutoverError:
    if repeatable:
        return ConsoleBusy(reason)
    # The console may have acted. The step's own retry looks before it acts again; ours would not.
    return RetryableProviderError(reason, next_action="the step looks for the job and goes on")


def _check_login(response: requests.Response) -> None:
    body = _parse_body(response)
    if response.ok and isinstance(body, dict) and body.get("samlRedirect"):
        raise StepFailed(
            "the console user signs in through SAML, which a function cannot",
            next_action="use a local console user or an API token",
        )
    match response.status_code:
        case requests.codes.unauthorized:
            raise StepFailed(
                "the console refused user name and password", next_action="correct the secret of the console's user"
            )
        case requests.codes.payment_required:
            raise StepFailed("the console user has no active licence", next_action="renew the CloudEndure licence")
        case requests.codes.too_many_requests if "Retry-After" not in response.headers:
            raise StepFailed(
                "the console blocks logins after too many failed ones",
                next_action="wait, and correct the secret of the console's user",
            )
    _parse_response(response, "login", repeatable=True)


def _parse_response(response: requests.Response, call: str, *, repeatable: bool) -> Any:
    if response.ok:
        return _parse_body(response)
    body = _parse_body(response)
    message = body.get("message") or body.get("code") if isinstance(body, dict) else None
    reason = f"{call} answered {response.status_code}: {message or 'no message'}"
    status = response.status_code
    if status == requests.codes.too_many_requests:
        raise ConsoleBusy(reason, retry_after=_parse_seconds(response.headers.get("Retry-After")))
    if status >= requests.codes.internal_server_error:
        raise _classify_missing_response(repeatable, reason)
    if status == requests.codes.conflict:
        raise Conflict(reason, next_action="wait for the machine's running job, or end it in the console")
    if status == requests.codes.not_found:
        raise NotFound(reason)
    if status == requests.codes.payment_required:
        raise StepFailed(reason, next_action="renew the CloudEndure licence")
    if status == requests.codes.unauthorized:
        raise StepFailed(reason, next_action="correct the secret of the console's user")
    if status == requests.codes.forbidden:
        raise StepFailed(reason, next_action="give the console user the rights on this project")
    raise StepFailed(reason)


def _parse_body(response: requests.Response) -> Any:
    if not response.content:
        return None
    try:
        return response.json()
    except requests.exceptions.JSONDecodeError:
        return None


def _parse_seconds(text: str | None) -> float:
    return float(text) if text and text.isdigit() else 0.0

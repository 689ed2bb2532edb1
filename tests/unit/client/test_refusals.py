"""The classification of failures: a clear refusal is not another failure."""

import pytest
import requests

from rehearsal.client.ledger import Operation
from rehearsal.client.refusals import (
    CUT,
    OTHER,
    RETRY_LATER,
    RETRY_LATER_WITHOUT_TEXT,
    SITE_ERROR,
    SSH_REFUSED,
    GitFailed,
    classify_failure,
    count,
    count_site_errors,
    list_unclear,
)

TRACE = "12:00:00.1 http.c:725 <= Recv header: HTTP/1.1 503 Service Unavailable\n12:00:00.1 http.c:725 <= Recv header: retry-after: 60\n"
SITE_TRACE = "12:00:00.1 http.c:725 <= Recv header: HTTP/1.1 500 Internal Server Error\n"
SESSION = 'Authenticated to ssh.example ([203.0.113.3]:2222) using "publickey".\n'


def http(status: int, headers: dict[str, str], text: str = "moving, try again") -> requests.HTTPError:
    response = requests.Response()
    response.status_code, response._content = status, text.encode()
    response.headers.update(headers)
    return requests.HTTPError("no", response=response)


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (http(503, {"Retry-After": "60"}), RETRY_LATER),
        (http(503, {}), OTHER),
        (http(503, {"Retry-After": "60"}, text=""), OTHER),
        (http(502, {"Retry-After": "60"}), OTHER),
        (http(500, {}), SITE_ERROR),
        (http(500, {"Retry-After": "60"}), SITE_ERROR),
        (requests.ConnectionError("reset"), CUT),
        (requests.ReadTimeout("no answer"), OTHER),
        (GitFailed("push", "error: RPC failed; HTTP 500 curl 22", SITE_TRACE), SITE_ERROR),
        (GitFailed("push", "remote: moving fatal: The requested URL returned error: 503", TRACE), RETRY_LATER),
        (GitFailed("push", "error: RPC failed; HTTP 503 curl 22", TRACE), RETRY_LATER_WITHOUT_TEXT),
        (GitFailed("push", "fatal: the remote end hung up unexpectedly", TRACE), CUT),
        (GitFailed("push", "remote: moving fatal: error: 503", TRACE.splitlines()[0]), OTHER),
        (GitFailed("push", "kex_exchange_identification: read: Connection reset by peer"), SSH_REFUSED),
        (GitFailed("push", "ssh: connect to host ssh.example port 2222: Connection refused"), SSH_REFUSED),
        (GitFailed("push", "Connection reset by 203.0.113.3 port 2222 fatal: Could not read"), SSH_REFUSED),
        (GitFailed("push", "Connection reset by UNKNOWN port -1\nfatal: Could not read"), SSH_REFUSED),
        (GitFailed("push", f"{SESSION}Connection reset by 203.0.113.3 port 2222\nfatal: it hung up"), CUT),
        (GitFailed("push", f"{SESSION}Connection closed by 203.0.113.3 port 2222\nfatal: it hung up"), CUT),
        (GitFailed("push", "git@ssh.example: Permission denied (publickey)."), OTHER),
        (GitFailed("push", "Connection to ssh.example closed by remote host. fatal: the remote end hung up"), CUT),
    ],
)
def test_a_failure_is_classified(error: Exception, kind: str) -> None:
    assert classify_failure(error) == kind


def test_refused_writes_are_counted_by_kind_and_unclear_ones_are_listed() -> None:
    operations = [
        Operation("issue", True, 1.0, refusal=RETRY_LATER),
        Operation("issue", True, 2.0, refusal=RETRY_LATER),
        Operation("lfs", True, 3.0, refusal=OTHER, reason="cut"),
        Operation("lfs", True, 4.0, acknowledged=True),
        Operation("read", False, 5.0, refusal=OTHER),
    ]
    assert count(operations) == {RETRY_LATER: 2, OTHER: 1}
    assert list_unclear(operations) == ["lfs of 3.000: cut"]


def test_a_site_error_is_no_refusal_and_is_clear_when_the_retry_has_another_result() -> None:
    operations = [
        Operation("issue", True, 1.0, refusal=SITE_ERROR, reason="500"),
        Operation("issue", True, 1.1, acknowledged=True, retry=True),
        Operation("attachment", True, 2.0, refusal=SITE_ERROR, reason="500"),
        Operation("attachment", True, 2.1, refusal=RETRY_LATER, retry=True),
    ]
    assert count_site_errors(operations) == {"issue": 1, "attachment": 1}
    assert count(operations) == {RETRY_LATER: 1}
    assert list_unclear(operations) == []


def test_a_repeated_site_error_is_unclear() -> None:
    operations = [
        Operation("issue", True, 1.0, refusal=SITE_ERROR, reason="500"),
        Operation("issue", True, 1.1, refusal=SITE_ERROR, reason="500 again", retry=True),
    ]
    assert count_site_errors(operations) == {"issue": 2}
    assert list_unclear(operations) == ["issue of 1.100: 500 again"]

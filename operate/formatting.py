"""Format the run record and the errors of AWS for an operator. Pure."""

from __future__ import annotations

from botocore.exceptions import ClientError
from common.clients.aws import DENIED, get_error_code
from common.clients.run_record import Record
from common.clock import format_iso
from common.errors import CutoverError, RetryableServiceError, format_sentence

NOT_SIGNED_IN = frozenset(
    {
        "AuthFailure",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "InvalidSignatureException",
        "RequestExpired",
        "SignatureDoesNotMatch",
        "UnrecognizedClientException",
    }
)


def list_status_rows(site: str, record: Record, execution: str, now: float) -> list[tuple[str, str]]:
    """Return what the run record shows, each fact with its label."""
    if not record.run_id:
        return [("site", f"{site}: no run yet"), ("serves", format_serving_side(record, now))]
    decision = f"{record.decision} at {format_iso(record.decided_at)}" if record.decided_at else record.decision
    rows = [
        ("site", site),
        ("run", f"{record.run_id} ({record.kind}), since {format_iso(record.started)}"),
        ("phase", record.phase),
        ("execution", execution),
        ("decision", decision or "none yet"),
        ("lock", _format_until(record.lock_expires, now, "nobody holds the site")),
        ("lease", _format_until(record.lease_expires, now, "the source is not frozen by this run")),
        ("serves", format_serving_side(record, now)),
    ]
    if suspension := record.suspension:
        kept = f"{suspension.checkpoint.instance_id or suspension.checkpoint.describe()} until {format_iso(suspension.until)}, of run {suspension.run_id}, which failed in {suspension.phase}"
        rows.append(("replica", f"kept: {kept}"))
    if record.waiting_for and record.lock_expires:
        rows.append(("waits for", record.waiting_for))
    return [*rows, ("asked", f"to stop: {record.abort}")] if record.abort else rows


def format_status(site: str, record: Record, execution: str, now: float) -> list[str]:
    """Return the same, one line a fact."""
    return [f"{label:<10} {text}" for label, text in list_status_rows(site, record, execution, now)]


def format_duration(seconds: float) -> str:
    """Return a duration as people read it: `4.2 s`, `3:05` (minutes), `1:02:09`."""
    if seconds < 60:
        return f"{seconds:.1f} s"
    whole = round(seconds)
    hours, minutes = divmod(whole // 60, 60)
    return f"{hours}:{minutes:02d}:{whole % 60:02d}" if hours else f"{minutes}:{whole % 60:02d}"


def format_serving_side(record: Record, now: float) -> str:
    """Return which side accepts writes, as far as the record shows."""
    if record.committed:
        return "the target"
    if not record.lease_expires or record.decision == "thaw":
        return "the source"
    if now < record.source_opens_by:
        return (
            "reads by the source; writes by nobody while it is frozen, by itself at the latest from "
            f"{format_iso(record.source_opens_by)}"
        )
    return "the source, which has opened by itself unless it cannot reach the run record"


def _format_until(moment: float, now: float, otherwise: str) -> str:
    if not moment:
        return otherwise
    return f"until {format_iso(moment)}" if moment > now else f"ran out at {format_iso(moment)}"


def format_error(error: CutoverError) -> str:
    """Return the error in one line. Errors of AWS get the advice for an operator, not the advice for a function."""
    return format_sentence(build_error_facts(error))


def build_error_facts(error: CutoverError) -> dict[str, str]:
    """Return phase, machine, reason and next action, the last as an operator needs it."""
    facts, cause = error.to_facts(), error.__cause__
    code = get_error_code(cause) if isinstance(cause, ClientError) else type(cause).__name__
    if code in NOT_SIGNED_IN:
        facts["next"] = "your AWS credentials are refused or have expired: sign in again"
    elif code in DENIED:
        facts["next"] = "your AWS credentials lack this permission"
    elif code in ("NoCredentialsError", "PartialCredentialsError", "TokenRetrievalError", "SSOTokenLoadError"):
        facts["next"] = "sign in, or name a profile with AWS_PROFILE"
    elif code in ("EndpointConnectionError", "ConnectTimeoutError", "ConnectionClosedError", "ReadTimeoutError"):
        facts["next"] = "check the network, aws.region and AWS_ENDPOINT_URL"
    elif code == "ProxyConnectionError":
        facts["next"] = "check HTTPS_PROXY, HTTP_PROXY and NO_PROXY"
    elif code == "SSLError":
        facts["next"] = "check the clock, and AWS_CA_BUNDLE if a proxy has a certificate authority of its own"
    elif isinstance(error, RetryableServiceError):  # a function is retried, a command is not
        facts["next"] = "run the command again in a minute; if the error stays, look at the AWS health dashboard"
    elif isinstance(cause, ClientError) and not facts.get("next"):
        facts["next"] = "look up this error of AWS, correct its cause, and run the command again"
    return facts

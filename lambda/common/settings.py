"""The settings of the functions, parsed once from the environment: typed, frozen, and complete or refused."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field, fields, replace
from functools import cached_property
from typing import Any, Self

import applications
from applications.profile import Profile

from common.errors import ConfigurationError
from common.gate import Gate
from common.hooks import Hook


@dataclass(frozen=True, kw_only=True)
class Limits:
    """Every wait has an end. Seconds."""

    replication_wait: int = 2700
    """preflight: initial sync of the machine and full load of the database"""
    launch: int = 1800
    report: int = 1200
    image: int = 1800
    bulk: int = 3600
    verify: int = 3600
    stop_writes: int = 420
    """all attempts to stop writes at the source's proxy, with the pauses between them"""
    freeze_attempt: int = 3
    """writes in flight have so long to end in one attempt"""
    freeze_attempts: int = 8
    """a number, not seconds: the last attempt cuts what is left"""
    freeze_hold: int = 12
    """writes that arrive in an attempt are held for so long, then refused"""
    freeze: int = 90
    drain: int = 180
    delta: int = 600
    activate: int = 180
    accept: int = 300
    command: int = 120
    """any other command on a machine"""
    public_names: int = 1200
    """after the commit: somebody moves the public names in a zone that is not in Route 53. The source forwards until then"""
    hooks: int = 1200
    """all hooks of one point together"""
    go: int = 1800
    """before the freeze: the maintenance window begins, somebody gives the go, and the site is ready. The deploy waits 52 minutes for the commit"""
    cleanup: int = 600
    lock_lease: int = 900
    freeze_lease: int = 600
    """the source thaws itself when nobody renews for so long"""
    commit_margin: int = 20
    """the commit needs so much of the freeze lease to be left"""
    replication_lag: int = 60
    """preflight: the most that the database may be behind"""
    consistency_age: int = 1800
    """preflight: how old the provider's last consistent point may be"""


@dataclass(frozen=True, kw_only=True)
class LaunchSettings:
    """Where the provider launches replicas. Empty fields keep what the provider's launch settings are."""

    subnet_id: str = ""
    security_group_ids: tuple[str, ...] = ()
    instance_profile: str = ""
    instance_type: str = ""


@dataclass(frozen=True, kw_only=True)
class ProviderSettings:
    """The provider, and which of its servers is the source."""

    kind: str
    source_server_name: str
    """the provider's name of the server to migrate"""
    own: Mapping[str, Any] = field(default_factory=dict, hash=False)
    """settings of the provider's client; names of secrets, never a secret"""
    events_queue_url: str = ""
    """queue that receives the provider's events; empty: its API is polled"""


@dataclass(frozen=True, kw_only=True)
class ClientSettings:
    """What the client of a provider needs. A function that only prepares the provider has nothing else."""

    provider: ProviderSettings
    limits: Limits = field(default_factory=Limits)
    launch_settings: LaunchSettings = field(default_factory=LaunchSettings)

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the typed settings. ConfigurationError names the first variable that is missing or wrong."""
        return cls(**_parse_client_members(environment))


@dataclass(frozen=True, kw_only=True)
class Settings(ClientSettings):
    """The settings of a function that takes part in runs."""

    site: str
    runs_table: str
    evidence_bucket: str
    application: str = applications.DEFAULT
    schema: str = ""
    """the site's primary schema; empty: that of the profile"""
    messages_topic_arn: str = ""
    """topic of the messages for people; empty: none are sent"""
    hooks: tuple[Hook, ...] = ()
    """of the site's owner, in the order in which they run"""
    gate: Gate = field(default_factory=Gate)
    resume_minutes: int = 0
    """how long a run that failed before its freeze keeps its replica for a later one; 0: it removes it"""

    @cached_property
    def profile(self) -> Profile:
        """The application profile of the site."""
        found = applications.load(self.application)
        return replace(found, database=found.database.rename_primary(self.schema)) if self.schema else found

    @classmethod
    def from_environment(cls, environment: Mapping[str, str]) -> Self:
        """Return the typed settings. ConfigurationError names the first variable that is missing or wrong."""
        return cls(
            site=_require_variable(environment, "CUTOVER_SITE"),
            runs_table=_require_variable(environment, "CUTOVER_RUNS_TABLE"),
            evidence_bucket=_require_variable(environment, "CUTOVER_EVIDENCE_BUCKET"),
            application=_parse_application(environment),
            schema=environment.get("CUTOVER_SCHEMA", ""),
            messages_topic_arn=environment.get("CUTOVER_MESSAGES_TOPIC_ARN", ""),
            hooks=_parse_hooks(environment.get("CUTOVER_HOOKS", "[]")),
            gate=_parse_gate(environment.get("CUTOVER_GATE", "{}")),
            resume_minutes=_parse_minutes("CUTOVER_RESUME_MINUTES", environment.get("CUTOVER_RESUME_MINUTES", "0")),
            **_parse_client_members(environment),
        )


def _parse_client_members(environment: Mapping[str, str]) -> dict[str, Any]:
    return {
        "provider": ProviderSettings(
            kind=_require_variable(environment, "CUTOVER_PROVIDER"),
            source_server_name=_require_variable(environment, "CUTOVER_SOURCE_SERVER"),
            own=_parse_object("CUTOVER_PROVIDER_SETTINGS", environment.get("CUTOVER_PROVIDER_SETTINGS", "{}")),
            events_queue_url=environment.get("CUTOVER_PROVIDER_EVENTS_QUEUE_URL", ""),
        ),
        "limits": _parse_limits(environment.get("CUTOVER_LIMITS", "{}")),
        "launch_settings": _launch_settings(environment.get("CUTOVER_LAUNCH_SETTINGS", "{}")),
    }


def _require_variable(environment: Mapping[str, str], name: str) -> str:
    value = environment.get(name, "").strip()
    if not value:
        raise ConfigurationError(
            f"environment variable {name} is not set", next_action="deploy the stack again: the construct sets it"
        )
    return value


def _parse_application(environment: Mapping[str, str]) -> str:
    name = _require_variable(environment, "CUTOVER_APPLICATION")
    try:
        return applications.load(name).name
    except applications.UnknownApplication as error:
        raise ConfigurationError(f"CUTOVER_APPLICATION: {error}", next_action="deploy the stack again") from error


def _parse_object(name: str, text: str, allowed: set[str] | None = None) -> dict[str, Any]:
    """Return the object of a JSON text. `allowed`: the permitted keys, None for any."""
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"{name} is not JSON: {error}") from error
    if not isinstance(parsed, dict):
        raise ConfigurationError(f"{name} must be a JSON object")
    unknown = [] if allowed is None else sorted(set(parsed) - allowed)
    if allowed is not None and unknown:
        raise ConfigurationError(
            f"{name} has unknown keys: {', '.join(unknown)}", next_action=f"known keys: {', '.join(sorted(allowed))}"
        )
    return parsed


def _parse_gate(text: str) -> Gate:
    try:
        return Gate.from_json(_parse_object("CUTOVER_GATE", text))
    except (TypeError, ValueError) as error:
        raise ConfigurationError(f"CUTOVER_GATE: {error}", next_action="deploy the stack again") from error


def _parse_minutes(name: str, text: str) -> int:
    if not text.isdecimal():
        raise ConfigurationError(f"{name} must be a whole number of minutes, not {text!r}")
    return int(text)


def _parse_limits(text: str) -> Limits:
    parsed = _parse_object("CUTOVER_LIMITS", text, {f.name for f in fields(Limits)})
    for key, value in parsed.items():
        if isinstance(value, bool) or not isinstance(value, int) or value <= 0:
            raise ConfigurationError(f"CUTOVER_LIMITS: {key} must be a positive whole number of seconds, not {value!r}")
    return Limits(**parsed)


def _launch_settings(text: str) -> LaunchSettings:
    parsed = _parse_object("CUTOVER_LAUNCH_SETTINGS", text, {f.name for f in fields(LaunchSettings)})
    return LaunchSettings(**{**parsed, "security_group_ids": tuple(parsed.get("security_group_ids", ()))})


def _parse_hooks(text: str) -> tuple[Hook, ...]:
    try:
        parsed = json.loads(text)
    except ValueError as error:
        raise ConfigurationError(f"CUTOVER_HOOKS is not JSON: {error}") from error
    if not isinstance(parsed, list):
        raise ConfigurationError("CUTOVER_HOOKS must be a JSON list")
    return tuple(Hook.parse(raw) for raw in parsed)

from __future__ import annotations

import pytest
from common.errors import ConfigurationError
from common.settings import Settings

ENVIRONMENT = {
    "CUTOVER_SITE": "gogs",
    "CUTOVER_APPLICATION": "gogs",
    "CUTOVER_RUNS_TABLE": "runs",
    "CUTOVER_EVIDENCE_BUCKET": "evidence",
    "CUTOVER_PROVIDER": "cloudendure",
    "CUTOVER_PROVIDER_SETTINGS": '{"console_url": "https://console", "project": "Demo", "credentials_secret": "console"}',
    "CUTOVER_SOURCE_SERVER": "gogs-app",
}


def test_limits_and_placement_are_optional() -> None:
    given = {
        **ENVIRONMENT,
        "CUTOVER_LIMITS": '{"drain": 30}',
        "CUTOVER_LAUNCH_SETTINGS": '{"security_group_ids": ["sg-1"]}',
    }

    settings = Settings.from_environment(given)

    assert (settings.limits.drain, settings.limits.freeze) == (30, 90)
    assert settings.launch_settings.security_group_ids == ("sg-1",)


@pytest.mark.parametrize(
    ("given", "url"), [({}, ""), ({"CUTOVER_PROVIDER_EVENTS_QUEUE_URL": "https://q"}, "https://q")]
)
def test_the_queue_of_events_is_that_of_the_environment(given: dict[str, str], url: str) -> None:
    assert Settings.from_environment({**ENVIRONMENT, **given}).provider.events_queue_url == url


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"CUTOVER_SITE": " "}, "CUTOVER_SITE is not set"),
        ({"CUTOVER_LIMITS": "{"}, "CUTOVER_LIMITS is not JSON"),
        ({"CUTOVER_LIMITS": '{"drian": 3}'}, "unknown keys: drian"),
        ({"CUTOVER_LIMITS": '{"drain": 0}'}, "drain must be a positive whole number"),
        ({"CUTOVER_LIMITS": '{"drain": true}'}, "drain must be a positive whole number"),
    ],
)
def test_an_invalid_variable_is_named(change: dict[str, str], message: str) -> None:
    with pytest.raises(ConfigurationError, match=message):
        Settings.from_environment({**ENVIRONMENT, **change})


def test_an_existing_source_has_a_schema_of_its_own() -> None:
    settings = Settings.from_environment({**ENVIRONMENT, "CUTOVER_SCHEMA": "forge"})
    assert settings.profile.database.parse_label("user") == ("forge", "user")
    assert Settings.from_environment(ENVIRONMENT).profile.database.primary == "gogs"

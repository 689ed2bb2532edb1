"""The provider of a world, as the scenarios need it."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from rehearsal import providers
from rehearsal.job.aws import Aws
from rehearsal.settings import Settings
from tests.rehearsal.scenarios.providers.cloudendure import CloudEndureScenarios
from tests.rehearsal.scenarios.providers.interface import ScenarioProvider
from tests.rehearsal.scenarios.providers.mgn import MgnScenarios

PROVIDERS: Mapping[str, Callable[[Settings, Aws], ScenarioProvider]] = {
    "cloudendure": CloudEndureScenarios,
    "mgn": MgnScenarios,
}


def connect(settings: Settings, aws: Aws) -> ScenarioProvider:
    """Return the provider of the world that runs."""
    return PROVIDERS[providers.read_kind(settings)](settings, aws)

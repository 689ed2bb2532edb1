"""The settings of a world, read from the environment."""

from __future__ import annotations

from pathlib import Path

import pytest

from rehearsal.errors import UsageError
from rehearsal.settings import Settings


def test_two_worlds_have_different_names() -> None:
    one, other = Settings.load({"REHEARSAL_PORT": "5000"}), Settings.load({"REHEARSAL_PORT": "6000"})
    assert one.name_namespace("router") != other.name_namespace("router")
    assert one.name_interface("i-1") != other.name_interface("i-1")


def test_the_names_of_interfaces_fit_the_limit_of_the_kernel() -> None:
    assert len(f"v{Settings.load({}).name_interface('i-0123456789abcdef0')}") <= 15


def test_a_relative_home_becomes_an_absolute_path() -> None:
    settings = Settings.load({"REHEARSAL_HOME": "some/where"})
    assert settings.pool == Path.cwd() / "some/where/pool"


@pytest.mark.parametrize(
    ("name", "known"), [("PROVIDER", "cloudendure or mgn"), ("SOURCE", "demo or existing"), ("SHAPE", "home or spread")]
)
def test_an_unknown_choice_is_an_error_that_names_the_known_ones(name: str, known: str) -> None:
    with pytest.raises(UsageError, match=rf"'foo' \({name} of make, REHEARSAL_{name}\) is unknown: give {known}"):
        Settings.load({f"REHEARSAL_{name}": "foo"})


def test_the_default_provider_is_cloudendure() -> None:
    assert Settings.load({}).provider == Settings.load({"REHEARSAL_PROVIDER": ""}).provider == "cloudendure"


@pytest.mark.parametrize("port", ["80", "65533", "many", "-1", ""])
def test_an_invalid_port_is_an_error_that_names_the_variable(port: str) -> None:
    with pytest.raises(UsageError, match="REHEARSAL_PORT"):
        Settings.load({"REHEARSAL_PORT": port})

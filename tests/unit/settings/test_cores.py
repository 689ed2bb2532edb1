"""The cores of an instance class, as RDS publishes them."""

from __future__ import annotations

import pytest
from settings.cores import count_cores
from settings.destination import Database


@pytest.mark.parametrize(
    ("instance_type", "cores"),
    [
        ("t2.micro", 1),
        ("t2.medium", 2),
        ("t3.micro", 2),
        ("t4g.medium", 2),
        ("m3.medium", 1),
        ("c6gd.medium", 1),
        ("m6i.large", 2),
        ("r6i.xlarge", 4),
        ("x2iedn.16xlarge", 64),
        ("r5.4xlarge.tpc2.mem3x", 16),
        ("m7i.metal-24xl", 4),
    ],
)
def test_the_class_of_an_instance_states_its_cores(instance_type: str, cores: int) -> None:
    assert count_cores(instance_type) == cores


def test_the_target_database_has_the_cores_of_its_class() -> None:
    assert Database(instance_type="db.m6i.2xlarge").cores == 8

"""What makes MariaDB look like MySQL on RDS."""

from __future__ import annotations

import pytest

from rehearsal.aws.errors import NotEmulated
from rehearsal.aws.rds.appliance import configuration


def options(**parameters: str) -> list[str]:
    return configuration(3306, parameters).splitlines()


def test_local_data_is_refused_unless_a_parameter_says_otherwise() -> None:
    assert "local_infile = 0" in options()
    assert "local_infile = 1" in options(local_infile="1")
    assert "local_infile = 0" not in options(local_infile="1")


def test_a_parameter_that_nobody_has_thought_about_is_refused() -> None:
    with pytest.raises(NotEmulated, match="innodb_doublewrite"):
        configuration(3306, {"innodb_doublewrite": "0"})

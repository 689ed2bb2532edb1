"""The configuration that makes a database server behave like MySQL on RDS."""

from __future__ import annotations

import pytest

from rehearsal.aws.exceptions import ApiError, NotEmulated
from rehearsal.aws.rds.appliance import render_configuration, render_statements
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world.database_image import Product


def options(**parameters: str) -> list[str]:
    return render_configuration("mysql", 3306, parameters).splitlines()


def test_local_infile_is_off_unless_a_parameter_sets_it() -> None:
    assert "local_infile = 0" in options()
    assert "local_infile = 1" in options(local_infile="1")
    assert "local_infile = 0" not in options(local_infile="1")


def test_a_parameter_that_is_not_emulated_is_rejected() -> None:
    with pytest.raises(NotEmulated, match="innodb_doublewrite"):
        render_configuration("mysql", 3306, {"innodb_doublewrite": "0"})


@pytest.mark.parametrize("product", ["mysql", "mariadb"])
def test_the_master_user_has_the_privileges_of_rds(product: Product) -> None:
    made = render_statements(product, "admin", "it's", "gogs")

    assert "IDENTIFIED BY 'it\\'s'" in made
    assert "WITH GRANT OPTION" in made
    assert not {"SUPER", "FILE", "SHUTDOWN"} & set(made.replace(",", " ").split())


def test_the_master_user_of_mysql_has_its_privileges_through_a_role() -> None:
    assert "SET DEFAULT ROLE rds_superuser_role TO 'admin'@'%'" in render_statements("mysql", "admin", "x", None)


def test_a_user_name_that_rds_rejects_is_rejected() -> None:
    with pytest.raises(ApiError, match="not valid"):
        render_statements("mysql", "ad'min", "x", None)


def test_settings_with_an_unknown_database_product_are_rejected() -> None:
    with pytest.raises(RehearsalError, match="give mysql or mariadb"):
        Settings.load({"REHEARSAL_DATABASE": "postgres"})

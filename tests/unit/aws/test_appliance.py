"""What makes a database server look like MySQL on RDS."""

from __future__ import annotations

import pytest

from rehearsal.aws.exceptions import ApiError, NotEmulated
from rehearsal.aws.rds.appliance import configuration, statements
from rehearsal.errors import RehearsalError
from rehearsal.settings import Settings
from rehearsal.world.database_image import Product


def options(**parameters: str) -> list[str]:
    return configuration("mysql", 3306, parameters).splitlines()


def test_local_data_is_refused_unless_a_parameter_says_otherwise() -> None:
    assert "local_infile = 0" in options()
    assert "local_infile = 1" in options(local_infile="1")
    assert "local_infile = 0" not in options(local_infile="1")


def test_a_parameter_that_nobody_has_thought_about_is_refused() -> None:
    with pytest.raises(NotEmulated, match="innodb_doublewrite"):
        configuration("mysql", 3306, {"innodb_doublewrite": "0"})


@pytest.mark.parametrize("product", ["mysql", "mariadb"])
def test_the_master_user_has_the_rights_that_rds_gives(product: Product) -> None:
    made = statements(product, "admin", "it's", "gogs")

    assert "IDENTIFIED BY 'it\\'s'" in made
    assert "WITH GRANT OPTION" in made
    assert not {"SUPER", "FILE", "SHUTDOWN"} & set(made.replace(",", " ").split())


def test_the_master_user_of_mysql_has_its_rights_by_a_role() -> None:
    assert "SET DEFAULT ROLE rds_superuser_role TO 'admin'@'%'" in statements("mysql", "admin", "x", None)


def test_a_name_that_rds_would_not_take_is_refused() -> None:
    with pytest.raises(ApiError, match="not valid"):
        statements("mysql", "ad'min", "x", None)


def test_a_product_that_is_neither_is_refused_before_anything_is_started() -> None:
    with pytest.raises(RehearsalError, match="give mysql or mariadb"):
        Settings.load({"REHEARSAL_DATABASE": "postgres"})

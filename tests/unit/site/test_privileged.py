"""The grants that allow an account to write to a read-only server, directly or through roles."""

from __future__ import annotations

import pytest
from cutover_site.database.cascades import find_affected
from cutover_site.database.definer_routines import parse_definer
from cutover_site.database.privileged import Account, find_reaching, has_write_privilege
from cutover_site.database.products import Product

NEW, OLD = Product(False, (10, 11, 6)), Product(False, (10, 6, 18))


@pytest.mark.parametrize(
    ("grant", "new", "old"),
    [
        ("GRANT ALL PRIVILEGES ON *.* TO `app`@`%` IDENTIFIED BY PASSWORD '*7B'", True, True),
        ("GRANT SELECT, READ_ONLY ADMIN ON *.* TO `ro`@`%`", True, True),
        ("GRANT SUPER ON *.* TO `old`@`%`", False, True),
        ("GRANT ALL PRIVILEGES ON `gogs`.* TO `app`@`%`", False, False),
        ("GRANT SELECT, REPLICATION SLAVE ON *.* TO `dms`@`%`", False, False),
        ("GRANT `boss` TO `member`@`%`", False, False),
    ],
)
def test_the_version_decides_which_global_privileges_allow_writes(grant: str, new: bool, old: bool) -> None:
    assert (has_write_privilege(grant, NEW), has_write_privilege(grant, OLD)) == (new, old)


def test_an_account_with_a_nested_role_is_found() -> None:
    member, boss, chief = Account("member", "%"), Account("boss", ""), Account("chief", "")
    assert find_reaching([(member, boss), (boss, chief)], {chief}) == {member, boss, chief}


@pytest.mark.parametrize(
    ("definer", "account"),
    [("root@localhost", Account("root", "localhost")), ("a@b@%", Account("a@b", "%")), ("boss", Account("boss", ""))],
)
def test_the_definer_of_a_routine_is_an_account_or_a_role(definer: str, account: Account) -> None:
    assert parse_definer(definer) == account


def test_tables_that_depend_on_written_ones_are_found_transitively() -> None:
    cascades = [("repository", "issue"), ("issue", "comment"), ("comment", "issue"), ("user", "star")]
    assert find_affected({"repository"}, cascades) == {"issue", "comment"}
    assert find_affected({"comment"}, []) == set()

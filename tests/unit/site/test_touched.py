"""Which keys the decoded binary log tells, and how they become ranges."""

from __future__ import annotations

from cutover_site.database.touched import Key, collect, joined

LOG = """
# at 1286
#Q> INSERT INTO gogs.issue VALUES ('x
### INSERT INTO `gogs`.`comment`
### SET
###   @1='x\\x0a### @2=77'
###   @2=70
### INSERT INTO `gogs`.`issue`
### SET
###   @1='a'
###   @2=5
### UPDATE `gogs`.`issue`
### WHERE
###   @1='a'
###   @2=5
### SET
###   @1='a'
###   @2=9
### DELETE FROM `gogs`.`issue`
### WHERE
###   @1=NULL
###   @2=-1 (18446744073709551615)
# Number of rows: 1
COMMIT/*!*/;
"""


def told(log: str, *, unsigned: bool = False) -> Key:
    key = Key("issue", 2, unsigned)
    collect(log.encode().splitlines(), {"`gogs`.`issue`": key})
    return key


def test_each_row_tells_its_key_and_a_changed_key_both() -> None:
    assert told(LOG) == Key("issue", 2, False, {5, 9, -1})
    assert told(LOG, unsigned=True).values == {5, 9, 2**64 - 1}


def test_a_row_without_its_key_makes_the_table_unclear() -> None:
    assert told("### UPDATE `gogs`.`issue`\n### WHERE\n###   @1='a'\n### SET\n###   @1='b'\n# at 5").unclear
    assert told("### DELETE FROM `gogs`.`issue`\n### WHERE").unclear
    assert told("### DELETE FROM `gogs`.`issue`\n### WHERE\n###   @2=7\n### INSERT INTO `gogs`.`issue`").unclear
    assert not told("### UPDATE `gogs`.`issue`\n### WHERE\n###   @2=4\n### SET\n###   @1='b'\n# at 5").unclear


def test_keys_are_joined_where_they_are_near() -> None:
    assert joined({7, 1, 2, 3, 500, 501}, most=3) == [(1, 3), (7, 7), (500, 501)]
    assert joined({7, 1, 2, 3, 500, 501}, most=2) == [(1, 7), (500, 501)]
    assert joined({7, 1, 2, 3, 500, 501}, most=1) == [(1, 501)]
    assert joined({1, 2, 3}, most=9) == [(1, 3)]
    assert joined({4}) == [(4, 4)]

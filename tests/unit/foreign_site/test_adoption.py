"""What the output of the owner's playbook means: only ansible's own summary without a failure is a success."""

from __future__ import annotations

import pytest

from rehearsal.foreign_site.adoption import find_failure

RECAP = "localhost                  : ok=40   changed=12   unreachable=0    failed={}    skipped=1    rescued=0    ignored=0\n"
FATAL = 'fatal: [localhost]: FAILED! => {"assertion": "planned.rc == 0", "changed": false, "msg": "the site\\nhas \\"two\\" names"}\n'


@pytest.mark.parametrize(
    ("output", "failure"),
    [
        (f"PLAY RECAP ***\n{RECAP.format(0)}", ""),
        (f"TASK [one]\n{FATAL}PLAY RECAP ***\n{RECAP.format(1)}", 'the site\nhas "two" names'),
        (f"fatal: [localhost]: UNREACHABLE!\n{RECAP.format(0)}", "fatal: [localhost]: UNREACHABLE!"),
        (RECAP.format(2), f"it did not end: {RECAP.format(2).strip()}"),
        ("ansible-playbook: command not found\n", "it did not end: ansible-playbook: command not found"),
        ("", "it did not end: "),
    ],
)
def test_a_playbook_failed_unless_its_summary_shows_success(output: str, failure: str) -> None:
    assert find_failure(output) == failure

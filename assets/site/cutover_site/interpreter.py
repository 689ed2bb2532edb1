"""Check that this Python can run cutover_site. The module works with Python 3.6, so it has no postponed annotations and no generic types.

It imports only what every Python has loaded already: each command on a machine loads it, while users wait for some of them.
"""

import sys

OLDEST = (3, 9)
PACKAGES = "apt-get install python3-boto3 python3-pymysql python3-requests, or run the Ansible playbook again"
ERROR_CODE = 255
"""exit code of `guard` for an error. systemd reads 1 as "not on this machine", and then does not try again"""


def require() -> None:
    """Print a refusal and exit when this Python is older than OLDEST."""
    if sys.version_info < OLDEST:
        found = "{}.{}.{}".format(*sys.version_info[:3])
        refuse(
            f"cutover-site needs Python {OLDEST[0]}.{OLDEST[1]} or newer, and {sys.executable} of this machine is Python {found}",
            "upgrade the machine's distribution (Debian 11, Ubuntu 22.04 or newer), then run the Ansible playbook again",
        )


def refuse(reason: str, next_action: str) -> None:
    """Print the result of a failed verb, and exit."""
    import json

    print(json.dumps({"ok": False, "reason": reason, "next": next_action}), flush=True)
    sys.exit(ERROR_CODE if sys.argv[1:2] == ["guard"] else 1)

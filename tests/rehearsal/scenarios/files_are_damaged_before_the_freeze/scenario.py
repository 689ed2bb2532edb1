"""After the bulk copy a byte of an LFS object and one of a repository's object turn over on the shared file system: sizes and times say nothing."""

from __future__ import annotations

from tests.rehearsal.scenarios.scenario import Scenario
from tests.rehearsal.scenarios.stage import Ended, Stage

DAMAGE = """set -e
for folder in data/lfs-objects repositories; do
  file=$(find /mnt/efs/live/$folder -type f -size +100c \\( -path '*/lfs-objects/*' -o -path '*/objects/??/*' -o -name '*.pack' \\) | sort | head -1)
  touch -r "$file" /tmp/when
  python3 - "$file" <<'BYTE'
import sys
with open(sys.argv[1], "r+b") as damaged:
    damaged.seek(50)
    byte = damaged.read(1)
    damaged.seek(50)
    damaged.write(bytes([byte[0] ^ 1]))
BYTE
  touch -r /tmp/when "$file"
  echo "$file"
done
"""


def act(stage: Stage) -> Ended:
    pending = stage.begin()
    with stage.at("verify"):
        replica = next(machine for machine, role in stage.machines().items() if role == "replica")
        damaged = stage.on(replica, "bash", "-c", DAMAGE).split()
        assert len(damaged) == 2, damaged
    ended = stage.end(pending)
    done = [one for one in stage.steps() if one.get("step") == "verify-files" and one["outcome"] == "done"]
    (verified,) = [one["facts"] for one in done]
    copied = verified["files_copied_by_content"]
    assert copied["changed"] >= len(damaged), copied
    return ended


SCENARIO = Scenario(ends="migrated", act=act)

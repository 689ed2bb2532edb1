#!/usr/bin/env bash
# Guess: sqlglot reads a version comment (/*!80023 … */) in its dialect "mysql" as MySQL does, as a part of the statement, or refuses it.
# Behaviour: it takes it for a plain comment, and writes it with a space before the "!", so that MySQL skips it too. What SHOW CREATE TABLE writes in such comments is gone
# without an error or a warning: invisible columns and indexes, NOT ENFORCED, partitions.
# Why it matters to us: a dump that was rewritten with it loads. An INSERT without names of columns then fails or fills other ones, checks that were off refuse rows, and
# all is in one partition. The scratch copy runs SHOW CREATE TABLE as it is (database/scratch.py). Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check sqlglot==30.30.0 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^sqlglot '
ask mysql "CREATE DATABASE one; CREATE DATABASE other"
ask mysql "CREATE TABLE one.t (id INT PRIMARY KEY, v INT, w INT INVISIBLE, KEY k (v) INVISIBLE, CONSTRAINT c CHECK (v > 0) NOT ENFORCED) PARTITION BY HASH (id) PARTITIONS 4"
ask mysql "SHOW CREATE TABLE one.t" -r | cut -f 2- >"$work/table.sql"
"$work/venv/bin/python" - "$work/table.sql" <<'PY' >"$work/written.sql" 2>"$work/warnings" || { cat "$work/warnings"; echo "the behaviour has changed"; exit 1; }
import sys
import sqlglot
print(sqlglot.transpile(open(sys.argv[1]).read(), read="mysql", write="mysql")[0])
PY
cat "$work/written.sql"; ask mysql "$(cat "$work/written.sql")" -D other
{
  echo "warnings: $(wc -l <"$work/warnings")"
  for schema in one other; do
    echo "$schema: $(ask mysql "SELECT GROUP_CONCAT(extra) FROM information_schema.columns WHERE table_schema = '$schema' AND column_name = 'w'"), $(
      ask mysql "SELECT CONCAT('index visible ', is_visible) FROM information_schema.statistics WHERE table_schema = '$schema' AND index_name = 'k'"), $(
      ask mysql "SELECT CONCAT('check enforced ', enforced) FROM information_schema.table_constraints WHERE table_schema = '$schema' AND constraint_name = 'c'"), $(
      ask mysql "SELECT CONCAT('partitions ', COUNT(partition_name)) FROM information_schema.partitions WHERE table_schema = '$schema'")"
  done
} | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
warnings: 0
one: INVISIBLE, index visible NO, check enforced NO, partitions 4
other: , index visible YES, check enforced YES, partitions 0
SEEN

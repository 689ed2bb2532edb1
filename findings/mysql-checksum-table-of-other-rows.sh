#!/usr/bin/env bash
# Guess: CHECKSUM TABLE differs when a value differs (save by chance), and is the same for the same rows, also on the other product.
# Behaviour: the bytes of texts are joined without their lengths: ('ab', 'c') has the checksum of ('a', 'bc'), on MySQL 9.7 and MariaDB 11.8, in VARCHAR, TEXT and BLOB.
# And the same row has another checksum on the other product when a column that is no text is NULL: MySQL counts such a NULL, MariaDB does not.
# Why it matters to us: it needs no tool and reads fast, so plans of a migration name it as the proof. It calls other rows equal, and equal rows of the two products
# different. Our digests put a byte between columns that no text has (database/short_hash.py), and write NULL the same way on both. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql; start_server mysql; install_mariadb; start_server mariadb
for server in mysql mariadb; do
  ask $server "CREATE DATABASE d; USE d;
    CREATE TABLE short_one (id INT PRIMARY KEY, v VARCHAR(9), w VARCHAR(9)); CREATE TABLE short_other LIKE short_one;
    CREATE TABLE long_one (id INT PRIMARY KEY, v TEXT, w BLOB); CREATE TABLE long_other LIKE long_one;
    CREATE TABLE with_null (id INT PRIMARY KEY, v INT); CREATE TABLE without_null LIKE with_null"
  for statement in "INSERT INTO short_one VALUES (1, 'ab', 'c')" "INSERT INTO short_other VALUES (1, 'a', 'bc')" "INSERT INTO long_one VALUES (1, 'ab', 'c')" \
    "INSERT INTO long_other VALUES (1, '', 'abc')" "INSERT INTO with_null VALUES (1, NULL)" "INSERT INTO without_null VALUES (1, 2)"; do ask $server "$statement" -D d; done
  for table in short_one short_other long_one long_other with_null without_null; do ask $server "CHECKSUM TABLE d.$table"; done >"$work/$server.sums"
  cat "$work/$server.sums"
done
sum() { awk -v table="d.$2" '$1 == table { print $2 }' "$work/$1.sums"; }
compare() { # $1: title, $2 and $3: server and table of the one, $4 and $5: of the other
  local one other; one=$(sum "$2" "$3"); other=$(sum "$4" "$5")
  [[ $one =~ ^[0-9]+$ && $other =~ ^[0-9]+$ ]] || { echo "there is no checksum"; exit 2; }
  echo "$1: $([[ $one == "$other" ]] && echo equal || echo different)"
}
{
  for server in mysql mariadb; do
    compare "('ab', 'c') and ('a', 'bc') on $server" $server short_one $server short_other
    compare "('ab', 'c') and ('', 'abc') as TEXT and BLOB on $server" $server long_one $server long_other
    compare "(2) and (NULL) on $server" $server without_null $server with_null
  done
  compare "(2) on both" mysql without_null mariadb without_null
  compare "(NULL) on both" mysql with_null mariadb with_null
} | tee "$work/seen"
diff "$work/seen" - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
('ab', 'c') and ('a', 'bc') on mysql: equal
('ab', 'c') and ('', 'abc') as TEXT and BLOB on mysql: equal
(2) and (NULL) on mysql: different
('ab', 'c') and ('a', 'bc') on mariadb: equal
('ab', 'c') and ('', 'abc') as TEXT and BLOB on mariadb: equal
(2) and (NULL) on mariadb: different
(2) on both: equal
(NULL) on both: different
SEEN

#!/usr/bin/env bash
# Guess: `--version` shows whose program for binary logs this is, MySQL's or MariaDB's, and of which release.
# Behaviour: that of MariaDB 10.11 has its own file's name, which may be a link named mysqlbinlog, and "Ver 3.5": neither the word MariaDB nor 10.11. Its help
# names the maker. MariaDB 11.8 names both in the version.
# Why it matters to us: each product's log is decoded by its own tool, and its help shows whose it is. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_root old bookworm mariadb-client=1:10.11.19-0+deb12u1; install_mariadb
for root in old mariadb; do
  ln -s mariadb-binlog "$work/$root/usr/bin/mysqlbinlog"
  chroot "$work/$root" mysqlbinlog --version
  echo "the help names MariaDB: $(chroot "$work/$root" mysqlbinlog --no-defaults --help | grep -i mariadb >/dev/null && echo yes || echo no)"
done | tee "$work/seen"
mapfile -t seen <"$work/seen"
[[ ${seen[0]} == *"mysqlbinlog Ver 3.5"* && ${seen[0],,} != *mariadb* && ${seen[0]} != *10.11* && ${seen[1]} == *yes &&
  ${seen[2]} == *11.8.9-MariaDB* && ${seen[3]} == *yes ]] || { echo "the behaviour has changed"; exit 1; }

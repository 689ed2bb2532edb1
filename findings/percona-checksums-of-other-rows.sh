#!/usr/bin/env bash
# Guess: pt-table-checksum gives two tables of different rows the same checksum only by chance (CRC32, one in four billion).
# Behaviour: it joins the columns of a row with "#" and combines the rows by XOR. ('b#', 'c') has the checksum of ('b', '#c'). In a table without a unique key two equal
# rows cancel each other: a table of 'a', 'a' has the checksum of 'b', 'b', with the same number of rows. It does so by default, without a warning; the separator
# can be changed (--separator).
# Why it matters to us: it is the usual proof that a copy is equal, and our benchmark compares itself with it. Our digests put a byte between columns that no text has
# (database/short_hash.py), and refuse a table without a primary key. Needs root (Debian roots).
set -euo pipefail
. "$(dirname "$0")/lib/server.sh"
install_mysql percona-toolkit=3.7.1-5; start_server mysql
ask mysql "CREATE DATABASE d; CREATE TABLE d.columns (id INT PRIMARY KEY, v VARCHAR(9), w VARCHAR(9)); CREATE TABLE d.rows_without_key (v TEXT); CREATE TABLE d.control (id INT PRIMARY KEY, v TEXT)"
chroot "$work/mysql" pt-table-checksum --version
run() { # $1: name of the run; prints the checksums of all tables
  chroot "$work/mysql" pt-table-checksum --no-version-check --recursion-method=none --no-check-binlog-format --databases d \
    h=localhost,u=root,S=/srv/data/server.sock >"$work/$1.log" 2>&1 || { cat "$work/$1.log"; echo "pt-table-checksum failed"; exit 2; }
  ask mysql "SELECT tbl, this_cnt, this_crc FROM percona.checksums ORDER BY tbl"
}
ask mysql "INSERT INTO d.columns VALUES (1, 'b#', 'c'); INSERT INTO d.rows_without_key VALUES ('a'), ('a'); INSERT INTO d.control VALUES (1, 'a')"
run before >"$work/before"
ask mysql "UPDATE d.columns SET v = 'b', w = '#c'; UPDATE d.rows_without_key SET v = 'b'; UPDATE d.control SET v = 'b'"
run after >"$work/after"
join "$work/before" "$work/after" | while read -r table rows checksum _ changed; do
  echo "$table: $rows rows, checksum $checksum, after all rows were changed $changed: $([[ $checksum == "$changed" ]] && echo equal || echo another)"
done | tee "$work/seen"
[[ $(sed 's/.*: //' "$work/seen" | paste -sd,) == equal,another,equal ]] || { echo "the behaviour has changed"; exit 1; }

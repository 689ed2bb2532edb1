#!/usr/bin/env bash
# Guess: after `rsync -aH --delete` the target has the hard links of the source: no link less, and no link more.
# Behaviour: files that were one at the last run and are two equal files of the source now stay one file of the target. No file is reported, not even with --checksum
# --itemize-changes. The target's application then writes one of them in place, and both have changed. The manual's text on -H does say that no link is broken.
# Why it matters to us: a digest of the contents calls both trees equal. Our delta is such a run over a replica's disk (files/rsync.py). In repositories, git links
# only objects, which it never writes in place.
# Needs Debian 12 with apt.
set -euo pipefail
RSYNC=3.5.0+ds1-0+deb12u1
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
chmod 755 "$work"
(cd "$work" && apt-get -qq download "rsync=$RSYNC" libpopt0 libxxhash0 2>"$work/apt" && for file in *.deb; do dpkg -x "$file" .; done) ||
  { cat "$work/apt"; echo "the package could not be installed"; exit 2; }
export LD_LIBRARY_PATH=$work/usr/lib/x86_64-linux-gnu
rsync="$work/usr/bin/rsync"
"$rsync" --version | sed -n 1p
cd "$work"; mkdir source target
mirror() { "$rsync" -aH --delete --checksum --itemize-changes "$@" source/ target/; }
names() { stat -c %h target/one target/two | xargs; }
echo text >source/one; ln source/one source/two; mirror >first
{
  echo "target, links of each name: $(names)"
  cp -p source/one copy; mv copy source/two; touch -d 2020-01-01 source
  echo "source, links after one became two files: $(stat -c %h source/one source/two | xargs)"
  mirror >second; echo "files that the second run reports: $(grep -vc '^\.d' second || true)"  # the time of the folder is reported
  echo "target, links of each name: $(names)"
  echo more >>target/two
  echo "target, lines of the file that was not written: $(wc -l <target/one)"
} | tee seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
target, links of each name: 2 2
source, links after one became two files: 1 1
files that the second run reports: 0
target, links of each name: 2 2
target, lines of the file that was not written: 2
SEEN

#!/usr/bin/env bash
# Guess: putDirectory() and getDirectory() of node-ssh, and put_r() and get_r() of sftpretty, copy every file of a folder over SFTP, or fail; ssh2-sftp-client does.
# Behaviour: node-ssh leaves out each name that begins with a dot, with all that is below, in both directions, and resolves to true; its README shows such a filter in an example of the
# option "validate", and does not call it the default. get_r() of sftpretty leaves out each symbolic link, also one to a file, where put_r() writes what the link leads to. It raises and
# logs nothing.
# Why it matters to us: the home of Gogs has .ssh, a repository may be named .github.git, and hooks may be links: a copy by hand lacks them, and git opens the rest without an error.
# Our delta is rsync, and the comparison lists each path (files). Needs Node.js and npm.
set -euo pipefail
command -v npm >/dev/null || { echo "needs Node.js and npm"; exit 2; }
work=$(mktemp -d); server=; trap '[[ -z $server ]] || kill $server || true; rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check asyncssh==2.24.1 sftpretty==1.2.4 paramiko==4.0.0 || exit 2
cd "$work"; npm install --silent --no-audit --no-fund node-ssh@13.2.1 ssh2-sftp-client@12.1.1 || exit 2
venv/bin/pip list --disable-pip-version-check 2>/dev/null | grep -E '^(asyncssh|paramiko|sftpretty) '; npm ls --depth 0 | grep ──
mkdir -p source/home/.ssh source/.github.git source/hooks
echo 1 >source/home/.ssh/authorized_keys; echo 2 >source/.github.git/HEAD; echo 3 >source/hooks/common; ln -s common source/hooks/update; echo 4 >source/file
cat >server.py <<'PY'
import asyncio
import asyncssh
class Server(asyncssh.SSHServer):
    def begin_auth(self, username): return False
async def main():
    key = asyncssh.generate_private_key("ssh-ed25519")
    listener = await asyncssh.listen("127.0.0.1", 0, server_host_keys=[key], server_factory=Server, sftp_factory=True)
    with open("port", "w") as file: file.write(f"{listener.get_port()}\n")
    await asyncio.Event().wait()
asyncio.run(main())
PY
cat >transfer.mjs <<'JS'
import { NodeSSH } from 'node-ssh';
import Client from 'ssh2-sftp-client';
import fs from 'node:fs';
const account = { host: '127.0.0.1', port: Number(process.argv[2]), username: 'a', password: 'b' }, here = process.cwd();
const ssh = new NodeSSH(); await ssh.connect(account);
console.log('node-ssh putDirectory returned', await ssh.putDirectory(`${here}/source`, `${here}/node-ssh-put`));
fs.mkdirSync('node-ssh-get');
console.log('node-ssh getDirectory returned', await ssh.getDirectory(`${here}/node-ssh-get`, `${here}/source`));
ssh.dispose();
const sftp = new Client(); await sftp.connect(account);
await sftp.uploadDir(`${here}/source`, `${here}/ssh2-sftp-client-put`); await sftp.downloadDir(`${here}/source`, `${here}/ssh2-sftp-client-get`);
await sftp.end();
JS
cat >transfer.py <<'PY'
import os, sys, warnings
warnings.simplefilter("ignore")
import sftpretty
options = sftpretty.CnOpts(knownhosts=None); options.hostkeys = None
os.mkdir("sftpretty-put")
with sftpretty.Connection("127.0.0.1", port=int(sys.argv[1]), username="a", password="b", cnopts=options) as connection:
    connection.put_r("source", os.path.abspath("sftpretty-put")); connection.get_r(os.path.abspath("source"), os.path.abspath("sftpretty-get"))
PY
venv/bin/python server.py & server=$!
for _ in $(seq 40); do [[ -s port ]] && break; sleep 0.25; done; [[ -s port ]] || { echo "the server did not start"; exit 2; }
files() { find -L "$1" -type f -printf '%P\n' | sort; }
files source >all
{
  node transfer.mjs "$(cat port)" || echo "a copy of Node.js failed"
  venv/bin/python transfer.py "$(cat port)" >log 2>&1 || echo "a copy of sftpretty failed"
  for copy in node-ssh-put node-ssh-get sftpretty-put sftpretty-get ssh2-sftp-client-put ssh2-sftp-client-get; do
    folder=$copy; [[ -d $copy/source ]] && folder=$copy/source
    echo "$copy: $(files $folder | wc -l) of $(wc -l <all) files, without: $(files $folder | comm -23 all - | xargs)"
  done
} | tee seen
echo "log of sftpretty about the link: $(grep -c 'hooks/update' log || true) lines"
diff seen - <<'SEEN' || { tail -n 3 log; echo "the behaviour has changed"; exit 1; }
node-ssh putDirectory returned true
node-ssh getDirectory returned true
node-ssh-put: 3 of 5 files, without: .github.git/HEAD home/.ssh/authorized_keys
node-ssh-get: 3 of 5 files, without: .github.git/HEAD home/.ssh/authorized_keys
sftpretty-put: 5 of 5 files, without: 
sftpretty-get: 4 of 5 files, without: hooks/update
ssh2-sftp-client-put: 5 of 5 files, without: 
ssh2-sftp-client-get: 5 of 5 files, without: 
SEEN

#!/usr/bin/env bash
# Guess: a known_hosts file that OpenSSH accepts for a server is good for paramiko (as it is for asyncssh): two keys of a host during a move, a pattern, a line of a CA.
# Behaviour: of two keys of one type for a host, paramiko takes the first: with the old key before the new one, the new server has "the wrong key". Patterns (*) are
# names of no host. A file with a line that begins with @cert-authority or @revoked cannot be loaded at all (an exception of its own, from a base64 error).
# All of these refuse a server that is known; none accepts one that is not.
# Why it matters to us: whoever adds the key of the new server beside the old one, before the switch, so that clients accept both, stops the ones in Python
# (deploy tools, Fabric, sftp). The SSH server of Gogs has the keys of the source on each target (gogs/settings_file.py). Needs OpenSSH's client.
set -euo pipefail
command -v ssh >/dev/null || { echo "needs OpenSSH's client"; exit 2; }
work=$(mktemp -d); trap 'rm -rf "$work"' EXIT
python3 -m venv "$work/venv"; "$work/venv/bin/pip" install -q --disable-pip-version-check paramiko==5.1.0 asyncssh==2.24.1 || exit 2
"$work/venv/bin/pip" list --disable-pip-version-check 2>/dev/null | grep -E '^(asyncssh|paramiko) '
cd "$work"
"$work/venv/bin/python" - 2>errors <<'PY' >seen || { cat errors; echo "the servers could not be asked"; exit 2; }
import asyncio, logging, subprocess
from pathlib import Path
import asyncssh, paramiko
old, new, other = (asyncssh.generate_private_key("ssh-ed25519") for _ in range(3))
logging.getLogger("paramiko").addHandler(logging.NullHandler())
class Server(asyncssh.SSHServer):
    def begin_auth(self, username):
        return True
    def password_auth_supported(self):
        return True
    def validate_password(self, username, password):
        return True
def ask_paramiko(port):
    with paramiko.SSHClient() as client:
        client.set_missing_host_key_policy(paramiko.RejectPolicy())
        try:
            client.load_host_keys("known_hosts")
            client.connect("127.0.0.1", port, "git", "x", allow_agent=False, look_for_keys=False)
        except (paramiko.SSHException, paramiko.hostkeys.InvalidHostKey) as error:
            return type(error).__name__
    return "accepted"
async def ask_asyncssh(port):
    try:
        async with asyncssh.connect("127.0.0.1", port, username="git", password="x", known_hosts="known_hosts", client_keys=None):
            return "accepted"
    except asyncssh.HostKeyNotVerifiable as error:
        return type(error).__name__
def ask_openssh(port):
    options = ["UserKnownHostsFile=known_hosts", "GlobalKnownHostsFile=none", "StrictHostKeyChecking=yes", "BatchMode=yes"]
    command = ["ssh", "-F", "none", *(part for option in options for part in ("-o", option)), "-p", str(port), "git@127.0.0.1", "true"]
    errors = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, text=True).stderr
    return "refused" if "verification failed" in errors else "accepted" if "Permission denied" in errors else errors
async def main():
    server = await asyncssh.create_server(Server, "127.0.0.1", 0, server_host_keys=[new])
    port = server.get_port()
    def line(key, host=f"[127.0.0.1]:{port}"):
        return f"{host} {key.export_public_key().decode().strip()}\n"
    files = {
        "new": line(new), "new, old": line(new) + line(old), "old, new": line(old) + line(new), "a pattern": line(new, f"[127.0.0.*]:{port}"),
        "new, and a CA of others": line(new) + "@cert-authority *.example.com " + line(other, "").strip() + "\n", "old": line(old),
    }
    for title, text in files.items():
        Path("known_hosts").write_text(text)
        print(f"{title}: OpenSSH {await asyncio.to_thread(ask_openssh, port)}, asyncssh {await ask_asyncssh(port)}, paramiko {await asyncio.to_thread(ask_paramiko, port)}")
    server.close()
asyncio.run(main())
PY
cat seen
diff seen - <<'SEEN' || { echo "the behaviour has changed"; exit 1; }
new: OpenSSH accepted, asyncssh accepted, paramiko accepted
new, old: OpenSSH accepted, asyncssh accepted, paramiko accepted
old, new: OpenSSH accepted, asyncssh accepted, paramiko BadHostKeyException
a pattern: OpenSSH accepted, asyncssh accepted, paramiko SSHException
new, and a CA of others: OpenSSH accepted, asyncssh accepted, paramiko InvalidHostKey
old: OpenSSH refused, asyncssh HostKeyNotVerifiable, paramiko BadHostKeyException
SEEN

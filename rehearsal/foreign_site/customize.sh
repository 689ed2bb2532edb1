#!/bin/bash
# Customize the site as its owner did on the server itself: a Git hook with an absolute path. Run as root.
#
# On standard input, as KEY=VALUE lines: REPOSITORY (owner/name), SCHEMA, SECOND_FACTOR_USER (empty: nobody).
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
hooks="/home/git/gogs-repositories/$REPOSITORY.git/custom_hooks"
install -d -o git -g git /home/git/bin "$hooks"
cat >/home/git/bin/announce <<'HOOK'
#!/bin/sh
cat >>/home/git/announced
HOOK
cat >"$hooks/post-receive" <<'HOOK'
#!/bin/sh
exec /home/git/bin/announce
HOOK
chown git:git /home/git/bin/announce "$hooks/post-receive"
chmod 755 /home/git/bin/announce "$hooks/post-receive"
if [ -n "$SECOND_FACTOR_USER" ]; then
    mariadb "$SCHEMA" <<SQL
INSERT INTO two_factor (user_id, secret, created_unix)
    SELECT id, 'VGhlIHN0YW5kLWluIG5ldmVyIGRlY3J5cHRzIGl0Lg==', UNIX_TIMESTAMP() FROM user WHERE name = '$SECOND_FACTOR_USER';
INSERT INTO two_factor_recovery_code (user_id, code, is_used)
    SELECT id, '0a1b2-3c4d5', 0 FROM user WHERE name = '$SECOND_FACTOR_USER';
SQL
fi

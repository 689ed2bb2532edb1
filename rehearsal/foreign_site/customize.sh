#!/bin/bash
# Customize the site as its owner did on the server itself: a Git hook with an absolute path. Run as root.
#
# On standard input, as KEY=VALUE lines: RUN_USER and RUN_HOME (of Gogs), REPOSITORY (its folder), SCHEMA, SECOND_FACTOR_USER (empty: nobody).
set -euo pipefail
# shellcheck source=/dev/null
. /dev/stdin
hooks="$REPOSITORY/custom_hooks"
install -d -o "$RUN_USER" -g "$RUN_USER" "$RUN_HOME/bin" "$hooks"
cat >"$RUN_HOME/bin/announce" <<HOOK
#!/bin/sh
cat >>$RUN_HOME/announced
HOOK
cat >"$hooks/post-receive" <<HOOK
#!/bin/sh
exec $RUN_HOME/bin/announce
HOOK
chown "$RUN_USER:$RUN_USER" "$RUN_HOME/bin/announce" "$hooks/post-receive"
chmod 755 "$RUN_HOME/bin/announce" "$hooks/post-receive"
if [ -n "$SECOND_FACTOR_USER" ]; then
    mariadb "$SCHEMA" <<SQL
INSERT INTO two_factor (user_id, secret, created_unix)
    SELECT id, 'VGhlIHN0YW5kLWluIG5ldmVyIGRlY3J5cHRzIGl0Lg==', UNIX_TIMESTAMP() FROM user WHERE name = '$SECOND_FACTOR_USER';
INSERT INTO two_factor_recovery_code (user_id, code, is_used)
    SELECT id, '0a1b2-3c4d5', 0 FROM user WHERE name = '$SECOND_FACTOR_USER';
SQL
fi

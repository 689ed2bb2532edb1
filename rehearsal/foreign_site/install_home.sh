#!/bin/bash
# Install Gogs with nginx on one Debian server, as its owner did years ago. Run as root. MariaDB is on the same server, unless
# its owner has a managed MySQL: then there are /run/database.cnf, for a client of the service's administrator, and
# /root/database-authority.crt, the authority of the service.
#
# On standard input, as KEY=VALUE lines: DNS, SSH_DNS, SSH_PORT, ARCHIVE_URL, SCHEMA, DATABASE_USER, DATABASE_PASSWORD,
# SECRET_KEY, ADMINISTRATOR, ADMINISTRATOR_PASSWORD. In /root: forge.crt (chain) and forge.key, the certificate of DNS.
set -euo pipefail
umask 022
set -a
# shellcheck source=/dev/null
. /dev/stdin
set +a
export DEBIAN_FRONTEND=noninteractive

apt-get -q update
apt-get -q -y --no-install-recommends install ca-certificates curl git git-lfs nginx openssh-client
if [ -e /run/database.cnf ]; then
    apt-get -q -y --no-install-recommends install mariadb-client
    mv /root/database-authority.crt /usr/local/share/ca-certificates/database-authority.crt
    chmod 644 /usr/local/share/ca-certificates/database-authority.crt
    update-ca-certificates >/dev/null
    client=(mariadb --defaults-file=/run/database.cnf) host=$(sed -n 's/^host = //p' /run/database.cnf)
    from='192.168.7.%' require='REQUIRE SSL' parameters='?tls=true'
else
    apt-get -q -y --no-install-recommends install mariadb-server
    systemctl enable --quiet --now mariadb
    client=(mariadb) host=127.0.0.1 from=localhost require='' parameters=''
fi

# The user and the program, as the release's archive unpacks.
useradd --create-home --uid 1000 --user-group --shell /bin/bash git
curl -fsS "$ARCHIVE_URL" | sudo -u git tar -xz -C /home/git
mkdir -p /home/git/gogs/custom/conf /home/git/gogs/log

"${client[@]}" <<SQL
CREATE DATABASE \`$SCHEMA\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER '$DATABASE_USER'@'$from' IDENTIFIED BY '$DATABASE_PASSWORD' $require;
GRANT ALL PRIVILEGES ON \`$SCHEMA\`.* TO '$DATABASE_USER'@'$from';
SQL

cat >/home/git/gogs/custom/conf/app.ini <<INI
BRAND_NAME = Forge
RUN_USER   = git
RUN_MODE   = prod

[server]
DOMAIN           = $DNS
EXTERNAL_URL     = https://$DNS/
HTTP_ADDR        = 127.0.0.1
HTTP_PORT        = 3000
OFFLINE_MODE     = true
START_SSH_SERVER = true
SSH_DOMAIN       = $SSH_DNS
SSH_PORT         = $SSH_PORT
SSH_LISTEN_PORT  = $SSH_PORT

[repository]
ROOT = /home/git/gogs-repositories

[database]
TYPE     = mysql
HOST     = $host:3306
NAME     = $SCHEMA$parameters
USER     = $DATABASE_USER
PASSWORD = \`$DATABASE_PASSWORD\`

[lfs]
STORAGE      = local
OBJECTS_PATH = data/lfs-objects

[attachment]
PATH = data/attachments

[session]
PROVIDER        = file
PROVIDER_CONFIG = data/sessions

[log]
MODE      = file
ROOT_PATH = log

[security]
INSTALL_LOCK            = true
SECRET_KEY              = $SECRET_KEY
LOCAL_NETWORK_ALLOWLIST = $DNS
INI
chown -R git:git /home/git/gogs
chmod 600 /home/git/gogs/custom/conf/app.ini

# The unit of the release's archive (scripts/systemd/gogs.service).
cat >/etc/systemd/system/gogs.service <<'UNIT'
[Unit]
Description=Gogs
After=network.target
After=mariadb.service mysql.service mysqld.service postgresql.service memcached.service redis.service

[Service]
Type=simple
User=git
Group=git
WorkingDirectory=/home/git/gogs
ExecStart=/home/git/gogs/gogs web
Restart=always
RestartSec=2s
Environment=USER=git HOME=/home/git
ProtectSystem=full
PrivateTmp=yes
NoNewPrivileges=true

[Install]
WantedBy=multi-user.target
UNIT

install -m 644 /root/forge.crt /etc/ssl/certs/forge.crt
install -m 600 /root/forge.key /etc/ssl/private/forge.key
rm /root/forge.crt /root/forge.key
cat >/etc/nginx/sites-available/forge <<NGINX
server {
    listen 80;
    server_name $DNS;
    return 301 https://\$host\$request_uri;
}
server {
    listen 443 ssl;
    server_name $DNS;
    ssl_certificate /etc/ssl/certs/forge.crt;
    ssl_certificate_key /etc/ssl/private/forge.key;
    client_max_body_size 0;
    location / {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host \$host;
        proxy_set_header X-Real-IP \$remote_addr;
        proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto \$scheme;
    }
}
NGINX
ln -sf /etc/nginx/sites-available/forge /etc/nginx/sites-enabled/forge
rm -f /etc/nginx/sites-enabled/default

systemctl daemon-reload
systemctl enable --quiet --now gogs
systemctl enable --quiet nginx
systemctl restart nginx

# The first start creates the tables, then the first user can be created.
curl -fsS --retry 60 --retry-delay 1 --retry-connrefused -o /dev/null http://127.0.0.1:3000/healthcheck
cd /home/git/gogs
# Not sudo: it writes the command line, with the password, into the journal.
setpriv --reuid=git --regid=git --init-groups env USER=git HOME=/home/git ./gogs admin create-user \
    --name "$ADMINISTRATOR" --password "$ADMINISTRATOR_PASSWORD" --email "$ADMINISTRATOR@$DNS" --admin

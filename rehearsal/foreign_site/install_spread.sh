#!/bin/bash
# Install Gogs with MariaDB and nginx on one Debian server, as its owner has kept it since release 0.9: each part has a place of its own, and
# app.ini still has names of older releases and the line ends of Windows. Run as root.
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
apt-get -q -y --no-install-recommends install curl git git-lfs mariadb-server nginx openssh-client

# A system user with a home of its own. The program is owned by root.
groupadd --system --gid 996 forge
useradd --system --uid 997 --gid forge --create-home --home-dir /var/lib/forge --shell /bin/bash forge
mkdir -p /opt/forge /etc/forge/conf
curl -fsS "$ARCHIVE_URL" | tar -xz --no-same-owner --strip-components=1 -C /opt/forge
install -d -o forge -g forge -m 750 /var/opt/forge /var/opt/forge/sessions /var/log/forge /data/git /data/git/repositories
install -d -o forge -g forge -m 750 /data/files /data/files/attachments /data/files/avatars /data/files/repo-avatars /data/lfs

mariadb <<SQL
CREATE DATABASE \`$SCHEMA\` CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER '$DATABASE_USER'@'localhost' IDENTIFIED BY '$DATABASE_PASSWORD';
GRANT ALL PRIVILEGES ON \`$SCHEMA\`.* TO '$DATABASE_USER'@'localhost';
SQL

sed 's/$/\r/' >/etc/forge/conf/app.ini <<INI
; Team Forge; edited on Windows
APP_NAME   = Team Forge
BRAND_NAME = Team Forge
RUN_USER   = forge
RUN_MODE   = prod

[server]
; the proxy has the certificate
PROTOCOL         = http
DOMAIN           = $DNS
ROOT_URL         = https://%(DOMAIN)s/git/
EXTERNAL_URL     = https://%(DOMAIN)s/git/
HTTP_ADDR        = 127.0.0.1
HTTP_PORT        = 6000
APP_DATA_PATH    = /var/opt/forge
LANDING_PAGE     = explore
LANDING_URL      = /explore/repos
START_SSH_SERVER = true
SSH_DOMAIN       = $SSH_DNS
SSH_PORT         = $SSH_PORT
OFFLINE_MODE     = true

[database]
DB_TYPE  = mysql
TYPE     = mysql
HOST     = /run/mysqld/mysqld.sock
NAME     = $SCHEMA
USER     = $DATABASE_USER
PASSWD   = \`$DATABASE_PASSWORD\`
PASSWORD = \`$DATABASE_PASSWORD\`
SSL_MODE = disable

[repository]
ROOT = /data/git/repositories

[attachment]
; 0.9 wrote ENABLE
ENABLE  = true
ENABLED = true
PATH    = /data/files/attachments

[picture]
AVATAR_UPLOAD_PATH            = /data/files/avatars
REPOSITORY_AVATAR_UPLOAD_PATH = /data/files/repo-avatars
DISABLE_GRAVATAR              = true

[lfs]
STORAGE           = local
OBJECTS_PATH      = /data/lfs/objects
OBJECTS_TEMP_PATH = /data/lfs/incoming

[session]
PROVIDER         = file
PROVIDER_CONFIG  = /var/opt/forge/sessions
GC_INTERVAL_TIME = 3600

[service]
DISABLE_REGISTRATION = true

[auth]
DISABLE_REGISTRATION = true

[mailer]
ENABLED = false

[log]
MODE      = file
ROOT_PATH = /var/log/forge

[security]
INSTALL_LOCK            = true
SECRET_KEY              = $SECRET_KEY
LOCAL_NETWORK_ALLOWLIST = $DNS
INI
chown root:forge /etc/forge/conf/app.ini
chmod 640 /etc/forge/conf/app.ini

cat >/etc/systemd/system/forge.service <<'UNIT'
[Unit]
Description=Team Forge
After=network.target mariadb.service

[Service]
User=forge
Group=forge
WorkingDirectory=/var/lib/forge
Environment="GOGS_CUSTOM=/etc/forge"
Environment="USER=forge" "HOME=/var/lib/forge"
ExecStart=/opt/forge/gogs web
Restart=on-failure

[Install]
WantedBy=multi-user.target
UNIT

install -m 644 /root/forge.crt /etc/ssl/certs/forge.crt
install -m 600 /root/forge.key /etc/ssl/private/forge.key
rm /root/forge.crt /root/forge.key
cat >/etc/nginx/conf.d/forge.conf <<NGINX
upstream forge {
    server 127.0.0.1:6000;
    keepalive 4;
}
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
    root /var/www/html;
    location = /git {
        return 301 /git/;
    }
    location /git/ {
        proxy_pass http://forge/;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
        proxy_set_header Host \$host;
        proxy_set_header X-Forwarded-For \$proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto \$scheme;
        proxy_request_buffering off;
        proxy_buffering off;
    }
}
NGINX
rm -f /etc/nginx/sites-enabled/default

systemctl daemon-reload
systemctl enable --quiet --now mariadb
systemctl enable --quiet --now forge
systemctl enable --quiet nginx
systemctl restart nginx

# The first start creates the tables, then the first user can be created.
curl -fsS --retry 60 --retry-delay 1 --retry-connrefused -o /dev/null http://127.0.0.1:6000/healthcheck
cd /var/lib/forge
# Not sudo: it writes the command line, with the password, into the journal.
setpriv --reuid=forge --regid=forge --init-groups env USER=forge HOME=/var/lib/forge GOGS_CUSTOM=/etc/forge /opt/forge/gogs admin create-user \
    --name "$ADMINISTRATOR" --password "$ADMINISTRATOR_PASSWORD" --email "$ADMINISTRATOR@$DNS" --admin

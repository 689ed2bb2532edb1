#!/bin/bash
# Install Gogs with MariaDB and nginx as an administrator did years ago: nothing here knows the product. Packages are installed already. Run as root.
# On standard input: KEY=VALUE lines with ARCHIVE (a file) and SECRET_KEY.
set -euo pipefail
umask 022
. /dev/stdin
useradd --create-home --uid 1000 --user-group --shell /bin/bash git
tar -xzf "$ARCHIVE" -C /home/git
mkdir -p /home/git/gogs/custom/conf /home/git/gogs/custom/templates /home/git/gogs/log
echo mine >/home/git/gogs/custom/templates/note
cat >/etc/mysql/mariadb.conf.d/90-own.cnf <<'CONF'
[mysqld]
bind_address = 0.0.0.0
server_id = 7
log_bin = /var/lib/mysql/forge-bin
binlog_format = ROW
binlog_row_image = FULL
expire_logs_days = 3
CONF
systemctl restart mariadb
mariadb <<'SQL'
CREATE DATABASE forge CHARACTER SET utf8mb4 COLLATE utf8mb4_general_ci;
CREATE USER 'forge'@'localhost' IDENTIFIED BY 'forge-pass-word';
GRANT ALL PRIVILEGES ON forge.* TO 'forge'@'localhost';
SQL
printf '%s\r\n' '; mine, edited on Windows' 'BRAND_NAME = Forge' 'RUN_USER   = git' 'RUN_MODE = prod' '[server]' 'DOMAIN = git.example.test' \
    'EXTERNAL_URL = https://%(DOMAIN)s/' 'HTTP_ADDR = 127.0.0.1' 'HTTP_PORT = 3000' 'OFFLINE_MODE = true' 'START_SSH_SERVER = true' \
    'SSH_PORT = 2222' '[repository]' 'ROOT = /home/git/gogs-repositories' '[database]' 'TYPE = mysql' 'HOST = 127.0.0.1:3306' 'NAME = forge' 'USER = forge' 'PASSWORD = `forge-pass-word`' \
    '[session]' 'PROVIDER = file' '[security]' 'INSTALL_LOCK = true' "SECRET_KEY = $SECRET_KEY" '[log]' 'MODE = file' 'ROOT_PATH = log' \
    >/home/git/gogs/custom/conf/app.ini
chmod 600 /home/git/gogs/custom/conf/app.ini
chown -R git:git /home/git
cat >/etc/systemd/system/forge.service <<'UNIT'
[Unit]
Description=Gogs
After=network.target mariadb.service
[Service]
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
openssl req -x509 -newkey rsa:2048 -nodes -days 30 -subj /CN=git.example.test -keyout /etc/ssl/private/forge.key -out /etc/ssl/certs/forge.crt 2>/dev/null
cat >/etc/nginx/sites-available/forge <<'NGINX'
server {
    listen 443 ssl;
    server_name git.example.test;
    ssl_certificate /etc/ssl/certs/forge.crt;
    ssl_certificate_key /etc/ssl/private/forge.key;
    location / {
        proxy_pass http://127.0.0.1:3000;
        proxy_set_header Host $host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    }
}
NGINX
ln -sf /etc/nginx/sites-available/forge /etc/nginx/sites-enabled/forge
systemctl daemon-reload
systemctl enable --quiet --now forge nginx
systemctl restart nginx
curl -fsS --retry 60 --retry-delay 1 --retry-connrefused -o /dev/null http://127.0.0.1:3000/healthcheck
cd /home/git/gogs
setpriv --reuid=git --regid=git --init-groups env USER=git HOME=/home/git ./gogs admin create-user --name ann --password Ann-pass-w0rd --email ann@example.test --admin

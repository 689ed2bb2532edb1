"""What Gogs 0.14.3 takes where app.ini says nothing (its own conf/app.ini). Only keys that the stand-in acts upon."""

DEFAULTS = """
BRAND_NAME = Gogs
RUN_USER = git
RUN_MODE = dev

[server]
EXTERNAL_URL = %(PROTOCOL)s://%(DOMAIN)s:%(HTTP_PORT)s/
DOMAIN = localhost
PROTOCOL = http
HTTP_ADDR = 0.0.0.0
HTTP_PORT = 3000
LOCAL_ROOT_URL = %(PROTOCOL)s://%(HTTP_ADDR)s:%(HTTP_PORT)s/
OFFLINE_MODE = false
APP_DATA_PATH = data
DISABLE_SSH = false
SSH_DOMAIN = %(DOMAIN)s
SSH_PORT = 22
START_SSH_SERVER = false
SSH_LISTEN_HOST = 0.0.0.0
SSH_LISTEN_PORT = %(SSH_PORT)s

[repository]
DEFAULT_BRANCH = master
DISABLE_HTTP_GIT = false

[database]
TYPE = postgres
HOST = 127.0.0.1:5432
NAME = gogs
USER = gogs
PASSWORD =
MAX_OPEN_CONNS = 30

[security]
INSTALL_LOCK = false
SECRET_KEY = !#@FDEWREWR&*(
LOCAL_NETWORK_ALLOWLIST =

[auth]
REQUIRE_SIGNIN_VIEW = false

[session]
PROVIDER = memory
PROVIDER_CONFIG = data/sessions
COOKIE_NAME = i_like_gogs
COOKIE_SECURE = false
MAX_LIFE_TIME = 86400
CSRF_COOKIE_NAME = _csrf

[lfs]
OBJECTS_PATH = data/lfs-objects
OBJECTS_TEMP_PATH = data/tmp/lfs-objects

[attachment]
ENABLED = true
PATH = data/attachments
ALLOWED_TYPES = image/jpeg|image/png
MAX_SIZE = 4

[release.attachment]
ENABLED = true
ALLOWED_TYPES = */*
MAX_SIZE = 32

[picture]
AVATAR_UPLOAD_PATH = data/avatars
REPOSITORY_AVATAR_UPLOAD_PATH = data/repo-avatars
DISABLE_GRAVATAR = false

[webhook]
DELIVER_TIMEOUT = 15
SKIP_TLS_VERIFY = false

[cron]
ENABLED = true
"""

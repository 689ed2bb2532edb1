"""The settings that the acceptance suite reads from app.ini: effective values, under the names of any release."""

from __future__ import annotations

import pytest
from cutover_site.gogs.acceptance.settings import KEY_TYPES, SiteSettings
from cutover_site.gogs.acceptance.texts import TEXTS, Text, get_narrowest, get_text
from cutover_site.gogs.ini import parse


def test_an_empty_app_ini_has_the_defaults_of_gogs() -> None:
    assert SiteSettings.from_ini(parse("")) == SiteSettings()


@pytest.mark.parametrize(
    ("app_ini", "name", "value"),
    [
        ("[auth]\nREQUIRE_SIGNIN_VIEW = true\n", "sign_in_to_view", True),
        ("[service]\nREQUIRE_SIGNIN_VIEW = true\n", "sign_in_to_view", True),
        ("[service]\nREQUIRE_SIGNIN_VIEW = yes\n", "sign_in_to_view", True),
        ("[auth]\nREQUIRE_SIGNIN_VIEW = tRuE\n", "sign_in_to_view", False),
        ("[server]\nEXTERNAL_URL = https://git.example.test/\n", "https", True),
        ("[server]\nROOT_URL = https://git.example.test/\n", "https", True),
        ("[server]\nDISABLE_SSH = 1\n", "ssh", False),
        ("[repository]\nDISABLE_HTTP_GIT = on\n", "http_git", False),
        ("[repository]\nMAX_CREATION_LIMIT = 0\n", "repository_limit", 0),
        ("[repository]\nMAX_CREATION_LIMIT = many\n", "repository_limit", 0),
        ("[attachment]\nENABLED = false\n", "attachments", False),
        ("[attachment]\nENABLED =\n", "attachments", False),
        ("[attachment]\nALLOWED_TYPES = application/pdf | image/png\n", "attachment_types", ("application/pdf", "image/png")),
        ("[lfs]\nSTORAGE = elsewhere\n", "lfs_storage", "elsewhere"),
        ("[ui.user]\nNEWS_FEED_PAGING_NUM = 5\n", "news", 5),
        ("[ssh.minimum_key_sizes]\nED25519 = -1\n", "key_types", KEY_TYPES),
        ("[server]\nMINIMUM_KEY_SIZE_CHECK = true\n[ssh.minimum_key_sizes]\nED25519 = -1\nECDSA = -1\n", "key_types", ("rsa",)),
        ("[server]\nMINIMUM_KEY_SIZE_CHECK = true\n[ssh.minimum_key_sizes]\nED25519 = 512\nECDSA = 522\nRSA = 4096\n", "key_types", ("rsa",)),
        ("[server]\nMINIMUM_KEY_SIZE_CHECK = true\n[ssh.minimum_key_sizes]\nED25519 = many\nECDSA = -2\nRSA = 8192\n", "key_types", ("ed25519", "ecdsa")),
    ],
)  # fmt: skip
def test_a_setting_is_read_as_gogs_reads_it(app_ini: str, name: str, value: object) -> None:
    assert getattr(SiteSettings.from_ini(parse(app_ini)), name) == value


@pytest.mark.parametrize(
    ("charsets", "narrowest"),
    [
        ({"utf8mb4"}, "utf8mb4"),
        ({"utf8mb4", "utf8"}, "utf8mb3"),
        ({"utf8mb3", "latin1"}, "latin1"),
        ({"utf8mb4", "koi8r"}, "ascii"),
        (set(), ""),
    ],
)
def test_the_narrowest_character_set_is_selected(charsets: set[str], narrowest: str) -> None:
    assert get_narrowest(charsets) == narrowest


@pytest.mark.parametrize("text", TEXTS, ids=lambda text: text.charset)
def test_a_text_can_be_encoded_and_is_long_enough(text: Text) -> None:
    known = get_text(text.charset)
    python_name = {"utf8mb4": "utf-8", "utf8mb3": "utf-8"}.get(known.charset, known.charset)
    for text_part in (known.title, known.build_issue_body()):
        assert text_part.encode(python_name)
        if known.charset == "utf8mb3":
            assert max(text_part) <= "\uffff"
    assert 32 * 1024 < len(known.build_issue_body().encode()) < 64 * 1024

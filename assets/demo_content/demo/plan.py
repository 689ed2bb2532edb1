"""The content of the demo site. Names and texts use several scripts, so that a migration that damages characters is noticed."""

from dataclasses import dataclass, field

MEGABYTE = 1 << 20
LONG_TEXT_BYTES = 60 * 1024
"""Above the 32 KB at which a limited-LOB replication truncates, below the 64 KB of the column."""


@dataclass(frozen=True)
class Person:
    name: str
    full_name: str


@dataclass(frozen=True)
class Issue:
    title: str
    body: str
    poster: str
    labels: tuple[str, ...] = ()
    milestone: str = ""
    comments: tuple[tuple[str, str], ...] = ()
    """pairs of author and text"""
    picture: bool = False
    closed: bool = False


@dataclass(frozen=True)
class Repository:
    owner: str
    name: str
    pusher: str
    description: str = ""
    private: bool = False
    files: dict[str, str] = field(default_factory=dict)
    """content by name; the push has one commit for each file, a tag and a second branch. Without files the repository stays empty"""
    big_file_bytes: int = 0
    lfs_object_bytes: int = 0
    wiki: bool = False
    release: str = ""
    webhook: bool = False
    stars: tuple[str, ...] = ()
    collaborators: tuple[str, ...] = ()
    issues: tuple[Issue, ...] = ()

    @property
    def full_name(self) -> str:
        return f"{self.owner}/{self.name}"


@dataclass(frozen=True)
class Fork:
    of: str
    owner: str
    name: str


PEOPLE = (
    Person("anna", "Anna Müller"),
    Person("bob", "Bob O'Neill"),
    Person("chloe", "Chloé Dubois"),
    Person("dmitri", "Дмитрий Иванов"),
    Person("emi", "山田 恵美"),
    Person("farid", "فريد حسن"),
)
ORGANISATION = Person("acme", "Acme Bücher & Söhne")
ORGANISATION_OWNER = "anna"
LABELS = {"bug": "#d73a4a", "enhancement": "#0e8a16", "frage": "#5319e7"}
MILESTONES = {"v1.0": "The first one", "später": "Irgendwann — 将来"}


def _build_files(name: str) -> dict[str, str]:
    return {
        "README.md": f"# {name}\n\nDemo content.\n",
        "src/main.py": f'"""Part of {name}."""\n\nprint("Grüße, {name}!")\n',
        "docs/höhe.md": "Ünïcödé in a file name. 日本語も。\n",
    }


def create_long_text() -> str:
    """Return a text of at most LONG_TEXT_BYTES bytes in UTF-8. All lines differ."""
    lines: list[str] = []
    size = number = 0
    while True:
        line = f"{number:05} Ein langer Text, 長い文章, длинный текст.\n"
        if size + len(line.encode()) > LONG_TEXT_BYTES:
            return "".join(lines)
        lines.append(line)
        size += len(line.encode())
        number += 1


_ISSUES = (
    Issue(
        title="Umlaute äöü im Titel",
        body="Steps:\n\n1. open 🙂\n2. look",
        poster="bob",
        labels=("bug", "frage"),
        milestone="v1.0",
        comments=(("anna", "Danke, ich schaue mir das an."), ("emi", "こちらでも再現しました。")),
        picture=True,
    ),
    Issue(title="A text of 60 KB", body=create_long_text(), poster="anna", labels=("enhancement",), milestone="später"),
    Issue(
        title="Done already",
        body="fixed in v1.0",
        poster="chloe",
        labels=("bug",),
        milestone="v1.0",
        comments=(("bob", "Merci !"),),
        closed=True,
    ),
    Issue(title="Screenshots 画面", body="see below", poster="dmitri", picture=True, comments=(("farid", "شكرا"),)),
)
_SMALL = (Issue(title="First steps", body="Write a README.", poster="farid", labels=("enhancement",)),)

REPOSITORIES = (
    Repository("acme", "website", "anna", "The site — Die Seite", files=_build_files("website"), wiki=True, release="v1.0", webhook=True,
               stars=("bob", "chloe", "emi"), collaborators=("bob",), issues=_ISSUES),
    Repository("acme", "shop", "anna", "Der Laden", files=_build_files("shop"), webhook=True, stars=("dmitri",), issues=_SMALL),
    Repository("acme", "media", "anna", "Pictures, in Git LFS", files=_build_files("media"), lfs_object_bytes=3 * MEGABYTE),
    Repository("acme", "archive", "anna", "One file of 50 MB", files=_build_files("archive"), big_file_bytes=50 * MEGABYTE),
    Repository("acme", "empty", "anna", "Nothing yet"),
    Repository("acme", "docs", "anna", "文書", files=_build_files("docs"), wiki=True, release="2026.1"),
    Repository("anna", "dotfiles", "anna", files=_build_files("dotfiles"), stars=("bob",)),
    Repository("anna", "secret-plans", "anna", "Not for everybody", private=True, files=_build_files("secret-plans"), collaborators=("chloe",)),
    Repository("anna", "notes", "anna", files=_build_files("notes")),
    Repository("bob", "games", "bob", "For the weekend", files=_build_files("games"), stars=("anna", "farid"), issues=_SMALL),
    Repository("bob", "tools", "bob", files=_build_files("tools"), release="v0.1"),
    Repository("chloe", "recettes", "chloe", "Crème brûlée", files=_build_files("recettes")),
    Repository("chloe", "cartes", "chloe", files=_build_files("cartes")),
    Repository("dmitri", "compiler", "dmitri", "Компилятор", files=_build_files("compiler"), issues=_SMALL),
    Repository("dmitri", "kernel", "dmitri", files=_build_files("kernel")),
    Repository("emi", "haiku", "emi", "俳句", files=_build_files("haiku"), stars=("anna", "bob", "chloe", "dmitri")),
    Repository("emi", "origami", "emi", files=_build_files("origami")),
    Repository("farid", "maps", "farid", "خرائط", files=_build_files("maps"), webhook=True),
    Repository("farid", "weather", "farid", files=_build_files("weather")),
)  # fmt: skip
FORKS = (Fork("acme/website", "bob", "website"), Fork("acme/shop", "emi", "shop-fork"))

"""Which commit the running code was checked out at, read from git's own files. Pure."""

from __future__ import annotations

import re
from pathlib import Path

_COMMIT = re.compile(r"[0-9a-f]{40}([0-9a-f]{24})?")  # SHA-1 or SHA-256
_LINKS = 5  # from one name to another, before it is taken for a ring


def commit(folder: Path) -> str | None:
    """The commit of the work tree whose top is `folder`; None without one, or before its first commit.

    It does not say whether files were changed since.
    """
    try:
        git = _git_folder(folder)
        return _resolved(git, "HEAD") if git else None
    except (OSError, UnicodeDecodeError):
        return None


def _git_folder(folder: Path) -> Path | None:
    """`.git`, or the folder that a file of that name points to (a linked work tree, a submodule)."""
    git = folder / ".git"
    if git.is_dir():
        return git
    if not git.is_file():
        return None
    kind, _, place = _line(git).partition(": ")
    return (folder / place) if kind == "gitdir" else None


def _resolved(git: Path, name: str) -> str | None:
    """The commit that a name stands for, through other names."""
    for _ in range(_LINKS):
        said = _said(git, name)
        if said is None or _COMMIT.fullmatch(said):
            return said
        name = said.removeprefix("ref: ")
    return None


def _said(git: Path, name: str) -> str | None:
    """Under a name: a commit, or `ref: ` and another name. A linked work tree shares the names of the first."""
    shared = git / _line(git / "commondir") if (git / "commondir").is_file() else git
    for place in (git / name, shared / name):
        if place.is_file():
            return _line(place)
    return _packed(shared / "packed-refs", name)


def _packed(file: Path, name: str) -> str | None:
    if not file.is_file():
        return None
    rows = (line.split(" ") for line in file.read_text(encoding="utf-8").splitlines())
    return next((row[0] for row in rows if len(row) == 2 and row[1] == name and _COMMIT.fullmatch(row[0])), None)


def _line(file: Path) -> str:
    return file.read_text(encoding="utf-8").strip()

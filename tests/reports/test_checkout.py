"""The commit of the running code is what git says it is, wherever git keeps it; else there is none."""

import subprocess
from pathlib import Path

import pytest

from reports.checkout import commit

WHO = ("-c", "user.name=Nobody", "-c", "user.email=nobody@example.org")


def git(folder: Path, *words: str) -> str:
    done = subprocess.run(["git", *WHO, *words], cwd=folder, check=True, capture_output=True, text=True)
    return done.stdout.strip()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    folder = tmp_path / "tree"
    folder.mkdir()
    git(folder, "init", "-q")
    git(folder, "commit", "-q", "--allow-empty", "-m", "First")
    return folder


def test_commit_of_a_branch_of_packed_names_and_of_no_branch(tree: Path) -> None:
    head = git(tree, "rev-parse", "HEAD")
    assert commit(tree) == head
    git(tree, "pack-refs", "--all")
    assert commit(tree) == head
    git(tree, "checkout", "-q", "--detach")
    assert commit(tree) == head


def test_commit_of_a_linked_work_tree(tree: Path, tmp_path: Path) -> None:
    git(tree, "worktree", "add", "-q", "-b", "other", str(tmp_path / "linked"))
    git(tmp_path / "linked", "commit", "-q", "--allow-empty", "-m", "Second")
    assert commit(tmp_path / "linked") == git(tmp_path / "linked", "rev-parse", "HEAD") != commit(tree)


def test_without_a_work_tree_or_a_commit_there_is_none(tmp_path: Path) -> None:
    assert commit(tmp_path) is None
    git(tmp_path, "init", "-q")
    assert commit(tmp_path) is None
    (tmp_path / ".git/HEAD").write_text("ref: HEAD\n")
    assert commit(tmp_path) is None
    (tmp_path / ".git/HEAD").write_bytes(b"\xff")
    assert commit(tmp_path) is None

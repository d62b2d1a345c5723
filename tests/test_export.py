"""ladder export: a room holds what an agent needs and no more, and what is changed in it doesn't go unnoticed."""

import os
import re
import shutil
import subprocess
import sys
import zlib
from pathlib import Path

import pytest

from ladder import export
from ladder.availability import ROOT
from ladder.errors import LadderError
from ladder.export import FILES, LEFT_BEHIND, check_room, export_room
from variants import RUNGS

HELD = {*FILES, "README.md", ".gitignore"}


def run_git(room, *arguments, **options):
    environment = {
        **{name: value for name, value in os.environ.items() if not name.startswith("GIT_")},
        "GIT_CONFIG_GLOBAL": os.devnull,
        "GIT_CONFIG_NOSYSTEM": "1",
    }
    done = subprocess.run(
        ["git", *arguments], cwd=room, env=environment, capture_output=True, text=True, check=False, **options
    )
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def room(tmp_path):
    export_room(tmp_path / "a room")
    return tmp_path / "a room"


def commit(room, name="program.py", text="# faster\n"):
    (room / name).write_text(text)
    run_git(room, "add", "--force", name)
    run_git(room, "commit", "-q", "-m", "try")


class TestExport:
    def test_holds_the_four_files_and_a_note(self, room):
        assert {path.name for path in room.iterdir()} == {*HELD, ".git"}
        for name in FILES:
            assert (room / name).read_bytes() == (ROOT / "autoresearch" / name).read_bytes()

    def test_has_one_commit_of_everything(self, room):
        assert run_git(room, "rev-list", "--all", "--count") == "1\n"
        assert set(run_git(room, "ls-files").split()) == HELD
        assert run_git(room, "status", "--porcelain") == ""
        assert run_git(room, "remote", "-v") == ""

    def test_git_ignores_what_the_agent_writes_beside_the_program(self, room):
        for name in LEFT_BEHIND:
            (room / name).mkdir() if name == "__pycache__" else (room / name).write_text("x")
        (room / "__pycache__" / "program.pyc").write_text("x")
        assert run_git(room, "status", "--porcelain") == ""

    def test_shows_no_trace_of_the_rungs(self, room):
        """Neither in the files nor in anything that git keeps."""
        forbidden = [rb"\brungs?\b", rb"variants", re.escape(os.fsencode(ROOT)), rb"ladder (judge|run|show|export)"]
        forbidden += [rb"\b%s\b" % rung.name.encode() for rung in RUNGS]
        files = [path for path in room.rglob("*") if path.is_file()]
        assert len(files) > 10
        for path in files:
            content = path.read_bytes()
            if path.parent.parent.name == "objects":
                content = zlib.decompress(content)
            for pattern in forbidden:
                assert not re.search(pattern, content, re.IGNORECASE), (path, pattern)

    def test_note_has_the_prompt(self, room):
        note = (room / "README.md").read_text()
        quoted = "\n".join(line[2:] for line in note.splitlines() if line.startswith("> "))
        assert quoted == export.PROMPT

    def test_an_agent_can_commit_whatever_the_users_settings_are(self, tmp_path, monkeypatch):
        hooks = tmp_path / "hooks"
        hooks.mkdir()
        (hooks / "pre-commit").write_text("#!/bin/sh\nexit 1\n")
        (hooks / "pre-commit").chmod(0o755)
        settings = (
            f"[core]\nhooksPath = {hooks}\nautocrlf = true\n[commit]\ngpgsign = true\n[init]\ndefaultBranch = x\n"
        )
        (tmp_path / ".gitconfig").write_text(settings)
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.setenv("GIT_DIR", str(ROOT / ".git"))
        monkeypatch.setenv("GIT_INDEX_FILE", str(tmp_path / "index"))
        export_room(tmp_path / "room")
        check_room(tmp_path / "room")
        commit(tmp_path / "room")
        assert run_git(tmp_path / "room", "log", "--format=%an", "-1") == "agent\n"
        assert not (tmp_path / "index").exists()

    def test_into_an_empty_folder_even_the_current_one(self, tmp_path, monkeypatch):
        monkeypatch.chdir(tmp_path)
        before = tmp_path.stat().st_ino
        export_room(Path())
        assert tmp_path.stat().st_ino == before
        assert {path.name for path in tmp_path.iterdir()} == {*HELD, ".git"}
        check_room(tmp_path)

    def test_into_folders_that_do_not_exist_yet(self, tmp_path):
        export_room(tmp_path / "a" / "b" / "room")
        check_room(tmp_path / "a" / "b" / "room")
        assert [path.name for path in (tmp_path / "a" / "b").iterdir()] == ["room"]

    def test_refuses_what_is_not_empty(self, tmp_path, room):
        (tmp_path / "file").write_text("mine")
        for place in (room, tmp_path):
            with pytest.raises(LadderError, match="is not empty"):
                export_room(place)
        with pytest.raises(LadderError, match=r"can't make a room in .*file: Not a directory"):
            export_room(tmp_path / "file")
        check_room(room)
        assert (tmp_path / "file").read_text() == "mine"

    def test_refuses_this_repository(self):
        with pytest.raises(LadderError, match="lies in this repository"):
            export_room(ROOT / "room")
        assert not (ROOT / "room").exists()

    @pytest.mark.parametrize("error", [LadderError("no"), OSError(28, "No space left on device"), KeyboardInterrupt()])
    @pytest.mark.parametrize("existed", [True, False])
    def test_leaves_nothing_when_it_fails(self, error, existed, tmp_path, monkeypatch):
        def fail(stage):
            assert (stage / "bench.py").exists()
            raise error

        monkeypatch.setattr(export, "start_history", fail)
        room = tmp_path / "parent" / "room"
        if existed:
            room.mkdir(parents=True)
        with pytest.raises((LadderError, KeyboardInterrupt)):
            export_room(room)
        left = sorted(path.name for path in tmp_path.rglob("*"))
        assert left == (["parent", "room"] if existed else [])

    def test_leaves_nothing_when_the_last_step_fails(self, tmp_path, monkeypatch):
        whole = Path.rename

        def rename(self, target):
            if self.name == "bench.py":
                raise OSError(28, "No space left on device")
            return whole(self, target)

        monkeypatch.setattr(Path, "rename", rename)
        with pytest.raises(LadderError, match="No space left"):
            export_room(tmp_path)
        assert list(tmp_path.iterdir()) == []

    def test_needs_git(self, tmp_path, monkeypatch):
        monkeypatch.setenv("PATH", str(tmp_path))
        with pytest.raises(LadderError, match="can't run git"):
            export_room(tmp_path / "room")
        assert list(tmp_path.iterdir()) == []

    def test_command(self, tmp_path):
        command = [sys.executable, "-m", "ladder.cli", "export", str(tmp_path / "a room")]
        done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == 0, done.stderr
        assert export.PROMPT in done.stdout
        assert f"ladder judge '{tmp_path / 'a room'}'" in done.stdout
        check_room(tmp_path / "a room")
        again = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
        assert (again.returncode, again.stdout, len(again.stderr.splitlines())) == (2, "", 1)


def work_as_told(room):
    """What an agent does that keeps to program.md."""
    run_git(room, "switch", "-q", "-c", "autoresearch/20300101")
    commit(room)
    run_git(room, "tag", "kept")
    commit(room, text="# slower\n")
    run_git(room, "reset", "-q", "--hard", "kept")
    for name in ("results.tsv", "run.log", "idea.txt", "kept.py"):
        (room / name).write_text("x")
    (room / "__pycache__").mkdir()
    (room / "program.py").write_text("# not committed yet\n")


def change(name):
    def tamper(room):
        (room / name).write_text((room / name).read_text() + "# easier\n")

    return tamper


def remove(name):
    return lambda room: (room / name).unlink()


def commit_and_take_back(room):
    original = (room / "bench.py").read_text()
    commit(room, "bench.py", original + "# easier\n")
    commit(room, "bench.py", original)


def link(room):
    shutil.move(room / "bench.py", room.parent / "bench.py")
    (room / "bench.py").symlink_to(room.parent / "bench.py")


def amend(room):
    change("bench.py")(room)
    run_git(room, "commit", "-q", "--amend", "--all", "--no-edit")


def amend_and_restore(room):
    original = (room / "bench.py").read_text()
    amend(room)
    (room / "bench.py").write_text(original)


def start_from_another_program(room):
    (room / "program.py").write_text("# fast from the beginning\n")
    run_git(room, "commit", "-q", "--amend", "--all", "--no-edit")


def merge(room):
    run_git(room, "switch", "-q", "-c", "side")
    commit(room, "helper.py")
    run_git(room, "switch", "-q", "main")
    commit(room)
    run_git(room, "merge", "-q", "--no-edit", "side")
    (room / "helper.py").unlink()


def slip_into_a_merge(room):
    """No commit on either side touches the file, only the one that joins them does."""
    run_git(room, "switch", "-q", "-c", "side")
    commit(room)
    run_git(room, "switch", "-q", "main")
    run_git(room, "merge", "-q", "--no-ff", "--no-commit", "side")
    commit(room, "helper.py")
    (room / "helper.py").unlink()


def merge_another_history(room):
    run_git(room, "switch", "-q", "--orphan", "other")
    commit(room, "helper.py")
    run_git(room, "switch", "-q", "main")
    run_git(room, "merge", "-q", "--no-edit", "--allow-unrelated-histories", "other")


def replace_first_commit(room):
    """Git can be told to show another object in place of the true one."""
    original = (room / "bench.py").read_text()
    commit(room, "bench.py", original + "# easier\n")
    changed = run_git(room, "rev-parse", "HEAD").strip()
    tree = run_git(room, "rev-parse", "main~1^{tree}").strip()
    innocent = run_git(room, "commit-tree", tree, "-p", "main~1", "-m", "try").strip()
    run_git(room, "replace", changed, innocent)
    (room / "bench.py").write_text(original)


class TestCheck:
    def test_accepts_a_new_room(self, room):
        check_room(room)

    def test_accepts_work_as_told(self, room):
        work_as_told(room)
        check_room(room)

    @pytest.mark.parametrize(
        ("tamper", "reason"),
        [
            (change("bench.py"), "bench.py was changed"),
            (change("program.md"), "program.md was changed"),
            (change("requirements.txt"), "requirements.txt was changed"),
            (change("README.md"), "README.md was changed"),
            (change(".gitignore"), ".gitignore was changed"),
            (remove("bench.py"), "bench.py is missing"),
            (remove("program.py"), "program.py is missing"),
            (link, "bench.py is missing, or not a plain file"),
            (lambda room: (room / "fast.so").write_text("x"), "more than was exported: fast.so"),
            (lambda room: commit(room, "helper.py"), "helper.py"),
            (lambda room: commit(room, "results.tsv"), "commits changed results.tsv, expected program.py alone"),
            (commit_and_take_back, "commits changed bench.py"),
            (amend, "bench.py is not this repository's: exported from another version"),
            (amend_and_restore, "bench.py of the first commit is not what was exported"),
            (start_from_another_program, "program.py of the first commit is not what was exported"),
            (merge, "commits changed helper.py"),
            (slip_into_a_merge, "commits changed helper.py"),
            (merge_another_history, "2 beginnings"),
            (replace_first_commit, "commits changed bench.py"),
            (lambda room: shutil.rmtree(room / ".git"), "not a room made by `ladder export`"),
            (lambda room: (room / ".git" / "HEAD").write_text("nonsense"), "git rev-list"),
        ],
    )
    def test_names_what_was_changed(self, tamper, reason, room):
        tamper(room)
        with pytest.raises(LadderError, match=re.escape(reason)) as caught:
            check_room(room)
        assert "\n" not in str(caught.value)

    def test_a_folder_inside_of_another_repository_is_no_room(self, room):
        inside = room / "inside"
        inside.mkdir()
        for name in HELD:
            shutil.copy(room / name, inside / name)
        with pytest.raises(LadderError, match="no git repository of its own"):
            check_room(inside)

    def test_a_missing_folder_is_no_room(self, tmp_path):
        with pytest.raises(LadderError, match="not a room"):
            check_room(tmp_path / "nothing")

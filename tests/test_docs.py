"""What the documentation tells a reader to do can be done: every command in it runs as it is written.

documents.py says how commands are found, and by which comments long ones and such that can't be tested are marked.
"""

import re
import shlex

import pytest
import typer
from documents import (
    DOCUMENTS,
    GENERATED,
    MARKER,
    OTHER_LANGUAGES,
    SHELLS,
    Checkout,
    anchors,
    find_blocks,
    find_links,
    project_files,
    prose,
)

from autoresearch import bench
from ladder.availability import ROOT
from ladder.cli import app

QUICK_S, MINUTE_S = 120.0, 60.0
SLACK = 5  # other machines are slower than the one on which somebody wrote down the minutes
PAGES = sorted(ROOT / name for name in project_files() if name.endswith(".md") and not name.startswith("tests/"))

# Figures that are said by others, or are names; everything else is to be computed from a recorded run.
NOT_OURS = ("100x question",)
FIGURE = re.compile(
    r"\d[\d,.]*(?:x\b| times (?:as |the |fast|slow|quick)|-fold| ?(?:generations/s|generations per second))"
)


def name_of(path):
    return str(path.relative_to(ROOT))


def run_blocks(document, folder, kinds):
    """Run a document's blocks of some kinds in their order in a copy of the project; return how many ran."""
    checkout, ran = None, 0
    for block in find_blocks(document):
        if block.kind not in (*kinds, "file", "patch"):
            continue
        checkout = checkout or Checkout(folder)
        if block.kind == "file":
            (checkout.root / block.detail).write_text(block.text, encoding="utf-8")
            continue
        command = f"git apply - <<'PATCH'\n{block.text}PATCH" if block.kind == "patch" else block.text
        limit_s = MINUTE_S * SLACK * int(block.detail) if block.kind == "long" else QUICK_S
        output, status = checkout.shell(command, limit_s)
        assert status == 0, f"{block.place}: exit status {status} of\n{command}\n{output}"
        ran += 1
        for room in checkout.rooms():
            checkout.work_in(room)
    return ran


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_run_as_written(document, tmp_path):
    run_blocks(document, tmp_path, ("commands",))


@pytest.mark.slow
@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_long_commands_run_as_written(document, tmp_path):
    run_blocks(document, tmp_path, ("commands", "long"))


def test_commands_are_found():
    """A reader's commands don't slip through: there are some in each guide that gives any, and of each kind."""
    kinds = {document.name: {block.kind for block in find_blocks(document)} for document in DOCUMENTS}
    assert "long" in kinds["README.md"]
    assert {"commands", "long"} <= kinds["agents.md"]
    assert {"commands", "long", "file", "patch"} <= kinds["new_rung.md"]
    assert {"commands", "long"} <= kinds["lessons_template.md"]


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_blocks_say_what_they_are(document):
    for block in find_blocks(document):
        if block.language or block.kind not in ("commands", "long", "not run"):
            assert block.language in ("", *SHELLS, *OTHER_LANGUAGES), f"{block.place}: language {block.language!r}"
    fences = re.findall(r"^ *```(.*)$", document.read_text(encoding="utf-8"), re.MULTILINE)
    assert all(fences[::2]), "a fenced block without a language"
    assert not any(fences[1::2])


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_comments_are_markers(document):
    """A marker that nobody knows would silently change what is run."""
    for comment in re.findall(r"<!--.*?-->", document.read_text(encoding="utf-8"), re.DOTALL):
        assert MARKER.fullmatch(comment) or re.fullmatch(r"<!-- ladder report: (begin|end) -->", comment), comment


@pytest.mark.parametrize("page", PAGES, ids=name_of)
def test_links_resolve(page):
    folder = next((made.parent for made, source in GENERATED.items() if source == page), page.parent)
    for link in find_links(page.read_text(encoding="utf-8")):
        if re.match(r"https?:", link):
            continue
        path, _, anchor = link.partition("#")
        target = (folder / path).resolve() if path else page
        assert target.exists(), f"{page.name}: {link}"
        if anchor:
            assert anchor in anchors(target.read_text(encoding="utf-8")), f"{page.name}: {link}"


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_figures_come_from_the_recorded_run(document):
    """A speed or a speed-up written by hand is right until the next run. (In quotes are those that others claim.)"""
    text = re.sub(r'"[^"]*"', "", prose(document))
    for said in NOT_OURS:
        text = text.replace(said, "")
    assert FIGURE.findall(text) == []


def quoted_commands(document):
    """Commands within the text, in backquotes."""
    return re.findall(r"`([^`\n]+)`", prose(document))


def subcommand(name):
    return typer.main.get_command(app).commands.get(name)


@pytest.mark.parametrize("document", DOCUMENTS, ids=name_of)
def test_commands_in_the_text_exist(document):
    """Subcommands, options and targets that the text mentions."""
    targets = re.findall(r"^([\w-]+):", (ROOT / "Makefile").read_text(encoding="utf-8"), re.MULTILINE)
    for command in quoted_commands(document):
        words = shlex.split(command)
        if words[0].endswith("ladder") and len(words) > 1 and not words[1].startswith("-"):
            found = subcommand(words[1])
            assert found, f"{document.name}: {command}"
            options = {option for parameter in found.params for option in parameter.opts}
            assert {word.partition("=")[0] for word in words[2:] if word.startswith("-")} <= options, command
        elif words[0] == "make" and len(words) > 1:
            assert words[1] in targets, f"{document.name}: {command}"
        elif len(words) > 1 and words[1].endswith("bench.py"):
            assert isinstance(bench.parse_arguments(words[2:]).budget, float), command


def test_figures_by_hand_are_found():
    """The test above can fail."""
    for figure in ("1.5x", "20,000x", "2 times as fast", "3 times the", "10-fold", "70 generations/s"):
        assert FIGURE.search(f"some {figure} here"), figure
    for harmless in ("150 x 240", "3 x n", "2 minutes", "8192 x 8192", "0x80", "three times as fast"):
        assert not FIGURE.search(f"some {harmless} here"), harmless
    assert subcommand("run")
    assert not subcommand("walk")

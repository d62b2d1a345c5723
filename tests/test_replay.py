"""ladder replay: the scripted agent does what program.md says, whatever happens meanwhile."""

import doctest
import os
import re
import signal
import subprocess
import sys
import time

import psutil
import pytest

from ladder import brief
from ladder.brief import fill, read_blocks
from ladder.errors import LadderError
from ladder.export import SOURCE, check_room, start_history
from ladder.ideas import DUD, FULL, QUICK, Idea
from ladder.replay import STATUSES, Agent, Shell, decide, find_lesson

PROGRAM_MD = (SOURCE / "program.md").read_text()
BASELINE = (SOURCE / "program.py").read_text()

# A referee that answers at once, by what stands in the program, in the words of the true one.
REFEREE = """
import sys
from pathlib import Path

def last(path):
    return Path(path).read_text().split()[-1]

program = last("program.py")
print("gate: ok", file=sys.stderr)
print("---")
if program in ("wrong", "crash"):
    print(f"reason:             it is {program}")
    print(f"verdict:            {program}")
    sys.exit({"wrong": 1, "crash": 3}[program])
print(f"generations_per_s:  {program}")
if "--against" in sys.argv:
    kept = last(sys.argv[sys.argv.index("--against") + 1])
    ratio = float(program) / float(kept)
    print(f"ratio:              {ratio:.4f}")
    print(f"comparison:         {'faster' if ratio > 1.01 else 'slower' if ratio < 0.99 else 'indistinguishable'}")
print("verdict:            ok")
"""


def make_idea(name, rate, expected):
    return Idea(name, "macro", "algorithm", f"{name} may be faster", lambda _: f"# {rate}\n", expected, "it's so")


IDEAS = (
    make_idea("it's quick", "200", "keep"),
    make_idea("no gain", "200.5", "discard"),
    make_idea('not "right" `at` $all', "wrong", "wrong"),
    make_idea("slower", "100", "keep"),
    make_idea("not running", "crash", "crash"),
    make_idea("quicker", "300", "keep"),
)
OUTCOMES = ["keep", "keep", "discard", "wrong", "discard", "crash", "keep"]


@pytest.fixture
def room(tmp_path):
    folder = tmp_path / "a room"
    folder.mkdir()
    (folder / "program.md").write_text(PROGRAM_MD)
    (folder / "program.py").write_text("# 100\n")
    (folder / "bench.py").write_text(REFEREE)
    start_history(folder)
    return folder


def rows(room):
    return [line.split("\t") for line in (room / "results.tsv").read_text().splitlines()[1:]]


def shell(room, command):
    return subprocess.run(["bash", "-c", command], cwd=room, capture_output=True, text=True, check=True).stdout


def go_on(room, ideas=IDEAS, say=lambda text: None, watch=lambda: None):
    agent = Agent(room, 1.0, None, say, watch)
    done = agent.resume(ideas)
    return [agent.experiment(idea, f"experiment {i}") for i, idea in enumerate(ideas[done:], done + 1)]


class TestLoop:
    def test_from_setup_to_the_last_idea(self, room):
        said = []
        assert go_on(room, say=said.append) == OUTCOMES[1:]
        found = rows(room)
        assert [row[2] for row in found] == OUTCOMES
        assert [row[1] for row in found] == ["100", "200", "200.5", "", "100", "", "300"]
        assert [row[3] for row in found[1:]] == [idea.description for idea in IDEAS]
        assert found[1][4:] == ["macro", "algorithm", "it's quick may be faster", "2.00x: it's so"]
        assert found[4][7] == "expected keep, but 0.500x"
        assert (room / "program.py").read_text() == (room / "kept.py").read_text() == "# 300\n"
        assert shell(room, "git status --porcelain") == ""
        assert shell(room, "git log --format=%s").splitlines() == ["quicker", "it's quick", "Start"]
        assert "experiment 6, quicker: keep (ratio 1.5000)" in said

    def test_going_on_with_all_done_does_nothing(self, room):
        go_on(room)
        before = (room / "results.tsv").read_text(), shell(room, "git rev-parse HEAD kept")
        assert go_on(room) == []
        assert ((room / "results.tsv").read_text(), shell(room, "git rev-parse HEAD kept")) == before

    @pytest.mark.parametrize("command", range(3, 40, 5))
    def test_may_be_interrupted_before_any_command(self, command, room, monkeypatch):
        """Whatever was cut short, the same room goes on and ends with one row for each idea."""
        self.interrupt(room, monkeypatch, command, after=False)

    @pytest.mark.parametrize("command", range(4, 40, 5))
    def test_may_be_interrupted_after_any_command(self, command, room, monkeypatch):
        self.interrupt(room, monkeypatch, command, after=True)

    def interrupt(self, room, monkeypatch, command, after):
        run, count = Shell.run, iter(range(1, 1000))

        def interrupted(shell, text, check=True):
            last = next(count) == command
            if last and not after:
                raise KeyboardInterrupt
            output = run(shell, text, check)
            if last:
                raise KeyboardInterrupt
            return output

        with monkeypatch.context() as patch:
            patch.setattr(Shell, "run", interrupted)
            with pytest.raises(KeyboardInterrupt):
                go_on(room)
        go_on(room)
        assert [row[2] for row in rows(room)] == OUTCOMES
        assert (room / "program.py").read_text() == "# 300\n"
        assert shell(room, "git log --format=%s").splitlines() == ["quicker", "it's quick", "Start"]

    def test_edits_that_were_left_behind_are_reset(self, room):
        go_on(room, IDEAS[:1])
        (room / "program.py").write_text("# 9999\n")
        assert go_on(room, IDEAS[:2]) == ["discard"]
        assert (room / "program.py").read_text() == "# 200\n"

    def test_refuses_another_run(self, room):
        go_on(room, IDEAS[:1])
        with pytest.raises(LadderError, match="holds another run"):
            go_on(room, IDEAS[1:])

    def test_a_room_without_a_log_but_with_a_branch_was_cut_short(self, room):
        shell(room, "git switch -q -c autoresearch/20300101")
        with pytest.raises(LadderError, match="cut short before its log"):
            go_on(room)

    def test_stops_where_the_referee_can_not_be_used(self, room):
        (room / "bench.py").write_text("import sys\nprint('verdict: crash')\nsys.exit(3)\n")
        shell(room, "git commit -q -a -m 'another referee'")
        with pytest.raises(LadderError, match="the baseline failed with exit status 3"):
            go_on(room)
        (room / "bench.py").write_text("import sys\nprint('bench.py: out of order')\nsys.exit(2)\n")
        shell(room, "git commit -q -a -m 'another referee'")
        with pytest.raises(LadderError, match="out of order"):
            go_on(room)

    def test_nothing_is_left_running(self, room):
        (room / "bench.py").write_text("import time\ntime.sleep(600)\n")
        shell(room, "git commit -q -a -m 'a slow referee'")
        seen = set()

        def interrupt():
            found = psutil.Process().children(recursive=True)
            if any("bench.py" in process.cmdline() for process in found):
                seen.update(found)
                raise KeyboardInterrupt

        with pytest.raises(KeyboardInterrupt):
            go_on(room, watch=interrupt)
        assert len(seen) >= 2
        assert not psutil.wait_procs(seen, timeout=1)[1]


class TestBrief:
    def test_table_of_program_md_is_what_decides(self):
        """Each row: exit status, verdict, meaning, status to log, what then."""
        table = re.findall(r"^\| (\d+) \| [^|]+ \| ([^|]+) \| `?([\w ]+)`? \| ([\w ,]+) \|$", PROGRAM_MD, re.MULTILINE)
        assert len(table) == 10
        for status, meaning, logged, then in table:
            if status in ("2", "130"):
                assert logged == "no row"
                assert int(status) not in STATUSES
            elif status != "0":
                assert decide(int(status), {}) == logged
                assert then == "reset"
            elif "`faster`" in meaning:
                assert decide(0, {"comparison": "faster"}) == logged == then == "keep"
            elif meaning == "anything else":
                assert logged == decide(0, {"comparison": "indistinguishable"}) == decide(0, {"comparison": "slower"})

    def test_every_example_is_replaced(self):
        blocks = read_blocks(PROGRAM_MD)
        assert '"' not in fill(blocks["idea"], "a", "b", "c", "d").replace("'%s\\n'", "")
        for name, words in (("idea", 3), ("log", 1), ("look", 1)):
            with pytest.raises(LadderError, match="examples, expected"):
                fill(blocks[name], *"abcd"[:words])

    def test_another_program_md_is_refused(self):
        with pytest.raises(LadderError, match="has 0 blocks of commands"):
            read_blocks("")

    def test_examples_in_docstrings(self):
        assert doctest.testmod(brief).failed == 0


class TestIdeas:
    @pytest.mark.parametrize("idea", FULL, ids=lambda idea: idea.description)
    def test_edits_change_the_program_into_another(self, idea):
        changed = idea.edit(BASELINE)
        assert changed != BASELINE
        compile(changed, "program.py", "exec")
        assert "\t" not in "".join(idea[:4]) + idea.learned
        assert idea.track in ("micro", "macro")
        assert f"`{idea.category}`" in PROGRAM_MD

    def test_both_scripts_have_every_outcome(self):
        for ideas in (QUICK, FULL):
            assert {idea.expected for idea in ideas} == {"keep", "discard", "wrong", "crash"}
            assert len({idea.description for idea in ideas}) == len(ideas)
        assert set(QUICK) <= set(FULL)

    def test_lessons_tell_what_came_out(self):
        idea = QUICK[0]
        assert find_lesson(idea, "keep", {"ratio": "55.8346"}) == f"55.8x: {idea.learned}"
        assert find_lesson(idea, "discard", {"ratio": "1.0001"}) == "expected keep, but 1.00x"
        assert find_lesson(idea, "crash", {"reason": "two\tcells"}) == "expected keep, but two cells"
        assert find_lesson(idea, "timeout", {}) == "expected keep, but timeout"


def start_replay(folder):
    command = [sys.executable, "-m", "ladder.cli", "replay", "--quick", "--dir", str(folder)]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


def test_interrupt_is_clean_and_says_how_to_go_on(tmp_path):
    with start_replay(tmp_path / "a room") as process:
        deadline = time.monotonic() + 60
        while not (tmp_path / "a room" / "run.log").exists() and time.monotonic() < deadline:
            time.sleep(0.1)
        running = psutil.Process(process.pid).children(recursive=True)
        assert running
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=30)
    assert process.returncode == 130
    assert f"go on with: ladder replay --quick --dir '{tmp_path / 'a room'}'" in errors
    assert "Traceback" not in errors
    assert not psutil.wait_procs(running, timeout=5)[1]
    check_room(tmp_path / "a room")


@pytest.mark.slow
def test_quick_replay(tmp_path):
    """The whole loop, by the true referee: what is expected of each idea comes out, and the room can be judged."""
    room = tmp_path / "a room"
    with start_replay(room) as process:
        output, errors = process.communicate(timeout=600)
    assert process.returncode == 0, errors
    outcomes = [row[2] for row in rows(room)]
    expected = ["keep", *(idea.expected for idea in QUICK)]
    # Of two programs that are equally fast, the referee takes one for the faster in a percent of all cases.
    place = QUICK.index(DUD) + 1
    assert outcomes[place] in ("discard", "keep")
    assert outcomes == [*expected[:place], outcomes[place], *expected[place + 1 :]]
    assert [bool(row[1]) for row in rows(room)] == [row[2] in ("keep", "discard") for row in rows(room)]
    assert float(rows(room)[-1][1]) > 20 * float(rows(room)[0][1])
    assert (room / "program.py").read_text() == QUICK[-1].edit(BASELINE)
    assert (room / "results.svg").exists()
    assert QUICK[-1].description in output
    assert os.listdir(tmp_path) == ["a room"]
    check_room(room)

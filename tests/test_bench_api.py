"""bench.py as a module: boards, oracle, checks, the child, timing and audit, each on its own."""

import itertools
import json
import os
import secrets
import time
from collections import Counter
from typing import ClassVar

import pytest
from refereeing import HONEST

from autoresearch import bench

DOMINO = bench.WORKLOADS["domino"]
ENTRY = "def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):\n"


@pytest.fixture
def start(tmp_path):
    """Start a child on a text; closed with the test."""
    children = []

    def start(text, **options):
        path = tmp_path / f"program{len(children)}.py"
        path.write_text(text)
        child = bench.Child(bench.Program(str(path)), **options)
        children.append(child)
        return child.__enter__()

    yield start
    for child in children:
        child.close()


class TestOracle:
    def test_plays_the_published_match(self):
        truth = bench.find_truth(bench.DOMINO, 300)
        published = {generation: c for generation, c in bench.DOMINO_CHECKPOINTS.items() if generation <= 300}
        assert {generation: truth.counts[generation] for generation in published} == published
        assert truth.victory is None

    def test_blinker_turns_and_comes_back(self):
        team1, team2 = {(1, 2), (2, 2), (3, 2)}, set()
        once = bench.next_generation(team1, team2, 7, 7)
        assert once == ({(2, 1), (2, 2), (2, 3)}, set())
        assert bench.next_generation(*once, 7, 7) == (team1, team2)

    @pytest.mark.parametrize(("x", "team"), [(4, 0), (5, 1)])
    def test_a_tie_is_decided_by_the_checkerboard(self, x, team):
        """A cell between two neighbors, one of each team, survives in the color of its square."""
        following = bench.next_generation({(x - 1, 4), (x, 4)}, {(x + 1, 4)}, 20, 20)
        assert (x, 4) in following[team]

    def test_a_survivor_takes_the_color_of_its_neighbors(self):
        team1, team2 = {(5, 5)}, {(4, 5), (6, 5)}
        assert (5, 5) in bench.next_generation(team1, team2, 20, 20)[1]

    def test_wraps(self):
        middle = bench.soup(bench.Stream(b"wrap"), 10, 12, 0.4)
        teams = [bench.read_cells(text, 10, 12) for text in (middle.s1, middle.s2)]
        moved = [{((x + 6) % 12, (y + 4) % 10) for x, y in team} for team in teams]
        for _ in range(5):
            teams, moved = (bench.next_generation(*which, 10, 12) for which in (teams, moved))
        assert [{((x + 6) % 12, (y + 4) % 10) for x, y in team} for team in teams] == list(moved)

    def test_earliest_victory(self):
        board = bench.make_board({(0, 0), (1, 0), (0, 1), (1, 1)}, set(), 8, 8, "a block")
        truth = bench.find_truth(board, 400)
        assert truth.victory == max(truth.counts) == 283

    def test_a_level_match_is_never_won(self):
        _, last, truth = bench.level_board(bench.Stream(b"level"))
        assert (truth.victory, max(truth.counts)) == (None, last)

    def test_the_window_holds_280(self):
        """Counts that change for the last time at generation 100 let the mean rest from 380 on: won at 382."""
        victory = bench.Victory()
        won = (g for g in itertools.count() if victory.is_won(40 + (g < 100), 60))
        assert next(won) == 100 + 280 + 2 - 1

    def test_a_team_that_dies_has_lost_at_once(self):
        victory = bench.Victory()
        won = (g for g in itertools.count() if victory.is_won(40 + g % 9, 0 if g >= 350 else 3))
        assert next(won) == 350


class TestBoards:
    def test_timed_boards_never_repeat(self):
        key = secrets.token_bytes(32)
        boards = [bench.make_task(DOMINO, key, i).board for i in range(2000)]
        boards += [bench.make_task(DOMINO, secrets.token_bytes(32), i).board for i in range(200)]
        assert len({(board.s1, board.s2) for board in boards}) == len(boards)

    def test_the_same_key_gives_the_same_task(self):
        assert bench.make_task(DOMINO, b"k", 3) == bench.make_task(DOMINO, b"k", 3)
        assert bench.make_task(DOMINO, b"k", 3) != bench.make_task(DOMINO, b"k", 4)

    def test_one_in_eight_is_a_sleeper(self):
        names = [bench.make_task(DOMINO, b"k", i).board.name for i in range(80)]
        assert [names[i : i + 8].count("sleeper") for i in range(0, 80, 8)] == [1] * 10
        assert len({names[i : i + 8].index("sleeper") for i in range(0, 80, 8)}) > 1
        assert names[0] != "sleeper"

    def test_parts_of_matches_have_no_sleepers(self):
        assert {bench.make_task(DOMINO, b"k", i, 500).board.name for i in range(40)} == {"domino-like"}

    def test_domino_like_keeps_every_cell(self):
        """No piece covers another: 60 cells for each team, and the pieces are those of Domino Party."""
        shapes = Counter(map(shape_of, bench.DOMINO_PIECES[0]))
        for i in range(200):
            board = bench.domino_like(bench.Stream(b"pieces", i), sleeping=False)
            cells = [bench.read_cells(text, board.rows, board.columns) for text in (board.s1, board.s2)]
            assert [len(team) for team in cells] == [60, 60]
            assert not cells[0] & cells[1]
        moved = bench.domino_like(bench.Stream(b"far apart"), sleeping=False)
        found = Counter(map(shape_of, bench.find_pieces(bench.read_cells(moved.s1, 150, 240))))
        assert len(found & shapes) >= 1

    def test_most_sleepers_are_won_within_an_episode(self):
        victories = [bench.find_truth(bench.sleeper(bench.Stream(b"s", i)), 400).victory for i in range(12)]
        assert sum(victory is not None for victory in victories) >= 6

    def test_schedules_are_random_and_end_with_the_episode(self):
        schedules = [bench.make_task(DOMINO, b"k", i).schedule for i in range(50)]
        assert {schedule[-1] for schedule in schedules} == {1000}
        assert all(len(schedule) >= 2 and list(schedule) == sorted(set(schedule)) for schedule in schedules)
        assert len(set(schedules)) == 50

    @pytest.mark.parametrize("name", ["gliders", "ash"])
    def test_level_workloads_stay_level(self, name):
        board = bench.WORKLOADS[name].make(bench.Stream(b"level"))
        counts = bench.find_truth(board, 30).counts.values()
        assert len({c1 for c1, _ in counts} | {c2 for _, c2 in counts}) == 1

    def test_gate_boards_have_every_shape(self):
        boards = [board for board, _ in bench.gate_boards(bench.Stream(b"gate"))]
        shapes = {(board.rows % 2, board.columns % 2) for board in boards}
        assert shapes == {(0, 0), (0, 1), (1, 0), (1, 1)}
        assert {3} in ({board.rows, board.columns} for board in boards)
        assert any("-" in board.s1 for board in boards), "negative coordinates"
        assert any(board.s1 == "[]" for board in boards)
        assert any(board.s2 == "[]" for board in boards)

    def test_late_match_is_won_late_and_unpredictably(self):
        found = [bench.late_board(bench.Stream(b"late", i)) for i in range(3)]
        assert len({truth.victory for _, _, truth in found}) == 3
        for _, last, truth in found:
            assert 5300 < truth.victory < last
            assert truth.counts[1000] == (5, 5)


def shape_of(piece):
    x0, y0 = min(x for x, _ in piece), min(y for _, y in piece)
    return frozenset((x - x0, y - y0) for x, y in piece)


class TestStream:
    def test_is_reproducible_and_labelled(self):
        assert bench.Stream(b"k", 1).random() == bench.Stream(b"k", 1).random()
        assert len({bench.Stream(*which).random() for which in ((b"k", 1), (b"k", 2), (b"l", 1), (b"k",))}) == 4

    def test_bits_are_even(self):
        stream = bench.Stream(b"bits")
        ones = sum(stream.getrandbits(1000).bit_count() for _ in range(200))
        assert abs(ones - 100_000) < 5 * 224  # five standard deviations

    def test_ranges_are_even(self):
        stream = bench.Stream(b"range")
        counts = Counter(stream.randrange(7) for _ in range(14_000))
        assert set(counts) == set(range(7))
        assert all(abs(count - 2000) < 5 * 42 for count in counts.values())


BOARD = bench.make_board({(1, 1), (1, 2), (1, 3)}, set(), 9, 9, "blinker")
TASK = bench.Task(BOARD, (2, 5))


class TestChecks:
    def test_a_right_answer_passes(self):
        answer = bench.Answer(5, [[0, 3, 0], [2, 3, 0], [5, 3, 0]])
        bench.check_form(TASK, answer)
        bench.check_truth(TASK, answer, bench.find_truth(BOARD, 5))

    @pytest.mark.parametrize(
        ("reached", "reports", "words"),
        [
            (10**12, [], "never called the callback and returned 1000000000000"),
            (5, [[2, 3, 0], [5, 3, 0]], "expected generation 0 first"),
            (5, [[0, 3, 0], [5, 3, 0]], "did not report generation 2"),
            (5, [[0, 3, 0], [2, 3, 0], [2, 3, 0], [5, 3, 0]], "expected one after 2"),
            (2, [[0, 3, 0], [5, 3, 0], [2, 3, 0]], "expected one after 5"),
            (9, [[0, 3, 0], [2, 3, 0], [5, 3, 0]], "returned 9, but reported 5"),
            (6, [[0, 3, 0], [2, 3, 0], [5, 3, 0], [6, 3, 0]], "played on to 6 when told to stop at 5"),
            (5, [[0, 3, 0], [2, -3, 6], [5, 3, 0]], "counts -3 6 don't fit the board"),
            (5, [[0, 3, 0], [2, 80, 2], [5, 3, 0]], "counts 80 2 don't fit the board"),
            (5, [[0, 10**400, 0]], "more than 30 digits"),
        ],
    )
    def test_a_wrong_form_is_named(self, reached, reports, words):
        with pytest.raises(bench.Wrong, match=words):
            bench.check_form(TASK, bench.Answer(reached, reports))

    def test_a_wrong_count_comes_with_all_that_is_known(self):
        answer = bench.Answer(5, [[0, 3, 0], [2, 3, 0], [5, 2, 1]])
        with pytest.raises(bench.Wrong) as caught:
            bench.check_truth(TASK, answer, bench.find_truth(BOARD, 5))
        assert caught.value.reason == "generation 5: counts 2 1, expected 3 0"
        details = caught.value.details
        assert (details["expected"], details["actual"], details["delta"]) == ([3, 0], [2, 1], [-1, 1])
        assert (details["generation"], details["last_good"]) == (5, 2)
        assert bench.Board(**details["board"]) == BOARD

    def test_the_end_has_to_be_right(self):
        truth = bench.find_truth(BOARD, 400)
        task = bench.Task(BOARD, (100, 500))
        bench.check_truth(task, bench.Answer(283, [[0, 3, 0], [100, 3, 0], [283, 3, 0]]), truth)
        with pytest.raises(bench.Wrong, match="goes on to 283"):
            bench.check_truth(task, bench.Answer(200, [[0, 3, 0], [100, 3, 0], [200, 3, 0]]), truth)
        with pytest.raises(bench.Wrong, match="won at 283"):
            bench.check_truth(task, bench.Answer(290, [[0, 3, 0], [100, 3, 0], [290, 3, 0]]), truth)

    def test_an_end_that_nobody_knows_is_no_victory(self):
        task = bench.Task(bench.DOMINO, (60, 20000))
        answer = bench.Answer(61, [[0, 60, 60], [60, 301, 365], [61, 300, 360]])
        with pytest.raises(bench.Wrong, match="stopped at generation 61, where nobody has won"):
            bench.check_truth(task, answer, bench.DOMINO_TRUTH)

    def test_ends_follow_from_the_programs_own_counts(self):
        every = bench.Task(BOARD, tuple(range(1, 301)))
        reports = [[generation, 3, 0] for generation in range(301)]
        bench.check_end(every, bench.Answer(283, reports[:284]))
        with pytest.raises(bench.Wrong, match="by its own counts it ends at 283"):
            bench.check_end(every, bench.Answer(300, reports))
        with pytest.raises(bench.Wrong, match="by its own counts it ends at 300"):
            bench.check_end(every, bench.Answer(200, reports[:201]))


class TestAnswers:
    @pytest.mark.parametrize(
        "line",
        [
            *(b"", b"nonsense", b"[1, 2]", b"null", b'{"a": 1}', b"[" * 100_000, b'["n", 1, [[0, 1.5, 2]]]'),
            *(b'["n", 1, [[0, true, 2]]]', b'["n", 1, [[0, 1]]]', b'["n", 1, {}]', b'["n", "1", []]', b"\xff"),
            *(b'["n", 1.0, []]', b'["n", NaN, []]', b'["n", true, []]', b'["n", null, []]', b'["n", null, 5]'),
        ],
    )
    def test_what_serve_does_not_write_is_tampering(self, line):
        with pytest.raises(bench.Tampered):
            bench.decode_answer(line, "n")

    def test_another_number_is_tampering(self):
        with pytest.raises(bench.Tampered, match="number of its match"):
            bench.decode_answer(b'["m", 1, []]', "n")

    def test_an_exception_is_a_crash(self):
        with pytest.raises(bench.Crash, match="raised ValueError: no") as caught:
            bench.decode_answer(json.dumps(["n", None, "Traceback\n  ...\nValueError: no\n"]).encode(), "n")
        assert caught.value.details["traceback"].startswith("Traceback")


class TestCallback:
    def test_asks_for_one_generation_after_another(self):
        callback = bench.Checkpoints([3, 7])
        asked = [callback.next_generation]
        for generation in (0, 1, 3, 5, 7):
            goes_on = callback(generation, 1, 2)
            asked.append(callback.next_generation)
        assert asked == [0, 3, 3, 7, 7, 8]
        assert not goes_on
        assert callback.all_reports() == [(0, 1, 2), (3, 1, 2), (7, 1, 2)]

    def test_keeps_the_last_report_and_what_came_out_of_order(self):
        callback = bench.Checkpoints([9])
        for generation in (0, 4, 2, 5):
            callback(generation, 1, 2)
        assert callback.all_reports() == [(0, 1, 2), (2, 1, 2), (5, 1, 2)]

    def test_does_not_grow_with_a_program_that_plays_on(self):
        callback = bench.Checkpoints([2])
        for generation in range(10_000):
            callback(generation, 1, 2)
        assert callback.all_reports() == [(0, 1, 2), (2, 1, 2), (9999, 1, 2)]

    def test_takes_whole_numbers_only(self):
        with pytest.raises(TypeError):
            bench.Checkpoints([2])(0, 1.0, 2)


class TestChild:
    def test_plays_tasks_in_order_and_clocks_them(self):
        tasks = [bench.make_task(DOMINO, b"order", i, 20) for i in range(5)]
        with bench.Child(bench.Program(str(HONEST))) as child:
            answers, clocked = child.play(tasks, 30)
        for task, answer in zip(tasks, answers, strict=True):
            bench.check_truth(task, answer, bench.find_truth(task.board, 20))
        assert (clocked.episodes, clocked.generations) == (5, 100)
        assert clocked.charged_s >= max(clocked.wall_s, clocked.cpu_s) > 0
        assert len(clocked.seconds) == 5
        assert sum(clocked.seconds) == pytest.approx(clocked.wall_s, rel=0.1)

    def test_stands_still_between_calls(self, start):
        child = start(HONEST.read_text())
        with open(f"/proc/{child.process.pid}/stat") as file:
            assert file.read().rpartition(")")[2].split()[0] == "T"
        child.check_still()

    def test_what_is_charged_late_is_no_work_while_stopped(self, start, monkeypatch):
        """Linux calls a thread stopped a moment before it leaves its core, and charges it for that moment."""
        child = start(HONEST.read_text())
        readings = iter([100, 130, 170, 170])
        with monkeypatch.context() as patched:
            patched.setattr(bench, "cpu_ns", lambda pid: next(readings))
            child._freeze()
        with monkeypatch.context() as patched:
            patched.setattr(bench, "cpu_ns", lambda pid: 170)
            child.check_still()
            patched.setattr(bench, "cpu_ns", lambda pid: 171)
            with pytest.raises(bench.Tampered, match="while it was stopped"):
                child.check_still()

    def test_threads_are_charged_as_processor_time(self, start):
        text = "import threading, hashlib\ndata = bytes(10**8)\n" + ENTRY
        text += "    threads = [threading.Thread(target=hashlib.sha256, args=(data,)) for _ in range(2)]\n"
        text += "    [thread.start() for thread in threads]\n    [thread.join() for thread in threads]\n"
        text += "    checkpoint_callback(0, 3, 0)\n    return 0\n"
        child = start(text)
        _, clocked = child.play([bench.Task(BOARD, (1,))], 30)
        assert clocked.charged_s >= clocked.cpu_s > 0.05

    def test_is_clean(self, start, monkeypatch):
        monkeypatch.setenv("SECRET_OF_THE_PARENT", "1")
        monkeypatch.setenv("PYTHONPATH", "/nowhere")
        monkeypatch.setenv("LADDER_SIMD", "portable")
        text = "import os, sys\nseen = [dict(os.environ), os.getcwd(), os.listdir('.'), sys.path, sys.argv]\n"
        child = start(text + ENTRY + "    raise SystemError(repr(seen))\n")
        with pytest.raises(bench.Crash) as caught:
            child.play([TASK], 10)
        assert "SECRET_OF_THE_PARENT" not in caught.value.reason
        assert "/nowhere" not in caught.value.reason
        assert "'LADDER_SIMD': 'portable'" in caught.value.reason
        assert "'OMP_NUM_THREADS': '1'" in caught.value.reason
        assert f"'{child.folder}/work', []" in caught.value.reason

    def test_takes_its_folder_away(self, start):
        child = start(HONEST.read_text())
        folder, pid = child.folder, child.process.pid
        assert folder.exists()
        child.close()
        assert not folder.exists()
        assert not os.path.exists(f"/proc/{pid}")
        child.close()

    def test_memory_is_watched_and_its_peak_known(self, start):
        child = start("data = b'x' * (80 << 20)\n" + HONEST.read_text(), memory_mb=300)
        assert 80 < child.peak_memory_mb < 300
        with pytest.raises(bench.Crash, match="MB of memory, more than 60 MB"):
            start("import time\ndata = b'x' * (80 << 20)\ntime.sleep(9)\n", memory_mb=60)

    def test_sealed_folder_stays_as_it_is(self, start):
        text = ENTRY + "    checkpoint_callback(0, 3, 0)\n    open(f'{rows}-{columns}', 'w').close()\n    return 0\n"
        child = start(text)
        child.play([bench.Task(BOARD, (1,))], 10)
        child.seal()
        with pytest.raises(bench.Tampered, match="wrote files"):
            child.play([bench.Task(BOARD._replace(rows=10), (1,))], 10)

    def test_a_program_killed_while_it_stands_still_has_crashed(self, start):
        child = start(HONEST.read_text())
        os.kill(child.process.pid, 9)
        time.sleep(0.1)
        with pytest.raises(bench.Crash, match="killed by signal 9"):
            child.play([TASK], 10)

    def test_time_limit_is_told(self, start):
        child = start(ENTRY + "    raise RuntimeError(time_limit_s)\n")
        with pytest.raises(bench.Crash, match=r"RuntimeError: 0\.25"):
            child.play([TASK], 10, 0.25)

    def test_future_statements_of_the_referee_stay_with_it(self, start):
        start("def f(x: 1 / 1): pass\nassert f.__annotations__ == {'x': 1.0}\n" + HONEST.read_text())


@pytest.mark.skipif(bench.landlock_version() < 6, reason="this system lacks some protection")
class TestConfinement:
    """What a program tries in vain. Each line is run at import and has to raise what is named."""

    ATTEMPTS: ClassVar = {
        "fork": ("os.fork()", PermissionError),
        "spawn": ("os.posix_spawn('/bin/true', ['true'], {})", PermissionError),
        "subprocess": ("__import__('subprocess').run(['true'])", PermissionError),
        "affinity": ("os.sched_setaffinity(0, os.sched_getaffinity(0))", PermissionError),
        "priority": ("os.setpriority(os.PRIO_PROCESS, 0, 1)", PermissionError),
        "scheduler": ("os.sched_setscheduler(0, os.SCHED_BATCH, os.sched_param(0))", PermissionError),
        "socket": ("__import__('socket').socket()", PermissionError),
        "limits": ("__import__('resource').prlimit(os.getppid(), 0)", PermissionError),
        "memory": ("open(f'/proc/{os.getppid()}/mem', 'rb')", PermissionError),
        "environment": ("open(f'/proc/{os.getppid()}/environ', 'rb').read()", PermissionError),
        "signal": ("os.kill(os.getppid(), 0)", PermissionError),
        "temporary file": ("open('/tmp/escaped', 'w')", PermissionError),
        "shared memory": ("open('/dev/shm/escaped', 'w')", PermissionError),
        "own file": ("open(__file__, 'a')", PermissionError),
        "own module": ("os.rename(__file__, __file__ + '.old')", PermissionError),
        "hard link": ("os.link('here', '/tmp/escaped')", PermissionError),
        "unshare": ("os.unshare(0x10000000) if hasattr(os, 'unshare') else os.fork()", PermissionError),
    }

    @pytest.mark.parametrize("what", ATTEMPTS)
    def test_is_denied(self, what, start):
        line, error = self.ATTEMPTS[what]
        text = f"import os\nopen('here', 'w').close()\ntry:\n    {line}\nexcept {error.__name__}:\n    pass\nelse:\n"
        start(text + "    raise AssertionError('it was allowed')\n" + HONEST.read_text())

    def test_what_is_needed_is_allowed(self, start):
        text = "import os, threading, tempfile, socket\n"
        text += "threading.Thread(target=int).start()\nsocket.socketpair()\nopen(os.devnull, 'w').write('x')\n"
        text += "tempfile.TemporaryFile().write(b'x')\nopen(os.path.expanduser('~/x'), 'w').write('x')\n"
        start(text + HONEST.read_text())

    @pytest.mark.skipif(os.geteuid() != 0, reason="needs root")
    def test_root_has_lost_its_powers(self, start):
        text = "import os\ntry:\n    os.chown('.', 1, 1)\nexcept PermissionError:\n    pass\nelse:\n    raise OSError\n"
        start(text + HONEST.read_text())


@pytest.fixture(scope="module")
def timing():
    with bench.Child(bench.Program(str(HONEST))) as child:
        _, estimate_s = bench.warm_up(child, DOMINO, b"warm up", 0.5)
        return bench.measure(child, DOMINO, b"timing", 1.5, estimate_s)


class TestTiming:
    def test_whole_episodes_within_the_budget(self, timing):
        assert timing.generations == 1000
        assert timing.charged_s < 3
        assert timing.rate == pytest.approx(timing.total_generations / timing.charged_s)
        assert timing.total_generations == sum(timing.answer(i).reached for i in timing.answers)

    def test_audit_finds_a_single_wrong_number(self, timing):
        for index in list(timing.answers)[:2]:
            kept = timing.answers[index]
            answer = timing.answer(index)
            answer.reports[-1][2] += 1
            timing.answers[index] = json.dumps(answer)
            timing.paces[index], pace = 0.0, timing.paces[index]  # the quickest
            with pytest.raises(bench.Wrong):
                bench.audit(timing, 0.0)
            timing.answers[index], timing.paces[index] = kept, pace

    def test_audit_begins_with_a_sleeper_and_the_quickest(self):
        timing = bench.Timing(DOMINO, b"k")
        timing.answers = dict.fromkeys(range(400), "")
        timing.paces = {i: 1.0 + i % 17 for i in range(400)}
        timing.sleepers = list(range(3, 400, 8))
        timing.paces[212] = 0.5  # not a sleeper
        timing.paces[11] = 0.4  # a sleeper
        order = bench.choose_matches(timing)
        assert order[0] in timing.sleepers
        assert set(order[:3]) >= {212, 11}
        assert len(set(order)) == len(order) >= bench.AUDITED

    def test_a_slow_program_plays_the_part_that_fits(self, start):
        child = start(HONEST.read_text().replace("match.step()", "match.step(); time.sleep(0.004)"))
        timing = bench.measure(child, DOMINO, b"slow", 1.0, 4.5)
        assert 100 < timing.generations < 400
        assert 0.5 < timing.charged_s < 2.5
        assert len(timing.answers) == 1

    def test_feigned_slowness_gains_nothing(self, start):
        child = start(HONEST.read_text())
        timing = bench.measure(child, DOMINO, b"feigned", 1.0, 1000.0)
        assert timing.generations == 1000 or timing.charged_s > 0.5

    def test_replay_finds_who_does_not_watch_for_victory(self, start):
        """Boards like Domino Party, too, are won early at times, as this one is."""
        board = bench.domino_like(bench.Stream(b"early", 108), sleeping=False)
        blind = HONEST.read_text().replace("return is_close(before", "return False and is_close(before")
        assert blind != HONEST.read_text()
        workload = bench.Workload("early", lambda stream: board, 1000)
        for text, is_right in ((HONEST.read_text(), True), (blind, False)):
            child = start(text)
            timing = bench.Timing(workload, b"k")
            timing.play(child, 1, 1.0)
            if is_right:
                assert bench.replay(child, timing, 30.0) == 1
            else:
                with pytest.raises(bench.Wrong, match="by its own counts"):
                    bench.replay(child, timing, 30.0)

    def test_replay_finds_what_comes_out_differently(self, start):
        body = "    PLAYED.append(rows)\n    rows += 2 * (len(PLAYED) > 1)\n    return play(Match("
        text = "PLAYED = []\n" + HONEST.read_text().replace("    return play(Match(", body)
        child = start(text)
        timing = bench.Timing(bench.Workload("soup", lambda stream: bench.soup(stream, 40, 40), 100), b"k")
        timing.play(child, 1, 1.0)
        with pytest.raises(bench.Wrong):
            bench.replay(child, timing, 30.0)


class TestCompare:
    def test_identical_programs(self):
        program = bench.Program(str(HONEST))
        with bench.Cores(1) as cores:
            found = bench.compare(program, program, cores, DOMINO, blocks=6, margin=0.5, turn_s=0.1)
        assert found.verdict == "indistinguishable"
        assert len(found.block_ratios) == 6

    def test_blocks_during_which_the_machine_slept_are_told(self, monkeypatch):
        """A program could bring that about for its worst blocks, so people have to see it."""

        def play_block(pair, new_key, audited):
            pair.discarded += pair.discarded < 2
            return 1.0

        monkeypatch.setattr(bench.Pair, "play_block", play_block)
        program = bench.Program(str(HONEST))
        found = bench.compare(program, program, bench.Cores(1), DOMINO, blocks=6)
        assert found.discarded == 2
        result = dict.fromkeys((*bench.KEYS, "audited", "discarded"), 0)
        result |= {"ci95": None, "episode_generations": 1000, "workload": "domino", "trusted": True, "against": "rival"}
        printed = bench.describe({**result, "comparison": found._asdict(), "verdict": "ok"})
        assert printed["blocks"] == "6, 2 discarded: the machine was suspended"

    def test_feigned_slowness_lengthens_the_turns(self, tmp_path):
        """Who dawdles in its warm-up is given longer turns until they last as long as they should."""
        path = tmp_path / "dawdler.py"
        path.write_text(HONEST.read_text().replace("    return play(", "    dawdle()\n    return play(") + DAWDLE)
        with bench.Cores(1) as cores:
            pair = bench.Pair(bench.Program(str(path)), bench.Program(str(HONEST)), cores, DOMINO, 0.4)
            played = [pair.play_block(lambda: secrets.token_bytes(32), audited=False)]
            while played[-1] is None:
                played.append(pair.play_block(lambda: secrets.token_bytes(32), audited=False))
        assert played[0] is None
        assert pair.turn > 100, "a warm-up match of 20 generations in half a second promised 16 in a turn"


DAWDLE = """
COUNT = []


def dawdle():
    COUNT.append(1)
    if len(COUNT) == 1:
        time.sleep(0.5)
"""


class TestCores:
    def test_where_pinning_is_forbidden_runs_go_on_without(self, monkeypatch):
        def refuse(*_):
            raise PermissionError(1, "Operation not permitted")

        monkeypatch.setattr(os, "sched_setaffinity", refuse)
        with bench.Cores(1) as cores:
            assert not cores.pinned
            assert str(cores) == "no"

    def test_two_runs_do_not_share_a_core(self):
        with bench.Cores(1) as first, bench.Cores(1) as second:
            assert not (first.pinned and second.pinned and first.chosen & second.chosen)

    def test_affinity_comes_back(self):
        before = os.sched_getaffinity(0)
        with bench.Cores(1) as cores:
            assert not cores.pinned or os.sched_getaffinity(0) == cores.chosen
        assert os.sched_getaffinity(0) == before

    def test_part(self):
        count = len(os.sched_getaffinity(0))
        with bench.Cores(count) as cores, cores.part(1) as part:
            assert part.count == 1
            assert not part.pinned or len(os.sched_getaffinity(0)) == 1


class TestPrograms:
    def test_a_change_during_the_run_is_tampering(self, tmp_path):
        path = tmp_path / "program.py"
        path.write_text("x = 1\n")
        program = bench.Program(str(path))
        program.check_unchanged()
        path.write_text("x = 2\n")
        with pytest.raises(bench.Tampered, match="changed during the run"):
            program.check_unchanged()

    def test_members_of_packages_are_imported_as_such(self, tmp_path):
        for folder in (tmp_path / "outer", tmp_path / "outer" / "inner"):
            folder.mkdir()
            (folder / "__init__.py").write_text("")
        (tmp_path / "outer" / "shared.py").write_text("VALUE = 5\n")
        path = tmp_path / "outer" / "inner" / "rung.py"
        path.write_text("from outer.shared import VALUE\nassert __name__ == 'outer.inner.rung'\n" + HONEST.read_text())
        program = bench.Program(str(path))
        assert (program.name, program.root) == ("outer.inner.rung", str(tmp_path))
        with bench.Child(program):
            pass

    def test_a_stale_module_is_refused(self, tmp_path):
        path = tmp_path / "rung.pyx"
        path.write_text("x = 1\n")
        (tmp_path / "rung.cpython-311-x86_64-linux-gnu.so").write_bytes(b"escape-ladder-sources rung.pyx " + b"0" * 64)
        with pytest.raises(bench.Usage, match="is stale: run make"):
            bench.Program(str(path))


def test_a_large_board_is_handed_over_in_linear_time(tmp_path):
    """Copying what is left to send, once per piece that the pipe takes, made minutes of 100 MB."""
    path = tmp_path / "program.py"
    path.write_text(
        "def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):\n"
        "    checkpoint_callback(0, len(s1), len(s2))\n"
        "    return 0\n"
    )
    text = " " * 60_000_000
    with bench.Child(bench.Program(str(path))) as child:
        answers, clocked = child.play([bench.Task(bench.Board(text, text, 2**14, 2**14, "blank"), (0,))], 100.0)
    assert answers[0].reports == [[0, len(text), len(text)]]
    # Sending, receiving and decoding take a few tenths of a second of each process; it was 20 of the parent's.
    assert clocked.wall_s < 8

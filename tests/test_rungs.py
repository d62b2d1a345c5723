"""Every rung plays the game right: on the published match, against the oracle, and under the game's own laws."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from playing import FAR, IN_PROCESS, NAMES, Recorder, load_rung, play, random_board, random_schedule

from autoresearch import bench

# Rungs that take minutes for the whole published match; they play its first thousand generations.
SLOW = {"row_list", "row_list_pypy", "cython_asis", "tuple_keys", "color_dict", "dict_of_sets", "wrap_table"}
SLOW |= {"neighbor_counts", "flat_grid"}
ON_PYPY = [name for name in NAMES if name not in IN_PROCESS]
PYTHON_EXAMPLES, EXAMPLES = 15, 40

relaxed = settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])


def examples(name):
    return PYTHON_EXAMPLES if name in SLOW else EXAMPLES


sides = st.one_of(
    st.integers(3, 9), st.sampled_from([11, 13, 15, 16, 17, 23, 31, 32, 33, 37, 63, 64, 65, 66, 127, 128, 129, 130])
)


@st.composite
def boards(draw, most_cells=6000):
    """Random boards: odd, prime, 3 x 3, 3 x n, wide, around the size of a word; sparse and dense; one team, or both."""
    rows = draw(sides)
    columns = draw(sides.filter(lambda n: n * rows <= most_cells))
    density = draw(st.sampled_from([0.05, 0.2, 0.35, 0.5, 0.8]))
    share1 = draw(st.sampled_from([0.5, 0.5, 0.1, 0.0, 1.0]))
    return random_board(draw(st.integers(0, 2**32)), rows, columns, density, share1)


@pytest.mark.parametrize("name", NAMES)
def test_published_match(name):
    if name in SLOW:
        schedule = [generation for generation in bench.DOMINO_CHECKPOINTS if 0 < generation <= 1000]
        recorder = play(name, bench.DOMINO, schedule)
        assert recorder.reports[-1][0] == 1000
    else:
        schedule = [generation for generation in bench.DOMINO_CHECKPOINTS if generation > 0]
        recorder = play(name, bench.DOMINO, [*schedule, FAR])
        assert recorder.reports[-1] == (bench.DOMINO_VICTORY[0], *bench.DOMINO_VICTORY[1])
    known = bench.DOMINO_CHECKPOINTS
    assert {g: recorder.counts[g] for g in schedule} == {g: known[g] for g in schedule}


@pytest.mark.parametrize("name", IN_PROCESS)
def test_agrees_with_the_oracle(name):
    load_rung(name)

    @settings(relaxed, max_examples=examples(name))
    @given(boards(), st.integers(0, 2**32))
    def check(board, seed):
        truth = bench.find_truth(board, 12)
        recorder = play(name, board, random_schedule(seed, 12))
        assert recorder.counts == {g: truth.counts[g] for g in recorder.counts}
        assert recorder.reports[-1][0] == 12

    check()


@pytest.mark.parametrize(("rows", "columns"), [(3, 3), (3, 40), (40, 3), (17, 19), (12, 70), (70, 12)])
def test_pypy_agrees_with_the_oracle(rows, columns):
    board = random_board(rows, rows, columns)
    truth = bench.find_truth(board, 10)
    for name in ON_PYPY:
        recorder = play(name, board, range(1, 11))
        assert recorder.counts == {g: truth.counts[g] for g in range(11)}, name


# ---- the symmetries of the rule ------------------------------------------------------------------------------------


# A law moves the cells of a board, and says whether the teams have to be swapped along with it.


def transform(board, move, rows, columns, swap):
    teams = [
        {move(x, y) for x, y in bench.read_cells(text, board.rows, board.columns)} for text in (board.s1, board.s2)
    ]
    return bench.make_board(*(teams[::-1] if swap else teams), rows, columns, board.name), swap


def transpose(board):
    return transform(board, lambda x, y: (y, x), board.columns, board.rows, False)


def half_turn(board):
    rows, columns = board.rows, board.columns
    return transform(board, lambda x, y: (columns - 1 - x, rows - 1 - y), rows, columns, (rows + columns) % 2 == 1)


def mirror_x(board):
    rows, columns = board.rows, board.columns
    return transform(board, lambda x, y: (columns - 1 - x, y), rows, columns, columns % 2 == 0)


def mirror_y(board):
    rows, columns = board.rows, board.columns
    return transform(board, lambda x, y: (x, rows - 1 - y), rows, columns, rows % 2 == 0)


def shift(board, dx, dy):
    """Move by (dx, dy); only along axes of even length, for the checkerboard has a seam in the others."""
    dx = dx if board.columns % 2 == 0 else 0
    dy = dy if board.rows % 2 == 0 else 0
    return transform(board, lambda x, y: (x + dx, y + dy), board.rows, board.columns, (dx + dy) % 2 == 1)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_symmetry_laws(name):
    load_rung(name)

    @settings(relaxed, max_examples=examples(name) // 2)
    @given(
        boards(most_cells=2500),
        st.one_of(
            st.sampled_from([transpose, half_turn, mirror_x, mirror_y]),
            st.tuples(st.integers(-70, 70), st.integers(-70, 70)),
        ),
    )
    def check(board, law):
        other, swapped = shift(board, *law) if isinstance(law, tuple) else law(board)
        counts, found = play(name, board, [1, 2, 9]).counts, play(name, other, [1, 2, 9]).counts
        if swapped:
            found = {generation: pair[::-1] for generation, pair in found.items()}
        assert {g: found[g] for g in (1, 2, 9)} == {g: counts[g] for g in (1, 2, 9)}

    check()


# ---- the contract --------------------------------------------------------------------------------------------------


def sleeping_board():
    """A board that is won within 900 generations, but not at the first that could be; the same in every session."""
    board, _, truth = bench.sleeping_board(bench.Stream(b"test", "sleeper"))
    return board, truth


SLEEPING = sleeping_board()


@pytest.mark.parametrize("name", NAMES)
def test_finds_the_victory_inside_a_stretch(name):
    board, truth = SLEEPING
    recorder = play(name, board, [FAR])
    assert recorder.reports[-1] == (truth.victory, *truth.counts[truth.victory])


@pytest.mark.parametrize("name", IN_PROCESS)
def test_splitting_a_match_into_stretches_changes_nothing(name):
    board, truth = SLEEPING

    @settings(relaxed, max_examples=10)
    @given(st.lists(st.integers(1, truth.victory + 10), max_size=20))
    def check(cuts):
        recorder = play(name, board, [*sorted(cuts), FAR])
        assert recorder.reports[-1][0] == truth.victory
        assert recorder.counts == {g: truth.counts[g] for g in recorder.counts}

    check()


@pytest.mark.parametrize("name", IN_PROCESS)
def test_reports_what_it_is_asked_for(name):
    recorder = play(name, random_board(1, 20, 21), [3, 4, 11, 30])
    generations = [report[0] for report in recorder.reports]
    assert generations[0] == 0
    assert generations == sorted(set(generations))
    assert {3, 4, 11, 30} <= set(generations)
    assert generations[-1] == 30


@pytest.mark.parametrize("name", IN_PROCESS)
def test_reports_every_generation_where_none_is_asked_for(name):
    seen = []

    def callback(generation, count1, count2):
        seen.append(generation)
        return generation < 7

    board = random_board(2, 9, 10)
    assert load_rung(name)(board.s1, board.s2, board.rows, board.columns, 60.0, callback) == 7
    assert seen == list(range(8))


@pytest.mark.parametrize("name", IN_PROCESS)
def test_stops_at_generation_0_when_told_to(name):
    board = random_board(3, 9, 10)
    assert load_rung(name)(board.s1, board.s2, 9, 10, 60.0, lambda *report: False) == 0


@pytest.mark.parametrize("name", IN_PROCESS)
def test_counts_are_whole_numbers(name):
    kinds = set()

    def callback(generation, count1, count2):
        kinds.update((isinstance(n, int) or hasattr(n, "__index__")) for n in (generation, count1, count2))
        return generation < 3

    board = random_board(4, 9, 10)
    load_rung(name)(board.s1, board.s2, 9, 10, 60.0, callback)
    assert kinds == {True}


@pytest.mark.parametrize("name", IN_PROCESS)
def test_honors_its_time_limit(name):
    board = bench.gliders(bench.Stream(b"test", "limit"))
    recorder = play(name, board, [FAR], time_limit_s=0.2)
    assert 0 < recorder.reports[-1][0] < FAR
    assert recorder.reports[-1][1:] == (60, 60)


@pytest.mark.parametrize("name", IN_PROCESS)
def test_an_empty_board_stays_empty(name):
    recorder = play(name, bench.make_board(set(), set(), 5, 7, "empty"), [1, 400])
    assert recorder.reports[-1] == (400, 0, 0)


BAD_BOARDS = {
    "not JSON": ("[{", "[]", 10, 10, "JSON"),
    "not a list": ("{}", "[]", 10, 10, "list"),
    "a number": ("7", "[]", 10, 10, "7"),
    "no object": ("[3]", "[]", 10, 10, "3"),
    "row not a number": ('[{"a":[1]}]', "[]", 10, 10, "a"),
    "columns not a list": ('[{"1":2}]', "[]", 10, 10, "2"),
    "column not whole": ('[{"1":[1.5]}]', "[]", 10, 10, "1.5"),
    "column true": ('[{"1":[true]}]', "[]", 10, 10, "True"),
    "twice in a team": ('[{"1":[2,2]}]', "[]", 10, 10, "x=2, y=1"),
    "twice by wrapping": ('[{"1":[2]},{"11":[-8]}]', "[]", 10, 10, "x=(2|-8), y=1"),
    "same row twice": ('[{"1":[2],"1":[2]}]', "[]", 10, 10, "x=2, y=1"),
    "in both teams": ('[{"1":[2]}]', '[{"1":[3,2]}]', 10, 10, "x=2, y=1"),
    "too few rows": ("[]", "[]", 2, 10, "2 x 10"),
    "too few columns": ("[]", "[]", 10, 2, "10 x 2"),
}


@pytest.mark.parametrize("bad", BAD_BOARDS)
@pytest.mark.parametrize("name", IN_PROCESS)
def test_bad_initial_conditions_are_named(name, bad):
    s1, s2, rows, columns, culprit = BAD_BOARDS[bad]
    with pytest.raises(ValueError, match=culprit):
        load_rung(name)(s1, s2, rows, columns, 1.0, Recorder([1]))


@pytest.mark.parametrize("name", IN_PROCESS)
def test_coordinates_wrap(name):
    plain = bench.Board('[{"0":[1,9]},{"9":[0]}]', '[{"5":[5,6,7]}]', 10, 10, "plain")
    wrapped = bench.Board('[{"10":[-9,-1]},{"-1":[10]}]', '[{"-5":[5,16,-3]}]', 10, 10, "wrapped")
    assert play(name, plain, [1, 5]).counts == play(name, wrapped, [1, 5]).counts

"""Every implementation of the test for victory decides the same generations, on counts that no board has to produce."""

import math
from collections import deque

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from autoresearch import bench
from variants import match

WINDOW = 280
FIRST = 283  # the first generation that can decide a match
relaxed = settings(deadline=None, max_examples=60)


class Literal:
    """The rule as it is written: the window in full, its mean from an exact sum."""

    def __init__(self):
        self.window = deque(maxlen=WINDOW)
        self.means = deque([0.0, 0.0, 0.0])
        self.generation = -1
        self.nearest = math.inf  # how far any comparison of means was from its limit

    def is_won(self, count1, count2):
        self.window.append(100 * max(count1, count2) / (count1 + count2 + 1e-12))
        self.generation += 1
        if self.generation < WINDOW:
            return False
        removed = self.means.popleft()
        self.means.append(math.fsum(self.window) / WINDOW)
        if removed == 0:
            return False
        oldest, middle, newest = self.means
        is_stable = self.are_close(oldest, middle) & self.are_close(middle, newest)
        is_level = sum(self.are_close(mean, 50.0) for mean in self.means) > 0
        is_empty = count1 == 0 or count2 == 0
        return count1 != count2 and (is_empty or (is_stable and not is_level))

    def are_close(self, a, b):
        difference = abs(a - b) / max(abs(a), abs(b), 1e-12)
        self.nearest = min(self.nearest, abs(difference - 1e-8))
        return difference < 1e-8


def decisions_of_literal(counts):
    """The generations that decide; none of the comparisons is so close that rounding could turn it."""
    literal = Literal()
    decisions = [generation for generation, pair in enumerate(counts) if literal.is_won(*pair)]
    assume(literal.nearest > 1e-12)
    return decisions


def decisions_of_match(counts):
    victory = match.Victory(*counts[0])
    return [generation for generation, pair in enumerate(counts) if generation and victory.is_won(*pair)]


def decisions_of_match_jit(counts):
    match_jit = pytest.importorskip("variants.match_jit")
    window = match_jit.start_victory(*counts[0])
    return [generation for generation, pair in enumerate(counts) if generation and match_jit.is_won(window, *pair)]


def decisions_of_bench(counts):
    victory = bench.Victory()
    return [generation for generation, pair in enumerate(counts) if victory.is_won(*pair)]


IMPLEMENTATIONS = [decisions_of_match, decisions_of_match_jit, decisions_of_bench]

numbers = st.one_of(st.integers(0, 3), st.integers(0, 1000), st.integers(0, 2**40))
pairs = st.tuples(numbers, numbers).filter(any)
levels = st.integers(1, 1000).map(lambda n: (n, n))
lengths = st.one_of(
    st.integers(1, 5), st.integers(1, 400), st.sampled_from([WINDOW - 1, WINDOW, WINDOW + 1, 2 * WINDOW])
)


@st.composite
def constant(draw):
    return [draw(st.one_of(pairs, levels))] * draw(lengths)


@st.composite
def one_team_empty(draw):
    count = draw(st.integers(1, 1000))
    return [draw(st.sampled_from([(0, count), (count, 0)]))] * draw(lengths)


@st.composite
def blinking(draw):
    """Periods that divide the window, so that its mean stands still while the counts don't, and some that don't."""
    period = draw(st.lists(pairs, min_size=draw(st.sampled_from([2, 3, 4, 6, 7, 8, 30])), max_size=30))
    length = draw(lengths)
    return (period * (length // len(period) + 1))[:length]


@st.composite
def converging(draw):
    """Counts that approach their last value ever more slowly, near 50 and far from it, from above and from below."""
    goal = draw(st.integers(10, 10**9))
    other = draw(st.one_of(st.just(goal), st.integers(1, 10**9)))
    distance = draw(st.integers(-goal, goal))
    decay = draw(st.floats(0.5, 0.9999))
    return [(goal + int(distance * decay**k), other) for k in range(draw(lengths))]


@st.composite
def nearly_level(draw):
    """Shares so close to 50 that their mean passes the limit of what counts as 50 while it stands still."""
    excesses = draw(st.lists(st.one_of(st.integers(0, 50), st.integers(0, 5000)), min_size=2, max_size=3))
    return [(10**9, 10**9 + excess) for excess in excesses for _ in range(draw(st.integers(1, 400)))]


@st.composite
def random_counts(draw):
    return draw(st.lists(pairs, min_size=1, max_size=20)) * draw(st.integers(1, 5))


@st.composite
def matches(draw):
    """The counts of a match: a few pieces of different kinds, then some long enough for a decision.

    Once all are dead they stay dead, as on a board.
    """
    kinds = st.one_of(constant(), one_team_empty(), blinking(), converging(), nearly_level(), random_counts())
    counts = [pair for piece in draw(st.lists(kinds, max_size=4)) for pair in piece]
    counts += draw(st.one_of(constant(), blinking(), converging(), nearly_level())) * 2
    counts += [draw(pairs)] * draw(st.integers(1, 300))
    return counts + [(0, 0)] * draw(st.sampled_from([0, 0, 0, 1, 300]))


@pytest.mark.parametrize("decisions", IMPLEMENTATIONS)
@settings(relaxed)
@given(matches())
@example([(0, 0)] * 600)
@example([(3, 0)] * 200 + [(0, 0)] * 600)
@example([(7, 7)] * 300 + [(7, 8)] * 900)
@example([(10**9, 10**9)] * 300 + [(10**9, 10**9 + 3000)] * 300)
@example([(10**9, 10**9 + 3000)] * 300 + [(10**9, 10**9 + 1)] * 300)
def test_all_implementations_decide_the_same_generations(decisions, counts):
    assert decisions(counts) == decisions_of_literal(counts)


@pytest.mark.parametrize("decisions", [decisions_of_literal, *IMPLEMENTATIONS])
@settings(relaxed)
@given(matches())
def test_no_match_ends_before_the_first_means_are_compared(decisions, counts):
    assert all(generation >= FIRST for generation in decisions(counts))


@pytest.mark.parametrize("decisions", [decisions_of_literal, *IMPLEMENTATIONS])
@settings(relaxed)
@given(st.integers(0, 2**40), st.integers(0, 2**40))
def test_a_constant_share_decides_at_once_unless_it_is_half(decisions, count1, count2):
    assume(abs(count1 - count2) > 1e-7 * (count1 + count2))
    assert decisions([(count1, count2)] * (FIRST + 1)) == [FIRST]


@pytest.mark.parametrize("decisions", [decisions_of_literal, *IMPLEMENTATIONS])
@settings(relaxed)
@given(st.integers(0, 2**40))
def test_half_each_never_decides(decisions, count):
    assert decisions([(count, count)] * (2 * FIRST)) == []


@pytest.mark.parametrize("decisions", [decisions_of_literal, *IMPLEMENTATIONS])
@settings(relaxed)
@given(matches(), st.integers(1, 1000))
def test_an_empty_team_loses_as_soon_as_matches_can_end(decisions, counts, count):
    assume(any(counts[-1]))
    counts = [*counts, (count, 0)]
    assert (len(counts) - 1 in decisions(counts)) == (len(counts) > FIRST)


@pytest.mark.parametrize("decisions", [decisions_of_literal, *IMPLEMENTATIONS])
@settings(relaxed)
@given(matches())
def test_swapping_the_teams_changes_nothing(decisions, counts):
    assert decisions(counts) == decisions([pair[::-1] for pair in counts])

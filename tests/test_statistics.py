"""The referee's statistics: against scipy, and on synthetic data like what machines do to measurements."""

import itertools
import math

import numpy as np
import pytest
from process_luck import split_spread
from scipy import stats

from autoresearch import bench


def wilcoxon_p(values, shift):
    return stats.wilcoxon(np.asarray(values) - shift, method="exact").pvalue


class TestHodgesLehmann:
    @pytest.mark.parametrize("n", [6, 7, 10, 13, 20, 25])
    def test_interval_holds_what_wilcoxon_does_not_reject(self, n):
        values = list(np.random.default_rng(n).normal(0.01, 0.03, n))
        middle, low, high = bench.hodges_lehmann(values)
        assert low < middle < high
        step = 1e-9
        for bound, inside in ((low, 1), (high, -1)):
            assert wilcoxon_p(values, bound + inside * step) > 0.05
            assert wilcoxon_p(values, bound - inside * step) <= 0.05

    @pytest.mark.parametrize("n", [6, 11, 20])
    def test_estimate_is_the_median_of_pairwise_means(self, n):
        values = np.random.default_rng(n).standard_t(2, n)
        pairs = [(a + b) / 2 for a, b in itertools.combinations_with_replacement(values, 2)]
        assert bench.hodges_lehmann(list(values))[0] == pytest.approx(np.median(pairs))

    def test_six_values_are_the_fewest(self):
        assert bench.hodges_lehmann([1, 2, 3, 4, 5, 6])[1:] == (1, 6)
        with pytest.raises(ValueError, match="5 values are too few for an interval of 95%"):
            bench.hodges_lehmann([1, 2, 3, 4, 5])

    def test_other_confidence(self):
        values = list(np.random.default_rng(1).normal(size=12))
        narrow, wide = bench.hodges_lehmann(values, 0.8), bench.hodges_lehmann(values, 0.99)
        assert wide[1] < narrow[1] < narrow[2] < wide[2]


@pytest.mark.parametrize("degrees", range(1, 200))
def test_t_quantile(degrees):
    assert bench.t_quantile(degrees) == pytest.approx(stats.t.ppf(0.975, degrees), rel=0.012 if degrees == 2 else 0.003)


def make_batches(rng, n, spread=0.05):
    """Batches of unlike length and of a rate around 1000."""
    seconds = rng.uniform(0.1, 0.5, n)
    rates = 1000 * np.exp(rng.normal(0, spread, n))
    batches = [(round(s * rate), s) for s, rate in zip(seconds, rates, strict=True)]
    return [bench.Clocked(1, generations, s, s, s, False) for generations, s in batches]


class TestRateInterval:
    def test_covers_the_true_rate(self):
        rng = np.random.default_rng(3)
        covered = 0
        for _ in range(1000):
            low, high = bench.rate_interval(make_batches(rng, 12))
            covered += low < 1000 * math.exp(0.05**2 / 2) < high
        assert 0.91 < covered / 1000 < 0.98

    def test_surrounds_the_rate_that_is_printed(self):
        """Also where a few cheap boards have a rate of their own."""
        rng = np.random.default_rng(4)
        batches = make_batches(rng, 20) + [bench.Clocked(1, 300, 0.03, 0.03, 0.03, False)] * 3
        low, high = bench.rate_interval(batches)
        rate = sum(batch.generations for batch in batches) / sum(batch.charged_s for batch in batches)
        assert low < rate < high

    def test_needs_three(self):
        assert bench.rate_interval(make_batches(np.random.default_rng(5), 2)) is None


def simulate_block(rng, log_ratio):
    """One block as a shared machine gives it: a turn A B B A or B A A B, disturbed in every known way."""
    layout = rng.normal(0, 0.01, 2)  # the luck of each process with its memory
    drift = np.cumsum(rng.normal(0, 0.01, 4))  # the speed of the machine wanders from turn to turn
    first = 0.02  # the first turn of a block is slow
    logs = {0: [], 1: []}
    order = [0, 1, 1, 0] if rng.random() < 0.5 else [1, 0, 0, 1]
    for slot, who in enumerate(order):
        seconds = drift[slot] + layout[who] - (log_ratio if who == 0 else 0.0) + (first if slot == 0 else 0.0)
        seconds += rng.exponential(0.15) if rng.random() < 0.1 else 0.0  # a spike
        logs[who].append(seconds + rng.normal(0, 0.005))
    return math.exp((sum(logs[1]) - sum(logs[0])) / 2)


def verdicts(rng, ratio, blocks, runs, margin=0.01):
    found = [bench.decide([simulate_block(rng, math.log(ratio)) for _ in range(blocks)], margin) for _ in range(runs)]
    return found, [comparison.verdict for comparison in found]


class TestDecision:
    """On a machine with spikes in one turn of ten, drift, a slow first turn and a shift of 1% per process."""

    def test_coverage(self):
        found, _ = verdicts(np.random.default_rng(10), 1.05, 10, 800)
        covered = sum(comparison.low <= 1.05 <= comparison.high for comparison in found) / len(found)
        assert covered >= 0.94

    @pytest.mark.parametrize("blocks", [6, 10, 20])
    def test_identical_programs_are_rarely_called_different(self, blocks):
        _, called = verdicts(np.random.default_rng(20 + blocks), 1.0, blocks, 500)
        assert sum(verdict != "indistinguishable" for verdict in called) / len(called) <= 0.05

    def test_without_a_margin_the_rate_is_that_of_the_interval(self):
        _, called = verdicts(np.random.default_rng(30), 1.0, 10, 800, margin=0.0)
        assert sum(verdict != "indistinguishable" for verdict in called) / len(called) <= 0.07

    def test_power_grows_with_blocks(self):
        rates = {}
        for blocks in (6, 10, 20, 40):
            _, called = verdicts(np.random.default_rng(40), 1.05, blocks, 300)
            rates[blocks] = called.count("faster") / len(called)
            assert "slower" not in called
        assert rates[6] < rates[10] < rates[20] <= rates[40]
        assert rates[40] > 0.9

    def test_three_percent_at_twenty_blocks_on_a_quiet_machine(self):
        rng = np.random.default_rng(50)
        runs = [[1.03 * math.exp(rng.normal(0, 0.02)) for _ in range(20)] for _ in range(300)]
        called = [bench.decide(ratios, 0.01).verdict for ratios in runs]
        assert called.count("faster") / len(called) >= 0.8

    def test_is_symmetric(self):
        ratios = [1.04, 1.06, 1.05, 1.03, 1.07, 1.05]
        faster, slower = bench.decide(ratios, 0.01), bench.decide([1 / ratio for ratio in ratios], 0.01)
        assert (faster.verdict, slower.verdict) == ("faster", "slower")
        assert slower.ratio == pytest.approx(1 / faster.ratio)
        assert (slower.low, slower.high) == pytest.approx((1 / faster.high, 1 / faster.low))

    @pytest.mark.parametrize(("gain", "verdict"), [(1.0101, "faster"), (1.0099, "indistinguishable")])
    def test_margin_is_what_the_interval_has_to_clear(self, gain, verdict):
        assert bench.decide([gain] * 8, 0.01).verdict == verdict


@pytest.mark.parametrize(("within", "between"), [(0.03, 0.0), (0.02, 0.05)])
def test_luck_of_processes_is_told_from_noise(within, between):
    """process_luck.py finds the two spreads from which its figures were drawn."""
    rng = np.random.default_rng(5)
    luck = rng.normal(0, between, 4000)
    groups = [list(shift + rng.normal(0.2, within, 4)) for shift in luck]
    found_within, found_between = split_spread(groups)
    assert found_within == pytest.approx(within, rel=0.05)
    assert found_between == pytest.approx(between, rel=0.05, abs=0.004)

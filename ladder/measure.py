"""Measure many programs side by side: in every block each has a turn on the same boards, in random order.

Rates drift with the machine, by half within an hour; ratios of turns in one block don't. Every program has a process
of its own that is frozen while others play, and lives until the session renews it: how memory came to lie in it makes a
process faster or slower than another of the same program for all its life. This is the one place where the tools
measure; the play itself, the clock and the truth are the referee's.

A turn lasts about `slot_s` seconds. Who plays a match in a moment plays several, as many as fit. Who takes longer
plays stretches of many matches, their starts spread evenly over the whole length, since a match is slower in its middle
than at its start, and one match has twice the cells of another: so a slow program's rate, too, is the rate over whole
matches. Its time is the difference of two lengths, hence without loading the board; the same goes for large boards,
whose text takes longer to read than to play. Their turns are longer, since the difference has all the noise of reading.
"""

import secrets
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from autoresearch import bench
from ladder.deck import Deck
from ladder.results import Batch
from ladder.workloads import LadderWorkload

LONG_MATCH_S = 0.15  # who takes longer for a match plays stretches of many,
FEWEST_MATCHES = 4  # who doesn't plays at least so many, as one match has twice the cells of another;
LONG_MATCH_TURNS = 1.5  # but boards that are read longer than played are soups, as alike as can be
SHORTEST = 2  # generations of a stretch, even if the turn gets longer by that,
LONG_TURN_S = 3.0  # but not longer than this
MOST_MATCHES = 3000  # of a turn
TOO_SLOW_S = 10.0  # for a generation
LOAD_S, LOAD_CELL_S = 10.0, 2e-6  # how long reading a board may take, and that per cell
LOADING_SHARE = 1 / 3  # of the time that reading a large board takes, for which it is played at least
MOST_DISCARDED = 5  # turns in which the machine was suspended


OnOutcome = Callable[[str, str, str, str], None]  # hears of entrant, workload ("" for all), status and reason


class Entrant(NamedTuple):
    """Who takes part: a name, a program, how many cores it gets, and the workloads on which it isn't tried."""

    name: str
    program: bench.Program
    cores: int = 1
    out: frozenset[str] = frozenset()


class TooSlow(Exception):
    """A program can't play a generation of a workload in its time."""


class Player:
    """An entrant's process, and how fast it is on each workload."""

    def __init__(self, entrant: Entrant, cores: bench.Cores) -> None:
        self.entrant = entrant
        self.cores = cores
        self.child: bench.Child | None = None
        self.seconds: dict[str, float] = {}  # per generation, by workload
        self.loading: dict[str, float] = {}  # seconds that reading a board takes, where it doesn't count
        self.slow: set[str] = set()  # workloads on which a generation takes too long,
        self.failed = set(entrant.out)  # or that it didn't survive

    def start(self, gate_key: bytes | None = None) -> None:
        """Start a process, and pass the gate if a key for its boards is given. Raises bench.Failure."""
        self.close()
        with self.cores.part(self.entrant.cores) as part:
            child = bench.Child(self.entrant.program, part)
            child.__enter__()
            self.child = child
            if gate_key is not None:
                bench.gate(child, bench.Stream(gate_key), 120.0)

    def restart_if_busy(self, gate_key: bytes) -> None:
        """Replace a process that is still at a board that nobody waits for any more."""
        assert self.child is not None
        try:
            board = bench.make_board(set(), set(), 3, 3, "empty")
            self.play([bench.Task(board, (1,))], 1.0)
        except bench.Failure:
            self.start(gate_key)

    def close(self) -> None:
        if self.child is not None:
            self.child.close()
            self.child = None

    def play(self, tasks: Sequence[bench.Task], limit_s: float) -> tuple[list[bench.Answer], bench.Clocked]:
        assert self.child is not None
        with self.cores.part(self.entrant.cores):
            for _ in range(MOST_DISCARDED):
                answers, clocked = self.child.play(tasks, limit_s)
                if not clocked.suspended:
                    break
        return answers, clocked

    def settle(self, workload: LadderWorkload, deck: Deck, settle_s: float) -> None:
        """Play untimed, ever longer, until caches and JITs have settled; learn the time per generation.

        Raises TooSlow where a generation takes longer than TOO_SLOW_S.
        """
        self._predict(workload)
        settle = self._settle_with_loading if workload.with_loading else self._settle_by_difference
        try:
            second = settle(workload, deck, settle_s)
        except bench.Timeout:
            second = TOO_SLOW_S
        if second >= TOO_SLOW_S:
            raise TooSlow(f"a generation takes over {TOO_SLOW_S:.0f} s")
        self.seconds[workload.name] = second

    def warm_up(self, deck: Deck, settle_s: float) -> None:
        """Let a fresh process settle on a workload whose time per generation is known. Raises TooSlow."""
        workload = deck.workload
        if workload.is_large:  # once is enough for compilers, and reading it again would take longer than all turns
            self.play([bench.Task(deck.starts()[0].board, (1,))], load_limit_s(workload) + TOO_SLOW_S)
            return
        # A fresh process compiles first, which is neither reading nor playing.
        self.play([bench.Task(deck.match(0).board, (1,))], load_limit_s(workload) + TOO_SLOW_S)
        known = self.seconds[workload.name], self.loading.get(workload.name)
        self.settle(workload, deck, settle_s)
        self.seconds[workload.name] = known[0]  # from more play than this
        if known[1] is not None:
            self.loading[workload.name] = known[1]

    def _predict(self, workload: LadderWorkload) -> None:
        """Don't try what can't be: nobody plays a soup of many times the cells in less than as many times the time."""
        for smaller in workload.smaller:
            second = self.seconds.get(smaller.name, 0.0) * workload.cells / smaller.cells
            if second >= TOO_SLOW_S:
                raise TooSlow(f"a generation would take {second:.0f} s, judging by {smaller.name}")
            if smaller.name in self.slow:
                raise TooSlow(f"it is so already on {smaller.name}")

    def _settle_with_loading(self, workload: LadderWorkload, deck: Deck, settle_s: float) -> float:
        generations, index, spent_s = 1, 0, 0.0
        while True:
            task = bench.Task(deck.match(index).board, (generations,))
            _, clocked = self.play([task], load_limit_s(workload) + TOO_SLOW_S + 10 * spent_s)
            spent_s += clocked.charged_s
            index += 1
            second = clocked.charged_s / max(1, clocked.generations)
            longer = min(5 * generations, workload.generations)
            if spent_s + longer * second > settle_s:
                return second
            generations = longer

    def _settle_by_difference(self, workload: LadderWorkload, deck: Deck, settle_s: float) -> float:
        board = deck.starts()[0].board if workload.is_large else deck.match(0).board
        limit_s = load_limit_s(workload) + TOO_SLOW_S
        first = self.play([bench.Task(board, (1,))], limit_s)[1]
        self.loading[workload.name] = first.charged_s
        generations = 1
        while True:
            clocked = self.play([bench.Task(board, (1 + generations,))], limit_s + 10 * settle_s)[1]
            taken_s = clocked.charged_s - first.charged_s
            # What is less than the noise of reading the text says nothing yet, but that there is time for more.
            if taken_s > settle_s / 10 + 0.1 * first.charged_s or 20 * generations > workload.generations:
                return max(taken_s, 1e-9) / generations
            generations *= 20

    def take_turn(self, deck: Deck, block: int, slot: int, slot_s: float) -> Batch:
        """Play one turn on a block's boards. Raises bench.Failure."""
        workload = deck.workload
        match_s = self.seconds[workload.name] * workload.generations
        if workload.is_large:
            slot_s = max(slot_s, LOADING_SHARE * self.loading[workload.name])
        longest_s = LONG_MATCH_S if workload.with_loading else LONG_MATCH_TURNS * slot_s
        if workload.is_large or match_s > longest_s:
            short, long = self._choose_stretches(deck, slot_s)
        else:
            each_s = match_s + 2 * self.loading.get(workload.name, 0.0)
            fewest = FEWEST_MATCHES if workload.with_loading else 1
            count = min(MOST_MATCHES, max(fewest, round(slot_s / each_s)))
            long = [deck.match(i) for i in range(count)]
            short = [] if workload.with_loading else [bench.Task(task.board, (1,)) for task in long]
        generations, wall_s, cpu_s = self._play_difference(deck, short, long, slot_s)
        if generations <= 0:  # no match is won so early
            raise bench.Wrong(f"ended {len(long)} matches of {workload.name} as soon as they had begun")
        batch = Batch(
            rung=self.entrant.name,
            workload=workload.name,
            block=block,
            slot=slot,
            cores=self.entrant.cores,
            generations=generations,
            wall_s=round(wall_s, 6),
            cpu_s=round(cpu_s, 6),
            boards_seed=deck.key.hex(),
        )
        self.seconds[workload.name] = batch.charged_s / batch.generations
        return batch

    def _choose_stretches(self, deck: Deck, slot_s: float) -> tuple[list[bench.Task], list[bench.Task]]:
        """The same starts twice: played for one generation, and for so many more as fill the turn."""
        starts = [start for start in deck.starts() if start.left > 1]
        second = self.seconds[deck.workload.name]
        shortest = min(SHORTEST * len(starts), int(LONG_TURN_S / second))
        wanted = max(1, round(slot_s / second), shortest)
        chosen = starts if wanted >= len(starts) else starts[:: -(-len(starts) // wanted)]
        length = max(1, wanted // len(chosen))
        short = [bench.Task(start.board, (1,)) for start in chosen]
        long = [bench.Task(start.board, doubling(min(1 + length, start.left))) for start in chosen]
        return short, long

    def _play_difference(
        self, deck: Deck, short: Sequence[bench.Task], long: Sequence[bench.Task], slot_s: float
    ) -> tuple[int, float, float]:
        """Generations, wall and CPU seconds of playing `long`, less those of playing `short`."""
        second = self.seconds[deck.workload.name]
        limit_s = load_limit_s(deck.workload) * len(long) + 20 * (slot_s + len(long) * second)
        for _ in range(MOST_DISCARDED):
            said, less = self.play(short, limit_s) if short else ([], NOTHING)
            said_long, more = self.play(long, limit_s)
            deck.note(self.entrant.name, [*short, *long], [*said, *said_long])
            wall_s, cpu_s = more.wall_s - less.wall_s, more.cpu_s - less.cpu_s
            if wall_s > 0:
                break
        return more.generations - less.generations, max(wall_s, 1e-6), max(cpu_s, 0.0)


NOTHING = bench.Clocked(0, 0, 0.0, 0.0, 0.0, False)


def doubling(last: int) -> tuple[int, ...]:
    """1, 2, 4, ..., last: whoever plays a board, however far, is asked about the same generations."""
    return tuple(sorted({1 << i for i in range(last.bit_length())} | {last}))


def load_limit_s(workload: LadderWorkload) -> float:
    return LOAD_S + LOAD_CELL_S * workload.cells


Group = tuple[LadderWorkload, range]  # blocks of one kind of boards that the same processes play
Turn = tuple[LadderWorkload, int]


def group_blocks(workloads: Sequence[LadderWorkload], planned: int, each: int = 0) -> list[Group]:
    """Share the planned blocks out to processes that play `each` of them (0: all), the workloads in turn.

    A process plays one kind of boards, since its allocator remembers: numpy_roll is more than twice as fast on
    1024 x 1024 in a process that has played 8192 x 8192 before.
    """
    each = each or planned
    groups = [
        (workload, range(first, min(first + each, workload.blocks(planned))))
        for first in range(0, planned, each)
        for workload in workloads
    ]
    return [(workload, blocks) for workload, blocks in groups if blocks]


class Session:
    """Entrants side by side. Use it as a context; `say` takes lines about the progress.

    `on_failure(name, workload, status, reason)` hears why an entrant drops out, of everything where the workload is
    empty.
    """

    def __init__(
        self,
        entrants: Sequence[Entrant],
        workloads: Sequence[LadderWorkload],
        slot_s: float,
        on_failure: OnOutcome,
        say: Callable[[str], None] = lambda text: None,
    ) -> None:
        self.entrants = list(entrants)
        self.workloads = list(workloads)
        self.slot_s = slot_s
        self.on_failure = on_failure
        self.say = say
        self.players: list[Player] = []
        self._stack = ExitStack()
        self._gate_key = secrets.token_bytes(32)

    def __enter__(self) -> "Session":
        wanted = max((entrant.cores for entrant in self.entrants), default=1)
        self.cores = self._stack.enter_context(bench.Cores(wanted))
        return self

    def __exit__(self, *_: object) -> None:
        for player in self.players:
            player.close()
        self._stack.close()

    def admit_all(self, settle_s: float, workloads: Sequence[LadderWorkload] | None = None) -> None:
        """Start everybody: gate, then untimed play on the workloads that come first (all, unless given)."""
        decks = self._decks(workloads)
        for number, entrant in enumerate(self.entrants, 1):
            self.say(f"{number} of {len(self.entrants)}: {entrant.name} passes the gate")
            player = Player(entrant, self.cores)
            self.players.append(player)
            try:
                player.start(self._gate_key)
                for deck in decks:
                    if deck.workload.name not in player.failed:
                        self._settle(player, deck, settle_s)
            except bench.Failure as failure:
                self._drop(player, failure)
        self._forget_dropped()

    def renew(self, settle_s: float, workloads: Sequence[LadderWorkload] | None = None) -> None:
        """Give everybody a fresh process, warm for the workloads that come next (all, unless given).

        Each process has its own luck with memory, and its allocator remembers what it played. Where a workload is new
        to a player, it passes the gate first, since compilers have to be done before a generation's time can be
        learned, and gets twice the time to settle.
        """
        decks = self._decks(workloads)
        for number, player in enumerate(self.players, 1):
            self.say(f"fresh processes: {number} of {len(self.players)}, {player.entrant.name}")
            tried = player.seconds.keys() | player.slow | player.failed
            try:
                player.start(None if tried.issuperset(deck.workload.name for deck in decks) else self._gate_key)
                for deck in decks:
                    if deck.workload.name in player.seconds:
                        player.warm_up(deck, settle_s)
                    elif deck.workload.name not in tried:
                        self._settle(player, deck, 2 * settle_s)
            except TooSlow as slow:
                self._drop(player, bench.Timeout(str(slow)))
            except bench.Failure as failure:
                self._drop(player, failure)
        self._forget_dropped()

    def take_turns(self, groups: Sequence[Group], settle_s: float, again_s: float) -> Iterator[Turn]:
        """Go through groups of blocks, with fresh processes for each; whoever asks for the next one plays it.

        `settle_s` and `again_s` are for admission and for those who take over; see `admit_all` and `renew`.
        """
        for number, (workload, blocks) in enumerate(groups):
            if number:
                self.renew(again_s, [workload])
            else:
                self.admit_all(settle_s, [workload])
            for block in blocks:
                yield workload, block

    def _decks(self, workloads: Sequence[LadderWorkload] | None) -> list[Deck]:
        return [Deck(workload, self.slot_s) for workload in (self.workloads if workloads is None else workloads)]

    def _forget_dropped(self) -> None:
        self.players = [player for player in self.players if player.child is not None]

    def _settle(self, player: Player, deck: Deck, settle_s: float) -> None:
        workload = deck.workload
        try:
            player.settle(workload, deck, settle_s)
        except TooSlow as slow:
            player.slow.add(workload.name)
            self.on_failure(player.entrant.name, workload.name, "too slow", str(slow))
            player.restart_if_busy(self._gate_key)
        except bench.Failure as failure:
            player.failed.add(workload.name)
            self.on_failure(player.entrant.name, workload.name, failure.verdict, failure.reason)
            player.start(self._gate_key)

    def _drop(self, player: Player, failure: bench.Failure) -> None:
        self.on_failure(player.entrant.name, "", failure.verdict, failure.reason)
        player.seconds.clear()
        player.close()

    def play_block(
        self, workload: LadderWorkload, block: int, on_batch: Callable[[Batch], None] = lambda batch: None
    ) -> list[Batch]:
        """Give everybody a turn on new boards; return the batches of those who were right."""
        deck = Deck(workload, self.slot_s)
        order = [player for player in self.players if workload.name in player.seconds]
        secrets.SystemRandom().shuffle(order)
        batches = []
        for slot, player in enumerate(order):
            try:
                batch = player.take_turn(deck, block, slot, self.slot_s)
            except bench.Failure as failure:
                self._drop(player, failure)
                continue
            batches.append(batch)
            on_batch(batch)
        for name, found in dict(deck.audit()).items():  # once, however many of its answers were wrong
            for player in self.players:
                if player.entrant.name == name:
                    self._drop(player, found)
            batches = [batch for batch in batches if batch.rung != name]
        self._forget_dropped()
        return batches


def now() -> str:
    """The time, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

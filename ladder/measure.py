"""Measure many programs side by side: in every block each has a turn on the same boards, in random order.

Rates drift with the machine, by half within an hour; ratios of turns in one block don't. Every program has a process
of its own that lives through the whole session and is frozen while others play. This is the one place where the tools
measure; the play itself, the clock and the truth are the referee's.

A turn lasts about `slot_s` seconds. Who plays whole matches in that time plays as many as fit. Who doesn't plays
stretches of matches, their starts spread evenly over the whole length, since a match is slower in its middle than at
its start: so a slow program's rate, too, is the rate over whole matches. Its time is the difference of two lengths,
hence without loading the board; the same goes for large boards, whose text takes longer to read than to play.
"""

import secrets
import time
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from typing import NamedTuple

from autoresearch import bench
from ladder.positions import Start, find_starts
from ladder.results import Batch
from ladder.workloads import LadderWorkload

STRETCHES_PER_S = 80  # of a turn, for a program too slow for whole matches
SHORTEST = 4  # generations of a stretch, even if the turn gets longer by it,
LONG_TURN_S = 3.0  # but not longer than this
MOST_MATCHES = 3000  # of a turn
TOO_SLOW_S = 20.0  # for a generation
PARSE_S = 120.0  # for the text of the largest board
MOST_DISCARDED = 5  # turns in which the machine was suspended


OnOutcome = Callable[[str, str, str, str], None]  # hears of entrant, workload ("" for all), status and reason


class Entrant(NamedTuple):
    """Who takes part: a name, a program, and how many cores it gets."""

    name: str
    program: bench.Program
    cores: int = 1


class TooSlow(Exception):
    """A program can't play a generation of a workload in its time."""


class Deck:
    """The boards of one block, drawn when first wanted, and everybody's answers on them."""

    def __init__(self, workload: LadderWorkload, slot_s: float) -> None:
        self.workload = workload
        self.stretches = max(12, round(STRETCHES_PER_S * slot_s))
        self.key = secrets.token_bytes(32)
        self._matches: dict[int, bench.Task] = {}
        self._starts: list[Start] | None = None
        self._reports: dict[bench.Board, dict[int, tuple[bench.Counts, str]]] = {}
        self._last: dict[bench.Board, list[tuple[bench.Task, bench.Answer, str]]] = {}

    def match(self, index: int) -> bench.Task:
        if index not in self._matches:
            self._matches[index] = bench.make_task(self.workload.source, self.key, index)
        return self._matches[index]

    def starts(self) -> list[Start]:
        """Boards taken from the course of matches, and how many generations each still has; large boards: one start."""
        if self._starts is None:
            source = self.workload.source
            if self.workload.is_large:
                board = source.make(bench.Stream(self.key, "large"))
                self._starts = [Start(board, source.generations)]
            else:
                self._starts = find_starts(source, self.key, self.stretches)
        return self._starts

    def note(self, name: str, tasks: Sequence[bench.Task], answers: Sequence[bench.Answer]) -> None:
        """Compare answers with what others said about the same boards. Raises bench.Wrong, blaming by the oracle."""
        for task, answer in zip(tasks, answers, strict=True):
            known = self._reports.setdefault(task.board, {})
            self._last.setdefault(task.board, []).append((task, answer, name))
            for generation, count1, count2 in answer.reports:
                counts, _ = known.setdefault(generation, ((count1, count2), name))
                if counts != (count1, count2):
                    self._blame(task, answer)

    def _blame(self, task: bench.Task, answer: bench.Answer) -> None:
        if not self.workload.is_large:
            bench.check_truth(task, answer, bench.find_truth(task.board, answer.reached))
            return  # the one who played before is wrong; the audit will find out
        raise bench.Wrong(f"disagrees with other rungs on {task.board.name} at generation {answer.reached}")

    def audit(self) -> list[tuple[str, bench.Failure]]:
        """Have the oracle play one match and one stretch of this block; return who was wrong about it, and why."""
        if self.workload.is_large:
            return []
        chosen = []
        for is_match in (True, False):
            boards = [b for b, said in self._last.items() if (said[0][0].schedule[-1] > 200) == is_match]
            if boards:
                chosen.append(secrets.choice(boards))
        wrong = []
        for board in chosen:
            truth = bench.find_truth(board, max(answer.reached for _, answer, _ in self._last[board]))
            for task, answer, name in self._last[board]:
                try:
                    bench.check_truth(task, answer, truth)
                except bench.Failure as failure:
                    wrong.append((name, failure))
        return wrong


class Player:
    """An entrant's process, and how fast it is on each workload."""

    def __init__(self, entrant: Entrant, cores: bench.Cores) -> None:
        self.entrant = entrant
        self.cores = cores
        self.child: bench.Child | None = None
        self.seconds: dict[str, float] = {}  # per generation

    def start(self, gate_key: bytes) -> None:
        """Start the process and pass the gate. Raises bench.Failure."""
        self.close()
        with self.cores.part(self.entrant.cores) as part:
            child = bench.Child(self.entrant.program, part)
            child.__enter__()
            self.child = child
            bench.gate(child, bench.Stream(gate_key), 120.0)

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
        settle = self._settle_large if workload.is_large else self._settle_matches
        try:
            second = settle(workload, deck, settle_s)
        except bench.Timeout:
            second = TOO_SLOW_S
        if second >= TOO_SLOW_S:
            raise TooSlow(f"a generation takes over {TOO_SLOW_S:.0f} s")
        self.seconds[workload.name] = second

    def _settle_matches(self, workload: LadderWorkload, deck: Deck, settle_s: float) -> float:
        generations, index, spent_s = 1, 0, 0.0
        while True:
            task = bench.Task(deck.match(index).board, (generations,))
            _, clocked = self.play([task], TOO_SLOW_S + 10 * spent_s)
            spent_s += clocked.charged_s
            index += 1
            second = clocked.charged_s / max(1, clocked.generations)
            longer = min(5 * generations, workload.generations)
            if spent_s + longer * second > settle_s:
                return second
            generations = longer

    def _settle_large(self, workload: LadderWorkload, deck: Deck, settle_s: float) -> float:
        board = deck.starts()[0].board
        limit_s = PARSE_S + TOO_SLOW_S
        first = self.play([bench.Task(board, (1,))], limit_s)[1]
        generations = 1
        while True:
            clocked = self.play([bench.Task(board, (1 + generations,))], limit_s + 10 * settle_s)[1]
            taken_s = clocked.charged_s - first.charged_s
            # What is less than the noise of reading the text says nothing yet, but that there is time for more.
            if taken_s > 0.2 + 0.1 * first.charged_s or generations == workload.generations:
                return max(taken_s, 1e-9) / generations
            generations = min(20 * generations, workload.generations)

    def take_turn(self, deck: Deck, block: int, slot: int, slot_s: float) -> Batch:
        """Play one turn on a block's boards. Raises bench.Failure."""
        workload = deck.workload
        second = self.seconds[workload.name]
        match_s = second * workload.generations
        if workload.is_large or match_s > 1.5 * slot_s:
            generations, wall_s, cpu_s = self._play_stretches(deck, slot_s)
        else:
            count = min(MOST_MATCHES, max(1, round(slot_s / match_s)))
            tasks = [deck.match(i) for i in range(count)]
            answers, clocked = self.play(tasks, 30 + 20 * slot_s)
            deck.note(self.entrant.name, tasks, answers)
            generations, wall_s, cpu_s = clocked.generations, clocked.wall_s, clocked.cpu_s
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

    def _play_stretches(self, deck: Deck, slot_s: float) -> tuple[int, float, float]:
        """Play stretches in two lengths; return generations, wall and CPU seconds of the difference."""
        starts = deck.starts()
        second = self.seconds[deck.workload.name]
        wanted = max(1, round(slot_s / second))
        shortest = SHORTEST * len(starts)
        if shortest * second < LONG_TURN_S:
            wanted = max(wanted, shortest)
        chosen = starts if wanted >= len(starts) else starts[:: -(-len(starts) // wanted)]
        length = max(1, wanted // len(chosen))
        limit_s = PARSE_S + 20 * (slot_s + len(chosen) * second)
        short = [bench.Task(start.board, (1,)) for start in chosen if start.left > 1]
        long = [bench.Task(start.board, (min(1 + length, start.left),)) for start in chosen if start.left > 1]
        for _ in range(MOST_DISCARDED):
            answers_short, clocked_short = self.play(short, limit_s)
            answers_long, clocked_long = self.play(long, limit_s)
            if clocked_long.charged_s > clocked_short.charged_s:
                break
        deck.note(self.entrant.name, short, answers_short)
        deck.note(self.entrant.name, long, answers_long)
        wall_s = max(1e-9, clocked_long.wall_s - clocked_short.wall_s)
        cpu_s = max(0.0, clocked_long.cpu_s - clocked_short.cpu_s)
        return clocked_long.generations - clocked_short.generations, wall_s, cpu_s


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

    def admit_all(self, settle_s: float) -> None:
        """Start everybody: gate, then untimed play on every workload."""
        decks = {workload.name: Deck(workload, self.slot_s) for workload in self.workloads}
        for number, entrant in enumerate(self.entrants, 1):
            self.say(f"{number} of {len(self.entrants)}: {entrant.name} passes the gate")
            player = Player(entrant, self.cores)
            self.players.append(player)
            try:
                player.start(self._gate_key)
            except bench.Failure as failure:
                self._drop(player, failure)
                continue
            for workload in self.workloads:
                self._settle(player, workload, decks[workload.name], settle_s)
        self.players = [player for player in self.players if player.seconds]

    def _settle(self, player: Player, workload: LadderWorkload, deck: Deck, settle_s: float) -> None:
        try:
            player.settle(workload, deck, settle_s)
        except TooSlow as slow:
            player.seconds.pop(workload.name, None)
            self.on_failure(player.entrant.name, workload.name, "too slow", str(slow))
            player.start(self._gate_key)  # the one that is still at it is of no use any more
        except bench.Failure as failure:
            player.seconds.pop(workload.name, None)
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
        for name, found in deck.audit():
            for player in self.players:
                if player.entrant.name == name:
                    self._drop(player, found)
            batches = [batch for batch in batches if batch.rung != name]
        self.players = [player for player in self.players if player.seconds]
        return batches


def now() -> str:
    """The time, in UTC."""
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())

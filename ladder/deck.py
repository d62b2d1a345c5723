"""The boards of one block, and whether everybody agrees about what becomes of them."""

import secrets
from collections.abc import Callable, Sequence
from functools import partial

from autoresearch import bench
from ladder.positions import Start, count_at, find_starts
from ladder.workloads import LadderWorkload

STRETCHES_PER_S = 120  # of a turn, for a program too slow for whole matches
FEWEST_STRETCHES = 12
MOST_AUDITED = 300_000  # cells times generations that the oracle plays, some 5 seconds


class Deck:
    """The boards of one block, drawn when first wanted, and everybody's answers on them."""

    def __init__(self, workload: LadderWorkload, slot_s: float) -> None:
        self.workload = workload
        self.stretches = max(FEWEST_STRETCHES, round(STRETCHES_PER_S * slot_s))
        self.key = secrets.token_bytes(32)
        self._matches: dict[int, bench.Task] = {}
        self._starts: list[Start] | None = None
        self._reports: dict[bench.Board, dict[int, bench.Counts]] = {}
        self._suspicious: list[bench.Board] = []
        self._settled: list[tuple[bench.Board, int, bench.Counts]] = []
        self._said: dict[bench.Board, list[tuple[bench.Task, bench.Answer, str]]] = {}

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
        """Compare answers with what others said about the same boards. Raises bench.Wrong."""
        for task, answer in zip(tasks, answers, strict=True):
            self._said.setdefault(task.board, []).append((task, answer, name))
            known = self._reports.setdefault(task.board, {})
            for generation, count1, count2 in answer.reports:
                if known.setdefault(generation, (count1, count2)) != (count1, count2):
                    self._judge(task, answer, generation)

    def _judge(self, task: bench.Task, answer: bench.Answer, generation: int) -> None:
        """Two disagree. Have somebody else tell whether it is this one who is wrong; else the audit finds the other.

        That is the oracle, or a rung in the parent where boards are so large that the oracle would take hours.
        """
        board = task.board
        if board.rows * board.columns <= bench.ROWS * bench.COLUMNS:
            bench.check_truth(task, answer, bench.find_truth(board, answer.reached))
            self._suspicious.append(board)
            return
        truth = count_at(board, generation)
        self._reports[board][generation] = truth
        self._settled.append((board, generation, truth))
        check_report(task, answer, generation, truth)

    def audit(self) -> list[tuple[str, bench.Failure]]:
        """Have the oracle play some of this block's boards; return who was wrong about them, and why.

        It plays one whole match and one stretch, drawn at random, as far as they don't take it many seconds, and
        every board on which two disagreed.
        """
        played = {board: max(answer.reached for _, answer, _ in said) for board, said in self._said.items()}
        affordable = [board for board in played if played[board] * count_live(board) <= MOST_AUDITED]
        chosen = list(self._suspicious)
        for is_match in (True, False):
            boards = [board for board in affordable if (played[board] == self.workload.generations) == is_match]
            chosen += [secrets.choice(boards)] if boards else []
        wrong = []
        for board in dict.fromkeys(chosen):
            wrong += self._accuse(board, partial(bench.check_truth, truth=bench.find_truth(board, played[board])))
        for board, generation, truth in self._settled:
            wrong += self._accuse(board, partial(check_report, generation=generation, truth=truth))
        return wrong

    def _accuse(
        self, board: bench.Board, check: Callable[[bench.Task, bench.Answer], None]
    ) -> list[tuple[str, bench.Failure]]:
        """Whose answers about a board a check refuses, and why."""
        found = []
        for task, answer, name in self._said[board]:
            try:
                check(task, answer)
            except bench.Failure as failure:
                found.append((name, failure))
        return found


def check_report(task: bench.Task, answer: bench.Answer, generation: int, truth: bench.Counts) -> None:
    """What an answer says about one generation, if anything, is true. Raises bench.Wrong."""
    for at, count1, count2 in answer.reports:
        if at == generation and (count1, count2) != truth:
            told, expected = f"{count1} {count2}", f"{truth[0]} {truth[1]}"
            raise bench.Wrong(f"generation {generation} of {task.board.name}: counts {told}, expected {expected}")


def count_live(board: bench.Board) -> int:
    """About how many cells a board starts with, from the length of its texts."""
    return (len(board.s1) + len(board.s2)) // 5

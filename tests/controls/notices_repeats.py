"""Notices within a match that the board comes back, and then takes the counts of the first time around.

That is a proof about this match, found in this match: whoever finds one may use it.

Speed: any
"""

import honest

EVERY = 20  # generations between looks, and so the longest period that is found


class Repeating(honest.Match):
    def __init__(self, *start):
        super().__init__(*start)
        self.generation = 0
        self.mark = (0, None)
        self.turn = []  # counts of one turn, once the board is known to come back

    def step(self):
        self.generation += 1
        if self.turn:
            return
        super().step()
        since, board = self.mark
        if board == (self.all, self.team1):
            self.turn = self.play_turn(self.generation - since)
        elif self.generation - since >= EVERY:
            self.mark = (self.generation, (self.all, self.team1))

    def play_turn(self, period):
        start = self.generation % period
        turn = [(0, 0)] * period
        for i in range(period):
            turn[(start + i) % period] = super().counts()
            super().step()
        return turn

    def counts(self):
        return self.turn[self.generation % len(self.turn)] if self.turn else super().counts()


def run_benchmark(s1, s2, rows, columns, time_limit_s, checkpoint_callback):
    return honest.play(Repeating(s1, s2, rows, columns), time_limit_s, checkpoint_callback)

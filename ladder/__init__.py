"""The tools around the ladder: measure its rungs, show it, judge a program by it."""

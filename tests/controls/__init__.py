"""Honest programs with unusual habits, which the referee has to accept and to measure right.

The last lines of a control's docstring say how fast it has to come out and what it needs:

    Speed: as the honest program; or any
    Run with: further options of bench.py, if any
    Needs: a library, if any
"""

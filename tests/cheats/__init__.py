"""Programs that try to fool the referee, one per file.

The last lines of a cheat's docstring say what stops it and which outcomes are acceptable:

    Stopped by: names of defences, as in tests/defences.py
    Outcome: verdicts; or `worthless`, which is: ok, and no faster than the honest program that it is made from
    Run with: further options of bench.py, if any
"""

"""Compile the baseline unchanged.

The idea: Cython translates any Python to C, so let it translate autoresearch/program.py as it is. The line below the
docstring pastes that file in here; not one character of it differs.

Why it disappoints: what goes away is the interpreter's loop, which fetches, decodes and dispatches bytecode. What
stays is everything that the bytecode asked for. Nothing here has a type that C knows: a cell's coordinate is an int
object, every comparison is a call through a table of methods, every row is a list of pointers, every "x,y" a string
that is built, hashed and thrown away, and the reference counts of all of them go up and down as before. The scans are
as long as they were, too: compiling changes the price of an operation, not how many there are. Even a program that
spends its time in the interpreter mostly spends it on such objects, so taking the interpreter out gives a factor of
about two, and little more.

The other rungs show the two ways on from here. Keep the interpreter and do less work: tuple_keys and what follows it.
Or keep the compiler and give it something to compile, numbers in arrays and variables with declared types:
cython_typed and what follows that.

What it costs: a C compiler and a build step, and tracebacks that are a little harder to read; nothing in generality.

What to try: `cython -a` on program.py colors each line by how much of it still calls into Python: nearly all are
yellow. Or compare with PyPy, which compiles the same file at run time and does better, because it sees which types
occur.
"""

include "../autoresearch/program.py"

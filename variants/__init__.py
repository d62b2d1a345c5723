"""The ladder: one file per rung, and the table of them in the order in which they are best read.

Adding a rung is one file in this folder and one row here.
"""

from typing import NamedTuple, Optional


class Rung(NamedTuple):
    """One variant of the program.

    name         what the rung is called everywhere
    parent       the rung that it differs from by one idea; None for the baseline
    tool         what carries the idea: Python, PyPy, numpy, scipy, numba or Cython
    idea         the idea in one line
    source       the file, relative to the project's root
    interpreter  the executable that plays it, None for the one that runs the ladder
    requires     importable modules that it needs; "compiled" for a module built from a .pyx
    threads      whether it uses as many threads as it is given cores
    """

    name: str
    parent: Optional[str]
    tool: str
    idea: str
    source: str
    interpreter: Optional[str] = None
    requires: tuple[str, ...] = ()
    threads: bool = False


def _rung(name, parent, tool, idea, **rest):
    suffix = "pyx" if tool == "Cython" else "py"
    rest.setdefault("source", f"variants/{name}.{suffix}")
    requires = {"numpy": ("numpy",), "scipy": ("numpy", "scipy"), "numba": ("numpy", "numba"), "Cython": ("compiled",)}
    return Rung(name, parent, tool, idea, requires=requires.get(tool, ()), **rest)


BASELINE = "autoresearch/program.py"

RUNGS = (
    _rung("row_list", None, "Python", "the baseline: sorted row lists, scans, string keys", source=BASELINE),
    _rung(
        "row_list_pypy",
        "row_list",
        "PyPy",
        "change the interpreter, not the program",
        source=BASELINE,
        interpreter="pypy3",
    ),
    _rung("cython_asis", "row_list", "Cython", "compile the baseline unchanged"),
    _rung("tuple_keys", "row_list", "Python", "tuples instead of strings as keys of dead neighbors"),
    _rung("color_dict", "tuple_keys", "Python", "one look-up for a cell's color instead of a scan"),
    _rung("dict_of_sets", "color_dict", "Python", "rows as sets in a dict: every membership test is O(1)"),
    _rung("wrap_table", "dict_of_sets", "Python", "neighbors' wrapped coordinates from a table, no modulo"),
    _rung("neighbor_counts", "wrap_table", "Python", "live cells scatter both counts over packed integer keys"),
    _rung("flat_grid", "neighbor_counts", "Python", "one flat bytearray beside the live list, no hashing"),
    _rung(
        "flat_grid_pypy",
        "flat_grid",
        "PyPy",
        "the same file under an interpreter that compiles its loop",
        source="variants/flat_grid.py",
        interpreter="pypy3",
    ),
    _rung("bigint", "row_list", "Python", "the whole board in two big integers, the rule as Boolean adders"),
    _rung("numpy_roll", "row_list", "numpy", "dense arrays, eight shifted copies per team"),
    _rung("numpy_slices", "numpy_roll", "numpy", "a padded halo and in-place sums, no temporaries"),
    _rung("numpy_lookup", "numpy_slices", "numpy", "both counts packed in one array, the rule as a look-up table"),
    _rung("scipy_convolve", "numpy_roll", "scipy", "neighbor counts as a convolution that wraps"),
    _rung("scipy_fft", "scipy_convolve", "scipy", "the convolution as a product of Fourier transforms"),
    _rung("scipy_sparse", "numpy_roll", "scipy", "neighbor counts as a sparse matrix times the board"),
    _rung("numpy_bitplane", "bigint", "numpy", "64 cells per word, the adders as ufuncs in place"),
    _rung("numba_dense", "numpy_slices", "numba", "plain loops over the cells, compiled"),
    _rung("numba_frontier", "flat_grid", "numba", "the list of live cells, compiled"),
    _rung("numba_bitplane", "numpy_bitplane", "numba", "the adders on words, compiled, a stretch per call"),
    _rung("numba_parallel", "numba_bitplane", "numba", "rows shared out over threads", threads=True),
    _rung("cython_typed", "numba_dense", "Cython", "the same loops ahead of time: typed memoryviews, no GIL"),
    _rung("cython_frontier", "numba_frontier", "Cython", "the list of live cells in C"),
    _rung("cython_bitplane", "numba_bitplane", "Cython", "words in C, vectorised by the compiler"),
    _rung("cython_simd", "cython_bitplane", "Cython", "tiles across AVX-512 or AVX2 vectors, chosen at run time"),
    _rung("cython_openmp", "cython_simd", "Cython", "threads, for boards larger than the cache", threads=True),
)

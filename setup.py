"""Compile every rung written in Cython, and the measurement of the ceiling; all metadata is in pyproject.toml.

Each compiled module carries a stamp of its sources, so that the referee can tell whether it is up to date. Without a
C compiler the install succeeds and the compiled rungs are unavailable.
"""

import hashlib
import os
import re
from pathlib import Path

from Cython.Build import cythonize
from Cython.Build.Dependencies import create_dependency_tree
from setuptools import Extension, setup
from setuptools.command.build_ext import build_ext

BUILD = Path("build/cython")
DEFAULT_FLAGS = {"unix": ["-O3", "-g0"], "msvc": ["/O2"]}
OPENMP_FLAGS = {"unix": "-fopenmp", "msvc": "/openmp"}
OPENMP_RUNGS = {"variants.cython_openmp"}
STAMP = """\
#if defined(_MSC_VER)
__declspec(dllexport)
#elif defined(__GNUC__)
__attribute__((used, visibility("default")))
#endif
const char escape_ladder_sources[] = "escape-ladder-sources {names} {digest}";
"""


def find_sources(pyx):
    """The .pyx and every file of this project that it includes, cimports or takes declarations from."""
    found = set()
    pending = [pyx, *map(Path, create_dependency_tree().all_dependencies(str(pyx)))]
    root = Path.cwd()
    while pending:
        path = Path(os.path.relpath(pending.pop()))
        if path in found or not path.is_file() or root not in path.resolve().parents or ".venv" in path.parts:
            continue
        found.add(path)
        included = r'#\s*include\s+"([^"]+)"' if path.suffix == ".h" else r'cdef\s+extern\s+from\s+"([^"]+)"'
        pending += [path.parent / name for name in re.findall(included, path.read_text(encoding="utf-8"))]
    return sorted(found)


def write_stamp(pyx, sources):
    """Write the C file that embeds the names and the hash of a rung's sources; return its path."""
    names = sorted(os.path.relpath(path, pyx.parent).replace(os.sep, "/") for path in sources)
    digest = hashlib.sha256()
    for name in names:
        digest.update(name.encode() + b"\0" + (pyx.parent / name).read_bytes() + b"\0")
    text = STAMP.format(names=":".join(names), digest=digest.hexdigest())
    path = BUILD / f"{pyx.stem}_sources.c"
    if not path.exists() or path.read_text() != text:
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
        # Dates alone don't show that a file came back with its old date, so have Cython translate this rung again.
        (BUILD / pyx.with_suffix(".c")).unlink(missing_ok=True)
    return str(path)


def extensions():
    stamped = {}
    for pyx in sorted([*Path("variants").glob("*.pyx"), *Path("ladder").glob("*.pyx")]):
        sources = find_sources(pyx)
        stamped[f"{pyx.parent.name}.{pyx.stem}"] = pyx, write_stamp(pyx, sources), [str(path) for path in sources]
    modules = cythonize(
        [Extension(name, [str(pyx)], include_dirs=["variants"]) for name, (pyx, _, _) in stamped.items()],
        build_dir=str(BUILD),
        language_level=3,
    )
    for module in modules:
        _, stamp, sources = stamped[module.name]
        module.sources.append(stamp)
        module.depends = [*sources, "setup.py"]
        module.optional = True  # cythonize drops what was set before
    return modules


class BuildRungs(build_ext):
    """Compile with the flags that the compiler at hand knows, as many modules at a time as there are cores."""

    def finalize_options(self):
        super().finalize_options()
        self.parallel = self.parallel or os.cpu_count()

    def build_extensions(self):
        kind = self.compiler.compiler_type
        for module in self.extensions:
            module.extra_compile_args = list(DEFAULT_FLAGS.get(kind, []))
            if module.name in OPENMP_RUNGS and kind in OPENMP_FLAGS:
                module.extra_compile_args.append(OPENMP_FLAGS[kind])
                if kind == "unix":
                    module.extra_link_args = [OPENMP_FLAGS[kind]]
        super().build_extensions()


setup(ext_modules=extensions(), cmdclass={"build_ext": BuildRungs})

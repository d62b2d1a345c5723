"""The circumstances of a run: machine, software, and whether the tree is what its commit says."""

import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from typing import Any

import cpuinfo
import psutil

from autoresearch import bench
from ladder.availability import BY_NAME, ROOT, why_unavailable
from ladder.ceiling import measure_peak
from ladder.measure import now

LIBRARIES = ("numpy", "scipy", "numba", "llvmlite", "cython", "setuptools")


def describe_environment(cores: bench.Cores) -> dict[str, Any]:
    """Everything known about where a run takes place."""
    cpu = cpuinfo.get_cpu_info()
    path = simd_path()
    caches = ("l1_data_cache_size", "l2_cache_size", "l3_cache_size")
    return {
        "time": now(),
        "cpu": cpu.get("brand_raw", platform.processor()),
        "cpu_family_model": f"{cpu.get('family')}/{cpu.get('model')}",
        "caches_bytes": {name.removesuffix("_size"): cpu.get(name) for name in caches},
        "cores": os.cpu_count(),
        "pinned": str(cores),
        "memory_mb": psutil.virtual_memory().total >> 20,
        "system": platform.platform(),
        "python": f"{platform.python_implementation()} {platform.python_version()}",
        "pypy": describe_command("pypy3", "-c", "import sys; print('.'.join(map(str, sys.pypy_version_info[:3])))"),
        "libraries": {name: library_version(name) for name in LIBRARIES},
        "compiler": describe_command(*sysconfig.get_config_var("CC").split()[:1], "--version"),
        "simd_path": path,
        "logic_instructions_per_s": measure_peak(path),
        "commit": describe_command("git", "-C", str(ROOT), "rev-parse", "HEAD"),
        "dirty": bool(describe_command("git", "-C", str(ROOT), "status", "--porcelain", "--untracked-files=no")),
        "load": round(psutil.getloadavg()[0], 2),
        "bench_sha256": bench.describe_host(cores)["bench_sha256"],
    }


def describe_command(*command: str) -> str | None:
    """The first line that a command prints; None where there is no such command or it fails."""
    if shutil.which(command[0]) is None:
        return None
    found = subprocess.run(command, capture_output=True, text=True, check=False, timeout=30)
    return found.stdout.partition("\n")[0].strip() or None if found.returncode == 0 else None


def library_version(name: str) -> str | None:
    try:
        return importlib.metadata.version(name)
    except importlib.metadata.PackageNotFoundError:
        return None


def simd_path() -> str | None:
    """Which instruction set cython_simd has chosen on this machine."""
    rung = BY_NAME["cython_simd"]
    if why_unavailable(rung):
        return None
    code = "from variants import cython_simd; print(cython_simd.simd_path)"
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False, cwd=ROOT)
    return found.stdout.strip() or None


def steal_s() -> float:
    """CPU seconds that the hypervisor gave to others since the machine started; 0 where that isn't known."""
    return float(getattr(psutil.cpu_times(), "steal", 0.0))


def differences(recorded: dict[str, Any], current: dict[str, Any]) -> list[str]:
    """What makes batches of two environments not comparable, as `name: old, now new`."""
    names = ("cpu", "system", "python", "pypy", "libraries", "compiler", "simd_path", "commit", "dirty", "bench_sha256")
    return [f"{n}: {recorded.get(n)}, now {current.get(n)}" for n in names if recorded.get(n) != current.get(n)]

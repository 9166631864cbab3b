"""What cutting slabs takes at most: memory, and time where the symmetry is hard to find."""

from __future__ import annotations

import resource
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from functools import partial
from multiprocessing import get_context
from typing import Any

from pymatgen.core.structure import Structure

from crystals import build_crystal, build_noisy_crystal, build_vacancy
from same_slabs import Case, run_exact, run_plain, warm_up

MAX_SECONDS = 10.0
"""Nothing is to take the exact builder more CPU time than this (s),"""

MAX_MEMORY = 1000.0
"""or more memory than this (MB)."""

NOISE = 0.005
"""So much noise (Å) hides the symmetry of a crystal, which leaves as many slabs as layers."""

NOISY = (Case('Y3Al5O12', (1, 0, 0)), Case('Y3Al5O12', 1))

VACANCIES = {Case('Cu', (1, 1, 1), True): 12, Case('NaCl', (1, 0, 0), True): 10}
"""So many cells along each axis make a supercell in which one atom is missing."""

RUNS = 3
"""How often each is timed."""


@dataclass(frozen=True)
class Memory:
    """What a generator took in a process of its own (MB): at its peak, and beyond what it had."""

    peak: float
    growth: float


@dataclass(frozen=True)
class Hard:
    """What the exact builder took for a crystal that is hard to cut, in a process of its own.

    :ivar n_atoms: in the cell of the crystal.
    :ivar n_slabs: how many are left after those that are equal have been merged.
    :ivar seconds: CPU times, one for each run.
    """

    n_atoms: int
    n_slabs: int
    seconds: list[float]
    memory: Memory


def measure_memory(case: Case) -> dict[str, Memory]:
    """Return what each generator takes in a process that has done nothing but warm up."""
    memory = {}
    for name, run in (('pymatgen', run_plain), ('exact', run_exact)):
        with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:
            memory[name] = pool.submit(_take_memory, run, case).result()
    return memory


def _take_memory(run: Callable[[Case, Structure], Any], case: Case) -> Memory:
    warm_up()
    bulk = build_crystal(case.crystal)
    before = _peak_memory()
    run(case, bulk)
    return Memory(_peak_memory(), _peak_memory() - before)


def measure_hard() -> dict[str, Hard]:
    """Measure the exact builder where the symmetry is hidden, or hard to find, by name.

    Noise hides it: there are as many slabs as layers. Around a vacancy in a large cell it is hard
    to find.
    """
    noisy = {
        f'{case.name} with {NOISE} Å of noise': (case, partial(build_noisy_crystal, noise=NOISE))
        for case in NOISY
    }
    large = {
        f'{case.name} with a vacancy': (case, partial(build_vacancy, repeats=repeats))
        for case, repeats in VACANCIES.items()
    }
    found = {}
    for name, (case, build) in {**noisy, **large}.items():
        with ProcessPoolExecutor(1, mp_context=get_context('spawn')) as pool:
            found[name] = pool.submit(run_hard, case, build).result()
    return found


def run_hard(case: Case, build: Callable[[str], Structure]) -> Hard:
    """Measure the exact builder with crystals built by name, in this process."""
    warm_up()
    before = _peak_memory()
    seconds = []
    for _ in range(RUNS):
        bulk = build(case.crystal)
        start = time.process_time()
        terminations = run_exact(case, bulk)
        seconds.append(time.process_time() - start)
    memory = Memory(_peak_memory(), _peak_memory() - before)
    return Hard(len(bulk), len(terminations), seconds, memory)


def _peak_memory() -> float:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024  # kB on Linux


def find_excess(seconds: Mapping[str, float], memory: Mapping[str, float]) -> list[str]:
    """Return what takes the exact builder too long (s) or needs too much memory (MB)."""
    return [
        f'{name}: {amount:.0f} {unit}, not {limit:g}'
        for amounts, limit, unit in ((seconds, MAX_SECONDS, 's'), (memory, MAX_MEMORY, 'MB'))
        for name, amount in amounts.items()
        if amount > limit
    ]

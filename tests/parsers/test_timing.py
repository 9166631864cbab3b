"""Time and cores in the words of each version of VASP."""

from __future__ import annotations

import pytest

from aiida_slabrelax.parsers.timing import HEAD, Timing, read_timing
from replay_vasp import needs_recordings, recording

END = '\n General timing and accounting informations for this job:\n'


@pytest.mark.parametrize(
    ('line', 'cores'),
    [
        (' running   16 mpi-ranks, with    4 threads/rank, on    1 nodes', 64),
        (' running   24 mpi-ranks, with    1 threads/rank', 24),
        (' running on   32 total cores', 32),
        (' running on   24 nodes', 24),
        (' serial version', 1),
        (' distrk:  each k-point on   32 cores,    1 groups', None),
    ],
)
def test_the_cores(line: str, cores: int | None) -> None:
    end = f'{END}                         Elapsed time (sec):     12.500\n'
    timing = read_timing(f' vasp.6.4.1\n executed on LinuxIFC\n{line}\n{end}')
    assert timing == Timing(12.5, cores)
    assert timing.core_seconds == (None if cores is None else 12.5 * cores)


def test_a_calculation_that_was_killed_has_no_time() -> None:
    timing = read_timing(' vasp.6.4.1\n running on    4 total cores\n Iteration      1(   3)\n')
    assert timing == Timing(None, 4)
    assert timing.core_seconds is None


def test_only_the_beginning_tells_of_processes() -> None:
    assert read_timing(f'{"x" * HEAD}\n running on    4 total cores\n') == Timing()
    assert read_timing('') == Timing()


@needs_recordings
@pytest.mark.parametrize(
    ('name', 'timing'),
    [
        ('ir100_slab', Timing(1239.001, 32)),  # 5.4.1
        ('si_static_projected', Timing(5.694, 1)),  # 5.2.12
        ('stopped_by_stopcar', Timing(3104.845, 24)),  # 5.2.11
        ('si_spin_lorbit10', Timing(2.864, 1)),  # 6.2.0
        ('brmix_converged', Timing(8.668, 4)),  # 5.4.4
        ('cut_off_then_converged', Timing(None, 2)),
        ('died_in_setup', Timing(None, 32)),
    ],
)
def test_what_vasp_has_written(name: str, timing: Timing) -> None:
    assert read_timing(recording(name).files['OUTCAR'].decode(errors='replace')) == timing

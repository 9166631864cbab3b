"""The time and the cores of a calculation, from its OUTCAR."""

from __future__ import annotations

import re
from dataclasses import dataclass

#: The numbers of bytes at the beginning and at the end of an OUTCAR that contain both.
HEAD, TAIL = 4000, 8000

#: What VASP writes of its processes: from 6.3 on, before, and up to 5.2; and without MPI.
_RANKS = re.compile(r'^ *running +(\d+) mpi-ranks, with +(\d+) threads/rank', re.MULTILINE)
_CORES = re.compile(r'^ *running on +(\d+) (?:total cores|nodes)', re.MULTILINE)
_SERIAL = re.compile(r'\bserial version\b')
_ELAPSED = re.compile(r'^ *Elapsed time \(sec\): +(\d+(?:\.\d*)?)', re.MULTILINE)


@dataclass(frozen=True)
class Timing:
    """What OUTCAR says of the time; ``None`` where it says nothing.

    :ivar seconds: the wall time, which VASP writes at its end.
    :ivar cores: the number of processes, times that of the threads of each.
    """

    seconds: float | None = None
    cores: int | None = None

    @property
    def core_seconds(self) -> float | None:
        """The wall time of all cores together, in s."""
        return None if self.seconds is None or self.cores is None else self.seconds * self.cores


def read_timing(outcar: str) -> Timing:
    """Return the time in the text of an OUTCAR of VASP 5 or 6, or in its two ends.

    VASP up to 5.2 calls its processes nodes.
    """
    elapsed = _ELAPSED.findall(outcar[-TAIL:])
    return Timing(float(elapsed[-1]) if elapsed else None, _cores(outcar[:HEAD]))


def _cores(head: str) -> int | None:
    if (found := _RANKS.search(head)) is not None:
        return int(found[1]) * int(found[2])
    if (found := _CORES.search(head)) is not None:
        return int(found[1])
    return 1 if _SERIAL.search(head) is not None else None

"""The lowest of several surface energies along one chemical potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

#: The smallest difference of slopes (1/Å²) of lines that cross.
PARALLEL = 1e-12


@dataclass(frozen=True)
class Lowest:
    """A range in which one line is the lowest.

    :ivar label: the label of the line.
    :ivar start_ev: the lower end, Δμ in eV.
    :ivar end_ev: the upper end, Δμ in eV.
    """

    label: str
    start_ev: float
    end_ev: float


def lower_envelope(
    lines: Mapping[str, tuple[float, float]], start_ev: float, end_ev: float
) -> list[Lowest]:
    """Return the lower envelope of straight lines as pieces.

    :param lines: by label, the value at Δμ = 0 (eV/Å²) and the slope (1/Å²). Of equal lines the
        first one counts.
    :param start_ev: the lower end of the range of Δμ, in eV.
    :param end_ev: the upper end of the range, in eV.
    :returns: adjacent pieces from the lower to the upper end; empty without lines.
    """
    ends = {start_ev, end_ev}
    for (constant, slope), (other, steeper) in combinations(lines.values(), 2):
        if abs(slope - steeper) > PARALLEL:
            crossing = (other - constant) / (slope - steeper)
            if start_ev < crossing < end_ev:
                ends.add(crossing)
    pieces: list[Lowest] = []
    for low, high in pairwise(sorted(ends)):
        if not lines:
            break
        middle = (low + high) / 2
        label = min(lines, key=lambda name: lines[name][0] + lines[name][1] * middle)
        if pieces and pieces[-1].label == label:
            low = pieces.pop().start_ev
        pieces.append(Lowest(label, low, high))
    return pieces

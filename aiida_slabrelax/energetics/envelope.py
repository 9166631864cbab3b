"""Which of several surface energies is the lowest, along one chemical potential."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations, pairwise

PARALLEL = 1e-12
"""Lines whose slopes differ by less (1/Å²) do not cross."""


@dataclass(frozen=True)
class Lowest:
    """Where one line is the lowest.

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
    """Return the lowest of several straight lines, piece by piece.

    :param lines: by label the value at Δμ = 0 (eV/Å²) and the slope (1/Å²). Of equal lines the
        first one counts.
    :param start_ev: the lower end of the range of Δμ, in eV.
    :param end_ev: its upper end, above the lower one.
    :returns: adjoining pieces from the lower end to the upper one; none without lines.
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
        label = min(lines, key=lambda one: lines[one][0] + lines[one][1] * middle)
        if pieces and pieces[-1].label == label:
            low = pieces.pop().start_ev
        pieces.append(Lowest(label, low, high))
    return pieces

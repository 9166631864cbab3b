"""Simulated electronic iterations: the models have none, but readers of the output expect them."""

from __future__ import annotations

import math

from ..electrons import ElectronicIteration

#: The factor by which the error of the energy shrinks from one iteration to the next.
_CONTRACTION = 0.2


def electronic_iterations(
    energy: float, ionic_step: int, ediff: float, nelm: int, *, converges: bool = True
) -> list[ElectronicIteration]:
    """Simulate the electronic iterations of one ionic step.

    The error of the energy shrinks geometrically until it is below EDIFF. It starts from a larger
    value in the first ionic step, where VASP starts from random wave functions. The last iteration
    has the energy of the model. The number of iterations stays below NELM, which shows convergence,
    unless NELM is 1.

    :param energy: the energy of the ionic step, in eV.
    :param ionic_step: its number, from 1.
    :param ediff: the electronic convergence criterion in eV.
    :param nelm: the largest number of iterations.
    :param converges: ``False`` to use up all NELM iterations.
    """
    error = 10.0 if ionic_step == 1 else 0.1
    if converges:
        needed = 1 + math.ceil(math.log(max(ediff, 1e-12) / error) / math.log(_CONTRACTION))
        count = max(1, min(max(needed, 3), nelm - 1))
        errors = [error * _CONTRACTION**number for number in range(1, count)]
    else:
        errors = [(-1) ** number * max(100 * ediff, 0.01) for number in range(1, nelm)]
    iterations = []
    previous = 0.0
    for number, value in enumerate([*(energy + error for error in errors), energy], start=1):
        iterations.append(ElectronicIteration(number, value, value - previous))
        previous = value
    return iterations

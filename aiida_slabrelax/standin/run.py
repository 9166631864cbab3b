"""One run: the inputs are read, the structure is relaxed, and VASP's outputs are written."""

from __future__ import annotations

import math
import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from .errors import InputError, ModelError
from .failures import Failure, choose_failure, names_of
from .inputs.reading import Inputs, read_inputs
from .inputs.stopcar import read_stopcar, write_stopcar
from .messages import MESSAGES, write_box
from .output.electronic import electronic_iterations
from .output.files import BANNER, Output
from .relax import IonicStep, begin

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence
    from pathlib import Path

    from .electrons import ElectronicIteration
    from .inputs.incar import Incar
    from .output.dialects import Dialect

#: The exit code of a crash, as of Intel's Fortran runtime.
CRASHED = 174


def run(folder: Path, environ: Mapping[str, str]) -> int:
    """Run the stand-in in a folder with INCAR, POSCAR, POTCAR and KPOINTS.

    :param folder: the folder of the inputs and the outputs.
    :param environ: the environment variables, which choose the model, failures and dialects.
    :returns: the exit code: 0; 1 if the input was refused, the model failed, or the failure is a
        message; :data:`CRASHED` for the failure ``crash``. The failure ``killed`` ends the process.
    """
    print(f' {BANNER}', flush=True)
    try:
        inputs = read_inputs(folder, environ)
        # Only now, so that a run without inputs does not delete the output of an earlier one.
        for name in ('vasprun.xml', 'OUTCAR', 'OSZICAR'):
            (folder / name).unlink(missing_ok=True)
        names = names_of(inputs.structure.comment, inputs.structure.symbols)
        dialects = _choose_dialects(environ, names)
        failure = choose_failure(environ, names, inputs.incar.ibrion)
        if failure.name == 'crash':
            print('forrtl: severe (174): SIGSEGV, segmentation fault occurred', flush=True)
            return CRASHED
        if failure.name in MESSAGES:
            return _fail(folder, inputs, failure, dialects)
        _relax(folder, inputs, failure, dialects)
    except (InputError, ModelError) as error:
        print(write_box(str(error)), flush=True)
        return 1
    return 0


def _fail(folder: Path, inputs: Inputs, failure: Failure, dialects: list[Dialect]) -> int:
    """Run up to the point of the failure, print its message, and return 1."""
    message = MESSAGES[failure.name]
    if message.in_setup:
        _print_summary(inputs)
        Output(folder, inputs).break_off()
        time.sleep(failure.delay)
    else:
        _relax(folder, inputs, failure, dialects)
    print(message, flush=True)
    return 1


def _relax(folder: Path, inputs: Inputs, failure: Failure, dialects: list[Dialect]) -> None:
    incar = inputs.incar
    steps, sampling = begin(inputs.structure, incar, inputs.model, inputs.engine)
    if sampling is not None:
        points = inputs.kpoints._replace(points=sampling.points, weights=sampling.weights)
        inputs = inputs._replace(kpoints=points, sampling=sampling)
    if failure.name == 'ionic' and incar.relaxes:
        steps = _unconverged(steps, incar)
    _print_summary(inputs)
    if failure.name == 'warned':
        print(MESSAGES['brmix'], flush=True)
    output = Output(folder, inputs)
    time.sleep(failure.delay)
    cut_off = failure.name == 'killed' or failure.name in MESSAGES
    number = 0
    for number, step in enumerate(_closing(steps, output), start=1):
        iterations = _iterations(step, number, incar, converges=failure.name != 'electronic')
        if cut_off and number == failure.step:
            output.iterations(number, iterations[: len(iterations) // 2 + 1])
            break
        if failure.name in ('lstop', 'labort') and number == failure.step:
            write_stopcar(folder, failure.name.upper())
        if stop := read_stopcar(folder):
            if stop == 'hard':
                iterations = iterations[: len(iterations) // 2 + 1]
                step = _cut_short(step, iterations[-1])
            step = step._replace(converged=False)
        output.iterations(number, iterations, stop)
        last = bool(stop) or step.converged or number >= max(incar.nsw, 1)
        output.step(number, step, last=last)
        if stop:
            break
    if failure.name == 'killed':
        _rewrite(folder, dialects, inputs)
        os.kill(os.getpid(), signal.SIGKILL)
    if cut_off:
        output.break_off()
        _rewrite(folder, dialects, inputs)
        return
    output.end(step)
    _rewrite(folder, dialects, inputs)
    if failure.name == 'no-vasprun':
        (folder / 'vasprun.xml').unlink()


def _iterations(
    step: IonicStep, number: int, incar: Incar, *, converges: bool
) -> list[ElectronicIteration]:
    """Return the electronic iterations of a step: those of the engine, or simulated ones."""
    if step.electrons is not None and converges:
        return step.electrons.iterations
    return electronic_iterations(step.energy, number, incar.ediff, incar.nelm, converges=converges)


def _cut_short(step: IonicStep, last: ElectronicIteration) -> IonicStep:
    """Return a step that has the energies of one of its iterations."""
    if step.electrons is None or last.energies is None:
        return step._replace(energy=last.energy)
    electrons = step.electrons._replace(energies=last.energies)
    return step._replace(energy=last.energies.extrapolated, electrons=electrons)


def _closing(steps: Iterable[IonicStep], output: Output) -> Iterator[IonicStep]:
    """Yield the steps; if the model fails, close the files as they are."""
    try:
        yield from steps
    except ModelError:
        output.break_off()
        raise


def _choose_dialects(environ: Mapping[str, str], names: Sequence[str]) -> list[Dialect]:
    if not environ.get('VASP_STANDIN_DIALECT'):
        return []
    from .output.dialects import choose_dialects

    return choose_dialects(environ, names)


def _rewrite(folder: Path, dialects: list[Dialect], inputs: Inputs) -> None:
    if dialects:
        from .output.dialects import rewrite

        rewrite(folder, dialects, inputs)


def _unconverged(steps: Iterable[IonicStep], incar: Incar) -> Iterator[IonicStep]:
    """Repeat the last step before convergence until there are NSW steps.

    If the relaxation would converge at once, the forces or the energy are modified to prevent it.
    """
    number = 0
    last: IonicStep | None = None
    for step in steps:
        if step.converged:
            last = last or step._replace(converged=False)
            break
        number, last = number + 1, step
        yield step
    for count in range(number, incar.nsw):
        assert last is not None
        yield _modified(last, incar.ediffg, (-1) ** count)


def _modified(step: IonicStep, ediffg: float, sign: int) -> IonicStep:
    if ediffg > 0:
        return step._replace(energy=step.energy + sign * ediffg)
    if max(math.hypot(*force) for force in step.forces) > -ediffg:
        return step
    size = max(-2 * ediffg, 0.1)
    forces = [[x, y, z + (-1) ** ion * size] for ion, (x, y, z) in enumerate(step.forces)]
    return step._replace(forces=forces)


def _print_summary(inputs: Inputs) -> None:
    structure = inputs.structure
    print(f' model: {inputs.made_by}')
    print(f' POSCAR found : {len(structure.counts):2d} types and {sum(structure.counts):7d} ions')
    for warning in inputs.warnings:
        print(f' WARNING: {warning}')
    sys.stdout.flush()

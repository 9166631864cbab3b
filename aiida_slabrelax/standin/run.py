"""One run: read the inputs, relax, and write what VASP would write."""

from __future__ import annotations

import os
import signal
import sys
import time
from typing import TYPE_CHECKING

from .electronic import electronic_iterations
from .errors import InputError, ModelError
from .failures import Failure, choose_failure, names_of
from .inputs import Inputs, read_inputs
from .messages import MESSAGES, write_box
from .output import BANNER, Output
from .relax import IonicStep, ionic_steps

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping
    from pathlib import Path

#: The exit code after a crash, that of Intel's Fortran runtime.
CRASHED = 174


def run(folder: Path, environ: Mapping[str, str]) -> int:
    """Run the stand-in in a folder with INCAR, POSCAR, POTCAR and KPOINTS.

    :param folder: read from and written to.
    :param environ: the environment variables that choose the model and failures.
    :returns: the exit code: 0; 1 if the input was refused, the model failed, or for a failure that
        is a message; :data:`CRASHED` for
        the failure ``crash``. With the failure ``killed`` the process ends here.
    """
    print(f' {BANNER}', flush=True)
    for name in ('vasprun.xml', 'OUTCAR', 'OSZICAR'):
        (folder / name).unlink(missing_ok=True)  # of an earlier run
    try:
        inputs = read_inputs(folder, environ)
        names = names_of(inputs.structure.comment, inputs.structure.symbols)
        failure = choose_failure(environ, names)
        if failure.name == 'crash':
            print('forrtl: severe (174): SIGSEGV, segmentation fault occurred', flush=True)
            return CRASHED
        if failure.name in MESSAGES:
            return _fail(folder, inputs, failure)
        _relax(folder, inputs, failure)
    except (InputError, ModelError) as error:
        print(write_box(str(error)), flush=True)
        return 1
    return 0


def _fail(folder: Path, inputs: Inputs, failure: Failure) -> int:
    """Get as far as the failure lets VASP get, print what it says then, and return 1."""
    message = MESSAGES[failure.name]
    if message.in_setup:
        _print_summary(inputs)
        Output(folder, inputs).break_off()
        time.sleep(failure.delay)
    else:
        _relax(folder, inputs, failure)
    print(message, flush=True)
    return 1


def _relax(folder: Path, inputs: Inputs, failure: Failure) -> None:
    incar = inputs.incar
    steps = ionic_steps(inputs.structure, incar, inputs.model)
    if failure.name == 'ionic' and incar.relaxes:
        steps = _unconverged(steps, incar.nsw)
    _print_summary(inputs)
    if failure.name == 'warned':
        print(MESSAGES['brmix'], flush=True)
    output = Output(folder, inputs)
    time.sleep(failure.delay)
    cut_off = failure.name == 'killed' or failure.name in MESSAGES
    number = 0
    for number, step in enumerate(steps, start=1):
        iterations = electronic_iterations(
            step.energy,
            number,
            incar.ediff,
            incar.nelm,
            converges=failure.name != 'electronic',
        )
        if cut_off and number == failure.step:
            output.iterations(number, iterations[: len(iterations) // 2 + 1])
            break
        output.iterations(number, iterations)
        output.step(number, step)
    if failure.name == 'killed':
        os.kill(os.getpid(), signal.SIGKILL)
    if cut_off:
        output.break_off()
        return
    output.end(step)
    if failure.name == 'no-vasprun':
        (folder / 'vasprun.xml').unlink()


def _unconverged(steps: Iterable[IonicStep], count: int) -> Iterator[IonicStep]:
    """Let a relaxation stand still before it converges, until it has had a number of steps."""
    number = 0
    last: IonicStep | None = None
    for step in steps:
        if step.converged:
            last = last or step._replace(converged=False)
            break
        number, last = number + 1, step
        yield step
    for _ in range(number, count):
        assert last is not None
        yield last


def _print_summary(inputs: Inputs) -> None:
    structure = inputs.structure
    print(f' model: {inputs.model}')
    print(f' POSCAR found : {len(structure.counts):2d} types and {sum(structure.counts):7d} ions')
    for warning in inputs.warnings:
        print(f' WARNING: {warning}')
    sys.stdout.flush()

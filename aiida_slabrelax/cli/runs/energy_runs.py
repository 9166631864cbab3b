"""Launch the workflows of surface energies, with a code of the user's or the stand-in for VASP."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from ..errors import reported
from ..inputs.reading_options import ReadingOptions
from ..inputs.sources import is_there
from ..inputs.yaml_files import read_yaml
from ..interruption import await_end, held_back, interruptible, killed_if_given_up
from ..params.job_options import collect_options
from ..printing import print_line, print_text
from ..sandbox import environment
from ..sandbox.models import check_model

if TYPE_CHECKING:
    from aiida.orm import ProcessNode


def launch(
    find_workflow: Callable[[], Any],
    structure: str,
    show: Callable[[ProcessNode], str],
    inputs: Mapping[str, Any],
    *,
    thickness: float | None = None,
    code: str | None,
    vacuum: float | None,
    references: Sequence[tuple[str, str]],
    protocol: str,
    overrides: str | None,
    family: str | None,
    model: str | None,
    wait: bool,
    timeout: float,
    workdir: Path,
    profile: str | None,
    reading: ReadingOptions,
    **job: Any,
) -> None:
    """Launch a workflow and print its table at the end.

    The parameters are those of the command line, but for those of the workflow.

    :param find_workflow: imports it; nothing of AiiDA is imported before.
    :param show: makes the table of a run that has ended.
    :param inputs: those that only this workflow has.
    :raises click.ClickException: if something cannot be found, or an input is not valid.
    :raises click.exceptions.Exit: with status 1, if the run has not ended with 0.
    """
    changes, options = read_yaml(overrides), collect_options(**job)
    given = {'min_slab_thickness': thickness, 'min_vacuum_thickness': vacuum}
    changes |= {name: value for name, value in given.items() if value is not None}
    if family is not None:
        changes['vasp'] = {**changes.get('vasp', {}), 'potential_family': family}
    if code is None and profile is not None:
        raise click.ClickException('--profile: give --code too; the stand-in has its own AiiDA')
    if code is not None and model is not None:
        raise click.ClickException('--model is for the stand-in for VASP, not with --code')
    with _prepared(structure, reading, code, model, workdir.resolve(), profile) as place:
        chosen, more, found = place
        node = _submit(
            find_workflow(),
            {
                **found,
                **inputs,
                'protocol': protocol,
                'overrides': _merge(more, changes),
                'options': _merge(options, chosen),
                'references': {
                    one: _find(name, code, reading.of_references()) for one, name in references
                }
                or None,
            },
        )
        name = f'{node.process_label}<{node.pk}>'
        if code is not None and not wait:
            print_text(
                f'Submitted {name}. To follow it:\n'
                f'  verdi process status {node.pk}\n'
                f'  verdi process report {node.pk}\n'
                f'Its table, when it has ended:\n'
                f'  aiida-slabrelax {click.get_current_context().info_name} {node.pk}'
            )
            return
        _wait(node, timeout, killing=code is None)
        print_text(f'\n{show(node)}')
        if code is None:
            print_text(f'\n{environment.describe_profile(workdir.resolve(), node.pk)}')
    if node.exit_status != 0:
        raise click.exceptions.Exit(1)


def find_run(name: str, process_type: str, profile: str | None) -> ProcessNode | None:
    """Return the run of a workflow that a name means, or ``None`` if it means something else.

    :param name: what was given as STRUCTURE; only a number loads a profile.
    :param process_type: that of the workflow.
    """
    if is_there(name) or not name.isdecimal():
        return None
    from aiida.orm import ProcessNode

    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    node = find_node(name)
    if isinstance(node, ProcessNode) and node.process_type == process_type:
        return node
    return None


def _merge(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    from aiida_vasp.utils.dict_merge import recursive_merge

    return dict(recursive_merge(dict(one), dict(other)))


def _find(name: str, code: str | None, reading: ReadingOptions) -> Any:
    """Return a structure from a file, or from a node if the user's own AiiDA is used."""
    if code is not None:
        from ..inputs.nodes import find_structure

        return find_structure(name, reading)
    from ..inputs.structures import read_structure

    return read_structure(Path(name), reading)


@contextmanager
def _prepared(
    structure: str,
    reading: ReadingOptions,
    code: str | None,
    model: str | None,
    workdir: Path,
    profile: str | None,
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield options of the calculations, overrides, and the code and crystal as inputs."""
    if code is not None:
        from ..inputs.nodes import find_code, use_profile
        from .submission import require_daemon

        use_profile(profile)
        node = find_code(code)
        crystal = _find(structure, code, reading)
        require_daemon()
        # The protocols of aiida-vasp ask for MPI; a code that says otherwise would refuse to run.
        mpi = {} if node.with_mpi is None else {'withmpi': node.with_mpi}
        yield mpi, {}, {'code': node, 'bulk_structure': crystal}
        return
    with environment.isolated(workdir), interruptible():
        environment.load_profile(workdir)
        crystal = _find(structure, None, reading)
        chosen = check_model(model, crystal)
        standin = environment.set_up_code(environment.set_up_computer(workdir))
        environment.set_up_potentials(crystal.get_symbols_set())
        symbols = {kind.name: kind.symbol for kind in crystal.kinds}
        elements = {symbol: symbol for symbol in symbols.values()}
        vasp = {
            'potential_family': environment.POTENTIAL_FAMILY,
            'potential_mapping': {**elements, **symbols},
        }
        options = {
            'withmpi': False,
            'environment_variables': {'VASP_STANDIN_MODEL': chosen, 'OMP_NUM_THREADS': '1'},
        }
        print_text(
            f'Stand-in for VASP, model {chosen}: its energies are not those of density-functional '
            'theory.'
        )
        with environment.daemon():
            yield options, {'vasp': vasp}, {'code': standin, 'bulk_structure': crystal}


def _submit(workflow: Any, inputs: Mapping[str, Any]) -> ProcessNode:
    from aiida.engine import submit

    from .submission import REFUSALS

    with reported(*REFUSALS):
        return submit(
            workflow, **{one: value for one, value in inputs.items() if value is not None}
        )


def _wait(node: ProcessNode, timeout: float, killing: bool) -> None:
    """Name a run and wait for its end; of the stand-in's AiiDA one that is given up is killed."""
    given_up = killed_if_given_up(node) if killing else nullcontext()
    with held_back() as let_through, given_up:
        print_line(f'Submitted {node.process_label}<{node.pk}>.')
        await_end(node, timeout, let_through)

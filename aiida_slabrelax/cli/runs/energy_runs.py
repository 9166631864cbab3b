"""Launch the workflows of surface energies with the user's code or the stand-in for VASP."""

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
from ..params.energy_options import refuse_options_of_codes
from ..params.job_options import collect_options
from ..params.slab_options import CHOICE
from ..printing import print_line, print_text
from ..sandbox import environment
from ..sandbox.models import check_model, describe_model, incar_of

if TYPE_CHECKING:
    from aiida.orm import ProcessNode


def launch(
    find_workflow: Callable[[], Any],
    structure: str,
    show: Callable[[ProcessNode], str],
    inputs: Mapping[str, Any],
    *,
    min_slab_thickness: float | None = None,
    layers: int | None = None,
    min_vacuum_thickness: float | None,
    indices_of: str | None,
    layer_tolerance: float | None,
    code: str | None,
    references: Sequence[tuple[str, str]],
    protocol: str | None,
    overrides: str | None,
    family: str | None,
    prerelax: str | None,
    screen: float | None,
    model: str | None,
    dry_run: bool,
    write_inputs: Path | None,
    force: bool,
    wait: bool,
    timeout: float,
    workdir: Path,
    profile: str | None,
    reading: ReadingOptions,
    **job: Any,
) -> None:
    """Launch a workflow and print its table at the end.

    The parameters are those of the command line, except for these:

    :param find_workflow: imports and returns the workflow; AiiDA is not imported before.
    :param show: returns the table of a finished run.
    :param inputs: the inputs of this workflow only.
    :raises click.ClickException: if a code or crystal cannot be found, or an input is not valid.
    :raises click.exceptions.Exit: with status 1, if the run has failed.
    """
    chosen = {name: job.pop(name) for name in CHOICE}
    given, options = read_yaml(overrides), collect_options(**job)
    changes = dict(given)
    cutting = {
        'min_slab_thickness': min_slab_thickness,
        'layers': layers,
        'min_vacuum_thickness': min_vacuum_thickness,
        'indices_of': indices_of,
        'layer_tolerance': layer_tolerance,
        'screen': screen,
        **chosen,
    }
    changes |= {name: value for name, value in cutting.items() if value is not None}
    if family is not None:
        changes['vasp'] = {**changes.get('vasp', {}), 'potential_family': family}

    def check_file() -> None:
        from . import submission

        submission.check_file(given, overrides)

    if code is None:
        refuse_options_of_codes()
    if code is not None and model is not None:
        raise click.ClickException('--model is for the stand-in for VASP, not with --code')
    submits = not dry_run and write_inputs is None
    setup = _prepared(
        structure, reading, code, model, workdir.resolve(), profile, check_file, submits
    )
    with setup as (own_options, own_overrides, own_inputs):
        given = {
            **own_inputs,
            **inputs,
            'prerelax': None if prerelax is None else _find_code(prerelax),
            'protocol': None if protocol is None else absolute_protocol(protocol),
            'overrides': _merge(own_overrides, changes),
            'options': _merge(options, own_options),
            'references': {
                symbol: _find(name, code, reading.of_references()) for symbol, name in references
            }
            or None,
        }
        given = {name: value for name, value in given.items() if value is not None}
        if not submits:
            _show_dry_run(find_workflow(), given, write_inputs, force)
            return
        node = _submit(find_workflow(), given)
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
            hint = f'report {node.pk} -o report.html'
            print_text(f'\n{environment.describe_profile(workdir.resolve(), node.pk, hint)}')
    if node.exit_status != 0:
        raise click.exceptions.Exit(1)


def find_run(name: str, process_type: str, profile: str | None) -> ProcessNode | None:
    """Return the run of a workflow with a pk, or ``None`` if the name is not that of a process.

    :param name: the argument STRUCTURE; only a number loads a profile.
    :param process_type: the process type of the workflow.
    :raises click.ClickException: if it is a process of another type.
    """
    if is_there(name) or not name.isdecimal():
        return None
    from ..inputs.nodes import find_node, use_profile

    use_profile(profile)
    from aiida.orm import ProcessNode

    node = find_node(name)
    if not isinstance(node, ProcessNode):
        return None
    if node.process_type != process_type:
        from .showing import is_shown

        hint = f'; `aiida-slabrelax show {node.pk}` shows it' if is_shown(node) else ''
        raise click.ClickException(
            f'{node.pk} is a {node.process_label}, not a structure or a run of this command{hint}'
        )
    return node


def absolute_protocol(protocol: str) -> str:
    """Return a protocol with the absolute path of its file, if it names a path."""
    name, _, file = protocol.partition('@')
    if not file.endswith(('.yaml', '.yml')):
        return protocol
    return f'{name}@{Path(file).expanduser().resolve()}'


def _merge(base: Mapping[str, Any], update: Mapping[str, Any]) -> dict[str, Any]:
    from aiida_vasp.utils.dict_merge import recursive_merge

    return dict(recursive_merge(dict(base), dict(update)))


def _find_bulk(name: str, code: str | None, reading: ReadingOptions) -> Any:
    """Return the crystal that is to be cut, and print what a user should think about."""
    from ...calculations.structures import check_bulk_node, to_pymatgen
    from ...surfaces.bulk.doubts import describe_doubts

    crystal = _find(name, code, reading)
    if check_bulk_node(crystal) is None:  # else the workflow says so
        for doubt in describe_doubts(to_pymatgen(crystal)):
            print_line(f'Warning: {doubt}', error=True)
    return crystal


def _find_code(name: str) -> Any:
    """Return a code of the user's own AiiDA."""
    from ..inputs.nodes import find_code

    return find_code(name)


def _find(name: str, code: str | None, reading: ReadingOptions) -> Any:
    """Return a structure from a file, or from a node of the user's own AiiDA."""
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
    check: Callable[[], None],
    submits: bool,
) -> Iterator[tuple[dict[str, Any], dict[str, Any], dict[str, Any]]]:
    """Yield options of the calculations, overrides, and the inputs code and crystal.

    :param check: called before a daemon is needed.
    :param submits: whether a daemon is needed.
    """
    if code is not None:
        from ..inputs.nodes import find_code, use_profile

        use_profile(profile)
        from .submission import require_daemon

        check()
        node = find_code(code)
        crystal = _find_bulk(structure, code, reading)
        if submits:
            require_daemon()
        # The protocols of aiida-vasp ask for MPI; a code that says otherwise would refuse to run.
        mpi = {} if node.with_mpi is None else {'withmpi': node.with_mpi}
        yield mpi, {}, {'code': node, 'bulk_structure': crystal}
        return
    with environment.isolated(workdir), interruptible():
        environment.load_profile(workdir)
        check()
        crystal = _find_bulk(structure, None, reading)
        chosen = check_model(model, crystal)
        standin = environment.set_up_code(environment.set_up_computer(workdir))
        environment.set_up_potentials(crystal.get_symbols_set())
        symbols = {kind.name: kind.symbol for kind in crystal.kinds}
        elements = {symbol: symbol for symbol in symbols.values()}
        vasp = {
            'potential_family': environment.POTENTIAL_FAMILY,
            'potential_mapping': {**elements, **symbols},
            'parameters': {'incar': incar_of(chosen)},
        }
        options = {
            'withmpi': False,
            'environment_variables': {'VASP_STANDIN_MODEL': chosen, 'OMP_NUM_THREADS': '1'},
        }
        print_text(describe_model(chosen))
        with environment.daemon() if submits else nullcontext():
            yield options, {'vasp': vasp}, {'code': standin, 'bulk_structure': crystal}


def _submit(workflow: Any, inputs: Mapping[str, Any]) -> ProcessNode:
    from aiida.engine import submit

    from ...workflows.refusals import REFUSALS, is_refusal

    with reported(*REFUSALS, when=is_refusal):
        return submit(workflow, **inputs)


def _show_dry_run(
    workflow: Any, inputs: Mapping[str, Any], folder: Path | None, force: bool
) -> None:
    """Print what would be submitted, and write the input files."""
    from ...workflows.refusals import REFUSALS, is_refusal
    from . import dry_runs

    with reported(*REFUSALS, when=is_refusal):
        dry_runs.show(dry_runs.dry_run_of_energies(workflow, inputs), folder, force)
    print_line('The run would cut the slabs from the relaxed crystal, whose cell is not known yet.')
    print_line('All inputs are valid; nothing was submitted.')


def _wait(node: ProcessNode, timeout: float, killing: bool) -> None:
    """Print the name of a run and wait for its end.

    :param killing: kill the run if the wait is abandoned.
    """
    guard = killed_if_given_up(node) if killing else nullcontext()
    with held_back() as let_through, guard:
        print_line(f'Submitted {node.process_label}<{node.pk}>.')
        await_end(node, timeout, let_through)

"""The checks of the inputs of a run: code, potentials and crystal. It imports aiida."""

from __future__ import annotations

from typing import Any

from aiida.common.exceptions import ConfigurationError
from aiida.orm import ContainerizedCode, InstalledCode, QueryBuilder, User
from aiida.transports import AsyncTransport
from aiida_vasp.data.potcar import PotcarData, PotcarGroup
from aiida_vasp.utils.dict_merge import recursive_merge
from aiida_vasp.workchains.v2 import VaspWorkChain

from ...calculations.structures import check_bulk_node, check_ordered_node
from ...workflows.refusals import REFUSALS
from ...workflows.slab_relax.cautions import cautions
from ...workflows.slab_relax.dry_run import plan_calculation
from ...workflows.slab_relax.protocols import SlabRelaxProtocols, vasp_overrides
from ...workflows.slab_relax.work_chain import SlabRelaxWorkChain
from ..errors import one_line
from ..inputs.nodes import find_code, find_structure
from ..params.job_options import collect_options
from .checks import Doubt, Fault, NotChecked, Setup, required

_PLUGIN = 'vasp.vasp'


def check_code(setup: Setup) -> str:
    """Find the code and make sure that it is a code for VASP."""
    name = required(setup.code_name, 'give --code')
    required(setup.storage, 'it needs the storage')
    code = find_code(name)
    setup.code = code
    if code.default_calc_job_plugin != _PLUGIN:
        raise Fault(
            f'{code.full_label} has the plugin {code.default_calc_job_plugin}, not {_PLUGIN}',
            f'`verdi code create core.code.installed --default-calc-job-plugin {_PLUGIN}`',
        )
    return f'{code.full_label}, plugin {_PLUGIN}'


def check_computer(setup: Setup) -> str:
    """Open a connection to the computer of the code, as the default user of the profile."""
    code = required(setup.code, 'it needs a code')
    if code.computer is None:
        raise NotChecked(f'{code.full_label} is not bound to a computer')
    computer = code.computer
    user = User.collection.get_default()
    assert user is not None
    setup.computer = computer
    if not computer.is_user_configured(user):
        raise Fault(
            f'{computer.label} is not configured for {user.email}',
            f'`verdi computer configure {computer.transport_type} {computer.label}`',
        )
    if not computer.is_user_enabled(user):
        raise Fault(
            f'{computer.label} is disabled for {user.email}',
            f'`verdi computer enable {computer.label} {user.email}`',
        )
    transport = computer.get_transport(user)
    if isinstance(transport, AsyncTransport) and setup.broker and not setup.broker_reached:
        raise NotChecked(f'{computer.transport_type} needs the broker')  # for its event loop
    try:
        setup.transport = setup.connections.enter_context(transport)
    except Exception as error:  # plugins raise what they like
        raise Fault(
            f'{computer.label} ({computer.hostname}) cannot be reached, {one_line(error)}',
            f'`verdi computer test {computer.label}`',
        ) from error
    return f'{computer.label} ({computer.transport_type} to {computer.hostname}) can be reached'


def check_executable(setup: Setup) -> str:
    """Look for the executable on the computer."""
    code = required(setup.code, 'it needs a code')
    transport = required(setup.transport, 'it needs the computer')
    if isinstance(code, ContainerizedCode) or not isinstance(code, InstalledCode):
        raise NotChecked(f'{code.full_label} brings its own')
    path = code.filepath_executable
    if not path.is_absolute():
        raise NotChecked(f'{path} is looked for when the job runs')
    if not transport.isfile(str(path)):
        raise Fault(
            f'there is no {path} on {code.computer.label}',
            'set up a code with the right path (`verdi code create core.code.installed`)',
        )
    if not transport.get_mode(str(path)) & 0o111:
        raise Fault(f'{path} is not executable', f'`chmod +x {path}` on {code.computer.label}')
    return f'{path} on {code.computer.label}'


def check_scheduler(setup: Setup) -> str:
    """Ask the scheduler for its jobs."""
    computer = required(setup.computer, 'it needs the computer')
    transport = required(setup.transport, 'it needs the computer')
    scheduler = computer.get_scheduler()
    scheduler.set_transport(transport)
    try:
        scheduler.get_jobs(as_dict=True)
    except Exception as error:  # plugins raise what they like
        raise Fault(
            f'{computer.scheduler_type} does not answer, {one_line(error)}',
            f'`verdi computer test {computer.label}`',
        ) from error
    return f'{computer.scheduler_type} answers'


def check_resources(setup: Setup) -> str:
    """Check that the scheduler accepts the resources that `launch` requests."""
    computer = required(setup.computer, 'it needs the computer')
    scheduler = computer.get_scheduler()
    default = computer.get_default_mpiprocs_per_machine()
    resources = collect_options(None)['resources']
    scheduler.preprocess_resources(resources, default)
    try:
        scheduler.validate_resources(**resources)
    except (ConfigurationError, ValueError) as error:
        if default is None and scheduler.job_resource_class.accepts_default_mpiprocs_per_machine():
            raise Fault(
                f'{computer.label} has no default number of MPI processes on a node',
                'give `launch` --num-mpiprocs-per-machine',
            ) from error
        raise Fault(one_line(error), 'give `launch` a file with resources as --options') from error
    shown = ', '.join(f'{name} {value}' for name, value in resources.items())
    return f'{shown}, unless `launch` has other options'


def check_family(setup: Setup) -> str:
    """Check that the family of potentials has been uploaded."""
    required(setup.storage, 'it needs the storage')
    name = setup.family_name or _protocol()['potential_family']
    query = QueryBuilder().append(PotcarGroup, project='label', tag='family')
    query.append(PotcarData, with_group='family')  # a failed upload leaves an empty family
    uploaded = set(query.all(flat=True))
    if name not in uploaded:
        raise Fault(
            f'{name} has not been uploaded (there is {", ".join(sorted(uploaded)) or "none"})',
            f'`aiida-vasp potcar uploadfamily --path FOLDER --name {name} --description TEXT`',
        )
    setup.family = name
    return f'{name}, potentials: {len(_potentials(name))}'


def check_structure(setup: Setup) -> str:
    """Read the crystal and make sure that slabs can be cut from it."""
    name = required(setup.structure_name, 'give --structure')
    required(setup.storage, 'it needs the storage')
    node = find_structure(name, setup.reading)
    if check_ordered_node(node) is None:
        setup.structure = node
    if (problem := check_bulk_node(node)) is not None:
        raise Fault(problem, 'give a bulk crystal; slabs of your own go into the input `slabs`')
    return f'{name}, {node.get_formula()}'


def check_potentials(setup: Setup) -> str:
    """Check that the family has the potential that the protocols choose for each kind."""
    family = required(setup.family, 'it needs a family')
    structure = required(setup.structure, 'it needs an ordered structure')
    chosen = SlabRelaxProtocols.get_protocol_inputs()['vasp']
    mapping = _protocol(vasp_overrides(structure, chosen))['potential_mapping']
    kinds = structure.get_kind_names()
    choose = 'choose others under vasp: potential_mapping in a file for `launch --overrides`'
    if unknown := [kind for kind in kinds if kind not in mapping]:
        raise Fault(f'the protocols have none for {", ".join(unknown)}', choose)
    available = _potentials(family)
    if missing := [kind for kind in kinds if mapping[kind] not in available]:
        needed = ', '.join(f'{mapping[kind]} for the kind {kind}' for kind in missing)
        raise Fault(f'{family} has no {needed}', f'upload them, or {choose}')
    return f'{", ".join(dict.fromkeys(mapping[kind] for kind in kinds))} of {family}'


def check_settings(setup: Setup) -> str:
    """Look for settings of VASP that are often not meant; the crystal stands for its slabs."""
    code = required(setup.code, 'it needs a code')
    structure = required(setup.structure, 'it needs an ordered structure')
    family = required(setup.family, 'it needs a family')
    overrides = recursive_merge(dict(setup.overrides), {'vasp': {'potential_family': family}})
    options = collect_options(None)
    if code.with_mpi is not None:
        options = {'withmpi': code.with_mpi, **options}
    try:
        builder = SlabRelaxWorkChain.get_builder_from_protocol(
            code, structure, overrides=overrides, options=options
        )
        vasp = SlabRelaxWorkChain.spec().inputs.pre_process(builder._inputs(prune=True))['vasp']
        given = {name: value for name, value in vasp.items() if value is not None}
        found = cautions([plan_calculation('crystal', {**given, 'structure': structure})])
    except (*REFUSALS, RuntimeError) as error:  # the latter of the engine
        raise NotChecked(f'the calculation cannot be prepared, {one_line(error)}') from error
    if found:
        raise Doubt('; '.join(found))
    return 'no doubts'


CHECKS = (
    ('code', check_code),
    ('computer', check_computer),
    ('executable', check_executable),
    ('scheduler', check_scheduler),
    ('resources', check_resources),
    ('family', check_family),
    ('structure', check_structure),
    ('potentials', check_potentials),
    ('settings', check_settings),
)


def _protocol(overrides: dict[str, Any] | None = None) -> dict[str, Any]:
    """Return the inputs of VaspWorkChain that the default protocol of the package chooses."""
    chosen = SlabRelaxProtocols.get_protocol_inputs()['vasp'] if overrides is None else overrides
    inputs: dict[str, Any] = VaspWorkChain.get_protocol_inputs(overrides=chosen)
    return inputs


def _potentials(family: str) -> set[str]:
    """Return the names of the potentials in a family."""
    query = QueryBuilder().append(PotcarGroup, filters={'label': family}, tag='family')
    query.append(PotcarData, with_group='family', project='attributes.full_name')
    return set(query.all(flat=True))

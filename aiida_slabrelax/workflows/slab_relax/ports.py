"""The inputs and outputs of the work chain, with their meaning."""

from __future__ import annotations

from dataclasses import MISSING
from functools import partial
from typing import Any

from aiida.orm import Bool, Dict, Float, Int, List, RemoteData, Str, StructureData, to_aiida_type

from ...calculations.cuts import port_of
from ...calculations.structures import to_structure
from ...engine.ports.serializers import to_float, to_list, to_switch
from ...slab_options import OPTIONS
from ..vasp import validators as vasp_validators
from ..vasp.work_chain import VaspWorkChain
from . import validators
from .prerelax.validators import validate_prerelax
from .retries.rivals import ORIGIN

#: The inputs that the calcfunction ``generate_slabs`` takes as they are.
GENERATION_PORTS = ('bulk_structure', 'miller_indices', 'max_index', *OPTIONS)

#: The namespaces of `previous`: their type and meaning.
PREVIOUS = (
    ('relaxed_slabs', StructureData, 'Slabs that have relaxed; they are taken over.'),
    ('slab_energies', Float, 'Their total energies (eV), if gathered.'),
    ('misc', Dict, 'The output `misc` of slabs whose energies are not gathered yet.'),
    ('geometries', StructureData, 'Last geometries of unfinished slabs, to continue from.'),
    ('remote_folders', RemoteData, 'Folders from which they restart.'),
    ('moments', List, 'The magnetic moments (μB) of their sites, used as MAGMOM.'),
)


def define_inputs(spec: Any) -> None:
    """Define the inputs of the work chain.

    :param spec: its specification.
    """
    _expose_vasp(
        spec,
        'vasp',
        help='The inputs of all VaspWorkChains, except the structure.',
        validator=vasp_validators.validate_vasp,
    )
    _expose_vasp(
        spec,
        'prerelax',
        help='The inputs of a pre-relaxation of each slab, except the structure and the fixed '
        'sites, which are those of its relaxation: of a coarser VASP, or of a model in its place. '
        'The relaxation starts from there; no energy comes from it.',
        validator=validate_prerelax,
        required=False,
        populate_defaults=False,
    )

    spec.input(
        'screen',
        valid_type=Float,
        serializer=to_float,
        required=False,
        validator=validators.validate_screen,
        help='How far (J/m²) the surface energy of a slab may lie above the lowest termination of '
        'the same surface after the pre-relaxations, at all chemical potentials. Slabs that lie '
        'higher are excluded. Without it none is.',
    )
    spec.input_namespace(
        'screen_references',
        valid_type=StructureData,
        required=False,
        dynamic=True,
        help='By element, its crystal, or its molecule in a box. With those of all elements, '
        '`screen` compares slabs at the chemical potentials at which the crystal is stable.',
    )
    spec.input(
        'bulk_structure',
        valid_type=StructureData,
        serializer=to_structure,
        required=False,
        validator=validators.validate_bulk_structure,
        help='The crystal to cut. Required unless `slabs` is given.',
    )
    spec.input(
        'miller_indices',
        valid_type=List,
        serializer=to_list,
        required=False,
        validator=validators.validate_miller_indices,
        help='The Miller indices [h, k, l] of the surface in the cell of `bulk_structure`, or '
        '[h, k, i, l] for a hexagonal cell; or a list of several.',
    )
    spec.input(
        'max_index',
        valid_type=Int,
        serializer=to_aiida_type,
        required=False,
        validator=validators.validate_max_index,
        help='Instead of `miller_indices`: all symmetry-distinct surfaces with indices up to this.',
    )
    for name, option in OPTIONS.items():
        port = port_of(option)
        if option.default not in (MISSING, None):
            port['default'] = partial(to_aiida_type, option.default)
        validator = partial(validators.validate_option, name)
        spec.input(name, **{**port, 'validator': validator})
    spec.input_namespace(
        'slabs',
        valid_type=StructureData,
        required=False,
        dynamic=True,
        validator=validators.validate_slabs,
        help='Your own slabs by label, instead of slabs cut from `bulk_structure`.',
    )
    spec.input(
        'fix',
        valid_type=Dict,
        serializer=to_aiida_type,
        required=False,
        validator=validators.validate_fix,
        help='The atomic layers to fix: `layers` (a number) or `thickness` (Å), '
        'and `side` (bottom, top, middle). Without `side`: the middle of symmetric slabs, whole '
        'bulk periods at the bottom of others.',
    )
    spec.input(
        'dipole_correction',
        valid_type=Str,
        default=lambda: Str('auto'),
        serializer=to_switch,
        validator=validators.validate_dipole_correction,
        help='Whether VASP corrects for the dipole along the normal: `auto` (of asymmetric slabs), '
        '`on` (of all), `off`.',
    )
    spec.input(
        'slab_overrides',
        valid_type=Dict,
        serializer=to_aiida_type,
        required=False,
        validator=validators.validate_slab_overrides,
        help='Changes to the inputs `vasp` of some slabs, nested like them, by label, by pattern '
        '(`slab_0*`) or by condition on the composition (`Ag > 10 and atoms <= 30`).',
    )
    spec.input(
        'max_concurrent',
        valid_type=Int,
        serializer=to_aiida_type,
        required=False,
        validator=validators.validate_max_concurrent,
        help='The largest number of concurrent relaxations; when one terminates, the next is '
        'submitted. Without it all are submitted at once.',
    )
    spec.input(
        'window',
        valid_type=Str,
        serializer=to_aiida_type,
        required=False,
        validator=validators.validate_window,
        help='A name: all runs of the profile with the same `window` have `max_concurrent` '
        'concurrent relaxations together, in whatever workers they are.',
    )
    spec.input(
        'min_success_fraction',
        valid_type=Float,
        default=lambda: Float(1.0),
        serializer=to_float,
        validator=validators.validate_min_success_fraction,
        help='The fraction of slabs, in (0, 1], that must relax for the run to succeed.',
    )
    spec.input(
        'rescue',
        valid_type=Bool,
        default=lambda: Bool(True),
        serializer=to_aiida_type,
        help='Whether a failed slab is run again, from its last geometry and at most twice, if '
        'there is a remedy that does not change the energy. Other remedies are only advised.',
    )
    spec.input_namespace(
        'previous',
        required=False,
        help='Results of an earlier run of the same `slabs`, by label; see `get_builder_retry`.',
    )
    for name, valid_type, meaning in PREVIOUS:
        spec.input_namespace(
            f'previous.{name}', valid_type=valid_type, required=False, dynamic=True, help=meaning
        )
    spec.input(
        ORIGIN,
        valid_type=Str,
        serializer=to_aiida_type,
        required=False,
        help='The uuid of the run that this one retries. If two retries run the same slabs, the '
        'second one ends.',
    )
    spec.inputs.validator = validators.validate_inputs


def _expose_vasp(spec: Any, name: str, **options: Any) -> None:
    """Expose the inputs of VaspWorkChain, except the structure.

    :param options: of the namespace.
    """
    spec.expose_inputs(
        VaspWorkChain, namespace=name, exclude=('structure',), namespace_options=options
    )
    ports = spec.inputs[name]
    ports['potential_family'].validator = vasp_validators.validate_potential_family
    ports['calc']['metadata']['options']['parser_name'].default = 'slabrelax.vasp'
    # That of aiida-vasp is not valid reST.
    ports['ldau_mapping'].help = (
        'LDA+U by kind: `mapping` and `jmapping`, such as {"Mn": ["d", 4]}, for U and J (eV); '
        '`utype` (2 by default); `felec`, whether there are f electrons, for LMAXMIX.'
    )


def define_outputs(spec: Any) -> None:
    """Define the outputs of the work chain.

    :param spec: its specification.
    """
    spec.output_namespace(
        'generated_slabs',
        valid_type=StructureData,
        required=False,
        dynamic=True,
        help='The slabs as they were cut, by label.',
    )
    spec.output(
        'terminations',
        valid_type=Dict,
        required=False,
        help='The data of each slab that was cut, by label.',
    )
    spec.output(
        'screening',
        valid_type=Dict,
        required=False,
        help='With `screen`: by label how far the surface energy of each slab lies above the '
        'lowest one after the pre-relaxations, and why it is excluded.',
    )
    spec.output_namespace(
        'relaxed_slabs',
        valid_type=StructureData,
        required=False,
        dynamic=True,
        help='The relaxed slabs, by label.',
    )
    spec.output_namespace(
        'slab_energies',
        valid_type=Float,
        required=False,
        dynamic=True,
        help='The total energies of the relaxed slabs in eV, by label. Those of slabs with '
        'different compositions are not comparable.',
    )

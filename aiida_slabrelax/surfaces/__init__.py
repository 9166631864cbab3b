"""Surfaces: from a crystal and Miller indices to slabs with every termination.

Works on pymatgen structures, without AiiDA. Lengths are in Å.
"""

from ..option_checks import (
    GENERATORS,
    check_max_atoms,
    check_max_normal_search,
    check_thickness,
    check_vacuum,
)
from ..slab_options import OPTIONS, SlabOptions, check_option
from .bulk.ase_atoms import from_ase
from .bulk.crystal import Crystal
from .bulk.kinds import KIND_NAME
from .bulk.pseudosymmetry import describe_pseudosymmetry
from .bulk_cell import oriented_bulk
from .checks import (
    MAX_GAP,
    check_bulk,
    check_cell,
    check_miller_indices,
    check_slab,
    describe_reduction,
    describe_slab,
    describe_thin_vacuum,
    format_plane,
    reduce_miller_indices,
    widest_gap,
)
from .indices import check_hexagonal, describe_planes
from .kpoints import bulk_mesh, kpoints_mesh, oriented_mesh
from .planes import check_max_index, check_surfaces, repeated_planes, split_surfaces
from .reasons import Mention, Reason, SlabGenerationError
from .slabs.constraints import FixingError, check_fixing, fixed_sites
from .slabs.geometry import SlabGeometry, dipole_centre, is_symmetric
from .slabs.spacings import Spacings, compare_spacings
from .survey import Survey, find_terminations, survey
from .termination_data import describe_excluded, describe_termination
from .terminations import (
    CutBonds,
    Excluded,
    Face,
    Polarity,
    Termination,
    format_composition,
    format_formula,
)

__all__ = [
    'GENERATORS',
    'KIND_NAME',
    'MAX_GAP',
    'OPTIONS',
    'Crystal',
    'CutBonds',
    'Excluded',
    'Face',
    'FixingError',
    'Mention',
    'Polarity',
    'Reason',
    'SlabGenerationError',
    'SlabGeometry',
    'SlabOptions',
    'Spacings',
    'Survey',
    'Termination',
    'bulk_mesh',
    'check_bulk',
    'check_cell',
    'check_fixing',
    'check_hexagonal',
    'check_max_atoms',
    'check_max_index',
    'check_max_normal_search',
    'check_miller_indices',
    'check_option',
    'check_slab',
    'check_surfaces',
    'check_thickness',
    'check_vacuum',
    'compare_spacings',
    'describe_excluded',
    'describe_planes',
    'describe_pseudosymmetry',
    'describe_reduction',
    'describe_slab',
    'describe_termination',
    'describe_thin_vacuum',
    'dipole_centre',
    'find_terminations',
    'fixed_sites',
    'format_composition',
    'format_formula',
    'format_plane',
    'from_ase',
    'is_symmetric',
    'kpoints_mesh',
    'oriented_bulk',
    'oriented_mesh',
    'reduce_miller_indices',
    'repeated_planes',
    'split_surfaces',
    'survey',
    'widest_gap',
]

"""Why a calculation failed: errors of VASP and of the machine, recognised in printed text.

This package does not import AiiDA. The names of failures are those that VASP prints (mostly names
of its routines) and that the VASP forum, its manual and the error handlers of custodian use.
"""

from .cures import Cure, describe_changes
from .engines import ENGINE_FAILURES
from .kinds import Kind, Repeat, Weight
from .machine import MACHINE_FAILURES
from .naming import Diagnosis, diagnose, name_all
from .outcomes import NELM_REACHED, NSW_REACHED, OUTCOMES, STOPPED
from .vasp import VASP_ERRORS

__all__ = [
    'ENGINE_FAILURES',
    'MACHINE_FAILURES',
    'NELM_REACHED',
    'NSW_REACHED',
    'OUTCOMES',
    'STOPPED',
    'VASP_ERRORS',
    'Cure',
    'Diagnosis',
    'Kind',
    'Repeat',
    'Weight',
    'describe_changes',
    'diagnose',
    'name_all',
]

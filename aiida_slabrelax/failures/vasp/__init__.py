"""The errors and serious warnings of VASP.

The messages are those of VASP 5 and 6. The sources of messages and remedies are VASP's manual
(https://vasp.at/wiki), its forum (https://vasp.at/forum) and the error handlers of custodian
(https://github.com/materialsproject/custodian).
"""

from .inputs import INPUTS
from .iterations import ITERATIONS
from .symmetry import SYMMETRY

VASP_ERRORS = (*ITERATIONS, *SYMMETRY, *INPUTS)

"""The readers are imported once: each file is read in a fork, which else has to import them."""

from __future__ import annotations

import ase.io.cif  # noqa: F401 - for the forks
import pymatgen.io.cif
import pymatgen.io.vasp  # noqa: F401 - for the forks

"""The VaspWorkChain of the slabs: that of aiida-vasp, with restarts from the last calculation.

It works around three bugs of aiida-vasp 5.1:

- a restart reads neither WAVECAR nor CHGCAR: ``prepare_inputs`` checks with ``isinstance`` whether
  one class is an instance of another, which is always false;
- a restart begins with the magnetic moments of the first input: ``update_magmom`` looks for an
  output ``site_magnetization``, which the parser does not make (the moments are in ``misc``);
- tags of the INCAR in ``settings['unsupported_parameters']`` are refused: the validator of the port
  ``parameters`` does not see the settings.
"""

from __future__ import annotations

from collections.abc import Mapping
from itertools import chain
from typing import Any

from aiida.orm import CalcJobNode, Dict, Node, StructureData
from aiida_vasp.common import parameters_validator
from aiida_vasp.workchains.v2 import VaspWorkChain as OriginalVaspWorkChain

from ...engine.letting_go import ReleasedWorkChain
from ...engine.links import outputs_of
from ...parsers.site_moments import read_moments
from .incar_text import check_names, check_tags, check_text
from .listed_tags import unlisted_tags

#: Inputs with values by kind that are written into the INCAR.
MAPPINGS = ('ldau_mapping', 'magmom_mapping')


class VaspWorkChain(ReleasedWorkChain, OriginalVaspWorkChain):  # type: ignore[misc]  # aiida-vasp carries no types
    """aiida-vasp's VaspWorkChain, with restarts from the last orbitals and magnetic moments."""

    @classmethod
    def define(cls, spec: Any) -> None:
        """Define the ports; tags that aiida-vasp does not list are checked with the settings."""
        super().define(spec)
        spec.inputs['parameters'].validator = validate_parameters
        spec.inputs['structure'].validator = validate_structure
        for name in MAPPINGS:
            spec.inputs[name].validator = validate_mapping

    def prepare_inputs(self) -> None:
        """Restart from the folder of the last calculation, if it has the files."""
        last, files = self.ctx.restart_calc, self.ctx.last_calc_remote_objects
        super().prepare_inputs()
        if last is None:
            return
        inputs, parameters = self.ctx.inputs, self.ctx.inputs.parameters
        inputs.restart_folder = last.outputs.remote_folder
        # A calculation that restarts from a folder needs the settings.
        inputs.setdefault('settings', Dict({}))
        if 'WAVECAR' in files and parameters.get('istart') == 0:
            parameters['istart'] = 1
        if 'CHGCAR' in files and parameters.get('icharg') in (0, 2):
            parameters['icharg'] = 1

    def update_magmom(self, node: CalcJobNode | None = None) -> None:
        """Begin the next calculation with the final moments of the last one."""
        node = node if node is not None else self.ctx.children[-1]
        if self.is_noncollinear or self.ctx.inputs.parameters.get('ispin') != 2:
            return
        outputs = outputs_of(node)
        moments = read_moments(outputs['misc'].get_dict()) if 'misc' in outputs else None
        if moments is not None and len(moments) == len(self.ctx.inputs.structure.sites):
            self.ctx.inputs.parameters['magmom'] = moments


def validate_structure(node: Node | None, _: object = None) -> str | None:
    """Check that the names in a structure do not break the lines of the POSCAR."""
    return check_names(node) if isinstance(node, StructureData) else None


def validate_mapping(node: Dict | None, _: object = None) -> str | None:
    """Check that each value of a mapping by kind stays a single value in the INCAR."""
    content = node.get_dict() if node is not None else {}
    return next(check_text(content, ''), None)


def validate_parameters(node: Dict | None, port: Any = None) -> str | None:
    """Check parameters as aiida-vasp does, except for tags that it does not list.

    :return: a message if a text would not stay the value of its tag.
    :raises InputValidationError: from aiida-vasp.
    """
    content = node.get_dict() if node is not None else {}
    incar = content.get('incar')
    tags = check_tags(incar) if isinstance(incar, Mapping) else ()
    problem = next(chain(tags, check_text(content, 'parameters')), None)
    if problem is not None:
        return problem
    if node is None or not (unlisted := unlisted_tags(content)):
        parameters_validator(node, port)
        return None
    listed = {
        tag: value for tag, value in content['incar'].items() if str(tag).lower() not in unlisted
    }
    parameters_validator(Dict({**content, 'incar': listed}), port)
    if not node.is_stored:
        incar = {str(tag).lower(): value for tag, value in content['incar'].items()}
        node.set_dict({**content, 'incar': incar})
    return None

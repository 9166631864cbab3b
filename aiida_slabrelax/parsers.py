"""The parser of the slabs' calculations: aiida-vasp's own, with the kinds of the sites kept."""

from __future__ import annotations

from typing import Any

from aiida.engine import ExitCode
from aiida.orm import StructureData
from aiida_vasp.parsers.vasp import VaspParser

from .diagnosis import judge_end


def restore_kinds(parsed: StructureData, original: StructureData) -> StructureData:
    """Return the parsed geometry with the kinds, label and periodicity of the original structure.

    VASP knows elements only: the kinds of the sites (names, masses) are not in its files. Its order
    of the sites is that of the input, so each site gets back the kind it had there.

    :param parsed: cell and positions as VASP left them.
    :param original: the input structure of the same calculation.
    :raises ValueError: if the two do not have the same elements in the same order.
    """
    symbols = [original.get_kind(site.kind_name).symbol for site in original.sites]
    if [parsed.get_kind(site.kind_name).symbol for site in parsed.sites] != symbols:
        raise ValueError('the parsed structure does not have the sites of the input structure')
    restored = StructureData(cell=parsed.cell, pbc=original.pbc, label=original.label)
    for kind in original.kinds:
        restored.append_kind(kind)
    for old, new in zip(original.sites, parsed.sites, strict=True):
        restored.append_site(type(new)(kind_name=old.kind_name, position=new.position))
    return restored


class KindPreservingVaspParser(VaspParser):  # type: ignore[misc]  # aiida-vasp carries no types
    """Parse a VASP calculation and give the relaxed structure the kinds of the input structure.

    aiida-vasp names the sites after their elements. A restart from such a structure finds no
    potential for the kinds of the crystal, and the order of magnetic sites is lost.
    """

    def _compose_structure(self, quantities_each: dict[str, Any]) -> StructureData | None:
        parsed = super()._compose_structure(quantities_each)
        if parsed is None:
            return None
        return restore_kinds(parsed, self.node.inputs.structure)

    def _check_vasp_errors(self, parser_notifications: dict[str, Any]) -> ExitCode | None:
        """Return the exit code; a calculation that would end the same way is not repeated."""
        return judge_end(super()._check_vasp_errors(parser_notifications), self)

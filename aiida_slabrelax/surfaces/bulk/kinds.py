"""Kinds: atoms of one element that must be distinguished, such as Ni1 and Ni2 with opposite spins.

pymatgen distinguishes species, not kinds. During the generation of slabs each kind of an element
that has several is therefore represented by a species of its own (the element with an artificial
oxidation state), so that symmetry, primitive cells and the matching of terminations distinguish it.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field

from pymatgen.core.periodic_table import Element, Species
from pymatgen.core.structure import Structure

KIND_NAME = 'kind_name'
"""The site property that carries the name of the kind, as in aiida-core."""

MOMENT = 'magmom'
"""The site property with the magnetic moment in μB, as in pymatgen; see :mod:`.moments`."""


@dataclass(frozen=True)
class Kinds:
    """The kinds of a structure and the species that represent them.

    :ivar moments: the moment (μB) of each kind by its name; empty without magnetic order.
    """

    names: dict[Element | Species, str]
    originals: dict[Element | Species, Element | Species]
    moments: dict[str, float] = field(default_factory=dict)

    def name(self, species: Element | Species) -> str:
        """Return the name of the kind that a species represents."""
        return self.names[species]

    def original(self, species: Element | Species) -> Element | Species:
        """Return the original species."""
        return self.originals[species]


def kind_names(structure: Structure) -> list[str]:
    """Return the name of each site's kind; without the site property, the species."""
    return [str(site.properties.get(KIND_NAME) or site.species_string) for site in structure]


def name_kinds(identities: Iterable[tuple[str, int, float]]) -> list[str]:
    """Return the name of each site's kind, as aiida-core names the kinds of ASE atoms.

    :param identities: symbol, tag and mass (u) of each site; equal ones are one kind.
    """
    sites = list(identities)
    names: dict[tuple[str, int, float], str] = {}
    for symbol, tag, mass in sites:
        if (symbol, tag, mass) not in names:
            name = stem = f'{symbol}{tag or ""}'
            number = 1
            while name in names.values():
                name, number = f'{stem}{number}', number + 1
            names[symbol, tag, mass] = name
    return [names[site] for site in sites]


def has_kinds(structure: Structure) -> bool:
    """Return whether an element has several kinds, which its species do not distinguish."""
    names: dict[str, set[str]] = defaultdict(set)
    for site, name in zip(structure, kind_names(structure), strict=True):
        names[site.species_string].add(name)
    return any(len(several) > 1 for several in names.values())


def moments_of_kinds(structure: Structure) -> dict[str, float]:
    """Return the moment (μB) of each kind; without the site property ``magmom`` it is empty.

    :param structure: with one moment for each kind, as from :func:`~.moments.tell_moments_apart`.
    """
    return {
        str(site.properties[KIND_NAME]): float(site.properties[MOMENT])
        for site in structure
        if KIND_NAME in site.properties and site.properties.get(MOMENT) is not None
    }


def separate_kinds(structure: Structure) -> tuple[Structure, Kinds]:
    """Return a new structure whose species differ where the kinds do, and the mapping to kinds.

    Species of elements with a single kind are unchanged, so that without kinds pymatgen sees
    exactly the given crystal. The new structure has no site properties.
    """
    identities = [
        (site.specie, name) for site, name in zip(structure, kind_names(structure), strict=True)
    ]
    by_element: dict[Element, list[tuple[Element | Species, str]]] = defaultdict(list)
    for identity in sorted(set(identities), key=lambda pair: (pair[1], str(pair[0]))):
        by_element[element_of(identity[0])].append(identity)

    stand_ins: dict[tuple[Element | Species, str], Element | Species] = {}
    for element, several in by_element.items():
        for number, identity in enumerate(several, start=1):
            alone = len(several) == 1
            stand_ins[identity] = identity[0] if alone else Species(element.symbol, number)
    kinds = Kinds(
        names={species: name for (_, name), species in stand_ins.items()},
        originals={species: original for (original, _), species in stand_ins.items()},
        moments=moments_of_kinds(structure),
    )
    species = [stand_ins[identity] for identity in identities]
    return Structure(structure.lattice, species, structure.frac_coords), kinds


def element_of(species: Element | Species) -> Element:
    """Return the element of a species, without oxidation state or spin."""
    return species.element if isinstance(species, Species) else species

"""The method of a calculation in the words of a paper, from its INCAR and its potentials.

The tags are those of VASP's manual (https://vasp.at/wiki): GGA, METAGGA, XC, LHFCALC, LUSE_VDW,
IVDW, LDAU, ISPIN, LNONCOLLINEAR.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

_GGA = {
    '91': 'PW91',
    'AM': 'AM05',
    'B3': 'B3LYP',
    'B5': 'B3LYP',
    'BF': 'BEEF',
    'BO': 'optB88',
    'CA': 'LDA',
    'CX': 'vdW-DF-cx',
    'MK': 'optB86b',
    'ML': 'rPW86',
    'OR': 'optPBE',
    'PE': 'PBE',
    'PS': 'PBEsol',
    'PZ': 'LDA',
    'RE': 'revPBE',
    'RP': 'RPBE',
}

_DISPERSION = {
    1: 'DFT-D2',
    2: 'Tkatchenko-Scheffler',
    3: 'DFT-ulg',
    4: 'dDsC',
    10: 'DFT-D2',
    11: 'DFT-D3 (zero damping)',
    12: 'DFT-D3(BJ)',
    13: 'DFT-D4',
    14: 'libMBD',
    15: 'simple-DFT-D3',
    20: 'Tkatchenko-Scheffler',
    21: 'Tkatchenko-Scheffler (iterative Hirshfeld)',
    202: 'MBD@rsSCS',
    263: 'MBD@rsSCS/FI',
}

_SHELLS = {0: 's', 1: 'p', 2: 'd', 3: 'f'}


def describe_method(
    incar: Mapping[str, Any], potentials: Mapping[str, str], cutoff: float | None = None
) -> dict[str, str]:
    """Return functional, +U, dispersion, spin, cut-off and electronic convergence as text.

    :param incar: the tags with their values, as plain values or as written in an INCAR.
    :param potentials: the title of the potential of each kind, in the order of POTCAR.
    :param cutoff: the cut-off (eV) without ENCUT, if known.
    """
    tags = {str(tag).lower(): value for tag, value in incar.items()}
    encut = _number(tags.get('encut'))
    chosen = encut if encut is not None else cutoff
    return {
        'functional': _functional(tags, potentials),
        'Hubbard U': ', '.join(_hubbard(tags, list(potentials))) or 'none',
        'dispersion': _dispersion(tags),
        'spin': _spin(tags),
        'cut-off': 'that of the potentials' if chosen is None else f'{chosen:g} eV',
    }


def _functional(tags: Mapping[str, Any], potentials: Mapping[str, str]) -> str:
    if mixture := _text(tags.get('xc')):
        base = f'XC = {mixture}'
    elif meta := _text(tags.get('metagga')):
        base = meta
    elif gga := _text(tags.get('gga')):
        base = _GGA.get(gga, f'GGA = {gga}')
    else:
        families = sorted({_of_potential(title) for title in potentials.values()})
        base = ' and '.join(families) or 'unknown'
    if not _is_true(tags.get('lhfcalc')):
        return base
    exchange, screening = _number(tags.get('aexx')), _number(tags.get('hfscreen'))
    share = 0.25 if exchange is None else exchange
    if base == 'PBE' and share == 0.25 and screening in (0.2, 0.3):
        return 'HSE06' if screening == 0.2 else 'HSE03'
    if base == 'PBE' and share == 0.25 and not screening:
        return 'PBE0'
    screened = f', screened with {screening:g} 1/Å' if screening else ''
    return f'hybrid of {base} with {100 * share:g} % exact exchange{screened}'


def _of_potential(title: str) -> str:
    """Return the functional of a potential from its title, such as ``PAW_PBE Fe_pv 02Aug2007``."""
    family = title.split()[0] if title.split() else ''
    return {'PAW_PBE': 'PBE', 'PAW': 'LDA', 'PAW_GGA': 'PW91'}.get(family, f'that of {family}')


def _hubbard(tags: Mapping[str, Any], kinds: Sequence[str]) -> Iterator[str]:
    """Yield U for each kind; in Dudarev's form (LDAUTYPE = 2) only U - J counts."""
    if not _is_true(tags.get('ldau')):
        return
    shells, repulsion, exchange = (_numbers(tags.get(name)) for name in ('ldaul', 'ldauu', 'ldauj'))
    effective = (_number(tags.get('ldautype')) or 2) == 2
    for number, shell in enumerate(shells):
        u = repulsion[number] if number < len(repulsion) else 0.0
        j = exchange[number] if number < len(exchange) else 0.0
        if shell < 0 or u == j == 0:
            continue
        kind = kinds[number] if number < len(kinds) else f'type {number + 1}'
        name = _SHELLS.get(int(shell), f'l = {shell:g}')
        value = f'U - J = {u - j:g} eV' if effective else f'U = {u:g} eV, J = {j:g} eV'
        yield f'{kind} {name}: {value}'


def _dispersion(tags: Mapping[str, Any]) -> str:
    number = _number(tags.get('ivdw'))
    if number:
        return _DISPERSION.get(int(number), f'IVDW = {number:g}')
    if _is_true(tags.get('lvdw')):
        return 'DFT-D2'
    return 'nonlocal correlation (vdW-DF)' if _is_true(tags.get('luse_vdw')) else 'none'


def _spin(tags: Mapping[str, Any]) -> str:
    if _is_true(tags.get('lsorbit')):
        return 'noncollinear, with spin-orbit coupling'
    if _is_true(tags.get('lnoncollinear')):
        return 'noncollinear'
    return 'polarised' if _number(tags.get('ispin')) == 2 else 'unpolarised'


def _text(value: Any) -> str:
    text = str(value).strip().upper() if value is not None else ''
    return '' if text in ('NONE', '--') else text


def _is_true(value: Any) -> bool:
    """Return whether a value, perhaps as written in an INCAR, is true."""
    if isinstance(value, str):
        return bool(re.match(r'\.?T', value.strip(), re.IGNORECASE))
    return bool(value)


def _number(value: Any) -> float | None:
    numbers = _numbers(value)
    return numbers[0] if numbers else None


def _numbers(value: Any) -> list[float]:
    values = value.split() if isinstance(value, str) else value
    if values is None or isinstance(values, bool):
        return []
    found = []
    for item in values if isinstance(values, list | tuple) else [values]:
        try:
            found.append(float(item))
        except (TypeError, ValueError):
            return []
    return found

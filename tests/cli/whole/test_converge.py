"""``aiida-slabrelax converge``, run as a program with an empty home."""

from __future__ import annotations

import os
import re
import subprocess
from pathlib import Path

from ase.build import bulk

from demo import BIN

#: label, atoms, thickness (Å), γ (J/m²), residual (meV)
ROW = re.compile(r'^(slab_\d\d_\d+) +(\d+) +([\d.]+) +([\d.]+) +(-?[\d.]+)$', re.MULTILINE)


def test_the_plain_and_the_fitted_energies(tmp_path_factory) -> None:
    folder: Path = tmp_path_factory.mktemp('c')
    (folder / 'home').mkdir()
    bulk('Cu', 'fcc', a=3.6, cubic=True).write(folder / 'Cu.cif')
    inherited = {k: v for k, v in os.environ.items() if k not in ('AIIDA_PATH', 'PYTHONPATH')}
    command = 'converge Cu.cif --miller 1 0 0 --thickness 5 8.9 --model linear --protocol fast'
    ended = subprocess.run(
        [str(BIN / 'aiida-slabrelax'), *command.split()],
        cwd=folder,
        env={**inherited, 'HOME': str(folder / 'home')},
        capture_output=True,
        text=True,
        timeout=300,
        check=False,
    )
    assert ended.returncode == 0, ended.stderr
    assert '\nTermination Cu:\n' in ended.stdout
    # 0.05 eV/Å² = 0.8011 J/m², and 1 meV for each of the atoms of a face of 6.48 Å².
    assert ROW.findall(ended.stdout) == [
        ('slab_00_4', '4', '5.40', '0.8060', ROW.findall(ended.stdout)[0][4]),
        ('slab_00_6', '6', '9.00', '0.8085', ROW.findall(ended.stdout)[1][4]),
    ]
    fit = 'γ, fitted: 0.8011 J/m²; E_bulk(computed) − E_bulk(fit) = -1.000 meV per formula unit'
    assert fit in ended.stdout
    assert '\nNOT VASP: the energies come from vasp-standin' in ended.stdout
    assert re.search(
        r'^ConvergeThicknessWorkChain<\d+> finished \[0\]$', ended.stdout, re.MULTILINE
    )

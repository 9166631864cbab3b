"""The input files of a run, as VASP reads them."""

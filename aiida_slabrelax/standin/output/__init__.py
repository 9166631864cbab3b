"""The output files of a run, and their variants, as VASP writes them."""

"""Readers of single files of VASP."""

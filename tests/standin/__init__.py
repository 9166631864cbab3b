"""Tests of the stand-in for VASP."""

"""Tests of the energetics."""

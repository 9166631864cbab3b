"""Tests of the durable workflows: their worker is killed wherever something is written."""

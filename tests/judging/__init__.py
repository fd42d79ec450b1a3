"""Tests of the engine of the checks."""

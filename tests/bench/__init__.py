"""Tests of the bench: a figure that is wrong without anyone noticing would be worse than none."""

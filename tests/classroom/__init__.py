"""Tests of the classroom: building, grading, feedback."""

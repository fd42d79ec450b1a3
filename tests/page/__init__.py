"""Tests of the translator on a page."""

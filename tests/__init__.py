"""The tests of the course, in the folders of what they test."""

PATIENCE = 1200  # seconds after which a program that a test has started, or a page, counts as hanging

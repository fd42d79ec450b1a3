"""The tests of the course, in the folders of what they test."""

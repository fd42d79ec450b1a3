"""Bench: the figures that the course claims, measured on the machine it runs on."""

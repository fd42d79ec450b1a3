"""The classroom: what a learner starts, what an author builds lessons with, what a teacher grades with."""

from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]  # of the repository

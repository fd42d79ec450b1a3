"""Tests of course/pretrained/: models of transformers' with random weights, read into ours."""

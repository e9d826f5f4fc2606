"""Tests of gvseg.datasets."""

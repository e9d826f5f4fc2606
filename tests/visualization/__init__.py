"""Tests of gvseg.visualization."""

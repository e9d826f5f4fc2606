"""Tests of gvseg.apis."""

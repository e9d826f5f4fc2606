"""Readers of benchmark ground truth and results for `measures`, on top of `gvseg.formats`."""

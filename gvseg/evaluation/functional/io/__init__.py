"""Ground truth and results of benchmark files, ready to be measured; on top of `gvseg.formats`."""

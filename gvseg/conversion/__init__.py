"""Convert downloads to the layouts that the datasets read; the commands are in ``tools/dataset_converters``."""

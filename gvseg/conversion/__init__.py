"""From the layout of a download to the layout that the data sets read; `tools/dataset_converters` are its commands."""

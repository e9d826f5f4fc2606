"""Evaluation: `functional` holds the numbers and needs no OpenMMLab package, `metrics` the registered metrics.

Configs import `gvseg.evaluation.metrics`; it is not imported here, so that saved results of any model can be scored
without mmdet.
"""

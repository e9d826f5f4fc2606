"""Evaluation: `functional` computes the numbers without any OpenMMLab package, `metrics` has the registered metrics.

Configs import `gvseg.evaluation.metrics`; it is not imported here, so that saved results of any model can be scored
without mmdet.
"""

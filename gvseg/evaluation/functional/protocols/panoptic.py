"""The rules of the panoptic benchmarks."""

from ..measures.panoptic_rules import PanopticClasses, PanopticRule

# VIPSeg's script uses windows 1, 2, 4, 6, 8; papers report the mean of 1, 2, 4, 6.
VIPSEG = PanopticRule(windows=(1, 2, 4, 6, 8))
PAPER_WINDOWS = (1, 2, 4, 6)
# KITTI-STEP: Video-K-Net's script with the windows of STEP's authors; 19 Cityscapes classes, things are person and car.
KITTI_STEP = PanopticRule(windows=(1, 2, 3, 4), mean_over='all', extra_labels=1)
KITTI_STEP_CLASSES = PanopticClasses(tuple(range(19)), frozenset({11, 13}))

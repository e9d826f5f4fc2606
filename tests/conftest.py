"""Shared by all tests."""
import gvseg  # noqa: F401  (before mmcv.ops and mmdet: stands in for missing operators)

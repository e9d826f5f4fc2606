"""Connected components of masks.

Shapes: n masks, H W their size.
"""

import numpy as np
from scipy import ndimage

EIGHT_NEIGHBOURS = np.ones((3, 3), bool)


def small_components(masks: np.ndarray, min_share: float) -> np.ndarray:
    """Pixels of components much smaller than the largest one of their mask.

    Args:
        masks: (n, H, W) bool.
        min_share: components of a smaller area than this share of the largest one's are small.

    Returns:
        (n, H, W) bool.
    """
    found = np.zeros_like(masks)
    for index, mask in enumerate(masks):
        labels, count = ndimage.label(mask, EIGHT_NEIGHBOURS)
        areas = np.bincount(labels.ravel(), minlength=count + 1)[1:]
        if count > 1:
            small = np.append(False, areas < min_share * areas.max())
            found[index] = small[labels]
    return found

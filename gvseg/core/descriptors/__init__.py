"""Shape-position descriptors of masks (paper section 3.1, Eq. 3-4 and 10).

* ``spec``: what can be chosen.
* ``compute``: descriptors of masks on any device, by one of two implementations of the same formula:
  ``dense`` in torch, for an accelerator and for graphs (``contour_points``: its contours), and
  ``sparse`` in numpy, for a CPU, where contour pixels are listed.
* ``centroids``: centres of masks, for both.
* ``operations``: change of a descriptor (Eq. 10), mean over a clip, form as a query cue.

One convention of coordinates: places are (x, y), in numpy the complex number x + i y. The pixel at (row, column) has
its centre at (x, y) = (column + 0.5, row + 0.5), so that the frame is [0, W] x [0, H]. Angles run from the x axis
towards the y axis, that is clockwise in the picture; angle bin 0 begins at the x axis.
"""

from .compute import FrameSize, compute_descriptors, tube_cues
from .operations import clip_descriptor, descriptor_change, end_frames, to_query_dim
from .spec import PAPER_POINTS, DescriptorSpec

__all__ = [
    'PAPER_POINTS',
    'DescriptorSpec',
    'FrameSize',
    'clip_descriptor',
    'compute_descriptors',
    'descriptor_change',
    'end_frames',
    'to_query_dim',
    'tube_cues',
]

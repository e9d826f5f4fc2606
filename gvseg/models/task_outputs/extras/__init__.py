"""Post-processing of masks that the paper does not have."""

from .mask_refinement import GuidedUpsampling, SmallBlobRemoval

__all__ = ['GuidedUpsampling', 'SmallBlobRemoval']

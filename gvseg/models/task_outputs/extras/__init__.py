"""Outputs and post-processing of masks that the paper does not have."""

from .mask_refinement import GuidedUpsampling, SmallBlobRemoval
from .selected_tracks import SelectedTracks

__all__ = ['GuidedUpsampling', 'SelectedTracks', 'SmallBlobRemoval']

"""Steps of the data pipelines; all of them work on whole clips."""
from .exemplars import (Exemplar, MakeExemplars, box_region, check_point,
                        given_exemplar, pack_exemplars, sample_exemplar)
from .formatting import PackClipInputs
from .frame_sampling import (ReferencePreference,
                             TemporalContrastiveFrameSample)
from .geometry import (ClipPhotometric, ClipRandomCrop, ClipRandomFlip,
                       ClipResize)
from .loading import LoadClipAnnotations, LoadClipFrames
from .pseudo_video import CameraPseudoVideo, PseudoVideo

__all__ = [
    'CameraPseudoVideo', 'ClipPhotometric', 'ClipRandomCrop', 'ClipRandomFlip', 'ClipResize',
    'Exemplar', 'LoadClipAnnotations', 'LoadClipFrames', 'MakeExemplars',
    'PackClipInputs', 'PseudoVideo', 'ReferencePreference',
    'TemporalContrastiveFrameSample', 'box_region', 'check_point',
    'given_exemplar', 'pack_exemplars', 'sample_exemplar'
]

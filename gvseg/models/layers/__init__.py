"""Network layers; ``extras`` are not in the paper."""

from .cue_injection import GroundTruthCues, LayerState, PredictedCues
from .decoder import CueTransformerDecoder
from .deformable_attention import DeformablePixelDecoder, PortableDeformableAttention
from .dense_pixel_decoder import DensePixelDecoder
from .efficientnet_lite import EfficientNetLite
from .extras import LocalizedMaskEmbed
from .fixed_size import FixedSizeCues
from .frame_positions import FrameSinePositionalEncoding
from .mobilenet import MobileNetV2Features
from .plain_vit import PlainViT
from .position_cache import PositionCache
from .upscaling import DoubleSize
from .vit_blocks import TokenBlock, token_blocks

__all__ = [
    'CueTransformerDecoder',
    'DeformablePixelDecoder',
    'DensePixelDecoder',
    'DoubleSize',
    'EfficientNetLite',
    'FixedSizeCues',
    'FrameSinePositionalEncoding',
    'GroundTruthCues',
    'LayerState',
    'LocalizedMaskEmbed',
    'MobileNetV2Features',
    'PlainViT',
    'PortableDeformableAttention',
    'PositionCache',
    'PredictedCues',
    'TokenBlock',
    'token_blocks',
]

"""Parameter names of Mask2Former in mmdet, detectron2 and Hugging Face.

Every table maps their names to ours, which are mmdet's with ``track_head`` in front. Sources: the modules of
Mask2Former (facebookresearch), MinVIS, transformers and mmdet, whose names the published files use.
"""

from .naming import KeyMapping, unfold_order

PIXELS = 'track_head.pixel_decoder'
ENCODER = rf'{PIXELS}.encoder.layers'
DECODER = 'track_head.transformer_decoder'
SWIN_MERGING = ((r'backbone\.stages\.\d+\.downsample\.(reduction\.weight|norm\.(weight|bias))', unfold_order),)

# mmdet 3.x, and what mmdet 2.x called attentions and feed-forward layers. ------------------------------------------
MMDET = KeyMapping(
    title='mmdet',
    names=(
        (r'(backbone\..+)', r'\1'),
        (r'(?:panoptic|track)_head\.(.+)\.attentions\.0\.attn\.(.+)', r'track_head.\1.cross_attn.attn.\2'),
        (r'(?:panoptic|track)_head\.(.+)\.attentions\.1\.attn\.(.+)', r'track_head.\1.self_attn.attn.\2'),
        (r'(?:panoptic|track)_head\.(.+)\.attentions\.0\.(.+)', r'track_head.\1.self_attn.\2'),
        (r'(?:panoptic|track)_head\.(.+)\.ffns\.0\.(.+)', r'track_head.\1.ffn.\2'),
        (r'(?:panoptic|track)_head\.(.+)', r'track_head.\1'),
    ),
    dropped=(r'data_preprocessor\..+', r'panoptic_fusion_head\..+', r'(?:ema_)?steps'),
)

# detectron2: Mask2Former, its video version, MinVIS. ----------------------------------------------------------------
_D2_PREDICTOR = r'sem_seg_head\.predictor'
_D2_PIXELS = r'sem_seg_head\.pixel_decoder'
_D2_RESNET = (
    (r'backbone\.stem\.conv1\.weight', 'backbone.conv1.weight'),
    (r'backbone\.stem\.conv1\.norm\.(.+)', r'backbone.bn1.\1'),
    *(
        (rf'backbone\.res{stage + 1}\.(\d+)\.shortcut\.weight', rf'backbone.layer{stage}.\1.downsample.0.weight')
        for stage in range(1, 5)
    ),
    *(
        (rf'backbone\.res{stage + 1}\.(\d+)\.shortcut\.norm\.(.+)', rf'backbone.layer{stage}.\1.downsample.1.\2')
        for stage in range(1, 5)
    ),
    *(
        (rf'backbone\.res{stage + 1}\.(\d+)\.conv(\d)\.norm\.(.+)', rf'backbone.layer{stage}.\1.bn\2.\3')
        for stage in range(1, 5)
    ),
    *(
        (rf'backbone\.res{stage + 1}\.(\d+)\.conv(\d)\.weight', rf'backbone.layer{stage}.\1.conv\2.weight')
        for stage in range(1, 5)
    ),
)
_D2_SWIN_BLOCK = r'backbone\.layers\.(\d+)\.blocks\.(\d+)'
_D2_SWIN = (
    (r'backbone\.patch_embed\.proj\.(.+)', r'backbone.patch_embed.projection.\1'),
    (r'backbone\.patch_embed\.norm\.(.+)', r'backbone.patch_embed.norm.\1'),
    (
        rf'{_D2_SWIN_BLOCK}\.attn\.(relative_position_bias_table|qkv\..+|proj\..+)',
        r'backbone.stages.\1.blocks.\2.attn.w_msa.\3',
    ),
    (rf'{_D2_SWIN_BLOCK}\.mlp\.fc1\.(.+)', r'backbone.stages.\1.blocks.\2.ffn.layers.0.0.\3'),
    (rf'{_D2_SWIN_BLOCK}\.mlp\.fc2\.(.+)', r'backbone.stages.\1.blocks.\2.ffn.layers.1.\3'),
    (rf'{_D2_SWIN_BLOCK}\.(norm\d)\.(.+)', r'backbone.stages.\1.blocks.\2.\3.\4'),
    (r'backbone\.layers\.(\d+)\.downsample\.(.+)', r'backbone.stages.\1.downsample.\2'),
    (r'backbone\.(norm\d)\.(.+)', r'backbone.\1.\2'),
)
DETECTRON2 = KeyMapping(
    title='detectron2',
    names=(
        *_D2_RESNET,
        *_D2_SWIN,
        (rf'{_D2_PIXELS}\.input_proj\.(\d)\.0\.(.+)', rf'{PIXELS}.input_convs.\1.conv.\2'),
        (rf'{_D2_PIXELS}\.input_proj\.(\d)\.1\.(.+)', rf'{PIXELS}.input_convs.\1.gn.\2'),
        (rf'{_D2_PIXELS}\.transformer\.level_embed', f'{PIXELS}.level_encoding.weight'),
        (rf'{_D2_PIXELS}\.transformer\.encoder\.layers\.(\d+)\.self_attn\.(.+)', rf'{ENCODER}.\1.self_attn.\2'),
        (rf'{_D2_PIXELS}\.transformer\.encoder\.layers\.(\d+)\.norm1\.(.+)', rf'{ENCODER}.\1.norms.0.\2'),
        (rf'{_D2_PIXELS}\.transformer\.encoder\.layers\.(\d+)\.norm2\.(.+)', rf'{ENCODER}.\1.norms.1.\2'),
        (rf'{_D2_PIXELS}\.transformer\.encoder\.layers\.(\d+)\.linear1\.(.+)', rf'{ENCODER}.\1.ffn.layers.0.0.\2'),
        (rf'{_D2_PIXELS}\.transformer\.encoder\.layers\.(\d+)\.linear2\.(.+)', rf'{ENCODER}.\1.ffn.layers.1.\2'),
        (rf'{_D2_PIXELS}\.adapter_1\.norm\.(.+)', rf'{PIXELS}.lateral_convs.0.gn.\1'),
        (rf'{_D2_PIXELS}\.adapter_1\.weight', f'{PIXELS}.lateral_convs.0.conv.weight'),
        (rf'{_D2_PIXELS}\.layer_1\.norm\.(.+)', rf'{PIXELS}.output_convs.0.gn.\1'),
        (rf'{_D2_PIXELS}\.layer_1\.weight', f'{PIXELS}.output_convs.0.conv.weight'),
        (rf'{_D2_PIXELS}\.mask_features\.(.+)', rf'{PIXELS}.mask_feature.\1'),
        (
            rf'{_D2_PREDICTOR}\.transformer_cross_attention_layers\.(\d+)\.multihead_attn\.(.+)',
            rf'{DECODER}.layers.\1.cross_attn.attn.\2',
        ),
        (
            rf'{_D2_PREDICTOR}\.transformer_cross_attention_layers\.(\d+)\.norm\.(.+)',
            rf'{DECODER}.layers.\1.norms.0.\2',
        ),
        (
            rf'{_D2_PREDICTOR}\.transformer_self_attention_layers\.(\d+)\.self_attn\.(.+)',
            rf'{DECODER}.layers.\1.self_attn.attn.\2',
        ),
        (rf'{_D2_PREDICTOR}\.transformer_self_attention_layers\.(\d+)\.norm\.(.+)', rf'{DECODER}.layers.\1.norms.1.\2'),
        (rf'{_D2_PREDICTOR}\.transformer_ffn_layers\.(\d+)\.linear1\.(.+)', rf'{DECODER}.layers.\1.ffn.layers.0.0.\2'),
        (rf'{_D2_PREDICTOR}\.transformer_ffn_layers\.(\d+)\.linear2\.(.+)', rf'{DECODER}.layers.\1.ffn.layers.1.\2'),
        (rf'{_D2_PREDICTOR}\.transformer_ffn_layers\.(\d+)\.norm\.(.+)', rf'{DECODER}.layers.\1.norms.2.\2'),
        (rf'{_D2_PREDICTOR}\.decoder_norm\.(.+)', rf'{DECODER}.post_norm.\1'),
        # Early files of Mask2Former call the query features "static_query".
        (rf'{_D2_PREDICTOR}\.(?:query_feat|static_query)\.weight', 'track_head.query_feat.weight'),
        (rf'{_D2_PREDICTOR}\.(query_embed|level_embed)\.weight', r'track_head.\1.weight'),
        (rf'{_D2_PREDICTOR}\.class_embed\.(.+)', r'track_head.cls_embed.\1'),
        (rf'{_D2_PREDICTOR}\.mask_embed\.layers\.0\.(.+)', r'track_head.mask_embed.0.\1'),
        (rf'{_D2_PREDICTOR}\.mask_embed\.layers\.1\.(.+)', r'track_head.mask_embed.2.\1'),
        (rf'{_D2_PREDICTOR}\.mask_embed\.layers\.2\.(.+)', r'track_head.mask_embed.4.\1'),
    ),
    dropped=(
        r'.+\.relative_position_index',
        r'criterion\.empty_weight',
        r'pixel_(mean|std)',
        r'.+\.num_batches_tracked',
    ),
    operations=SWIN_MERGING,
)

# Hugging Face: Mask2FormerForUniversalSegmentation, files of transformers 4 and 5. ----------------------------------
_HF_BACKBONE = r'model\.pixel_level_module\.encoder(?:\.swin)?'
_HF_PIXELS = r'model\.pixel_level_module\.decoder'
_HF_DECODER = r'model\.transformer_module\.decoder'
_HF_RESNET = (
    (rf'{_HF_BACKBONE}\.embedder\.embedder\.convolution\.weight', 'backbone.conv1.weight'),
    (rf'{_HF_BACKBONE}\.embedder\.embedder\.normalization\.(.+)', r'backbone.bn1.\1'),
    *(
        (
            rf'{_HF_BACKBONE}\.encoder\.stages\.{stage}\.layers\.(\d+)\.shortcut\.convolution\.weight',
            rf'backbone.layer{stage + 1}.\1.downsample.0.weight',
        )
        for stage in range(4)
    ),
    *(
        (
            rf'{_HF_BACKBONE}\.encoder\.stages\.{stage}\.layers\.(\d+)\.shortcut\.normalization\.(.+)',
            rf'backbone.layer{stage + 1}.\1.downsample.1.\2',
        )
        for stage in range(4)
    ),
    *(
        (
            rf'{_HF_BACKBONE}\.encoder\.stages\.{stage}\.layers\.(\d+)\.layer\.{conv}\.convolution\.weight',
            rf'backbone.layer{stage + 1}.\1.conv{conv + 1}.weight',
        )
        for stage in range(4)
        for conv in range(3)
    ),
    *(
        (
            rf'{_HF_BACKBONE}\.encoder\.stages\.{stage}\.layers\.(\d+)\.layer\.{conv}\.normalization\.(.+)',
            rf'backbone.layer{stage + 1}.\1.bn{conv + 1}.\2',
        )
        for stage in range(4)
        for conv in range(3)
    ),
)
_HF_SWIN_BLOCK = rf'{_HF_BACKBONE}\.encoder\.layers\.(\d+)\.blocks\.(\d+)'
_SWIN_BLOCK = r'backbone.stages.\1.blocks.\2'
_HF_SWIN = (
    (rf'{_HF_BACKBONE}\.embeddings\.patch_embeddings\.projection\.(.+)', r'backbone.patch_embed.projection.\1'),
    (rf'{_HF_BACKBONE}\.embeddings\.norm\.(.+)', r'backbone.patch_embed.norm.\1'),
    (rf'{_HF_SWIN_BLOCK}\.attention\.(?:self\.)?(?:query|q_proj)\.(.+)', rf'{_SWIN_BLOCK}.attn.w_msa.qkv.\3#0'),
    (rf'{_HF_SWIN_BLOCK}\.attention\.(?:self\.)?(?:key|k_proj)\.(.+)', rf'{_SWIN_BLOCK}.attn.w_msa.qkv.\3#1'),
    (rf'{_HF_SWIN_BLOCK}\.attention\.(?:self\.)?(?:value|v_proj)\.(.+)', rf'{_SWIN_BLOCK}.attn.w_msa.qkv.\3#2'),
    (
        rf'{_HF_SWIN_BLOCK}\.attention\.(?:self\.|.+\.)?relative_position_bias_table',
        rf'{_SWIN_BLOCK}.attn.w_msa.relative_position_bias_table',
    ),
    (rf'{_HF_SWIN_BLOCK}\.attention\.(?:output\.dense|o_proj|out_proj)\.(.+)', rf'{_SWIN_BLOCK}.attn.w_msa.proj.\3'),
    (rf'{_HF_SWIN_BLOCK}\.(?:intermediate\.dense|mlp\.fc1)\.(.+)', rf'{_SWIN_BLOCK}.ffn.layers.0.0.\3'),
    (rf'{_HF_SWIN_BLOCK}\.(?:output\.dense|mlp\.fc2)\.(.+)', rf'{_SWIN_BLOCK}.ffn.layers.1.\3'),
    (rf'{_HF_SWIN_BLOCK}\.layernorm_before\.(.+)', rf'{_SWIN_BLOCK}.norm1.\3'),
    (rf'{_HF_SWIN_BLOCK}\.layernorm_after\.(.+)', rf'{_SWIN_BLOCK}.norm2.\3'),
    (rf'{_HF_BACKBONE}\.encoder\.layers\.(\d+)\.downsample\.(.+)', r'backbone.stages.\1.downsample.\2'),
    *(
        (rf'{_HF_BACKBONE}\.hidden_states_norms\.stage{stage + 1}\.(.+)', rf'backbone.norm{stage}.\1')
        for stage in range(4)
    ),
)
_HF_LAYER = rf'{_HF_DECODER}\.layers\.(\d+)'
HUGGINGFACE = KeyMapping(
    title='Hugging Face',
    names=(
        *_HF_RESNET,
        *_HF_SWIN,
        (rf'{_HF_PIXELS}\.input_projections\.(\d)\.0\.(.+)', rf'{PIXELS}.input_convs.\1.conv.\2'),
        (rf'{_HF_PIXELS}\.input_projections\.(\d)\.1\.(.+)', rf'{PIXELS}.input_convs.\1.gn.\2'),
        (rf'{_HF_PIXELS}\.level_embed', f'{PIXELS}.level_encoding.weight'),
        (rf'{_HF_PIXELS}\.encoder\.layers\.(\d+)\.self_attn\.(.+)', rf'{ENCODER}.\1.self_attn.\2'),
        (rf'{_HF_PIXELS}\.encoder\.layers\.(\d+)\.self_attn_layer_norm\.(.+)', rf'{ENCODER}.\1.norms.0.\2'),
        (rf'{_HF_PIXELS}\.encoder\.layers\.(\d+)\.final_layer_norm\.(.+)', rf'{ENCODER}.\1.norms.1.\2'),
        (rf'{_HF_PIXELS}\.encoder\.layers\.(\d+)\.fc1\.(.+)', rf'{ENCODER}.\1.ffn.layers.0.0.\2'),
        (rf'{_HF_PIXELS}\.encoder\.layers\.(\d+)\.fc2\.(.+)', rf'{ENCODER}.\1.ffn.layers.1.\2'),
        (rf'{_HF_PIXELS}\.adapter_1\.0\.weight', f'{PIXELS}.lateral_convs.0.conv.weight'),
        (rf'{_HF_PIXELS}\.adapter_1\.1\.(.+)', rf'{PIXELS}.lateral_convs.0.gn.\1'),
        (rf'{_HF_PIXELS}\.layer_1\.0\.weight', f'{PIXELS}.output_convs.0.conv.weight'),
        (rf'{_HF_PIXELS}\.layer_1\.1\.(.+)', rf'{PIXELS}.output_convs.0.gn.\1'),
        (rf'{_HF_PIXELS}\.mask_projection\.(.+)', rf'{PIXELS}.mask_feature.\1'),
        (rf'{_HF_LAYER}\.cross_attn\.(.+)', rf'{DECODER}.layers.\1.cross_attn.attn.\2'),
        (rf'{_HF_LAYER}\.self_attn\.q_proj\.(.+)', rf'{DECODER}.layers.\1.self_attn.attn.in_proj_\2#0'),
        (rf'{_HF_LAYER}\.self_attn\.k_proj\.(.+)', rf'{DECODER}.layers.\1.self_attn.attn.in_proj_\2#1'),
        (rf'{_HF_LAYER}\.self_attn\.v_proj\.(.+)', rf'{DECODER}.layers.\1.self_attn.attn.in_proj_\2#2'),
        (rf'{_HF_LAYER}\.self_attn\.out_proj\.(.+)', rf'{DECODER}.layers.\1.self_attn.attn.out_proj.\2'),
        (rf'{_HF_LAYER}\.cross_attn_layer_norm\.(.+)', rf'{DECODER}.layers.\1.norms.0.\2'),
        (rf'{_HF_LAYER}\.self_attn_layer_norm\.(.+)', rf'{DECODER}.layers.\1.norms.1.\2'),
        (rf'{_HF_LAYER}\.final_layer_norm\.(.+)', rf'{DECODER}.layers.\1.norms.2.\2'),
        (rf'{_HF_LAYER}\.fc1\.(.+)', rf'{DECODER}.layers.\1.ffn.layers.0.0.\2'),
        (rf'{_HF_LAYER}\.fc2\.(.+)', rf'{DECODER}.layers.\1.ffn.layers.1.\2'),
        (rf'{_HF_DECODER}\.layernorm\.(.+)', rf'{DECODER}.post_norm.\1'),
        (rf'{_HF_DECODER}\.mask_predictor\.mask_embedder\.0\.0\.(.+)', r'track_head.mask_embed.0.\1'),
        (rf'{_HF_DECODER}\.mask_predictor\.mask_embedder\.1\.0\.(.+)', r'track_head.mask_embed.2.\1'),
        (rf'{_HF_DECODER}\.mask_predictor\.mask_embedder\.2\.0\.(.+)', r'track_head.mask_embed.4.\1'),
        (r'model\.transformer_module\.queries_features\.weight', 'track_head.query_feat.weight'),
        (r'model\.transformer_module\.queries_embedder\.weight', 'track_head.query_embed.weight'),
        (r'model\.transformer_module\.level_embed\.weight', 'track_head.level_embed.weight'),
        (r'class_predictor\.(.+)', r'track_head.cls_embed.\1'),
    ),
    dropped=(r'.+\.relative_position_index', r'criterion\.empty_weight', rf'{_HF_BACKBONE}\.layernorm\..+'),
    operations=SWIN_MERGING,
)

DIALECTS = dict(mmdet=MMDET, detectron2=DETECTRON2, huggingface=HUGGINGFACE)

"""Encoder-only, "+ SPA query matching": cues between the joint blocks and in matching, for all queries."""
_base_ = './gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-baseline.py'
both = dict(appearance=True, shape_position=True)
model = dict(
    associator=dict(thing=both, stuff=both),
    track_head=dict(cue_injection=dict(_delete_=True, type='PredictedCues')))

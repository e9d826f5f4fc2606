"""Encoder-only, SPA query matching and task-oriented TCL together."""
_base_ = './gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-tcl.py'
both = dict(appearance=True, shape_position=True)
model = dict(
    associator=dict(thing=both, stuff=both),
    track_head=dict(cue_injection=dict(_delete_=True, type='PredictedCues')))

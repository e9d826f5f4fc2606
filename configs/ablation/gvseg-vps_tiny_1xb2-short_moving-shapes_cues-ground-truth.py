"""Table "cues", row "ground truth": while training, matched queries get the descriptors of their ground truth."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
model = dict(track_head=dict(cue_injection=dict(_delete_=True, type='GroundTruthCues')))

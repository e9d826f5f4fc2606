"""Table "prototypes", row "free": stuff queries are matched to any class in training; class means at test."""
_base_ = './gvseg-vps_tiny_1xb2-short_moving-shapes_4a-all.py'
stuff = dict(_base_.stuff, aligned=False)
model = dict(track_head=dict(query_initializer=dict(parts=[_base_.things, stuff])))

"""Encoder-only with VidEoMT's linking: queries continue those of the last frame and are identities by themselves."""
_base_ = './gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-baseline.py'
learned = _base_.model.track_head.query_initializer
model = dict(
    associator=dict(type='SameQueryAssociator'),
    track_head=dict(
        query_initializer=dict(
            _delete_=True, type='PropagatedQueries', source=dict(learned), embed_dims=_base_.embed_dims)))

"""VPS on Moving Shapes, encoder only: SPA association with cues between the joint blocks, task-oriented TCL."""
_base_ = '../ablation/gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-all.py'
load_from = 'work_dirs/gvseg-vps_vit-tiny_1xb4-6k_moving-shapes_pretrain-vit/iter_6000.pth'
# Trained as that row of the ablation; tested as the other model, with tubes that share frames.
clip_length, clip_overlap = 4, 2
val_dataloader = dict(sampler=dict(clip_length=clip_length, overlap=clip_overlap))
test_dataloader = val_dataloader
model = dict(
    mask_nms=dict(type='MaskNMS'),
    associator=dict(_delete_=True, type='TrajectoryAssociator', memory=20, motion_update_score_thr=0.8),
    task_output=dict(min_score=0.6))

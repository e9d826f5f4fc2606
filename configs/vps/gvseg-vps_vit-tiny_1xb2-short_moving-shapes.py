"""VPS on Moving Shapes, encoder only: SPA association with cues between the joint blocks, task-oriented TCL."""
_base_ = '../ablation/gvseg-vps_vit-tiny_1xb2-short_moving-shapes_vit-all.py'
load_from = 'work_dirs/gvseg-vps_vit-tiny_1xb4-6k_moving-shapes_pretrain-vit/iter_6000.pth'

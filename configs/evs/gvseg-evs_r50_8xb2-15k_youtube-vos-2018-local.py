r"""EVS on YouTube-VOS 2018 with a local score: trained on nine tenths of the training videos, tested on the rest.

The paper has no such numbers; ours: not run. Split: docs/datasets.md.
    tools/dist_train.sh configs/evs/gvseg-evs_r50_8xb2-15k_youtube-vos-2018-local.py 8 \
        --cfg-options load_from=COCO_WEIGHTS
"""
_base_ = './gvseg-evs_r50_8xb2-15k_youtube-vos-2018.py'
train_dataloader = dict(
    dataset=dict(datasets=[dict(_base_.videos, ann_file='train/meta_fit.json'), _base_.photos]))
held_out = 'train/meta_held_out.json'
val_dataloader = dict(dataset=dict(ann_file=held_out, data_prefix=_base_.videos.data_prefix))
test_dataloader = val_dataloader
val_evaluator = dict(meta_file=_base_.data_root + held_out, format_only=False, outfile_prefix=None)
test_evaluator = val_evaluator

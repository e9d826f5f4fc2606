"""Fully sharded training by mmengine's FlexibleRunner: a base to add to a config, for models too large for one GPU.

    _base_ = ['gvseg::vps/gvseg-vps_swin-l_8xb2-10k_vipseg.py', 'gvseg::_base_/fsdp.py']
    optim_wrapper = dict(type='ShardedOptimWrapper')
"""
runner_type = 'FlexibleRunner'
strategy = dict(
    type='FSDPStrategy',
    # Checkpoints hold the whole model, as those of other runs.
    state_dict_cfg='full',
    model_wrapper=dict(
        type='FullyShardedModel', use_orig_params=True, auto_wrap_policy='wrap_backbone_stages'))

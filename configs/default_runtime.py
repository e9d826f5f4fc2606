"""Runtime shared by every config: registration, hooks, environment and logging."""
# mmengine imports GvSeg and mmdet for this scope: a `custom_imports` of your own takes nothing away.
default_scope = 'gvseg'
custom_imports = dict(
    imports=[
        'gvseg.datasets', 'gvseg.models', 'gvseg.evaluation.metrics',
        'gvseg.engine', 'gvseg.visualization'
    ],
    allow_failed_imports=False)

default_hooks = dict(
    timer=dict(type='IterTimerHook'),
    # The log shows the loss of the whole batch, not of the first process's share.
    average_loss=dict(type='AverageLossHook'),
    logger=dict(type='JsonLoggerHook', interval=50),
    param_scheduler=dict(type='ParamSchedulerHook'),
    # Only the newest checkpoints stay on disk; `save_last` keeps the end whatever the interval.
    checkpoint=dict(
        type='AtomicCheckpointHook', by_epoch=False, interval=1000, save_last=True, max_keep_ckpts=2),
    # Stops where losses or weights are no longer numbers; the checkpoints before that stay.
    finite_loss=dict(type='FiniteLossHook'),
    sampler_seed=dict(type='DistSamplerSeedHook'),
    # Stops a run whose data pipeline and head disagree.
    config_check=dict(type='ConfigCheckHook'),
    # Looks at classes, files and sizes before the first iteration and logs what it found.
    preflight=dict(type='PreflightHook'),
    # Result videos: `tools/test.py --show-dir DIRECTORY`.
    visualization=dict(type='VideoVisualizationHook', draw=False))

env_cfg = dict(
    cudnn_benchmark=False,
    mp_cfg=dict(mp_start_method='fork', opencv_num_threads=0),
    # tools/ take gloo instead of nccl where CUDA is absent; GVSEG_BACKEND overrides both.
    dist_cfg=dict(backend='nccl'))
# All ranks read one stream of samples (rank r takes every r-th), so that one process and several
# see the same global batches; with different seeds per rank they would not.
randomness = dict(seed=0, diff_rank_seed=False)

# Views that `tools/test.py --tta` adds to the frames as they come.
tta_model = dict(type='GvSegTTA', views=[dict(flip=True), dict(scale=1.25)])

vis_backends = [dict(type='JsonVisBackend')]
visualizer = dict(type='GvSegVisualizer', vis_backends=vis_backends, name='visualizer')
log_processor = dict(type='LogProcessor', window_size=50, by_epoch=False)

log_level = 'INFO'
load_from = None
resume = False

"""Eight clips a step on a GPU, the same for GvSeg and the baseline."""
_base_ = '../../../configs/_base_/schedules/schedule_gpu_3k.py'

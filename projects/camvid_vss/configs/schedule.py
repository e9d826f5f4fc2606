"""Under an hour of one core, the same for GvSeg and the baseline."""
_base_ = '../../../configs/_base_/schedules/schedule_1k2.py'

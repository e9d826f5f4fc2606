"""The disk is full when the second checkpoint is written."""

_base_ = './toy_config.py'
custom_hooks = [dict(type='FullDiskHook', whole_files=1)]

"""Where OpenMMLab's packages have it, and where ``_base_ = 'gvseg::_base_/default_runtime.py'`` finds it."""
_base_ = '../default_runtime.py'

"""GvSeg: general video segmentation - one architecture for VIS, VSS, VPS and EVS.

Importing this package is cheap (the standard library only) and does three things before anything
imports mmdet: it checks the versions of the OpenMMLab packages that are installed, it puts a
stand-in for mmcv's compiled operators in place where mmcv was built without them, and it lets mmengine
find configs named ``gvseg::...``.
"""

from .utils import check_versions, install_stand_in, register_package
from .version import __version__

check_versions()
install_stand_in()
register_package()

__all__ = ['__version__']

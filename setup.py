"""Metadata is in pyproject.toml; here is what needs code: configs, tools, weights and model-index.yml in the wheel."""

import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent
# What a package's .mim folder holds. mim 0.5 takes the folder of the first file that pip recorded; sorted, the console
# script `../../../bin/gvseg` comes first, so what mim runs lies in a folder that sorts before it.
SHIPPED = {'gvseg': ('configs', 'tools', 'weights'), '+gvseg_mim': ('configs', 'tools')}


class BuildWithConfigs(build_py):
    """Puts what mim and ``gvseg.utils.shipped`` look for into ``gvseg/.mim`` of the built package.

    An editable install is left alone: in the checkout, ``gvseg/.mim`` links to it.
    """

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if getattr(self, 'editable_mode', False):
            return
        for package, folders in SHIPPED.items():
            target = Path(self.build_lib) / package / '.mim'
            for name in folders:
                shutil.copytree(
                    ROOT / name,
                    target / name,
                    dirs_exist_ok=True,
                    ignore=shutil.ignore_patterns('__pycache__', '*.pyc'),
                )
            shutil.copy(ROOT / 'model-index.yml', target)


setup(cmdclass=dict(build_py=BuildWithConfigs))

"""Metadata is in setup.cfg; here only what needs code: configs and tools inside the wheel, for mim."""
import shutil
from pathlib import Path

from setuptools import setup
from setuptools.command.build_py import build_py

ROOT = Path(__file__).resolve().parent


class BuildWithConfigs(build_py):
    """Puts ``configs`` and ``tools`` into ``gvseg/.mim`` of the built package, where mim looks.

    An editable install is left alone: the checkout has both.
    """

    def run(self) -> None:
        """Build, then copy."""
        super().run()
        if getattr(self, 'editable_mode', False):
            return
        for name in ('configs', 'tools'):
            shutil.copytree(
                ROOT / name, Path(self.build_lib) / 'gvseg' / '.mim' / name, dirs_exist_ok=True,
                ignore=shutil.ignore_patterns('__pycache__', '*.pyc'))


setup(cmdclass=dict(build_py=BuildWithConfigs))

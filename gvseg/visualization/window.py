"""Find the library that can open windows on this machine."""

import os
import sys

import cv2

from gvseg.utils.errors import ConfigError

DISPLAYS = ('DISPLAY', 'WAYLAND_DISPLAY')
# Backends of matplotlib that only write files.
FILE_BACKENDS = ('agg', 'cairo', 'pdf', 'pgf', 'ps', 'svg', 'template')
INSTEAD = 'Use --show-dir DIRECTORY, which writes videos and pictures.'


def window_backend() -> str:
    """The library that opens windows: ``'matplotlib'``, or ``'cv2'`` where matplotlib has no toolkit for it.

    Raises:
        ConfigError: there is no display, or neither of the two can open a window.
    """
    if sys.platform.startswith('linux') and not any(os.environ.get(name) for name in DISPLAYS):
        raise ConfigError(f'--show needs a display, and neither {" nor ".join(DISPLAYS)} is set. {INSTEAD}')
    if _matplotlib_opens_windows():
        return 'matplotlib'
    if _opencv_opens_windows():
        return 'cv2'
    raise ConfigError(
        '--show cannot open a window: matplotlib finds no toolkit (such as tkinter or PyQt), and '
        f'OpenCV is built without one (opencv-python-headless). Install one. {INSTEAD}'
    )


def _matplotlib_opens_windows() -> bool:
    import matplotlib.pyplot as plt  # slow, and loads GUI toolkits on import

    name = plt.get_backend().lower()
    return name not in FILE_BACKENDS and 'inline' not in name


def _opencv_opens_windows() -> bool:
    lines = [line.split() for line in cv2.getBuildInformation().splitlines()]
    return not any(words[:1] == ['GUI:'] and words[1:] == ['NONE'] for words in lines)

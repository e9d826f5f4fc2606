"""One process at a time in a folder."""

import subprocess
import sys
from pathlib import Path

import pytest

from gvseg.formats.errors import InputError
from gvseg.formats.locks import folder_lock


def test_a_second_holder_is_refused_until_the_first_lets_go(tmp_path: Path) -> None:
    folder = tmp_path / 'new' / 'out'
    with folder_lock(folder):
        with pytest.raises(InputError, match='out: another process is writing here; wait until it has ended'):
            with folder_lock(folder):
                pass
        with folder_lock(tmp_path / 'other'):
            pass
    with folder_lock(folder):
        pass
    assert list(folder.iterdir()) == []


def test_a_killed_process_leaves_no_lock(tmp_path: Path) -> None:
    code = 'import sys, os\nfrom gvseg.formats.locks import folder_lock\nwith folder_lock(sys.argv[1]): os._exit(9)'
    assert subprocess.run([sys.executable, '-c', code, str(tmp_path)], check=False).returncode == 9
    with folder_lock(tmp_path):
        pass

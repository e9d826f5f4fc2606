"""How commands start and end: options before libraries, one line and a status for each kind of end."""

import argparse
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import pytest

from gvseg.entry import entry_point, let_threads_sleep
from gvseg.utils.errors import InputError

ROOT = Path(__file__).resolve().parents[1]
LARGE = ('torch', 'mmdet', 'mmengine.runner', 'mmseg', 'cv2', 'scipy')
SCRIPTS = sorted(
    path
    for folder in ('tools', 'projects/studies')
    for path in (ROOT / folder).rglob('*.py')
    if 'entry_point' in path.read_text(encoding='utf-8')
)


def parse(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    parser.add_argument('number', type=int)
    return parser.parse_args(arguments)


def ends_with(action) -> SystemExit:
    @entry_point(parse, openmmlab=False)
    def main(options: argparse.Namespace) -> None:
        action()

    with pytest.raises(SystemExit) as caught:
        main(['1'])
    return caught.value


def test_the_status_is_what_the_function_returns() -> None:
    double = entry_point(parse, openmmlab=False)(lambda options: 2 * options.number)
    assert (double(['0']), double(['2'])) == (0, 4)


def test_bad_input_is_one_line_and_status_2(capsys: pytest.CaptureFixture) -> None:
    def fail() -> None:
        raise InputError('is empty', 'a.mp4')

    assert ends_with(fail).code == 2 and capsys.readouterr().err == 'error: a.mp4: is empty\n'


def test_ctrl_c_is_one_word_and_status_130(capsys: pytest.CaptureFixture) -> None:
    def stop() -> None:
        raise KeyboardInterrupt

    assert ends_with(stop).code == 130 and capsys.readouterr().err == 'interrupted\n'


def test_a_slip_of_the_code_keeps_its_traceback() -> None:
    def slip() -> None:
        raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        entry_point(parse, openmmlab=False)(lambda options: slip())(['1'])


def test_a_reader_that_goes_ends_the_command_quietly() -> None:
    code = (
        'import sys\nfrom gvseg.entry import entry_point\n'
        'def lines(options):\n    while True:\n        print("line")\n'
        'sys.exit(entry_point(lambda given: given, openmmlab=False)(lines)())'
    )
    process = subprocess.Popen([sys.executable, '-c', code], stdout=subprocess.PIPE, stderr=subprocess.PIPE, cwd=ROOT)
    process.stdout.readline()
    process.stdout.close()
    assert process.wait(timeout=60) == 141 and process.stderr.read() == b''


def test_idle_threads_sleep_unless_the_user_decides(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv('OMP_WAIT_POLICY', raising=False)
    let_threads_sleep()
    assert os.environ['OMP_WAIT_POLICY'] == 'PASSIVE'
    monkeypatch.setenv('OMP_WAIT_POLICY', 'ACTIVE')
    let_threads_sleep()
    assert os.environ['OMP_WAIT_POLICY'] == 'ACTIVE'


def test_threads_are_told_before_torch_is_loaded() -> None:
    code = (
        'import os, sys; from gvseg import entry; assert "torch" not in sys.modules; '
        'entry.load_openmmlab(); assert "torch" in sys.modules; print(os.environ["OMP_WAIT_POLICY"])'
    )
    environment = {name: value for name, value in os.environ.items() if name != 'OMP_WAIT_POLICY'}
    done = subprocess.run([sys.executable, '-c', code], env=environment, capture_output=True, text=True, check=True)
    assert done.stdout.strip().endswith('PASSIVE')


def test_importing_the_interface_loads_no_large_library() -> None:
    code = f'import gvseg.apis, sys; print(dir(gvseg.apis), [name for name in {LARGE} if name in sys.modules])'
    said = subprocess.run([sys.executable, '-c', code], capture_output=True, text=True, cwd=ROOT, check=True).stdout
    assert "'VideoSegmenter'" in said and said.endswith('] []\n')


def test_what_the_interface_lacks_is_an_attribute_error() -> None:
    import gvseg.apis

    with pytest.raises(AttributeError, match="module 'gvseg.apis' has no attribute 'Segmenter'"):
        gvseg.apis.Segmenter  # noqa: B018


def test_no_command_loads_the_network_libraries_before_its_options() -> None:
    """All scripts in one process: whatever a module imports at its top, it imports before ``--help``."""
    code = (
        'import importlib.util, sys\nfrom pathlib import Path\n'
        'for name in sys.argv[1:]:\n'
        '    sys.path.insert(0, str(Path(name).parent))\n'
        '    spec = importlib.util.spec_from_file_location(Path(name).stem, name)\n'
        '    module = importlib.util.module_from_spec(spec)\n'
        '    sys.modules[spec.name] = module\n'
        '    spec.loader.exec_module(module)\n'
        '    found = [part for part in ("mmdet", "mmengine.runner", "mmseg") if part in sys.modules]\n'
        '    assert not found, (name, found)\n'
    )
    assert len(SCRIPTS) > 20
    done = subprocess.run([sys.executable, '-c', code, *map(str, SCRIPTS)], capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-500:]

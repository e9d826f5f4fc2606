"""Nothing of a model on a device meets a tensor left on the CPU, and training asks the device for no value but costs.

See ``fake_device``, which needs no GPU; it runs in a process of its own because it registers a device with torch.
"""

import json
import subprocess
import sys

import pytest
import torch.utils.backend_registration as registration

from tests.golden.run import CONFIGS, ROOT

pytestmark = pytest.mark.skipif(
    not hasattr(registration, '_setup_privateuseone_for_python_backend'), reason='this torch has no fake device'
)


@pytest.fixture(scope='module')
def errors() -> dict[str, str]:
    command = [sys.executable, '-m', 'tests.models.fake_device']
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr[-2000:]
    return json.loads(done.stdout.splitlines()[-1])


@pytest.mark.parametrize('task', CONFIGS)
def test_everything_is_on_one_device(errors: dict[str, str], task: str) -> None:
    assert not errors[task], errors[task]

"""Returns of hidden things, counted on ids that are written down here."""

from types import ModuleType

import numpy as np
import pytest

from tests.scripts import tool

pytestmark = pytest.mark.usefixtures('mmdet_scope')


@pytest.fixture(scope='module')
def script() -> ModuleType:
    return tool('returns')


def test_only_whole_clips_count_as_hidden(script: ModuleType) -> None:
    visible = np.array([1, 1, 0, 0, 0, 0, 1, 1, 0, 1], bool)  # of clips of 3 frames only 3 to 5 is hidden
    assert list(script.gaps(visible, 3)) == [(2, 6, 1)]
    assert list(script.gaps(np.zeros(4, bool), 3)) == []


def test_a_return_a_swap_and_a_control(script: ModuleType) -> None:
    visible = np.ones((3, 9), bool)
    visible[:2, 3:6] = False
    ids = np.array([[4, 4, 4, -1, -1, -1, 4, 4, 4], [5, 5, 5, -1, -1, -1, 7, 7, 7], [7] * 9])
    returned, control = script.returns_of(ids, visible, 3)
    assert [(case.clips, case.right, case.swapped) for case in returned] == [(1, True, False), (1, False, True)]
    assert control and all(case.right for case in control)
    assert script.share(returned) == '1/2 = 50 %'


def test_a_thing_that_is_not_found_again_is_no_wrong_identity(script: ModuleType) -> None:
    case = script.Return(2, 3, -1)
    assert not case.found and not case.right and script.share([case]) == '-'


def test_the_table_has_a_row_for_every_associator(script: ModuleType) -> None:
    lines = script.table({'as configured': ([script.Return(1, 3, 3), script.Return(9, 3, 5)], [])}).splitlines()
    assert lines[-1].split(' | ')[1:4] == ['2', '2', '1/2 = 50 %'] and lines[-1].endswith('0/1 = 0 % |')

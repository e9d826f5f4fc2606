"""Public weights as further models of the page."""

from pathlib import Path

import pytest

from gvseg.apis.loading import shipped_model
from gvseg.utils.errors import InputError
from projects.web_demo import models
from projects.web_demo.app import parse_arguments

pytestmark = pytest.mark.usefixtures('mmdet_scope')


def test_public_weights_are_offered_for_their_task_and_for_objects(monkeypatch: pytest.MonkeyPatch) -> None:
    shipped = shipped_model('vis')
    monkeypatch.setattr(models, 'find_model', lambda name: shipped)
    names = parse_arguments(['--model', 'mask2former-swin-tiny-coco-instance']).model
    found = models.public_models(names)
    assert list(found) == [f'{task}-{names[0]}' for task in ('vis', 'evs')]
    own, objects = found.values()
    assert (own.takes_objects, objects.takes_objects) == (False, True) and 'CC BY-NC 4.0' in own.note
    assert Path(own.config) == shipped[0] and own.short_side == 480
    pool = models.SegmenterPool()
    for choice in (own, objects):
        with pool.borrow(choice) as segmenter:
            assert segmenter.takes_objects == choice.takes_objects


def test_a_mistyped_name_gets_the_nearest() -> None:
    with pytest.raises(InputError, match='did you mean mask2former-swin-tiny-coco-instance'):
        models.public_models(['mask2former-swin-tiny-coco-instanc'])

"""Classifiers fitted to the frames in which masks are known."""

import pytest
import torch
from mmengine.structures import InstanceData

from gvseg.models.query_initializers.memory_readout import MatchedPlaces
from gvseg.models.query_initializers.online_classifier import OnlineClassifier

from .test_exemplar_matching import clip, features, matching, square_at

KEYS = torch.eye(2)


def places(*shares: float, known: float = 1.0) -> MatchedPlaces:
    """Two places with the keys (1, 0) and (0, 1), of which an object covers these shares; or none."""
    count = len(shares)
    masks = torch.tensor([[[*shares]]]).view(1, 1, count)
    return MatchedPlaces(KEYS[None, :count], torch.zeros(count, 2), masks, torch.full_like(masks, known))


def test_frames_that_show_an_object_and_the_last_one_have_their_weights():
    part = OnlineClassifier(gain=2.0, ridge=1e-6, shown=0.75)
    # Where it was shown, the first place is inside; in the last frame it is outside: the mean target is 0.75 - 0.25.
    found = part.priors(KEYS, places(0.0, 1.0), places(1.0, 0.0))
    torch.testing.assert_close(found, torch.tensor([[1.0, -1.0]]), atol=1e-3, rtol=0)
    torch.testing.assert_close(part.priors(KEYS, places(), places(1.0, 0.0)).round(), torch.tensor([[2.0, -2.0]]))


def test_nothing_is_said_of_an_object_that_is_not_known():
    assert not OnlineClassifier().priors(KEYS, places(), places(1.0, 0.0, known=0.0)).any()


@pytest.mark.parametrize('moved', [3, 5])
def test_a_given_mask_is_found_where_the_square_has_moved(moved):
    part = matching(gains=(0.0, 0.0), at_test=dict(classifier=dict(gain=4.0))).eval()
    shown = clip([0, 1], (7,), [square_at(1)])
    with torch.no_grad():
        priors = part(features(1, moved), shown, torch.tensor([[7, -1]]))
    assert priors.shape == (1, 2, 2, 8, 16) and not priors[0, 1].any()
    expected = square_at(moved)[2::4, 2::4]
    assert 3.9 < priors[0, 0, 1].max() <= 4.0 and not ((priors[0, 0, 1] > 0) & ~expected).any()
    assert (priors[0, 0, 1] > 0)[expected].float().mean() >= 0.7  # bilinear interpolation may round the corners


def test_training_has_no_classifier(monkeypatch):
    monkeypatch.setattr(OnlineClassifier, 'priors', lambda *_: pytest.fail('there is none in training'))
    part = matching(at_test=dict(classifier=dict()))
    target = InstanceData(ids=torch.tensor([7]), labels=torch.tensor([0]), masks=square_at(1)[None, None])
    shown = clip([0], (7,), [square_at(1)], targets=[target])
    assert part.train()(features(1), shown, torch.tensor([[7]])).any()
    with pytest.raises(pytest.fail.Exception):
        part.eval()(features(1), shown, torch.tensor([[7]]))

"""Affinities of slots and queries whose values a reader can compute: D = 2, one angle bin and two radius bins."""

import numpy as np
import pytest

from gvseg.models.tracking import CueSum, MatchCues, SPAAssociator, WeightedCues
from gvseg.utils.errors import ConfigError
from tests.models.test_associator import prediction


def cues(embeddings: list, descriptors: list, by_appearance: bool = True, by_shape: bool = True) -> MatchCues:
    """Of queries that are all matched by the same."""
    count = len(embeddings)
    return MatchCues(
        np.array(embeddings, np.float32),
        np.array(descriptors, np.float32).reshape(count, 1, 2),
        np.full(count, by_appearance),
        np.full(count, by_shape),
    )


# One slot and two queries of its look, 16 long as at D = 256; the first query is where the slot was, the second not.
SLOT = cues([[16, 0]], [[0, 2]])
TWINS = cues([[16, 0], [16, 0]], [[0, 2], [2, 0]])


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (dict(), (16 * 18 + 2 * 0) / np.hypot(16, 2) / 18),  # (16, 2) and (18, 0)
        (dict(weight=8.0), 16 * 32 / np.hypot(16, 16) / 32),
        (dict(normalize='unit'), 3 / np.hypot(1, 2) / 3),  # (1, 2) and (3, 0)
        (dict(normalize='unit', unit_cues=True), 2 / np.hypot(1, 1) / 2),  # (1, 1) and (2, 0)
    ],
)
def test_at_unit_length_the_place_of_twins_is_heard(settings: dict, expected: float) -> None:
    np.testing.assert_allclose(CueSum(**settings)(SLOT, TWINS), [[1, expected]], rtol=1e-6)


@pytest.mark.parametrize(
    ('settings', 'expected'),
    [
        (dict(shape_similarity='cosine', shape_weight=0.5), (1 + 0.5 * 0) / 1.5),
        (dict(shape_similarity='cosine', shape_weight=3.0), 1 / 4),
        (dict(shape_similarity='centred', shape_weight=0.5), (1 + 0.5 * -1) / 1.5),  # mean (1, 1): (-1, 1) and (1, -1)
        (dict(shape_similarity='exp_change', shape_weight=0.5, scale=0.3), (1 + 0.5 * np.exp(-(2**0.5) / 0.3)) / 1.5),
    ],
)
def test_two_terms_are_a_weighted_mean(settings: dict, expected: float) -> None:
    np.testing.assert_allclose(WeightedCues(**settings)(SLOT, TWINS), [[1, expected]], rtol=1e-5)


@pytest.mark.parametrize('part', [CueSum(normalize='unit'), WeightedCues()])
def test_each_cue_is_left_out_where_it_is_switched_off(part: CueSum | WeightedCues) -> None:
    other = cues([[0, 16], [16, 0]], [[0, 2], [2, 0]])
    np.testing.assert_allclose(part(SLOT.only(True, False), other.only(True, False)), [[0, 1]], atol=1e-6)
    by_shape = part(SLOT.only(False, True), other.only(False, True))
    assert by_shape[0, 0] == pytest.approx(1) and by_shape[0, 1] < 0.01
    assert not part(SLOT.only(False, False), other.only(False, False)).any()


@pytest.mark.parametrize('kind', WeightedCues.SIMILARITIES)
def test_a_query_without_pixels_has_no_place(kind: str) -> None:
    part = WeightedCues(shape_weight=1.0, shape_similarity=kind)
    empty = cues([[16, 0]], [[0, 0]])
    np.testing.assert_allclose([part(SLOT, empty), part(empty, SLOT), part(empty, empty)], 0.5, atol=1e-6)


def test_the_mean_descriptor_is_that_of_queries_with_pixels() -> None:
    slot = cues([[1, 0]], [[5, 2]], by_appearance=False)
    queries = cues([[1, 0]] * 3, [[5, 2], [5, 0], [0, 0]], by_appearance=False)  # mean (5, 1): slot (0, 1)
    np.testing.assert_allclose(WeightedCues(shape_similarity='centred')(slot, queries), [[1, -1, 0]], atol=1e-6)


def test_the_associator_links_by_the_part_of_its_config() -> None:
    """A look that resembles the other slot a little against a place that is right: only a loud cue decides for it."""
    slots = {}
    for name, similarity in dict(
        raw=None,
        unit=dict(type='CueSum', normalize='unit', unit_cues=True),
        terms=dict(type='WeightedCues', shape_weight=2.0),
    ).items():
        associator = SPAAssociator(similarity=similarity)
        for places in ([(2, 2), (30, 50)], [(30, 50), (2, 2)]):
            clip = prediction(places, [0, 1])
            clip.embeddings = 16 * clip.embeddings
            clip.embeddings[:, 2] = 48.0  # alike to 0.9
            slots[name] = associator.track(clip).tolist()
    assert slots == dict(raw=[0, 1], unit=[1, 0], terms=[1, 0])


@pytest.mark.parametrize(
    ('part', 'settings', 'message'),
    [
        (CueSum, dict(normalize='length'), "normalize of CueSum is 'raw' or 'unit', not 'length'"),
        (WeightedCues, dict(shape_similarity='iou'), "not 'iou'"),
        (WeightedCues, dict(scale=0.0), 'positive scale, not 0.0'),
    ],
)
def test_what_is_not_known_is_refused(part: type, settings: dict, message: str) -> None:
    with pytest.raises(ConfigError, match=message):
        part(**settings)

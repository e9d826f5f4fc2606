"""What is cut out of mask logits by points, boxes and colours."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from gvseg.models.segmenters.extras.mask_cut import MaskCut, MaskPrompt, connected

NOTHING = np.zeros((0, 2), np.int64)
PLAIN = MaskCut(iterations=0, pull=0.0)


def prompt(inside: list, shape: tuple[int, int], negative: list = (), region: np.ndarray | None = None) -> MaskPrompt:
    places = [np.array(points, np.int64).reshape(-1, 2) for points in (inside, negative)]
    return MaskPrompt(*places, region, np.zeros(shape, bool))


def grey(values: list[int], height: int = 1) -> np.ndarray:
    """Rows of the same grey pixels, (height, w, 3)."""
    return np.repeat(np.repeat(np.array([values], np.uint8)[..., None], 3, -1), height, 0)


def test_the_components_of_the_points_stay() -> None:
    mask = np.array([[1, 1, 0, 1, 0, 1]], bool)
    assert connected(mask, np.array([[0, 0], [0, 5]])).tolist() == [[True, True, False, False, False, True]]
    assert connected(mask, np.array([[0, 2]])).tolist() == mask.tolist()  # a point beside all of them


def test_a_mask_is_cut_by_its_box_and_by_other_things() -> None:
    logits, picture = np.array([[3.0, 3.0, 3.0, 3.0, -3.0]]), grey([0] * 5)
    boxed = prompt([], (1, 5), region=np.array([[True, True, True, False, True]]))
    pointed = prompt([(0, 1)], (1, 5))
    for shown in (boxed, pointed):
        shown.outside[0, 0] = True
    assert PLAIN.new(picture, logits, boxed).tolist() == [[False, True, True, False, False]]
    assert PLAIN.new(picture, logits, pointed).sum() == 3


@pytest.mark.parametrize('boxed', [False, True])
def test_a_mask_follows_colours(boxed: bool) -> None:
    rows, columns = np.mgrid[:40, :60]
    square = (rows >= 10) & (rows < 30) & (columns >= 20) & (columns < 44)
    picture = np.where(square[..., None], (200, 40, 30), (20, 90, 180)).astype(np.uint8)
    picture += np.random.default_rng(0).integers(0, 20, picture.shape).astype(np.uint8)
    logits = 3 - np.hypot(rows - 20, columns - 32) * 0.3  # a disc, unsure where it ends
    assert not ((logits > 0) == square).all()
    box = (rows > 5) & (rows < 34) & (columns > 15) & (columns < 50)
    shown = prompt([] if boxed else [(20, 32)], (40, 60), region=box if boxed else None)
    assert (MaskCut().new(picture, logits, shown) == square).all()


def test_a_mask_that_grabcut_loses_is_kept_as_it_was(monkeypatch: pytest.MonkeyPatch) -> None:
    mask = np.zeros((8, 16), bool)
    mask[2:6, 2:10] = True  # 32 pixels
    for left, expected in ((7, 32), (8, 8)):
        kept = mask & (np.cumsum(mask).reshape(mask.shape) <= left)
        monkeypatch.setattr(MaskCut, '_grab', lambda *_, kept=kept: kept)
        cut, logits = replace(MaskCut(), pull=0.0), np.where(mask, 1.0, -1.0)
        found = cut.new(grey([0] * 16, 8), logits, prompt([(3, 3)], (8, 16)))
        assert found.sum() == expected


def test_a_point_reaches_along_its_colour() -> None:
    picture = grey([0] * 6 + [255] * 6)
    cut = MaskCut(iterations=0, pull=3.0, reach=6.0)
    found = cut.new(picture, np.full((1, 12), -1.4), prompt([(0, 3)], (1, 12)))
    # 3 (1 - d / 6) > 1.4 up to a distance of 3; the edge is further away than any of these.
    assert found.tolist() == [[True] * 6 + [False] * 6]
    assert not PLAIN.new(picture, np.full((1, 12), -1.4), prompt([(0, 3)], (1, 12))).any()


def test_a_point_is_inside_whatever_the_network_says() -> None:
    picture = grey([0] * 6 + [255] * 6)
    cut = MaskCut(iterations=0, pull=2.0, reach=6.0)
    found = cut.new(picture, np.full((1, 12), -4.0), prompt([(0, 1), (0, 9)], (1, 12)))
    # (2 + 4) (1 - d / 6) > 4 up to a distance below 2
    assert found.tolist() == [[True] * 3 + [False] * 5 + [True] * 3 + [False]]
    assert not cut.new(picture, np.full((1, 12), -4.0), prompt([(0, 1), (0, 9)], (1, 12)), known=True).any()
    sure = np.where(np.arange(12) == 9, 1.0, -4.0)[None]  # a point that the network knows pulls no more than the others
    assert cut.new(picture, sure, prompt([(0, 1), (0, 9)], (1, 12)))[0, 8:].tolist() == [False, True, False, False]


def test_a_negative_point_takes_what_has_its_colour() -> None:
    picture = grey([0] * 6 + [255] * 6)
    shown = prompt([(0, 8)], (1, 12), [(0, 2)])
    for cut in (MaskCut(iterations=0, pull=0.0, push=12.0, reach=12.0), MaskCut(iterations=0, reach=6.0)):
        find = cut.new if cut.push == 12 else partial(cut.corrected, added=np.zeros((1, 12), bool))
        found = find(picture=picture, logits=np.full((1, 12), 3.0), prompt=shown)
        assert found.tolist() == [[False] * 6 + [True] * 6]  # 12 exp(-3 / 6) = 7.3


def test_a_correction_adds_and_takes_away() -> None:
    picture = grey([0] * 4 + [120] * 4 + [250] * 4, 4)
    followed = np.where(np.arange(12) < 8, 3.0, -9.0)[None].repeat(4, 0)
    added = np.zeros((4, 12), bool)
    added[:, 9:] = True
    nothing = np.zeros((4, 12), bool)
    cut = MaskCut(reach=4.0)
    more = cut.corrected(picture, followed, added, prompt([(1, 10)], (4, 12)))
    assert np.array_equal(more, (followed > 0) | added)
    less = cut.corrected(picture, followed, nothing, prompt([], (4, 12), [(1, 1)]))
    assert less[0].tolist() == [False] * 4 + [True] * 4 + [False] * 4
    both = cut.corrected(picture, followed, added, prompt([(1, 10)], (4, 12), [(1, 1)]))
    assert both[0, :8].tolist() == [False] * 4 + [True] * 4 and both[:, 9:].all()


def test_a_negative_point_takes_half_of_a_mask_at_most_if_a_weaker_one_takes_less() -> None:
    shown = prompt([], (1, 12), [(0, 11)])
    cut = MaskCut(iterations=0, push_corrected=12.0, reach=1e6)  # takes the same everywhere
    picture, logits = grey([0] * 12), np.where(np.arange(12) < 8, 8.0, 2.0)[None]
    added = np.zeros((1, 12), bool)
    assert cut.corrected(picture, logits, added, shown)[0].tolist() == [True] * 8 + [False] * 4  # 6, not 12
    assert not cut.corrected(picture, np.full((1, 12), 2.0), added, shown).any()  # even 3 is too much


def test_an_object_that_was_lost_is_what_is_added() -> None:
    lost, added = np.full((2, 4), -np.inf), np.array([[True, True, False, False]] * 2)
    shown = prompt([(0, 0)], (2, 4), [(0, 3)])
    assert np.array_equal(MaskCut(iterations=0).corrected(grey([0, 0, 255, 255], 2), lost, added, shown), added)
    assert not MaskCut().corrected(grey([0, 0, 255, 255], 2), lost, np.zeros((2, 4), bool), shown).any()

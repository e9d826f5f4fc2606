"""Combine frames: panels side by side, contact sheets, ground truth in the prediction's colours.

All images are RGB uint8. Shapes: R rows, F frames.
"""

from collections.abc import Sequence

import cv2
import numpy as np
from scipy.optimize import linear_sum_assignment

from .drawing import text_bar
from .segments import FrameSegments

BAR = 24
GAP = 4
CELL_WIDTH = 240


def side_by_side(panels: Sequence[np.ndarray], titles: Sequence[str]) -> np.ndarray:
    """Panels in one row, each under its title; all are scaled to the height of the first."""
    height = panels[0].shape[0]
    columns = []
    for panel, title in zip(panels, titles):
        panel = _to_height(panel, height)
        columns.append(np.vstack((text_bar(title, panel.shape[1], BAR), panel)))
        columns.append(np.full((height + BAR, GAP, 3), 255, np.uint8))
    return np.hstack(columns[:-1])


def contact_sheet(
    rows: Sequence[Sequence[np.ndarray]],
    row_titles: Sequence[str],
    column_titles: Sequence[str],
    title: str = '',
    footer: np.ndarray | None = None,
    cell_width: int = CELL_WIDTH,
) -> np.ndarray:
    """A table of frames.

    Args:
        rows: R rows of F images each (input, prediction, ground truth); all of one shape.
        row_titles: R names, written along the left side.
        column_titles: F names, written above.
        title: line at the top.
        footer: image put below, padded or cut to the sheet's width (a legend).
        cell_width: width of a cell in pixels.

    Returns:
        The sheet.
    """
    cell_height = cell_shape(rows[0][0], cell_width)[0]
    lines = [_row([text_bar(name, cell_width, BAR) for name in column_titles], np.full((BAR, BAR, 3), 255, np.uint8))]
    for images, name in zip(rows, row_titles):
        side = cv2.rotate(text_bar(name, cell_height, BAR), cv2.ROTATE_90_COUNTERCLOCKWISE)
        lines.append(_row([downscale(image, (cell_height, cell_width)) for image in images], side))
    width = lines[0].shape[1]
    if title:
        lines.insert(0, text_bar(title, width, BAR + 8, 0.6))
    if footer is not None and len(footer):
        lines.append(_to_width(footer, width))
    gap = np.full((GAP, width, 3), 255, np.uint8)
    return np.vstack([part for line in lines for part in (line, gap)])


def cell_shape(image: np.ndarray, cell_width: int = CELL_WIDTH) -> tuple[int, int]:
    """Height and width of a contact sheet's cell for frames of this shape."""
    return max(1, round(image.shape[0] * cell_width / image.shape[1])), cell_width


def downscale(image: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """The image at size (H, W)."""
    return image if image.shape[:2] == size else cv2.resize(image, size[::-1], interpolation=cv2.INTER_AREA)


def sheet_width(columns: int, cell_width: int = CELL_WIDTH) -> int:
    """Width of a contact sheet of so many columns, for making its footer."""
    return BAR + columns * (cell_width + GAP)


def evenly_spaced_frames(length: int, count: int) -> list[int]:
    """Indices of up to ``count`` different frames from the first to the last of a video."""
    return sorted(set(np.linspace(0, length - 1, min(count, length)).round().astype(int).tolist()))


def identity_names(predicted: Sequence[FrameSegments], truth: Sequence[FrameSegments]) -> dict[int, int]:
    """Map every ground truth id of a video to the id it is drawn with.

    A true tube takes the id of the predicted tube it overlaps most (one to one, greatest sum of tube IoU), so a
    picture shows an id switch as a change of colour. Others keep their id unless a prediction already has it.
    Ids given by the user are not changed.

    Args:
        predicted: segments of each frame.
        truth: likewise, in the same order of frames.
    """
    overlap, area_true, area_predicted = _tube_overlaps(predicted, truth)
    if all(frame.ids_are_given for frame in predicted):
        return {identity: identity for identity in area_true}
    true_ids, other_ids = sorted(area_true), sorted(area_predicted)
    score = np.zeros((len(true_ids), len(other_ids)))
    for (true_id, other_id), common in overlap.items():
        union = area_true[true_id] + area_predicted[other_id] - common
        score[true_ids.index(true_id), other_ids.index(other_id)] = common / union
    names = {
        true_ids[row]: other_ids[column]
        for row, column in zip(*linear_sum_assignment(-score))
        if score[row, column] > 0
    }
    taken = set(other_ids) | set(names.values())
    for true_id in true_ids:
        if true_id not in names:
            names[true_id] = true_id if true_id not in taken else max(taken) + 1
            taken.add(names[true_id])
    return names


def _tube_overlaps(predicted: Sequence[FrameSegments], truth: Sequence[FrameSegments]) -> tuple[dict, dict, dict]:
    """Intersections in pixels of pairs of individuals over all frames, and areas of each."""
    overlap: dict[tuple[int, int], int] = {}
    area_true: dict[int, int] = {}
    area_predicted: dict[int, int] = {}
    for found, real in zip(predicted, truth):
        found, real = found.select(found.individual), real.select(real.individual)
        for mask, identity in zip(found.masks, found.ids.tolist()):
            area_predicted[identity] = area_predicted.get(identity, 0) + int(mask.sum())
        for mask, identity in zip(real.masks, real.ids.tolist()):
            area_true[identity] = area_true.get(identity, 0) + int(mask.sum())
            for other, other_id in zip(found.masks, found.ids.tolist()):
                common = int((_like(mask, other) & other).sum())
                if common:
                    overlap[identity, other_id] = overlap.get((identity, other_id), 0) + common
    return overlap, area_true, area_predicted


def _like(mask: np.ndarray, other: np.ndarray) -> np.ndarray:
    if mask.shape == other.shape:
        return mask
    return cv2.resize(mask.astype(np.uint8), other.shape[::-1], interpolation=cv2.INTER_NEAREST) > 0


def _row(images: Sequence[np.ndarray], side: np.ndarray) -> np.ndarray:
    gap = np.full((side.shape[0], GAP, 3), 255, np.uint8)
    return np.hstack([side] + [part for image in images for part in (gap, image)])


def _to_height(image: np.ndarray, height: int) -> np.ndarray:
    if image.shape[0] == height:
        return image
    width = max(1, round(image.shape[1] * height / image.shape[0]))
    return cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA)


def _to_width(image: np.ndarray, width: int) -> np.ndarray:
    image = image[:, :width]
    return np.pad(image, ((0, 0), (0, width - image.shape[1]), (0, 0)), constant_values=255)

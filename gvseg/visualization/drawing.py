"""Draw segments over a frame, and their legend.

All images are RGB uint8, (H, W, 3). Shapes: n segments, H W frame pixels.
"""

import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass, replace

import cv2
import numpy as np

from .palette import class_colours, id_colours, text_colour
from .segments import FrameSegments

FONT = cv2.FONT_HERSHEY_SIMPLEX
FULL_SIZE_SIDE = 360


@dataclass(frozen=True)
class Style:
    """How segments are drawn.

    Attributes:
        alpha: opacity of masks.
        contour: contour width of individuals (things, objects) in pixels of the result, 0: none.
        labels: write id, class and score into each segment.
        min_height: frames lower than this are enlarged by a whole factor first, so that labels stay readable.
        font_scale: size of labels, 1 is about 22 pixels high. Labels and contours scale with the shorter side
            of a frame above ``FULL_SIZE_SIDE``, since large frames are displayed downscaled.
        min_label_share: segments covering a smaller share of the frame get no label.
    """

    alpha: float = 0.5
    contour: int = 2
    labels: bool = True
    min_height: int = 270
    font_scale: float = 0.42
    min_label_share: float = 0.004

    def at_size(self, size: tuple[int, int]) -> 'Style':
        """The style with contours and labels scaled for a frame (H, W)."""
        factor = max(1.0, min(size) / FULL_SIZE_SIDE)
        return replace(self, contour=round(self.contour * factor), font_scale=self.font_scale * factor)


def segment_colours(segments: FrameSegments) -> np.ndarray:
    """RGB colour of every segment, (n, 3) uint8: by id for individuals, by class for regions."""
    return np.where(segments.individual[:, None], id_colours(segments.ids), class_colours(segments.labels))


def segment_label(segments: FrameSegments, index: int) -> str:
    """Label ``id class score`` of one segment; a region has no id."""
    parts = [str(int(segments.ids[index]))] if segments.individual[index] else []
    parts.append(segments.name(index))
    if segments.scores is not None:
        parts.append(f'{segments.scores[index]:.2f}')
    return ' '.join(parts)


def enlarge(image: np.ndarray, style: Style) -> np.ndarray:
    """Enlarge an image lower than the style's ``min_height`` by a whole factor."""
    factor = max(1, -(-style.min_height // image.shape[0]))
    if factor == 1:
        return image
    return cv2.resize(image, None, fx=factor, fy=factor, interpolation=cv2.INTER_CUBIC)


def overlay(image: np.ndarray, segments: FrameSegments, style: Style = Style()) -> np.ndarray:
    """Masks, contours and labels over a frame.

    Args:
        image: the frame; segments of another size are scaled to it.
        segments: what to draw.
        style: how.

    Returns:
        A new image, enlarged as :func:`enlarge` does.
    """
    canvas = enlarge(image, style).copy()
    style = style.at_size(canvas.shape[:2])
    masks = [_scaled(mask, canvas.shape[:2]) for mask in segments.masks]
    colours = segment_colours(segments)
    for mask, colour in zip(masks, colours):
        _blend(canvas, mask, colour, style.alpha)
    for mask, colour, individual in zip(masks, colours, segments.individual):
        if style.contour and individual:
            outlines = cv2.findContours(mask.astype(np.uint8), cv2.RETR_LIST, cv2.CHAIN_APPROX_NONE)[0]
            cv2.drawContours(canvas, outlines, -1, [int(c) for c in colour], style.contour, cv2.LINE_AA)
    if style.labels:
        _write_labels(canvas, masks, segments, style)
    return canvas


def legend(segments: Iterable[FrameSegments], width: int, max_rows: int = 3, font_scale: float = 0.45) -> np.ndarray:
    """A white strip that lists every segment of some frames once.

    Args:
        segments: of each frame.
        width: of the strip in pixels.
        max_rows: entries beyond these rows are summarised as ``+n more``.
        font_scale: as in :class:`Style`.

    Returns:
        (h, width, 3); h is 0 where there are no segments.
    """
    entries = _legend_entries(segments)
    row_height, patch, margin = round(46 * font_scale) + 4, round(26 * font_scale), 8
    rows, position = [[]], margin
    for text, colour in entries:
        length = patch + 6 + text_size(text, font_scale)[0] + 2 * margin
        if position + length > width and rows[-1]:
            rows.append([])
            position = margin
        rows[-1].append((position, text, colour))
        position += length
    shown = rows[:max_rows]
    hidden = sum(map(len, rows[max_rows:]))
    strip = np.full((row_height * len(shown) if entries else 0, width, 3), 255, np.uint8)
    for line, row in enumerate(shown):
        base = line * row_height + row_height // 2
        for left, text, colour in row:
            cv2.rectangle(strip, (left, base - patch // 2), (left + patch, base + patch // 2), colour, -1)
            _put(strip, text, (left + patch + 6, base + patch // 2 - 1), (0, 0, 0), font_scale)
    if hidden:
        text = f'+{hidden} more'
        size = text_size(text, font_scale)
        strip[-row_height:, width - size[0] - 2 * margin :] = 255
        _put(
            strip,
            text,
            (width - size[0] - margin, len(strip) - row_height // 2 + patch // 2 - 1),
            (90, 90, 90),
            font_scale,
        )
    return strip


def text_size(text: str, font_scale: float) -> tuple[int, int]:
    """Width and height of a text in pixels."""
    return cv2.getTextSize(_plain(text), FONT, font_scale, _thickness(font_scale))[0]


def text_bar(text: str, width: int, height: int, font_scale: float = 0.5) -> np.ndarray:
    """A white strip (height, width, 3) with a centred text, shrunk to fit."""
    bar = np.full((height, width, 3), 255, np.uint8)
    long = text_size(text, font_scale)[0]
    font_scale *= min(1.0, (width - 4) / max(long, 1))
    size = text_size(text, font_scale)
    _put(bar, text, ((width - size[0]) // 2, (height + size[1]) // 2), (0, 0, 0), font_scale)
    return bar


def _legend_entries(frames: Iterable[FrameSegments]) -> list[tuple[str, list[int]]]:
    """Text and colour of each segment: individuals by id, then regions by class."""
    entries: dict[tuple, tuple[str, list[int]]] = {}
    for segments in frames:
        colours = segment_colours(segments)
        for index in range(len(segments)):
            one = bool(segments.individual[index])
            text = f'{int(segments.ids[index])} {segments.name(index)}' if one else segments.name(index)
            key = (not one, int(segments.ids[index]))
            entries.setdefault(key, (text, [int(c) for c in colours[index]]))
    return [entries[key] for key in sorted(entries)]


def _scaled(mask: np.ndarray, size: tuple[int, int]) -> np.ndarray:
    """A mask (H, W) at another size, with smooth borders."""
    if mask.shape == tuple(size):
        return mask.astype(bool, copy=False)
    return cv2.resize(mask.astype(np.float32), size[::-1], interpolation=cv2.INTER_LINEAR) > 0.5


def _blend(canvas: np.ndarray, mask: np.ndarray, colour: np.ndarray, alpha: float) -> None:
    """Blend a colour (3,) over the pixels of a mask; a lookup table within its box needs little memory."""
    left, top, width, height = cv2.boundingRect(mask.view(np.uint8))
    part = canvas[top : top + height, left : left + width]
    shades = (1 - alpha) * np.arange(256)[:, None] + alpha * colour.astype(float)
    laid = cv2.LUT(part, shades.astype(np.uint8)[:, None]) if part.size else part
    np.copyto(part, laid, where=mask[top : top + height, left : left + width, None])


def _label_place(mask: np.ndarray, above: bool) -> tuple[int, int]:
    """Middle (x, y) of a label's lower edge: above the largest component of an individual, so as not to cover it, or at
    the most interior pixel of a region."""
    if above:
        count, parts, boxes, _ = cv2.connectedComponentsWithStats(mask.astype(np.uint8), connectivity=8)
        if count > 2:
            mask = parts == 1 + int(boxes[1:, cv2.CC_STAT_AREA].argmax())
        row = int(mask.any(1).argmax())
        columns = np.nonzero(mask[row])[0]
        return int(columns[len(columns) // 2]), row - 5
    depth = cv2.distanceTransform(np.pad(mask.astype(np.uint8), 1), cv2.DIST_L2, 3)[1:-1, 1:-1]
    row, column = np.unravel_index(int(depth.argmax()), depth.shape)
    return int(column), int(row) + 5


def _write_labels(canvas: np.ndarray, masks: list[np.ndarray], segments: FrameSegments, style: Style) -> None:
    """Draw the label of every segment that is large enough; individuals are placed first."""
    colours, taken = segment_colours(segments), []
    for index in np.argsort(~segments.individual, kind='stable'):
        if masks[index].mean() >= style.min_label_share:
            place = _label_place(masks[index], above=bool(segments.individual[index]))
            _write_plate(canvas, place, segment_label(segments, index), colours[index], style.font_scale, taken)


def _write_plate(
    canvas: np.ndarray,
    place: tuple[int, int],
    text: str,
    colour: np.ndarray,
    font_scale: float,
    taken: list[tuple[int, int, int, int]],
) -> None:
    """Draw text on a plate of the segment's colour inside the frame, moved by a few lines where that avoids the plates
    ``taken`` (x1, y1, x2, y2); appends its own."""
    width, height = text_size(text, font_scale)
    pad = max(3, height // 3)
    left = int(np.clip(place[0] - width // 2, pad - 1, max(pad - 1, canvas.shape[1] - width - pad)))
    for lines in (0, -1, 1, -2, 2, 0):
        base = place[1] + lines * (height + 2 * pad + 2)
        base = int(np.clip(base, height + pad, max(height + pad, canvas.shape[0] - pad - 2)))
        plate = left - pad + 1, base - height - pad, left + width + pad - 1, base + pad + 1
        if not any(_overlap(plate, other) for other in taken):
            break
    taken.append(plate)
    cv2.rectangle(canvas, plate[:2], plate[2:], [int(c) for c in colour], -1)
    _put(canvas, text, (left, base), text_colour(colour), font_scale)


def _overlap(first: tuple[int, int, int, int], second: tuple[int, int, int, int]) -> bool:
    """Whether two rectangles (x1, y1, x2, y2) share a pixel."""
    return all(first[axis] <= second[axis + 2] and second[axis] <= first[axis + 2] for axis in (0, 1))


def _put(
    image: np.ndarray, text: str, origin: tuple[int, int], colour: tuple[int, int, int], font_scale: float
) -> None:
    cv2.putText(image, _plain(text), origin, FONT, font_scale, colour, _thickness(font_scale), cv2.LINE_AA)


def _thickness(font_scale: float) -> int:
    """Stroke width of a font in pixels."""
    return max(1, round(font_scale / 0.6))


def _plain(text: str) -> str:
    """Convert to ASCII, as OpenCV's fonts need: accents are removed, other characters become question marks."""
    bare = ''.join(letter for letter in unicodedata.normalize('NFKD', text) if not unicodedata.combining(letter))
    return bare.encode('ascii', 'replace').decode()

"""Reading of YouTube-VIS and OVIS files as tubes for matching.

Shapes:
    T: frames of a video.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.frame_fields import is_number
from gvseg.formats.json_files import flag_field, list_field
from gvseg.formats.tube_masks import tube_masks
from gvseg.formats.youtube_vis import TubeFile, TubeVideo, check_length

from ..measures.tube_ap import Tube
from ..measures.tube_rules import TubeRule, occlusion_degree


def build_tubes(
    entries: Sequence[Mapping[str, Any]],
    video: TubeVideo,
    rule: TubeRule,
    place: Callable[[Mapping], str],
    keep: Callable[[Mapping, dict], Tube],
) -> list[Tube]:
    """Decode the masks of one video's entries in one batch.

    Args:
        entries: annotations or results.
        video: the video.
        rule: whether other lengths are allowed.
        place: names an entry, for errors.
        keep: builds the tube from an entry and {category, masks, areas}.

    Raises:
        InputError: a wrong length, or an invalid mask.
    """
    if not rule.truncate:
        for entry in entries:
            check_length(entry, video, place(entry))
    return [
        keep(entry, {'category': entry['category_id'], 'masks': masks, 'areas': np.array(areas, np.int64)})
        for entry, (masks, areas) in zip(entries, tube_masks(entries, video, place))
    ]


def mean_area(areas: Iterable[Any]) -> float:
    """Mean over frames with a positive area, 0 without any."""
    present = [area for area in areas if area]
    return float(np.mean(present)) if present else 0.0


def truth_tubes(video: TubeVideo, rule: TubeRule, path: str) -> list[Tube]:
    """Ground-truth tubes of a video; area groups use the file's `areas` (mask areas if it has none)."""

    def place(entry: Mapping) -> str:
        return f'{path}: annotation {entry["id"]} (video {video.id})'

    def keep(entry: Mapping, parts: dict) -> Tube:
        areas = entry.get('areas') or parts['areas'].tolist()
        if not isinstance(areas, list) or not all(area is None or is_number(area) and area >= 0 for area in areas):
            raise InputError(f'{place(entry)}: areas must be a list of numbers and nulls')
        if len(areas) != len(parts['masks']):
            raise InputError(f'{place(entry)} has {len(areas)} areas for {len(parts["masks"])} segmentations')
        return Tube(
            **parts,
            size=mean_area(areas),
            crowd=flag_field(entry, 'iscrowd', place(entry)),
            occlusion=_occlusion(entry, rule, place(entry)),
        )

    return build_tubes(video.annotations, video, rule, place, keep)


def check_truth(truth: TubeFile, rule: TubeRule) -> None:
    """Check all ground truth used for scoring, including masks.

    Raises:
        InputError: names the first invalid entry.
    """
    for video in truth.videos:
        truth_tubes(video, rule, truth.path)


def _occlusion(entry: Mapping, rule: TubeRule, where: str) -> float:
    """OVIS' degree of occlusion of an object; 0 for benchmarks without it."""
    if rule.occlusion_levels is None:
        return 0.0
    words = list_field(entry, 'occlusion', where)
    unknown = [word for word in words if word is not None and word not in list(rule.occlusion_levels)]
    if unknown:
        raise InputError(f'{where}: occlusion {unknown[0]!r:.40} is not one of {sorted(rule.occlusion_levels)}')
    return occlusion_degree([rule.occlusion_levels[word] for word in words if word is not None])


def result_tubes(entries: Sequence[Mapping], video: TubeVideo, rule: TubeRule, path: str) -> list[Tube]:
    """Predicted tubes of a video."""
    return build_tubes(
        entries,
        video,
        rule,
        lambda entry: f'{path}: entry {entry["index"]} (video_id {video.id})',
        lambda entry, parts: Tube(
            **parts, size=parts['areas'].sum() / max(np.count_nonzero(parts['areas']), 1), score=float(entry['score'])
        ),
    )

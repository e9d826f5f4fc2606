"""Ground truth and results in VIPSeg's layout with labels instead of category ids."""

from dataclasses import dataclass

import numpy as np

from gvseg.formats.errors import InputError
from gvseg.formats.files import PathLike
from gvseg.formats.panoptic_json import PanopticFile, PanopticFrame, read_panoptic_file, read_results
from gvseg.formats.panoptic_segments import SegmentList

from ..measures.panoptic_rules import PanopticClasses
from .frame_tables import ListedSegments


@dataclass(frozen=True)
class TrueFrame:
    """One frame of the ground truth: its name, the file name of its map, its size and its segments."""

    name: str
    file_name: str
    size: tuple[int, int] | None
    segments: ListedSegments


@dataclass(frozen=True)
class TrueVideo:
    """One video of the ground truth, and the id of its first listed segment (None without any)."""

    name: str
    frames: tuple[TrueFrame, ...]
    first_id: int | None


@dataclass(frozen=True)
class PanopticTruth:
    """Classes and videos of a ground-truth file, and the parsed file."""

    classes: PanopticClasses
    videos: tuple[TrueVideo, ...]
    file: PanopticFile


def labelled(segments: SegmentList, classes: PanopticClasses) -> ListedSegments:
    """Segments with category ids mapped to labels."""
    label_of = {identity: label for label, identity in enumerate(classes.ids)}
    labels = np.array([label_of[int(category)] for category in segments.categories], np.int64)
    return ListedSegments(segments.ids, labels, segments.areas, segments.crowd)


def read_truth(path: PathLike, category_ids: tuple[int, ...] = ()) -> PanopticTruth:
    """Read a ground-truth file.

    Args:
        path: the JSON file.
        category_ids: category id of every label; default: sorted.

    Raises:
        InputError: not VIPSeg's layout, or a frame without a segment list.
    """
    return with_labels(read_panoptic_file(path), path, category_ids)


def _true_frame(frame: PanopticFrame, classes: PanopticClasses, path: PathLike) -> TrueFrame:
    if frame.segments is None:  # a file with hidden ground truth
        raise InputError(f'frame {frame.name} has no annotations', path)
    return TrueFrame(frame.name, frame.map_name, frame.size, labelled(frame.segments, classes))


def with_labels(file: PanopticFile, path: PathLike, category_ids: tuple[int, ...] = ()) -> PanopticTruth:
    """Ground truth with labels from a parsed file; arguments as :func:`read_truth`."""
    classes = PanopticClasses.from_categories(file.categories, str(path), category_ids)
    videos = []
    for video in file.videos:
        frames = tuple(_true_frame(frame, classes, path) for frame in video.frames)
        first = next((int(frame.segments.ids[0]) for frame in frames if len(frame.segments.ids)), None)
        videos.append(TrueVideo(video.name, frames, first))
    return PanopticTruth(classes, tuple(videos), file)


def read_predicted(path: PathLike, truth: PanopticTruth) -> dict[str, dict[str, ListedSegments]]:
    """Read a result file: {video: {frame: segments}} of the ground truth's videos; other videos are left out.

    Raises:
        InputError: a video or frame is missing, a frame is not in the ground truth, or a segment is invalid.
    """
    return {
        video: {frame: labelled(segments, truth.classes) for frame, segments in frames.items()}
        for video, frames in read_results(path, truth.file).items()
    }

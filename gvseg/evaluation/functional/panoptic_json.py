"""Reading panoptic JSON in VIPSeg's layout: categories, videos and the segments of every frame."""
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Dict, List, Mapping, Optional, Tuple

from .file_readers import PathLike, read_json
from .input_errors import BadInputError
from .panoptic_maps import ListedSegments, parse_segments
from .rules_panoptic import PanopticClasses


@dataclass(frozen=True)
class PanopticFrame:
    """One frame of the ground truth: its name, the file name of its map, its size and its segments."""
    name: str
    file_name: str
    size: Optional[Tuple[int, int]]
    segments: ListedSegments


@dataclass(frozen=True)
class PanopticVideo:
    """One video of the ground truth, and the id of its first listed segment (None without any)."""
    name: str
    frames: Tuple[PanopticFrame, ...]
    first_id: Optional[int]


@dataclass(frozen=True)
class PanopticTruth:
    """Classes and videos of a ground-truth file."""
    classes: PanopticClasses
    videos: Tuple[PanopticVideo, ...]


def category_labels(classes: PanopticClasses) -> Dict[int, int]:
    """Category id -> label."""
    return {identity: label for label, identity in enumerate(classes.ids)}


def stem(entry: Mapping[str, Any], where: str) -> str:
    """Name of a frame: its file name without ending, else its id."""
    name = entry.get('file_name') or entry.get('image_id') or entry.get('id') if isinstance(entry, Mapping) else None
    if not isinstance(name, str) or not name:
        raise BadInputError(f'{where}: a frame without file_name and image_id')
    return Path(name).stem


def frames_by_video(content: Any, where: PathLike) -> Dict[str, Dict[str, List]]:
    """`annotations` of a panoptic JSON as {video: {frame: segments_info}}.

    Raises:
        BadInputError: not this layout, a duplicate video or frame.
    """
    if not isinstance(content, Mapping) or not isinstance(content.get('annotations'), list):
        raise BadInputError(f'{where}: has no list "annotations"; VIPSeg\'s panoptic JSON is needed')
    videos: Dict[str, Dict[str, List]] = {}
    for entry in content['annotations']:
        if not isinstance(entry, Mapping) or 'video_id' not in entry or not isinstance(entry.get('annotations'), list):
            raise BadInputError(f'{where}: every entry of annotations needs video_id and a list annotations')
        name = str(entry['video_id'])
        if name in videos:
            raise BadInputError(f'{where}: duplicate video id {name!r}')
        frames = videos[name] = {}
        for frame in entry['annotations']:
            key = stem(frame, f'{where}: video {name}')
            if key in frames:
                raise BadInputError(f'{where}: video {name}: duplicate frame {key!r}')
            frames[key] = frame.get('segments_info')
    return videos


def read_truth(path: PathLike, category_ids: Tuple[int, ...] = ()) -> PanopticTruth:
    """Read a ground-truth file.

    Args:
        path: the JSON file.
        category_ids: category id of every label; default: sorted.

    Raises:
        BadInputError: not VIPSeg's layout, or a frame without segments list.
    """
    content = read_json(path)
    known = frames_by_video(content, path)
    if not isinstance(content.get('categories'), list) or not isinstance(content.get('videos'), list):
        raise BadInputError(f'{path}: has no lists "categories" and "videos"')
    classes = PanopticClasses.from_categories(content['categories'], str(path), category_ids)
    labels, videos, seen = category_labels(classes), [], set()
    for video in content['videos']:
        if not isinstance(video, Mapping) or 'video_id' not in video or not isinstance(video.get('images'), list):
            raise BadInputError(f'{path}: every entry of videos needs video_id and a list images')
        name = str(video['video_id'])
        if name in seen:
            raise BadInputError(f'{path}: duplicate video id {name!r}')
        seen.add(name)
        if name not in known:
            raise BadInputError(f'{path}: video {name!r} has no annotations')
        videos.append(_read_video(name, video['images'], known[name], labels, path))
    return PanopticTruth(classes, tuple(videos))


def _read_video(name: str, images: List, known: Mapping[str, List], labels: Mapping[int, int], path: PathLike
                ) -> PanopticVideo:
    """Frames of one video in the order of `images`."""
    frames, seen = [], set()
    for image in images:
        key = stem(image, f'{path}: video {name}')
        where = f'{path}: video {name}, frame {key}'
        if key in seen:
            raise BadInputError(f'{where}: listed twice')
        if key not in known:
            raise BadInputError(f'{where}: has no annotation')
        seen.add(key)
        size = (image['height'], image['width']) if 'height' in image and 'width' in image else None
        frames.append(PanopticFrame(key, f'{key}.png', size, parse_segments(known[key], labels, where)))
    first = next((int(frame.segments.ids[0]) for frame in frames if len(frame.segments.ids)), None)
    return PanopticVideo(name, tuple(frames), first)


def read_predicted(path: PathLike, truth: PanopticTruth) -> Dict[str, Dict[str, ListedSegments]]:
    """Read a result file: {video: {frame: segments}} of the ground truth's videos; other videos are left out.

    Raises:
        BadInputError: a video or frame is missing, a frame that the ground truth does not know, a bad segment.
    """
    known, labels = frames_by_video(read_json(path), path), category_labels(truth.classes)
    result = {}
    for video in truth.videos:
        if video.name not in known:
            raise BadInputError(f'{path}: video {video.name!r} is missing')
        names = [frame.name for frame in video.frames]
        missing, extra = set(names) - set(known[video.name]), set(known[video.name]) - set(names)
        if missing or extra:
            what = 'is missing' if missing else 'is not in the ground truth'
            raise BadInputError(f'{path}: video {video.name}: frame {sorted(missing or extra)[0]!r} {what}')
        result[video.name] = {name: parse_segments(known[video.name][name], labels,
                                                   f'{path}: video {video.name}, frame {name}') for name in names}
    return result

"""AP of BURST's tracks: mean over IoU thresholds and recall points of one precision-recall curve per class.

Shapes: T annotated frames of one sequence.

Track IoU compares masks (unlike BURST's HOTA). Matching and curves are those of `measures.tube_ap`, except
that the number of tracks is not limited, a track's category is that of its first mask, tracks of classes that are
neither present nor listed as absent in a sequence are left out, and unmatched tracks of classes that are not
exhaustively annotated are ignored.
"""

from collections.abc import Collection, Mapping
from collections.abc import Sequence as Items

import numpy as np

from gvseg.formats.masks import compressed_areas

from ..io.burst_data import Detection, Frames, Sequence
from ..measures.hota import EPSILON
from ..measures.tube_ap import Tube, VideoMatches, match_video, tube_numbers
from ..measures.tube_rules import TubeGroup, TubeRule, TubeStatistic

UNLIMITED = 10**9
TRACK_RULE = TubeRule(
    groups=(TubeGroup('all'),),
    statistics=(TubeStatistic('AP', True, detections=UNLIMITED),),
    iou_thresholds=tuple((np.arange(0.5, 0.96, 0.05) - EPSILON).tolist()),
)
IGNORED_SIZE = -1.0


def _tubes(frames: Frames, places: Mapping[str, int], ignored: Collection[int] = ()) -> list[Tube]:
    """The tracks of a sequence in the order of the file.

    Args:
        frames: detections per frame, in the file's order.
        places: index of each of the T annotated frames.
        ignored: classes whose tracks are given a size outside every group.
    """
    tracks: dict[int, dict[int, Detection]] = {}
    for name, found in frames.items():
        for detection in found:
            tracks.setdefault(detection.identity, {})[places[name]] = detection
    tubes = []
    for track in tracks.values():
        category = next(iter(track.values())).category
        areas = np.zeros(len(places), np.int64)
        areas[list(track)] = compressed_areas([item.mask for item in track.values()])
        size = IGNORED_SIZE if category in ignored else float(areas.sum() / len(track))
        masks = tuple(track[place].mask if place in track else None for place in range(len(places)))
        tubes.append(Tube(category, masks, areas, size, float(np.mean([item.score for item in track.values()]))))
    return tubes


def match_tracks(sequence: Sequence, found: Frames) -> VideoMatches:
    """Matches of every class of one sequence; frames without ground truth count too."""
    judged = {category for category in sequence.tracks.values() if category is not None} | sequence.negative
    places = {name: place for place, name in enumerate(sequence.frames)}
    objects, detections = _tubes(sequence.frames, places), _tubes(found, places, sequence.partial)
    return match_video([tube for tube in detections if tube.category in judged], objects, TRACK_RULE)


def track_precision(matches: Items[VideoMatches], evaluated: Items[int]) -> Mapping[int, float]:
    """AP of every evaluated class, 0..1.

    Args:
        matches: of the sequences, sorted by name, which breaks ties between equal scores.
        evaluated: classes with ground truth.
    """
    return {category: tube_numbers(matches, [category], TRACK_RULE)['AP'] for category in evaluated}

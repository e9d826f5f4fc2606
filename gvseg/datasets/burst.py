"""BURST: objects with a class (class-guided) or shown by an exemplar (exemplar-guided)."""

import os.path as osp
from collections.abc import Mapping, Sequence
from typing import Any

from mmdet.registry import DATASETS

from gvseg.formats.burst import BurstSequence, read_burst
from gvseg.formats.class_lists import BURST_COMMON_IDS
from gvseg.formats.errors import InputError
from gvseg.formats.frame_fields import corners

from .base import ClipDataset

_FRAMES = ('annotated', 'all')


@DATASETS.register_module()
class BURSTDataset(ClipDataset):
    """BURST's JSON; frames are ``<img_path>/<dataset>/<seq_name>/<name>``.

    ``exemplar_ids`` of a frame lists the objects that appear there for the first time: the prompts of an
    exemplar-guided model. Boxes and points of ``first_frame_annotations.json`` are used as they are, since the
    benchmark draws its points at random; without that file they are made from the masks.

    Args:
        class_agnostic: Exemplar-guided: every object has label 0, class "object". False: labels are the categories in
            order of their ids, ``metainfo.category_ids`` maps back.
        frames: 'annotated' (one per second in validation and test) or 'all', where the others have no annotation.
        category_ids: Class-guided: categories to keep; 'common' = the 78 common ones, 'all' = all in the file.
        exemplar_file: ``first_frame_annotations.json``.
    """

    def __init__(
        self,
        *args: Any,
        class_agnostic: bool = True,
        frames: str = 'annotated',
        category_ids: str | Sequence[int] = 'all',
        exemplar_file: str = '',
        **kwargs: Any,
    ) -> None:
        if frames not in _FRAMES:
            raise ValueError(f"frames must be 'annotated' or 'all', not {frames!r}")
        self.class_agnostic = class_agnostic
        self.frames = frames
        self.category_ids = BURST_COMMON_IDS if category_ids == 'common' else category_ids
        self.exemplar_file = exemplar_file
        super().__init__(*args, **kwargs)

    def _join_prefix(self) -> None:
        super()._join_prefix()
        if self.exemplar_file and not osp.isabs(self.exemplar_file) and self.data_root:
            self.exemplar_file = osp.join(self.data_root, self.exemplar_file)

    def read_videos(self) -> list[dict]:
        """Read the JSON; masks stay encoded."""
        content = read_burst(self.ann_file)
        given = {}
        if self.exemplar_file:
            first = read_burst(self.exemplar_file, needs_categories=False)
            given = {sequence.key: _given(sequence) for sequence in first.sequences}
        labels = self._read_classes(content.categories)
        return [self._video(sequence, labels, given.get(sequence.key, {})) for sequence in content.sequences]

    def _read_classes(self, categories: Mapping[int, str]) -> dict[int, int]:
        """Category id -> label, -1 for excluded categories."""
        if self.class_agnostic:
            self._metainfo['classes'] = ('object',)
            return dict.fromkeys(categories, 0)
        wanted = set(categories) if self.category_ids == 'all' else set(self.category_ids)
        kept = [number for number in sorted(categories) if number in wanted]
        if not kept:
            raise InputError(f'{self.ann_file} has none of the categories {sorted(wanted)[:10]}.')
        self.set_metainfo(classes=tuple(categories[number] for number in kept), category_ids=kept)
        return {**dict.fromkeys(categories, -1), **{number: label for label, number in enumerate(kept)}}

    def _video(self, sequence: BurstSequence, labels: Mapping[int, int], given: dict[str, dict[int, dict]]) -> dict:
        name = sequence.name
        folder = osp.join(self.data_prefix.get('img_path') or '', name)
        masks = dict(zip(sequence.frames, sequence.masks))
        given = given or _given(sequence)
        frames, seen = [], set()
        for number, image in enumerate(self._frame_names(sequence)):
            instances = _instances(sequence, masks[image], labels) if image in masks else None
            new = sorted({i['instance_id'] for i in instances or ()} - seen)
            seen.update(new)
            frames.append(
                dict(
                    img_path=osp.join(folder, image),
                    img_id=f'{name}/{image}',
                    frame_id=number,
                    video_id=name,
                    height=sequence.height,
                    width=sequence.width,
                    instances=instances,
                    exemplar_ids=new,
                    given_exemplars=given.get(image, {}),
                )
            )
        return dict(video_id=name, video_length=len(frames), images=frames)

    def _frame_names(self, sequence: BurstSequence) -> Sequence[str]:
        """Frames of a video; unannotated ones only with ``frames='all'``."""
        if self.frames == 'annotated':
            return sequence.frames
        missing = set(sequence.frames) - set(sequence.all_frames)
        if missing:
            raise InputError(
                f'{self.ann_file}, sequence {sequence.name}: frame {min(missing)} is annotated but not in '
                '"all_image_paths"; use frames="annotated".'
            )
        return sequence.all_frames


def _instances(
    sequence: BurstSequence, masks: Mapping[int, Mapping[str, Any]], labels: Mapping[int, int]
) -> list[dict]:
    """Objects of the selected categories in one frame."""
    size = [sequence.height, sequence.width]
    return [
        dict(
            instance_id=track,
            bbox_label=labels[sequence.tracks[track]],
            bbox=[0, 0, 0, 0],
            mask=dict(size=size, counts=item['rle']),
            ignore_flag=0,
        )
        for track, item in masks.items()
        if labels[sequence.tracks[track]] >= 0
    ]


def _given(sequence: BurstSequence) -> dict[str, dict[int, dict]]:
    """Frame -> track -> dict(box (x1, y1, x2, y2), point (x, y)) in pixels, if the file has them."""
    found: dict[str, dict[int, dict]] = {}
    for image, masks in zip(sequence.frames, sequence.masks):
        for track, item in masks.items():
            if item.get('bbox') is not None and item.get('point') is not None:
                found.setdefault(image, {})[track] = dict(box=corners(item['bbox']), point=list(item['point']))
    return found

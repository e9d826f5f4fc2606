"""BURST: objects with a class (class-guided) or shown by an exemplar (exemplar-guided)."""
import os.path as osp
from typing import Any, Dict, List, Sequence, Union

from mmdet.registry import DATASETS

from gvseg.formats.class_lists import BURST_COMMON_IDS

from .base import ClipDataset
from .reading import DataError, read_json

_FRAMES = dict(annotated='annotated_image_paths', all='all_image_paths')


@DATASETS.register_module()
class BURSTDataset(ClipDataset):
    """BURST's JSON; frames are ``<img_path>/<dataset>/<seq_name>/<name>``.

    Every frame tells which objects appear there for the first time (``exemplar_ids``): those are shown to an
    exemplar-guided model. Boxes and points of ``first_frame_annotations.json`` are used as they are, since the
    benchmark draws its points at random; without that file they are made from the masks.

    Args:
        class_agnostic: Exemplar-guided: every object has label 0, class "object". False: labels are the categories in
            order of their ids, ``metainfo.category_ids`` maps back.
        frames: 'annotated' (1 a second in validation and test) or 'all', where the others have no annotation.
        category_ids: Class-guided: categories to keep; 'common' = the 78 common ones, 'all' = all in the file.
        exemplar_file: ``first_frame_annotations.json``.
    """

    def __init__(self, *args: Any, class_agnostic: bool = True, frames: str = 'annotated',
                 category_ids: Union[str, Sequence[int]] = 'all', exemplar_file: str = '', **kwargs: Any) -> None:
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

    def read_videos(self) -> List[dict]:
        """Read the JSON; masks stay encoded."""
        content = read_json(self.ann_file)
        given = self._given(self.exemplar_file) if self.exemplar_file else {}
        try:
            labels = self._read_classes(content['categories'])
            return [self._video(entry, labels, given.get(self._name(entry), {})) for entry in content['sequences']]
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(f'{self.ann_file} is not in BURST layout (sequences, categories): {error!r}') from error

    @staticmethod
    def _name(entry: dict) -> str:
        return f'{entry["dataset"]}/{entry["seq_name"]}'

    def _read_classes(self, categories: List[dict]) -> Dict[int, int]:
        """Category id -> label, -1 for categories that are left out."""
        categories = sorted(categories, key=lambda c: c['id'])
        if self.class_agnostic:
            self._metainfo['classes'] = ('object', )
            return {category['id']: 0 for category in categories}
        wanted = {c['id'] for c in categories} if self.category_ids == 'all' else set(self.category_ids)
        kept = [category for category in categories if category['id'] in wanted]
        if not kept:
            raise DataError(f'{self.ann_file} has none of the categories {sorted(wanted)[:10]}.')
        self.set_metainfo(classes=tuple(c['name'] for c in kept), category_ids=[c['id'] for c in kept])
        labels = {category['id']: -1 for category in categories}
        labels.update({category['id']: label for label, category in enumerate(kept)})
        return labels

    def _video(self, entry: dict, labels: Dict[int, int], given: Dict[str, Dict[int, dict]]) -> dict:
        name = self._name(entry)
        folder = osp.join(self.data_prefix.get('img_path') or '', name)
        annotated = entry['annotated_image_paths']
        if len(entry['segmentations']) != len(annotated):
            raise DataError(f'{self.ann_file}: sequence {name} has {len(entry["segmentations"])} segmentations for '
                            f'{len(annotated)} annotated frames.')
        masks = dict(zip(annotated, entry['segmentations']))
        given = given or self._given_of(entry)
        frames, seen = [], set()
        for number, image in enumerate(entry[_FRAMES[self.frames]]):
            instances = None
            if image in masks:
                instances = self._instances(entry, image, masks[image], labels)
            new = sorted({i['instance_id'] for i in instances or ()} - seen)
            seen.update(new)
            frames.append(
                dict(img_path=osp.join(folder, image), img_id=f'{name}/{image}', frame_id=number, video_id=name,
                     height=entry['height'], width=entry['width'], instances=instances, exemplar_ids=new,
                     given_exemplars=given.get(image, {})))
        return dict(video_id=name, video_length=len(frames), images=frames)

    def _instances(self, entry: dict, image: str, masks: Dict[str, dict], labels: Dict[int, int]) -> List[dict]:
        instances = []
        for track, item in masks.items():
            category = entry['track_category_ids'].get(track)
            if category not in labels:
                raise DataError(f'{self.ann_file}: track {track} of sequence {self._name(entry)}, frame {image}, has '
                                f'the category {category}, which is not in the list "categories".')
            if labels[category] >= 0:
                rle = dict(size=[entry['height'], entry['width']], counts=item['rle'])
                instances.append(dict(instance_id=int(track), bbox_label=labels[category], bbox=[0, 0, 0, 0],
                                      mask=rle, ignore_flag=0))
        return instances

    def _given(self, path: str) -> Dict[str, Dict[str, Dict[int, dict]]]:
        """Sequence -> frame -> track -> dict(box, point) of the file of first frames."""
        content = read_json(path)
        try:
            return {self._name(entry): self._given_of(entry) for entry in content['sequences']}
        except (KeyError, TypeError, AttributeError) as error:
            raise DataError(f'{path} is not in BURST layout (sequences): {error!r}') from error

    @staticmethod
    def _given_of(entry: dict) -> Dict[str, Dict[int, dict]]:
        """Frame -> track -> dict(box (x1, y1, x2, y2), point (x, y)) in pixels, where the file has them."""
        found: Dict[str, Dict[int, dict]] = {}
        for image, masks in zip(entry['annotated_image_paths'], entry['segmentations']):
            for track, item in masks.items():
                if 'bbox' in item and 'point' in item:
                    x, y, width, height = item['bbox']
                    found.setdefault(image, {})[int(track)] = dict(
                        box=[x, y, x + width, y + height], point=list(item['point']))
        return found

"""Transform that makes exemplars (prompts): a mask, a box or a point per object."""

from collections.abc import Sequence

import numpy as np
from mmcv.transforms import BaseTransform
from mmdet.registry import TRANSFORMS

from gvseg.core.descriptors import DescriptorSpec
from gvseg.utils.pipeline_roles import PipelineRole

from ..reading import DataError, warn_once
from .exemplar_data import KINDS, Exemplar, make_exemplar, pack_exemplars, sample_exemplar
from .geometry import get_sample_rng


@TRANSFORMS.register_module()
class MakeExemplars(BaseTransform):
    """Adds ``exemplars``: for every frame an InstanceData.

    Training: every object of every clip of the item has an exemplar of a random
    kind in one frame of that clip, usually the first in which it is present.
    Testing: exemplars are in the frames that the dataset gives
    (``exemplar_ids``) and deterministic.

    Args:
        kinds: Kinds to draw from; testing takes the first.
        training: See above.
        dim: Embedding dimension of the queries; scales the descriptor.
        descriptor: Options of ``DescriptorSpec``, as in the model's config.
        first_frame: Training: probability of the first frame in which the object is present.
    """

    pipeline_role = PipelineRole.SHOW_OBJECTS

    def __init__(
        self,
        kinds: Sequence[str] = KINDS,
        training: bool = True,
        dim: int = 256,
        descriptor: dict | None = None,
        first_frame: float = 0.8,
    ) -> None:
        kinds = (kinds,) if isinstance(kinds, str) else tuple(kinds)
        if not kinds or set(kinds) - set(KINDS):
            raise ValueError(f'kinds must be some of {KINDS}, not {kinds}')
        self.kinds = kinds
        self.training = training
        self.dim = dim
        self.spec = DescriptorSpec(**(descriptor or {}))
        self.first_frame = first_frame

    def transform(self, results: dict) -> dict:
        """Make them from ``gt_masks`` and ``gt_instances_ids``."""
        rng = get_sample_rng(results) if self.training else None
        shown = self._draw(results, rng) if self.training else self._prescribed(results)
        frames = [self._frame(results, frame, rows, rng) for frame, rows in enumerate(shown)]
        results['exemplars'] = pack_exemplars(
            frames, self.spec, self.dim, tuple(results['img_shape'][0]), with_regions=not self.training
        )
        return results

    def _draw(self, results: dict, rng: np.random.Generator) -> list[list[int]]:
        """Rows of ``gt_masks`` that are exemplars in each frame, in training."""
        frame_ids = results['gt_instances_ids']
        length = results.get('clip_length', len(frame_ids))
        shown: list[list[int]] = [[] for _ in frame_ids]
        for start in range(0, len(frame_ids), length):
            present: dict[int, list[tuple[int, int]]] = {}
            for frame in range(start, start + length):
                for row, identity in enumerate(frame_ids[frame].tolist()):
                    present.setdefault(identity, []).append((frame, row))
            for places in present.values():
                choice = 0
                if rng.random() >= self.first_frame:
                    choice = int(rng.integers(len(places)))
                frame, row = places[choice]
                shown[frame].append(row)
        return shown

    def _prescribed(self, results: dict) -> list[list[int]]:
        """Rows of ``gt_masks`` that are exemplars in each frame, in testing."""
        if 'exemplar_ids' not in results:
            raise DataError(
                'MakeExemplars(training=False) needs a dataset '
                'that tells where objects are shown, such as '
                'YouTubeVOSDataset or DAVISDataset.'
            )
        shown = []
        for frame, wanted in enumerate(results['exemplar_ids']):
            ids = results['gt_instances_ids'][frame].tolist()
            missing = set(wanted or ()) - set(ids)
            if missing:
                warn_once(
                    f'Object {sorted(missing)} has no pixel in '
                    f'{self._map_name(results, frame)}, where it is to '
                    'be shown to the model; it is left out.'
                )
            if wanted is None and not ids:
                warn_once(f'{self._map_name(results, frame)} is empty: no object to follow in this video.')
            shown.append([row for row, identity in enumerate(ids) if wanted is None or identity in wanted])
        return shown

    @staticmethod
    def _map_name(results: dict, frame: int) -> str:
        maps = results.get('seg_map_path') or results['img_path']
        return maps[frame] or results['img_path'][frame]

    def _frame(self, results: dict, frame: int, rows: list[int], rng: np.random.Generator | None) -> list[Exemplar]:
        masks = results['gt_masks'][frame].masks
        ids = results['gt_instances_ids'][frame]
        given = {} if self.training else self._given(results, frame)
        exemplars = []
        for row in rows:
            kind = self.kinds[0]
            if rng is not None:
                kind = self.kinds[int(rng.integers(len(self.kinds)))]
            if int(ids[row]) in given:
                exemplars.append(
                    make_exemplar(
                        int(ids[row]),
                        kind,
                        given[int(ids[row])],
                        tuple(results['img_shape'][frame]),
                        results['img_path'][frame],
                    )
                )
                continue
            exemplars.append(
                Exemplar(
                    int(ids[row]),
                    kind,
                    *sample_exemplar(kind, masks[row], rng),
                    self._given_mask(results, frame, int(ids[row])),
                )
            )
        return exemplars

    def _given_mask(self, results: dict, frame: int, identity: int) -> np.ndarray | None:
        """Given mask of an object, in testing with mask exemplars."""
        if self.training or self.kinds[0] != 'mask' or 'exemplar_masks' not in results:
            return None
        return results['exemplar_masks'][frame][identity] != 0

    def _given(self, results: dict, frame: int) -> dict[int, list[float]]:
        """Boxes or points of the dataset for objects of a frame,
        in pixels of the resized frame."""
        entries = results['given_exemplars'][frame] if 'given_exemplars' in results else None
        scale = np.asarray(results['scale_factor'][frame], float)
        return {
            identity: (np.asarray(values[self.kinds[0]], float).reshape(-1, 2) * scale).reshape(-1).tolist()
            for identity, values in (entries or {}).items()
            if self.kinds[0] in values
        }

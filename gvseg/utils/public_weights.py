"""The table of public weights that ``--model NAME`` knows; imports no library.

A name is that of the repository on the Hugging Face hub. Sizes, licences and scores are those that the publishers give
(``Source``); what they do not say is ``None``. Nobody at GvSeg has measured the scores.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from difflib import get_close_matches


@dataclass(frozen=True)
class Source:
    """Where a family of weights and its facts come from.

    Attributes:
        model_type: what their ``config.json`` calls the network.
        licence: of the weights; data sets may have stricter terms.
        page: page with the scores.
    """

    model_type: str
    licence: str
    page: str


@dataclass(frozen=True)
class PublicWeights:
    """One row of the table.

    Attributes:
        name: what users type.
        owner: of the repository on the hub; empty for a file that is published elsewhere (``url``).
        files: names of the weights' file, the one to prefer first.
        config: of the model that the weights are converted for, relative to the installation.
        data: data sets that it was trained on.
        score: as published, with the name of the metric.
        source: see :class:`Source`.
        megabytes: size of the file; ``None``: not known.
        sha256: of the file; ``None``: not known, the hub's own is checked.
        dialect: naming of its tensors, a key of :data:`gvseg.utils.weight_conversion.DIALECTS`.
        url: address of a file that is not on the hub.
    """

    name: str
    owner: str
    files: tuple[str, ...]
    config: str
    data: str
    score: str
    source: Source
    megabytes: int | None = None
    sha256: str | None = None
    dialect: str = 'huggingface'
    url: str = ''

    @property
    def repository(self) -> str:
        """Repository on the hub."""
        return f'{self.owner}/{self.name}'

    @property
    def task(self) -> str:
        """Task of the config: its folder."""
        return self.config.split('/')[1]

    @property
    def command(self) -> str:
        """What fetches the weights by hand."""
        if self.url:
            return f'curl -LO {self.url}'
        return f'hf download {self.repository} config.json {self.files[0]}'


SAFE, PICKLE = 'model.safetensors', 'pytorch_model.bin'
# "License: other" on the hub; the authors' own list of models says which.
MASK2FORMER = Source('mask2former', 'CC BY-NC 4.0', 'MODEL_ZOO.md of facebookresearch/Mask2Former')
EOMT = Source('eomt', 'MIT', 'model_zoo/dinov2.md of tue-mps/eomt')
VIDEOMT = Source('videomt', 'MIT', 'model_zoo/dinov2.md of tue-mps/videomt')
CONFIG = 'configs/{task}/gvseg-{task}_{network}_zero-shot_coco.py'
AUTHORS_FILES = 'https://dl.fbaipublicfiles.com/maskformer/mask2former/coco'


def _mask2former(
    name: str, kind: str, network: str, score: str, files: tuple[str, ...] = (SAFE, PICKLE), size: int | None = None
) -> PublicWeights:
    """A Mask2Former on the hub, trained on COCO instances or panoptic segments."""
    config = CONFIG.format(task=dict(instance='vis', panoptic='vps')[kind], network=network)
    return PublicWeights(
        f'mask2former-{name}-coco-{kind}', 'facebook', files, config, f'COCO {kind}', score, MASK2FORMER, size
    )


def _mask2former_r50(kind: str, file: str, score: str) -> PublicWeights:
    """The authors' own file: they have no ResNet on the hub."""
    return PublicWeights(
        f'mask2former-r50-coco-{kind}',
        '',
        (file,),
        CONFIG.format(task=dict(instance='vis', panoptic='vps')[kind], network='r50'),
        f'COCO {kind}',
        score,
        MASK2FORMER,
        dialect='detectron2',
        url=f'{AUTHORS_FILES}/{kind}/maskformer2_R50_bs16_50ep/{file}',
    )


def _eomt(name: str, kind: str, size: str, score: str) -> PublicWeights:
    """An EoMT on DINOv2, trained on COCO at 640 x 640 pixels."""
    config = CONFIG.format(task=dict(instance='vis', panoptic='vps')[kind], network=f'vit-{size}')
    return PublicWeights(f'coco_{kind}_eomt_{name}', 'tue-mps', (SAFE, PICKLE), config, f'COCO {kind}', score, EOMT)


def _videomt(name: str, task: str, schedule: str, data: str, score: str) -> PublicWeights:
    """A VidEoMT on DINOv2."""
    config = f'configs/{task}/gvseg-{task}_vit-{name[0]}_{schedule}.py'
    return PublicWeights(f'videomt-dinov2-{name}', 'tue-mps', (SAFE,), config, data, score, VIDEOMT)


PUBLIC_WEIGHTS = (
    _mask2former('swin-tiny', 'instance', 'swin-t', 'AP 45.0', size=190),
    _mask2former('swin-tiny', 'panoptic', 'swin-t', 'PQ 53.2', size=190),
    _mask2former('swin-small', 'instance', 'swin-s', 'AP 46.3'),
    _mask2former('swin-small', 'panoptic', 'swin-s', 'PQ 54.6', size=276),
    _mask2former('swin-base', 'instance', 'swin-b', 'AP 46.7'),
    _mask2former('swin-base', 'panoptic', 'swin-b', 'PQ 55.1', size=432),
    _mask2former('swin-base-IN21k', 'instance', 'swin-b', 'AP 48.1', (PICKLE, SAFE)),
    _mask2former('swin-base-IN21k', 'panoptic', 'swin-b', 'PQ 56.4', (PICKLE, SAFE)),
    _mask2former('swin-large', 'instance', 'swin-l', 'AP 50.1'),
    _mask2former('swin-large', 'panoptic', 'swin-l', 'PQ 57.8', (PICKLE, SAFE), 866),
    _mask2former_r50('instance', 'model_final_3c8ec9.pkl', 'AP 43.7'),
    _mask2former_r50('panoptic', 'model_final_94dc52.pkl', 'PQ 51.9'),
    _eomt('small_640_2x', 'panoptic', 's', 'PQ 46.7'),
    _eomt('base_640_2x', 'panoptic', 'b', 'PQ 51.6'),
    _eomt('large_640', 'panoptic', 'l', 'PQ 56.0'),
    _eomt('large_640', 'instance', 'l', 'AP 45.2'),
    _videomt('small-ytvis2019', 'vis', '8xb1-40k_youtube-vis-2019', 'YouTube-VIS 2019', 'AP 52.8'),
    _videomt('base-ytvis2019', 'vis', '8xb1-40k_youtube-vis-2019', 'YouTube-VIS 2019', 'AP 58.2'),
    _videomt('large-ytvis2019', 'vis', '8xb1-40k_youtube-vis-2019', 'YouTube-VIS 2019', 'AP 68.6'),
    _videomt('large-ytvis2021', 'vis', '8xb1-40k_youtube-vis-2021', 'YouTube-VIS 2021', 'AP 63.1'),
    _videomt('large-ytvis2022', 'vis', '8xb1-40k_youtube-vis-2021', 'YouTube-VIS 2022', 'AP of long videos 42.6'),
    _videomt('large-ovis', 'vis', '8xb1-160k_ovis', 'OVIS', 'AP 52.5'),
    _videomt('large-vipseg', 'vps', '8xb1-40k_vipseg', 'VIPSeg', 'VPQ 55.2, STQ 48.9'),
    _videomt('large-vspw', 'vss', '8xb1-40k_vspw', 'VSPW', 'mIoU 64.9, mVC16 95.0'),
)


def find_public_weights(name: str) -> PublicWeights | None:
    """The row of a name, or of a repository (``facebook/mask2former-swin-tiny-coco-instance``)."""
    return next((row for row in PUBLIC_WEIGHTS if name in (row.name, row.repository)), None)


def nearest_names(name: str, others: Sequence[str] = ()) -> list[str]:
    """Names of the table, and others, that a mistyped one may have meant, the likeliest first."""
    known = {each.lower(): each for each in [*(row.name for row in PUBLIC_WEIGHTS), *others]}
    return [known[match] for match in get_close_matches(name.split('/')[-1].lower(), known, n=3, cutoff=0.7)]


def listing() -> str:
    """The table as text."""
    rows = [('name', 'task', 'trained on', 'published', 'MB', 'licence')]
    for row in PUBLIC_WEIGHTS:
        size = '?' if row.megabytes is None else str(row.megabytes)
        rows.append((row.name, row.task, row.data, row.score, size, row.source.licence))
    widths = [max(map(len, column)) for column in zip(*rows)]
    lines = ['  '.join(cell.ljust(width) for cell, width in zip(row, widths)).rstrip() for row in rows]
    return '\n'.join(lines)

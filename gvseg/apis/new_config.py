"""Write a config for custom data: a model of the shipped recipe, fitted to the classes and frame sizes found."""

from dataclasses import dataclass
from pathlib import Path

from gvseg.formats.layouts import Layout

from .new_config_models import model_section


@dataclass(frozen=True)
class Size:
    """A model to start from.

    Attributes:
        base: in ``configs/_base_/models``.
        schedule: in ``configs/_base_/schedules``.
        short_side: frames are shrunk to at most this, so that they fit the network and the machine.
        recipe: key of the model sections.
        embed_dims: of queries.
        channels: of the backbone's last level.
        start: lines that say where training begins.
    """

    base: str
    schedule: str
    short_side: int
    recipe: str
    embed_dims: int
    channels: int
    start: str = ''


PUBLIC = """# Weights of COCO: convert a public file (docs/pretrained_weights.md), then set its path here.
load_from = None
"""
REAL_VIDEO = """# Backbone and decoder as trained on real video; those of ImageNet alone: docs/pretrained_weights.md.
# Parameters whose shapes differ (classes) are initialised anew; the log lists them.
load_from = 'gvseg://gvseg-evs_mobilenet-v2_davis-coco128'
optim_wrapper = dict(paramwise_cfg=dict(custom_keys=dict(backbone=dict(lr_mult=0.1))))
"""
SIZES = {
    'tiny': Size('gvseg_tiny.py', 'schedule_tiny.py', 144, 'small', 64, 64),
    'mobilenet-v2': Size('gvseg_mobilenet-v2.py', 'schedule_2k5.py', 240, 'small', 64, 64, REAL_VIDEO),
    'r50': Size('gvseg_r50.py', 'schedule_10k.py', 480, 'paper', 256, 2048, PUBLIC),
    'swin-b': Size('gvseg_swin-b.py', 'schedule_10k.py', 480, 'paper', 256, 1024, PUBLIC),
    'swin-l': Size('gvseg_swin-l.py', 'schedule_10k.py', 480, 'paper', 256, 1536, PUBLIC),
}
HEADER = '''"""{task} on {root}: {videos} videos, {frames} frames of {height} x {width}, {classes}.

Made by tools/misc/new_dataset.py, to be changed at will.{notes}
"""
_base_ = [
    'gvseg::_base_/models/{base}', 'gvseg::_base_/datasets/moving_shapes_{name}.py',
    'gvseg::_base_/schedules/{schedule}', 'gvseg::_base_/default_runtime.py'
]
'''
PIPELINES = """# Trained and tested at about one size; a crop covers {least} to 100 % of a frame.
train_pipeline = [
    dict(type='TemporalContrastiveFrameSample', clip_length=3, num_references=1, scope='video', strides=(1, 2)),
    dict(type='LoadClipFrames'),
    dict(type='LoadClipAnnotations'),
    dict(type='ClipResize', short_sides={sides}),
    dict(type='ClipRandomCrop', size={crop}),
    dict(type='ClipRandomFlip'),
    dict(type='ClipPhotoMetricDistortion'),{show_train}
    dict(type='PackClipInputs')
]
test_pipeline = [
    dict(type='LoadClipFrames'),{load_objects}
    dict(type='ClipResize', short_sides=({side}, )),{load_classes}{show_test}
    dict(type='PackClipInputs')
]
"""
DATA = """data = dict(
    {dataset})
train_dataloader = dict(
    dataset=dict(
        data, _delete_=True, pipeline=train_pipeline,
        data_root={train}{train_file}))
val_dataloader = dict(
    dataset=dict(
        data, _delete_=True, pipeline=test_pipeline, test_mode=True,
        data_root={val}{val_file}))
test_dataloader = val_dataloader
"""
OF_SPLIT = ('ann_file', 'sequences')  # dataset options that differ between training and validation
# How much larger or smaller than at test a training frame is; the crop is a test frame.
SCALES = (0.9, 1.0, 1.1, 1.25)


def config_text(train: Layout, val: Layout, model: str) -> str:
    """Source of a config.

    Args:
        train: what was found in the training data; its classes are the model's.
        val: the same of the validation data; may be ``train``.
        model: key of ``SIZES``.
    """
    size = SIZES[model]
    parts = [
        _header(train, size),
        _settings(train, size),
        _pipelines(train, size),
        _data(train, val),
        _evaluator(val),
        size.start,
        model_section(train, size.recipe, size.channels, bool(size.start)),
    ]
    return ''.join(part for part in parts if part)


def _header(train: Layout, size: Size) -> str:
    """Docstring and bases."""
    classes = f'{len(train.classes)} {"classes" if len(train.classes) > 1 else "class"}'
    notes = ''.join(f'\n{note}' for note in train.notes)
    return HEADER.format(
        task=train.task.upper(),
        root=train.root,
        videos=train.videos,
        frames=train.frames,
        height=train.size[0],
        width=train.size[1],
        classes=classes,
        base=size.base,
        name=train.task,
        schedule=size.schedule,
        notes=f'\n{notes}' if notes else '',
    )


def _settings(train: Layout, size: Size) -> str:
    """Variables that other sections use."""
    lines = []
    if train.task != 'evs':
        lines += [
            '# Names in order of their labels' + (': things, then stuff.' if train.task == 'vps' else '.'),
            f'classes = {_wrapped(train.classes)}',
        ]
    lines += [f'num_things = {train.num_things}'] if train.task == 'vps' else []
    lines += [
        f'embed_dims = {size.embed_dims}'
        if train.task == 'evs'
        else f'num_classes, embed_dims = len(classes), {size.embed_dims}'
    ]
    if train.task == 'evs':
        lines += [
            '# Descriptor settings of data and network.',
            'descriptor = '
            + ("dict(points=None, binning='soft')" if size.recipe == 'small' else "dict(points=200, binning='hard')"),
            "exemplars = dict(type='MakeExemplars', dim=embed_dims, descriptor=descriptor)",
        ]
    return '\n'.join(lines) + '\n'


def _pipelines(train: Layout, size: Size) -> str:
    """Steps from files to the network, at sizes that fit the frames."""
    side = min(size.short_side, min(train.size))
    crop = tuple(round(length * side / min(train.size)) for length in train.size)
    return PIPELINES.format(
        least=round(100 / SCALES[-1] ** 2),
        sides=tuple(round(side * scale) for scale in SCALES),
        side=side,
        crop=crop,
        show_train="\n    dict(exemplars, kinds=('mask', 'box', 'point'), first_frame=0.8)," * (train.task == 'evs'),
        load_objects="\n    dict(type='LoadClipAnnotations')," * (train.task == 'evs'),
        # After the resize: metrics are computed at the original size.
        load_classes="\n    dict(type='LoadClipAnnotations', with_sem_seg=True)," * (train.task == 'vss'),
        show_test="\n    dict(exemplars, training=False, kinds='mask')," * (train.task == 'evs'),
    )


def _data(train: Layout, val: Layout) -> str:
    """Dataloaders of all splits."""
    shared = {key: value for key, value in train.dataset.items() if key not in (*OF_SPLIT, 'metainfo')}
    named = ', metainfo=dict(classes=classes)' if train.task in ('vis', 'vss') else ''
    files = [
        ''.join(
            f', {key}={_wrapped(value) if isinstance(value, tuple) else repr(value)}'
            for key, value in layout.dataset.items()
            if key in OF_SPLIT
        )
        for layout in (train, val)
    ]
    prefix = ', '.join(f'{key}={value!r}' for key, value in shared.pop('data_prefix').items())
    named += ', single_object=True' if shared.get('single_object') else ''
    dataset = f'type={shared["type"]!r}, data_prefix=dict({prefix}){named}'
    return DATA.format(
        dataset=dataset, train=repr(str(train.root)), val=repr(str(val.root)), train_file=files[0], val_file=files[1]
    )


def _evaluator(val: Layout) -> str:
    """Evaluator options: where the ground truth is."""
    file = str(val.root / val.dataset.get('ann_file', ''))
    options = {
        'vis': f'ann_file={file!r}',
        'vss': '',
        'evs': f'meta_file={file!r}',
        'vps': f'ann_file={file!r}, seg_prefix={str(val.root / _maps(val))!r}',
    }[val.task]
    if val.dataset['type'] == 'DAVISDataset':
        options = "_delete_=True, type='VideoObjectMetric', protocol='davis'"
        options += ', label_map={1: 1, 255: 1}' if val.dataset.get('single_object') else ''
    return f'val_evaluator = dict({options})\ntest_evaluator = val_evaluator\n' if options else ''


def _maps(layout: Layout) -> Path:
    return Path(layout.dataset['data_prefix'].get('seg_map_path', ''))


def _wrapped(names: tuple[str, ...]) -> str:
    """A tuple in lines of at most 120 characters."""
    lines, line = [], ''
    for name in names:
        if len(line) + len(repr(name)) > 108:
            lines, line = [*lines, line.rstrip()], ''
        line += f'{name!r}, '
    text = '\n    '.join([*lines, line.rstrip()])
    return f'({text.rstrip(",") if len(names) > 1 else text})'

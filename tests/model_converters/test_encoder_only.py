"""EoMT and VidEoMT compute the same under our names, frame after frame, from both namings; other files are refused."""

from pathlib import Path

import pytest
import torch
from torch import Tensor

from gvseg.apis.weight_conversion import convert_weights
from gvseg.utils.errors import CheckpointError
from gvseg.utils.weight_conversion import WeightFile, read_weights

pytest.importorskip('safetensors')
pytest.importorskip('transformers')

from mmdet.structures import DetDataSample, TrackDataSample
from mmengine.structures import InstanceData

from tests.model_converters.small_networks import CLASSES, build, small_config
from tests.model_converters.small_vits import BLOCKS, JOINT, authors_weights, frames, their_vit, vit_config

pytestmark = pytest.mark.usefixtures('mmdet_scope')
SQUARE, WIDE = (4, 4), (4, 9)


def converted(file: WeightFile, config, dialect: str = 'huggingface'):
    """Our network with the file's weights, and the report."""
    ours = build(config)
    state, report = convert_weights(file, ours, config, dialect)
    ours.load_state_dict(state)
    return ours, report


def clip(size: tuple[int, int], first: int, count: int) -> TrackDataSample:
    meta = dict(img_shape=size, ori_shape=size, batch_input_shape=size, video_id='a')
    return TrackDataSample(
        video_data_samples=[
            DetDataSample(metainfo=dict(meta, frame_id=first + index), gt_instances=InstanceData())
            for index in range(count)
        ]
    )


def all_layers(model, pixels: Tensor) -> tuple[list[Tensor], list[Tensor]]:
    """Class and mask logits of one frame before and after every joint block."""
    with torch.no_grad():
        return model.track_head(model.backbone(pixels), [clip(pixels.shape[-2:], 0, len(pixels))])


def same(ours: Tensor, theirs: Tensor) -> None:
    torch.testing.assert_close(ours, theirs, atol=1e-4, rtol=1e-4)
    assert theirs.std() > 0.01, 'constant outputs would show nothing'


@pytest.mark.parametrize(
    ('grid', 'seed', 'swiglu', 'probability'), [(SQUARE, 0, False, 0.0), (WIDE, 1, True, 0.0), (WIDE, 2, False, 1.0)]
)
def test_eomt_through_its_own_folder(tmp_path: Path, grid, seed: int, swiglu: bool, probability: float) -> None:
    theirs = their_vit('Eomt', grid, seed, swiglu, probability)
    theirs.save_pretrained(tmp_path)
    file = read_weights(str(tmp_path))
    assert (file.model_type, file.class_names) == ('eomt', CLASSES)
    masked = 'always' if probability else 'training'
    ours, report = converted(file, vit_config(grid, swiglu, masked_attention=masked))
    assert not report.missing and not report.unexpected and not report.fresh_classes
    assert ours.track_head.mask_probabilities.tolist() == [probability] * JOINT
    pixels = frames(1, grid, seed)
    with torch.no_grad():
        found = theirs(pixels)
    classes, masks = all_layers(ours, pixels)
    assert len(classes) == len(masks) == JOINT + 1
    same(classes[-1], found.class_queries_logits)
    same(masks[-1][:, :, 0], found.masks_queries_logits)


@pytest.mark.parametrize(('grid', 'seed', 'clip_length'), [(SQUARE, 0, 1), (WIDE, 1, 2), (WIDE, 2, 4)])
def test_videomt_frame_after_frame_in_clips_of_any_length(tmp_path: Path, grid, seed: int, clip_length: int) -> None:
    theirs = their_vit('Videomt', grid, seed)
    theirs.save_pretrained(tmp_path)
    file = read_weights(str(tmp_path))
    assert file.model_type == 'videomt'
    ours, report = converted(file, vit_config(grid, propagated=True))
    assert not report.missing and not report.unexpected
    pixels = frames(4, grid, seed)
    with torch.no_grad():
        found = theirs(pixels[None])
    found_masks = []
    for first in range(0, 4, clip_length):
        inputs, sample = pixels[first : first + clip_length], clip(pixels.shape[-2:], first, clip_length)
        clips = ours.track_head.clip_batch(inputs, [sample], with_targets=False)
        clips.last_queries = ours.state.last_queries
        with torch.no_grad():
            prediction = ours.predict_clip(inputs, clips)
        ours.state.last_queries = prediction.final_queries
        found_masks.append(prediction.masks)
        wanted = found.class_queries_logits[first : first + clip_length].mean(0).softmax(-1)
        same(prediction.probabilities, wanted)
    same(torch.cat(found_masks, 1).transpose(0, 1), found.masks_queries_logits)
    again = all_layers(ours, pixels[3:])[1][-1][0, :, 0]
    assert (again - found.masks_queries_logits[3]).abs().max() > 0.01, 'the frame by itself gives other masks'


def test_a_video_is_segmented_with_the_state_of_its_own_frames_alone() -> None:
    theirs = their_vit('Videomt', SQUARE)
    ours, _ = converted(WeightFile('a', theirs.state_dict(), CLASSES), vit_config(SQUARE, propagated=True))
    pixels = frames(2, SQUARE)

    def run(index: int, frame: int) -> None:
        with torch.no_grad():
            ours.predict(pixels[index][None, None], [clip(pixels.shape[-2:], frame, 1)])

    run(0, 0)
    alone = ours.state.last_queries
    run(1, 1)
    assert not torch.equal(ours.state.last_queries, alone)
    run(0, 0)
    assert torch.equal(ours.state.last_queries, alone), 'frame 0 begins a video: nothing is left of the last one'


@pytest.mark.parametrize(
    ('kind', 'prefix', 'class_row'), [('Eomt', 'network.', False), ('Videomt', 'backbone.', False), ('Eomt', '', True)]
)
def test_the_authors_names(kind: str, prefix: str, class_row: bool) -> None:
    theirs = their_vit(kind, SQUARE)
    weights = authors_weights(theirs, prefix, class_row)
    assert len(weights) == BLOCKS * 14 + 23 + 2 * (kind == 'Videomt')
    config = vit_config(SQUARE, propagated=kind == 'Videomt')
    ours, report = converted(WeightFile('model.pth', weights, CLASSES), config, 'eomt')
    reference, _ = converted(WeightFile('model.pth', theirs.state_dict(), CLASSES), config)
    assert not report.missing and not report.unexpected
    same_report = converted(WeightFile('folder/', weights, CLASSES), config, 'huggingface')[1]
    assert same_report == report, 'a folder of the hub may have these names'
    for name, value in reference.state_dict().items():
        torch.testing.assert_close(ours.state_dict()[name], value, msg=name)


def test_position_embeddings_of_another_grid_are_resampled() -> None:
    file = WeightFile('a', their_vit('Eomt', SQUARE).state_dict(), CLASSES)
    ours, report = converted(file, vit_config((6, 6)))
    assert 'backbone.pos_embed: 4 x 4 patches to 6 x 6' in report.reshaped
    assert ours.backbone.pos_embed.shape[1] == 36
    with pytest.raises(CheckpointError, match='only square grids can be resampled'):
        converted(file, vit_config((4, 9 - 1)))


def test_weights_of_frames_start_a_model_whose_queries_propagate() -> None:
    file = WeightFile('a', their_vit('Eomt', SQUARE).state_dict(), CLASSES)
    _, report = converted(file, vit_config(SQUARE, propagated=True))
    assert report.missing == [f'track_head.query_initializer.updater.{end}' for end in ('weight', 'bias')]


def test_other_networks_are_refused_in_one_line(tmp_path: Path) -> None:
    weights = their_vit('Eomt', SQUARE).state_dict()
    config = vit_config(SQUARE)

    def refused(file: WeightFile, config, dialect: str = 'huggingface') -> str:
        with pytest.raises(CheckpointError) as error:
            convert_weights(file, build(config), config, dialect)
        assert '\n' not in str(error.value) and file.path in str(error.value)
        return str(error.value)

    file = WeightFile('eomt/', weights, CLASSES, 'eomt')
    assert 'describes a Mask2Former' in refused(file, small_config('resnet'))
    assert 'model of type "detr" (config.json)' in refused(WeightFile('detr/', weights, (), 'detr'), config)
    bare = {name: value for name, value in weights.items() if not name.startswith('upscale')}
    assert 'is no EoMT or VidEoMT' in refused(WeightFile('dinov2/', bare), config)
    assert 'the last 2 joint, width 32' in refused(file, vit_config(SQUARE, swiglu=True))
    cut = {name: value for name, value in weights.items() if not name.startswith('layernorm')}
    assert 'is no complete EoMT or VidEoMT' in refused(WeightFile('cut/', cut), config)
    assert 'trained for 5 classes and does not say which' in refused(WeightFile('unnamed/', weights), config)


def test_a_cut_file_says_so(tmp_path: Path) -> None:
    their_vit('Eomt', SQUARE).save_pretrained(tmp_path)
    path = tmp_path / 'model.safetensors'
    path.write_bytes(path.read_bytes()[:-100])
    with pytest.raises(CheckpointError, match='damaged or incomplete'):
        read_weights(str(tmp_path))

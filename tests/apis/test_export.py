"""The clip network as a graph gives the model's numbers, in torch and in onnxruntime."""

import importlib.util
from pathlib import Path
from types import ModuleType

import pytest
import torch
from mmdet.registry import MODELS
from mmengine.config import ConfigDict

from gvseg.apis.export import OUTPUTS, ClipNetwork, export_onnx, export_program, exportable_model
from gvseg.models.query_initializers import PrototypeQueries
from gvseg.models.structures import ClipBatch
from gvseg.utils.config import load_config
from gvseg.utils.errors import ConfigError, InputError
from tests.model_converters.small_networks import SIZE, build, shake, small_config
from tests.models.builders import evs_model, vis_model, vit_model, vps_model

from .conftest import ROOT

pytestmark = pytest.mark.usefixtures('mmdet_scope')
FRAMES = 3


@pytest.fixture(scope='module')
def tool() -> ModuleType:
    """The script as a module."""
    spec = importlib.util.spec_from_file_location('export_tool', ROOT / 'tools' / 'deployment' / 'export.py')
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def small_model() -> tuple[torch.nn.Module, torch.nn.Module]:
    """Cues for every query, so that descriptors reach the masks; and the same model for export."""
    config = small_config('resnet')
    config.model.backbone.depth = 18  # tracing takes its time for every layer
    head = config.model.track_head
    head.in_channels = [4, 8, 16, 32]
    head.cue_injection = dict(type='PredictedCues', confidence=0.0)
    head.pixel_decoder.encoder.num_layers, head.transformer_decoder.num_layers = 1, 2
    model = shake(build(config))
    return model, twin(model, config.model)


def twin(model: torch.nn.Module, config: dict) -> torch.nn.Module:
    """The model with exportable parts and its weights; shaken too, as mean and std of pixels are not in the state."""
    other = shake(MODELS.build(exportable_model(ConfigDict(config))))
    other.load_state_dict(model.state_dict())
    return other


def numbers_of(model: torch.nn.Module, frames: torch.Tensor) -> list[torch.Tensor]:
    """What the model itself says of a clip, before any layer is exchanged."""
    size = tuple(frames.shape[-2:])
    clips = ClipBatch(frames=FRAMES, input_shape=size, seeds=[0], real_shapes=torch.tensor([size], dtype=torch.float32))
    mean, std = (getattr(model.data_preprocessor, name).view(1, 3, 1, 1) for name in ('mean', 'std'))
    with torch.no_grad():
        clip = model.track_head.predict_clip(list(model.backbone((frames - mean) / std)), clips)
    assert clip.present.float().mean() > 0 and clip.descriptors.abs().sum() > 0
    return [getattr(clip, name) for name in OUTPUTS]


def test_the_graphs_give_the_models_numbers(tool: ModuleType, tmp_path: Path) -> None:
    (model, exportable), frames = (
        small_model(),
        255 * torch.rand(FRAMES, 3, *SIZE, generator=torch.Generator().manual_seed(0)),
    )
    expected = numbers_of(model, frames)
    network = ClipNetwork(exportable).eval()
    program = export_program(network, frames)
    _compare(list(network(frames)), expected, 1e-5)  # nothing that was made for the graph is kept
    torch.export.save(program, tmp_path / 'clip.pt2')
    _compare(tool.outputs_of(tmp_path / 'clip.pt2', frames), expected, 1e-5)
    for library in ('onnx', 'onnxscript', 'onnxruntime'):
        pytest.importorskip(library)
    export_onnx(program, tmp_path / 'clip.onnx')
    _compare(tool.outputs_of(tmp_path / 'clip.onnx', frames), expected, 1e-3)


def _compare(found: list[torch.Tensor], expected: list[torch.Tensor], tolerance: float) -> None:
    assert len(found) == len(expected)
    for name, own, theirs in zip(OUTPUTS, found, expected):
        torch.testing.assert_close(own.float(), theirs.float(), atol=tolerance, rtol=tolerance, msg=name)


def test_dense_attention_and_prototypes_go_into_a_graph() -> None:
    config = ConfigDict(vps_model())
    config.track_head.cue_injection.confidence = 0.0
    model = shake(MODELS.build(config)).eval()
    for part in model.modules():
        if isinstance(part, PrototypeQueries):
            part.prototypes.seen.fill_(True)
            part.prototypes.mean.normal_(generator=torch.Generator().manual_seed(0))
    frames = 255 * torch.rand(FRAMES, 3, 64, 96, generator=torch.Generator().manual_seed(0))
    expected = numbers_of(model, frames)
    _compare(export_program(ClipNetwork(twin(model, config)).eval(), frames).module()(frames), expected, 1e-5)


def test_models_that_no_graph_holds() -> None:
    with pytest.raises(ValueError, match='differs from clip to clip'):
        ClipNetwork(MODELS.build(ConfigDict(evs_model())))
    upstream = ConfigDict(vis_model())
    upstream.track_head.pixel_decoder.type = 'MSDeformAttnPixelDecoder'
    upstream.track_head.pixel_decoder.pop('placed', None)
    with pytest.raises(ValueError, match='MSDeformAttnPixelDecoder cannot'):
        ClipNetwork(MODELS.build(upstream))
    with pytest.raises(ValueError, match='JointHead cannot'):
        ClipNetwork(MODELS.build(ConfigDict(vit_model())))
    with pytest.raises(ValueError, match='build the model from exportable_model'):
        ClipNetwork(MODELS.build(ConfigDict(vps_model())))


def test_parts_are_swapped_by_their_registered_type_wherever_they_stand() -> None:
    stuff = dict(type='gvseg.PrototypeQueries', classes=(0, 2))
    config = ConfigDict(a=dict(type='PredictedCues', confidence=0.1), b=[dict(parts=[stuff]), 3])
    assert exportable_model(config) == dict(
        a=dict(type='FixedSizeCues', confidence=0.1),
        b=[dict(parts=[dict(type='FrozenPrototypeQueries', classes=(0, 2))]), 3],
    )
    assert config.a.type == 'PredictedCues'


@pytest.mark.parametrize(
    'options, message',
    [(['clip.txt'], 'the suffix chooses the format'), (['clip.onnx', '--height', '100'], 'multiples of 32')],
)
def test_bad_options_are_one_line(tool: ModuleType, options: list, message: str) -> None:
    with pytest.raises(InputError, match=message):
        tool.export(tool.parse_arguments(['config.py', 'checkpoint.pth', *options]))


@pytest.mark.parametrize('recipe', ['vps', 'vss'])
def test_a_recipe_of_a_general_model_becomes_a_graph(recipe: str) -> None:
    config = load_config(str(next((ROOT / 'configs/general').glob('*_tiny_*.py'))), dict(recipe=recipe))
    config.model.track_head.transformer_decoder.num_layers = 1
    torch.manual_seed(0)
    model = MODELS.build(config.model).eval()
    other = MODELS.build(exportable_model(config.model)).eval()
    other.load_state_dict(model.state_dict())
    frames = 255 * torch.rand(FRAMES, 3, *SIZE, generator=torch.Generator().manual_seed(0))
    expected = numbers_of(model, frames)
    _compare(list(export_program(ClipNetwork(other).eval(), frames).module()(frames)), expected, 1e-5)


def test_a_recipe_of_shown_objects_is_refused() -> None:
    config = load_config(str(next((ROOT / 'configs/general').glob('*_tiny_*.py'))), dict(recipe='evs'))
    with pytest.raises(ConfigError, match='Export a VIS, VSS or VPS config'):
        ClipNetwork(MODELS.build(exportable_model(config.model)).eval())

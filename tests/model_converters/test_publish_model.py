"""Published weights: half precision, without what only training needs, loadable, with a card."""

import subprocess
import sys
from pathlib import Path

import torch

from tests.scripts import tool

ROOT = Path(__file__).resolve().parents[2]
CONFIG = 'configs/vis/gvseg-vis_tiny_1xb2-4k_moving-shapes.py'


def run(*arguments: object) -> subprocess.CompletedProcess:
    command = [sys.executable, 'tools/model_converters/publish_model.py', *map(str, arguments)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True)


def test_a_checkpoint_becomes_small_and_gets_a_card(tmp_path):
    state = {
        'a.weight': torch.tensor([1.5, 2.0]),
        'a.count': torch.tensor(3),
        'track_head.contrastive.queue.stored': torch.zeros(5),
        'track_head.recipes.vss.contrastive.queue.stored': torch.zeros(5),
    }
    torch.save(dict(state_dict=state, meta=dict(iter=7, dataset_meta=dict(classes=('disk',)))), tmp_path / 'in.pth')
    result = run(CONFIG, tmp_path / 'in.pth', tmp_path / 'out.pth', '--note', 'A note.')
    assert result.returncode == 0, result.stderr
    content = torch.load(tmp_path / 'out.pth', weights_only=True)
    assert set(content['state_dict']) == {'a.weight', 'a.count'}
    assert content['state_dict']['a.weight'].dtype == torch.half and content['state_dict']['a.count'].item() == 3
    assert content['meta']['dataset_meta'] == dict(classes=('disk',))
    card = (tmp_path / 'out.md').read_text()
    assert '7 iterations' in card and 'A note.' in card and CONFIG in card
    first, second = (line.split('/')[-1] for line in card.splitlines() if 'tools/train.py' in line)
    assert (first, second) == ('gvseg-vis_tiny_1xb2-8k_moving-shapes-small.py', Path(CONFIG).name)
    assert 'from the last of gvseg-vis_tiny_1xb2-8k_moving-shapes-small, that from random weights' in card


def test_earlier_stages_may_be_configs_of_another_folder() -> None:
    path = ROOT / 'configs/vps/gvseg-vps_vit-tiny_1xb2-short_moving-shapes.py'
    names = [stage.stem for stage in tool('publish_model').stages(path)]
    assert names == ['gvseg-vps_vit-tiny_1xb4-6k_moving-shapes_pretrain-vit', path.stem]


def test_the_card_says_what_the_first_stage_starts_from(tmp_path: Path) -> None:
    publish_model = tool('publish_model')
    config = ROOT / 'configs/general/gvseg-general_tiny_1xb2-6k_moving-shapes.py'
    (tmp_path / 'out.pth').write_bytes(b'')
    arguments = publish_model.parse_arguments([str(config), 'in.pth', str(tmp_path / 'out.pth')])
    card = publish_model.card_text(arguments, dict(iterations=7, parameters=9))
    assert '-second, that from `work_dirs/gvseg-general_tiny_start.pth` (see the config)' in card
    assert card.count('tools/train.py') == 3


def test_a_full_disk_leaves_no_file(tmp_path):
    """A limit on the size of files stands for the full disk."""
    torch.save(dict(state_dict={'a.weight': torch.zeros(9999)}), tmp_path / 'in.pth')
    before = sorted(tmp_path.iterdir())
    limit = (
        'import resource, runpy, signal, sys; signal.signal(signal.SIGXFSZ, signal.SIG_IGN); '
        'resource.setrlimit(resource.RLIMIT_FSIZE, (5000, 5000)); sys.argv = sys.argv[1:]; '
        'runpy.run_path(sys.argv[0], run_name="__main__")'
    )
    command = [
        sys.executable,
        '-c',
        limit,
        'tools/model_converters/publish_model.py',
        CONFIG,
        tmp_path / 'in.pth',
        tmp_path / 'new/out.pth',
    ]
    result = subprocess.run(list(map(str, command)), cwd=ROOT, capture_output=True, text=True)
    assert result.returncode == 2 and 'error: [Errno 27] File too large' in result.stderr, result.stderr
    assert sorted(tmp_path.iterdir()) == [*before, tmp_path / 'new'] and not list((tmp_path / 'new').iterdir())


def test_weights_too_large_for_half_precision_are_refused(tmp_path):
    torch.save(dict(state_dict={'a.weight': torch.tensor([1e9])}), tmp_path / 'in.pth')
    result = run(CONFIG, tmp_path / 'in.pth', tmp_path / 'out.pth')
    assert result.returncode == 2 and 'a.weight does not fit half precision' in result.stderr
    assert not (tmp_path / 'out.pth').exists()

"""The ablation's table is read from mmengine's own log files."""
import importlib.util
import json
import sys
from pathlib import Path

PATH = Path(__file__).resolve().parents[1] / 'tools/analysis_tools/ablation.py'
SPEC = importlib.util.spec_from_file_location('ablation', PATH)
ablation = importlib.util.module_from_spec(SPEC)
sys.modules['ablation'] = ablation  # dataclasses look their module up
SPEC.loader.exec_module(ablation)


def write_log(root: Path, row: str, seed: int, *lines: dict) -> None:
    folder = root / '4a' / row / f'seed_{seed}' / '20260101_000000' / 'vis_data'
    folder.mkdir(parents=True)
    (folder / 'scalars.json').write_text('\n'.join(json.dumps(line) for line in lines))


def test_mean_and_spread_of_finished_seeds(tmp_path):
    write_log(tmp_path, 'baseline', 0, {'loss': 3.0, 'iter': 1}, {'vps/VPQ': 0.10, 'vps/STQ': 0.30, 'step': 2})
    write_log(tmp_path, 'baseline', 1, {'vps/VPQ': 0.20, 'vps/STQ': 0.34, 'step': 2})
    write_log(tmp_path, 'all', 0, {'loss': 3.0, 'iter': 1})  # still training
    rows = ablation.table_text('4a', [0, 1, 2], tmp_path).splitlines()
    assert '| Baseline | 15.0 (spread 10.0) | 32.0 (spread 4.0) | 2 of 3 |' in rows
    assert '| GvSeg | not run | not run | 0 of 3 |' in rows


def test_the_last_validation_counts(tmp_path):
    write_log(tmp_path, 'spa', 0, {'vps/VPQ': 0.1, 'vps/STQ': 0.1}, {'vps/VPQ': 0.2, 'vps/STQ': 0.3})
    assert ablation.Run('4a', 'spa', 0).scores(tmp_path) == {'VPQ': 0.2, 'STQ': 0.3}


def test_every_row_has_its_config():
    for table, rows in ablation.ROWS.items():
        for row in rows.values():
            run = ablation.run_of(table, row, 0)
            assert run.config.name.endswith(f'_{run.table}-{run.row}.py')


def test_rows_that_are_gvseg_itself_are_not_trained_twice():
    assert [sum(ablation.run_of(table, row, 0) == ablation.Run('4a', 'all', 0) for row in rows.values())
            for table, rows in ablation.ROWS.items()] == [1] * len(ablation.ROWS)

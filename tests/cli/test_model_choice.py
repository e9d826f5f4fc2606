"""The model of a tool: a task, or a config with weights."""

import argparse

import pytest

from gvseg.cli.model_choice import add_model_choice, chosen_model, parse_model_choice


def parsed(words: str, random_weights: bool = False) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    add_model_choice(parser, random_weights)
    return parse_model_choice(parser, words.split())


def test_a_config_with_its_weights() -> None:
    assert chosen_model(parsed('--config a.py --checkpoint a.pth')) == ('a.py', 'a.pth')
    assert chosen_model(parsed('--config a.py', random_weights=True)) == ('a.py', None)


@pytest.mark.parametrize(
    'words', ['', '--task vis --config a.py', '--task vis --checkpoint a.pth', '--checkpoint a.pth']
)
@pytest.mark.parametrize('random_weights', [False, True])
def test_none_and_two_models_are_refused(words: str, random_weights: bool, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed(words, random_weights)
    assert 'error: give either --task or' in capsys.readouterr().err


def test_weights_are_needed_unless_random_ones_will_do(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        parsed('--config a.py')
    assert 'both --config and --checkpoint' in capsys.readouterr().err

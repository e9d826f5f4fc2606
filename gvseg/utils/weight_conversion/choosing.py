"""Which names a file of weights has, and whether it is the config's network."""

from collections.abc import Mapping

from torch import Tensor

from ..errors import CheckpointError
from .architecture import check_same_network
from .encoder_only import JOINT_MARK, authors_names, check_same_transformer, huggingface_names, is_encoder_only
from .naming import KeyMapping
from .reading import WeightFile
from .tables import DIALECTS

#: What config.json of a Hugging Face folder may call the network.
MODEL_TYPES = ('mask2former', 'eomt', 'videomt')


def choose_names(file: WeightFile, dialect: str, own: Mapping[str, Tensor], config: str) -> KeyMapping:
    """The table of names for a file.

    Args:
        file: content of the file.
        dialect: 'mmdet', 'detectron2', 'huggingface', or 'eomt' for files of EoMT's and VidEoMT's authors.
        own: state of the config's model.
        config: path of the config, for messages.

    Raises:
        CheckpointError: the file is a model of another kind than the config's.
    """
    if file.model_type and file.model_type not in MODEL_TYPES:
        raise CheckpointError(
            f'{file.path} is a model of type "{file.model_type}" (config.json), not one of {", ".join(MODEL_TYPES)}.'
        )
    theirs, ours = is_encoder_only(file.weights), JOINT_MARK in own
    if theirs and not ours:
        raise CheckpointError(
            f'{file.path} is an encoder-only network (EoMT or VidEoMT), but {config} describes a Mask2Former: use a '
            'config with "vit" in its name.'
        )
    if ours and not theirs:
        raise CheckpointError(
            f'{file.path} is no EoMT or VidEoMT, but {config} describes an encoder-only network: use a config without '
            '"vit" in its name, or an EoMT or VidEoMT file.'
        )
    if theirs:
        # The hub has both namings, whatever the file is called.
        names = huggingface_names if 'query.weight' in file.weights else authors_names
        return names(file.weights, len(own[JOINT_MARK]), _updater(own))
    if dialect not in DIALECTS:
        raise CheckpointError(f'{file.path} is no EoMT or VidEoMT: choose the converter of the project it comes from.')
    return DIALECTS[dialect]


def check_network(found: Mapping[str, Tensor], own: Mapping[str, Tensor], path: str, title: str, config: str) -> None:
    """Refuse weights of another network than the config's.

    Args:
        found: the file's weights under our names.
        own: state of the config's model.
        path: the file.
        title: name of the project, for messages.
        config: path of the config, for messages.

    Raises:
        CheckpointError: something is missing, or sizes differ.
    """
    check = check_same_transformer if JOINT_MARK in own else check_same_network
    check(found, own, path, title, config)


def _updater(own: Mapping[str, Tensor]) -> str:
    """Our name of the layer that propagates queries, wherever in the initialiser it is; the usual one if nowhere."""
    names = [name for name in own if name.startswith('track_head.query_init') and name.endswith('.updater.weight')]
    return names[0].removesuffix('.weight') if names else 'track_head.query_initializer.updater'

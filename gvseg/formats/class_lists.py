"""Class names of the benchmarks in the order of their category ids, and how COCO's classes map to them."""
# fmt: off

# Category ids 0..123 in VIPSeg; a mask value of VSPW is one more.
VIPSEG_CLASSES = (
    'wall', 'ceiling', 'door', 'stair', 'ladder', 'escalator', 'Playground_slide', 'handrail_or_fence', 'window',
    'rail', 'goal', 'pillar', 'pole', 'floor', 'ground', 'grass', 'sand', 'athletic_field', 'road', 'path',
    'crosswalk', 'building', 'house', 'bridge', 'tower', 'windmill', 'well_or_well_lid', 'other_construction',
    'sky', 'mountain', 'stone', 'wood', 'ice', 'snowfield', 'grandstand', 'sea', 'river', 'lake', 'waterfall',
    'water', 'billboard_or_Bulletin_Board', 'sculpture', 'pipeline', 'flag', 'parasol_or_umbrella',
    'cushion_or_carpet', 'tent', 'roadblock', 'car', 'bus', 'truck', 'bicycle', 'motorcycle', 'wheeled_machine',
    'ship_or_boat', 'raft', 'airplane', 'tyre', 'traffic_light', 'lamp', 'person', 'cat', 'dog', 'horse', 'cattle',
    'other_animal', 'tree', 'flower', 'other_plant', 'toy', 'ball_net', 'backboard', 'skateboard', 'bat', 'ball',
    'cupboard_or_showcase_or_storage_rack', 'box', 'traveling_case_or_trolley_case', 'basket', 'bag_or_package',
    'trash_can', 'cage', 'plate', 'tub_or_bowl_or_pot', 'bottle_or_cup', 'barrel', 'fishbowl', 'bed', 'pillow',
    'table_or_desk', 'chair_or_seat', 'bench', 'sofa', 'shelf', 'bathtub', 'gun', 'commode', 'roaster',
    'other_machine', 'refrigerator', 'washing_machine', 'Microwave_oven', 'fan', 'curtain', 'textiles', 'clothes',
    'painting_or_poster', 'mirror', 'flower_pot_or_vase', 'clock', 'book', 'tool', 'blackboard', 'tissue',
    'screen_or_television', 'computer', 'printer', 'Mobile_phone', 'keyboard', 'other_electronic_product', 'fruit',
    'food', 'instrument', 'train')
VIPSEG_THINGS = (
    'door', 'ladder', 'window', 'goal', 'sculpture', 'flag', 'parasol_or_umbrella', 'tent', 'roadblock', 'car',
    'bus', 'truck', 'bicycle', 'motorcycle', 'ship_or_boat', 'raft', 'airplane', 'person', 'cat', 'dog', 'horse',
    'cattle', 'other_animal', 'skateboard', 'ball', 'box', 'traveling_case_or_trolley_case', 'basket',
    'bag_or_package', 'plate', 'tub_or_bowl_or_pot', 'bottle_or_cup', 'barrel', 'fishbowl', 'bed', 'pillow',
    'table_or_desk', 'chair_or_seat', 'bench', 'sofa', 'gun', 'commode', 'roaster', 'refrigerator',
    'washing_machine', 'Microwave_oven', 'fan', 'painting_or_poster', 'mirror', 'flower_pot_or_vase', 'clock',
    'screen_or_television', 'computer', 'printer', 'Mobile_phone', 'keyboard', 'instrument', 'train')
VSPW_CLASSES = VIPSEG_CLASSES

# Category ids start at 1.
YOUTUBE_VIS_2019_CLASSES = (
    'person', 'giant_panda', 'lizard', 'parrot', 'skateboard', 'sedan', 'ape', 'dog', 'snake', 'monkey', 'hand',
    'rabbit', 'duck', 'cat', 'cow', 'fish', 'train', 'horse', 'turtle', 'bear', 'motorbike', 'giraffe', 'leopard',
    'fox', 'deer', 'owl', 'surfboard', 'airplane', 'truck', 'zebra', 'tiger', 'elephant', 'snowboard', 'boat',
    'shark', 'mouse', 'frog', 'eagle', 'earless_seal', 'tennis_racket')
YOUTUBE_VIS_2021_CLASSES = (
    'airplane', 'bear', 'bird', 'boat', 'car', 'cat', 'cow', 'deer', 'dog', 'duck', 'earless_seal', 'elephant',
    'fish', 'flying_disc', 'fox', 'frog', 'giant_panda', 'giraffe', 'horse', 'leopard', 'lizard', 'monkey',
    'motorbike', 'mouse', 'parrot', 'person', 'rabbit', 'shark', 'skateboard', 'snake', 'snowboard', 'squirrel',
    'surfboard', 'tennis_racket', 'tiger', 'train', 'truck', 'turtle', 'whale', 'zebra')
OVIS_CLASSES = (
    'Person', 'Bird', 'Cat', 'Dog', 'Horse', 'Sheep', 'Cow', 'Elephant', 'Bear', 'Zebra', 'Giraffe', 'Poultry',
    'Giant_panda', 'Lizard', 'Parrot', 'Monkey', 'Rabbit', 'Tiger', 'Fish', 'Turtle', 'Bicycle', 'Motorcycle',
    'Airplane', 'Boat', 'Vehical')

# Classes of Cityscapes, in the order of their values in the files; only persons and cars have instances.
KITTI_STEP_CLASSES = (
    'road', 'sidewalk', 'building', 'wall', 'fence', 'pole', 'traffic light', 'traffic sign', 'vegetation', 'terrain',
    'sky', 'person', 'rider', 'car', 'truck', 'bus', 'train', 'motorcycle', 'bicycle')
KITTI_STEP_THINGS = ('person', 'car')
KITTI_STEP_SEQUENCES = dict(
    train=('0000', '0001', '0003', '0004', '0005', '0009', '0011', '0012', '0015', '0017', '0019', '0020'),
    val=('0002', '0006', '0007', '0008', '0010', '0013', '0014', '0016', '0018'))

BURST_CATEGORY_IDS = range(1, 1231)
# BURST has the category ids of LVIS; its files name them. These are the 78 "common" ones.
BURST_COMMON_IDS = (
    4, 13, 34, 35, 36, 41, 45, 58, 60, 78, 79, 81, 91, 95, 99, 118, 126, 133, 139, 154, 174, 185, 211, 221, 229,
    235, 237, 276, 299, 347, 371, 382, 392, 428, 429, 452, 475, 480, 502, 544, 579, 621, 625, 642, 699, 714, 717,
    729, 747, 779, 805, 829, 852, 896, 926, 937, 961, 979, 980, 982, 993, 1001, 1018, 1038, 1057, 1091, 1097, 1099,
    1115, 1117, 1122, 1132, 1135, 1144, 1155, 1162, 1215, 1229)

# Ground truth of these is dropped when the files are read; they are never evaluated.
BURST_DISTRACTOR_IDS = frozenset((
    20, 63, 108, 180, 188, 204, 212, 247, 303, 403, 407, 415, 490, 504, 507, 513, 529, 567, 569, 588, 672,
    691, 702, 708, 711, 720, 736, 737, 798, 813, 815, 827, 831, 851, 877, 883, 912, 971, 976, 1130, 1133,
    1134, 1169, 1184, 1220))

# Categories that TAO merges into another one: (old id, evaluated id).
BURST_MERGED_IDS = ((153, 943), (201, 1175), (207, 554), (504, 347), (720, 347), (912, 529), (967, 529))

# COCO classes map to the class of the same name (ignoring case and "_"), except for these, as in SeqFormer and VITA.
COCO_RENAMES: dict[str, dict[str, str]] = dict(
    youtube_vis_2019=dict(bicycle='motorbike', motorcycle='motorbike', car='sedan', skis='snowboard'),
    youtube_vis_2021=dict(bicycle='motorbike', motorcycle='motorbike', frisbee='flying_disc', skis='snowboard'),
    ovis=dict(car='Vehical', bus='Vehical', truck='Vehical'))


def matching_class(name: str, classes: tuple[str, ...], renames: dict[str, str]) -> int:
    """Label to which a class of another dataset is mapped.

    Args:
        name: Class name in the other dataset.
        classes: Names of the labels.
        renames: Name in the other dataset -> name in ``classes``.

    Returns:
        int: The label, -1 if there is none.
    """
    plain = [_plain(other) for other in classes]
    name = _plain(renames.get(name, name))
    return plain.index(name) if name in plain else -1


def _plain(name: str) -> str:
    return name.lower().replace('_', ' ')

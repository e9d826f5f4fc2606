"""Names of class lists on the command line; imports no library."""

#: Name of a class list on the command line -> the registered dataset that defines it.
CLASS_LISTS = {
    'coco-panoptic': 'CocoPanopticDataset',
    'coco-things': 'CocoDataset',
    'youtube-vis-2019': 'YouTubeVIS2019Dataset',
    'youtube-vis-2021': 'YouTubeVIS2021Dataset',
    'ovis': 'OVISDataset',
    'kitti-step': 'KITTISTEPDataset',
    'vspw': 'VSPWDataset',
}

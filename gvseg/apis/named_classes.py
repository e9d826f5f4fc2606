"""Names of class lists on the command line; light to import."""

#: Lists of classes that a file may have been trained with, by the name that the user gives, and who knows them.
CLASS_LISTS = {
    'coco-panoptic': 'CocoPanopticDataset',
    'coco-things': 'CocoDataset',
    'youtube-vis-2019': 'YouTubeVIS2019Dataset',
    'youtube-vis-2021': 'YouTubeVIS2021Dataset',
    'ovis': 'OVISDataset',
    'kitti-step': 'KITTISTEPDataset',
    'vspw': 'VSPWDataset',
}

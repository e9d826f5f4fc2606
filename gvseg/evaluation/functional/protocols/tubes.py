"""The rules of tube AP and AR: YouTube-VIS and OVIS."""

from ..measures.tube_rules import ENDLESS, TubeGroup, TubeRule, TubeStatistic

SMALL, LARGE = 128.0**2, 256.0**2
AREA_GROUPS = (
    TubeGroup('all'),
    TubeGroup('small', (0.0, SMALL)),
    TubeGroup('medium', (SMALL, LARGE)),
    TubeGroup('large', (LARGE, ENDLESS)),
)
OCCLUSION_GROUPS = (
    TubeGroup('light', occlusion=(0.0, 0.25)),
    TubeGroup('half', occlusion=(0.25, 0.5)),
    TubeGroup('heavy', occlusion=(0.5, 1.0)),
)
AP_BY_AREA = (
    TubeStatistic('AP', True),
    TubeStatistic('AP50', True, threshold=0.5),
    TubeStatistic('AP75', True, threshold=0.75),
    TubeStatistic('APs', True, 'small'),
    TubeStatistic('APm', True, 'medium'),
    TubeStatistic('APl', True, 'large'),
)
AP_BY_OCCLUSION = (
    TubeStatistic('AP_light(so)', True, 'light'),
    TubeStatistic('AP_medium(mo)', True, 'half'),
    TubeStatistic('AP_heavy(ho)', True, 'heavy'),
)
AR_BY_AREA = (
    TubeStatistic('AR1', False, detections=1),
    TubeStatistic('AR10', False, detections=10),
    TubeStatistic('AR100', False),
    TubeStatistic('ARs', False, 'small'),
    TubeStatistic('ARm', False, 'medium'),
    TubeStatistic('ARl', False, 'large'),
)
AR_BY_OCCLUSION = (
    TubeStatistic('AR_light', False, 'light'),
    TubeStatistic('AR_medium', False, 'half'),
    TubeStatistic('AR_heavy', False, 'heavy'),
)

YOUTUBE_VIS = TubeRule(AREA_GROUPS, AP_BY_AREA + AR_BY_AREA)
OVIS = TubeRule(
    AREA_GROUPS + OCCLUSION_GROUPS,
    AP_BY_AREA + AP_BY_OCCLUSION + AR_BY_AREA + AR_BY_OCCLUSION,
    {'no_occlusion': 0.0, 'slight_occlusion': 0.25, 'severe_occlusion': 0.75},
)

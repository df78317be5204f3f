"""What the host streams into the chip: from audio files to features, one row per time step."""

from spinn2sim.workload.audio import Clip, load_clip
from spinn2sim.workload.feature_cache import load_features
from spinn2sim.workload.feature_set import Features, FeatureSet
from spinn2sim.workload.features import FeatureSettings, log_mel, rescale
from spinn2sim.workload.folder import CLASSES
from spinn2sim.workload.load import EMBEDDED, load_workload
from spinn2sim.workload.speech_commands import Corpus, load_corpus
from spinn2sim.workload.workload import Sample, Workload

__all__ = [
    "CLASSES",
    "EMBEDDED",
    "Clip",
    "Corpus",
    "FeatureSet",
    "FeatureSettings",
    "Features",
    "Sample",
    "Workload",
    "load_clip",
    "load_corpus",
    "load_features",
    "load_workload",
    "log_mel",
    "rescale",
]

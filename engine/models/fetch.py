"""`python -m engine.models.fetch NAME FOLDER`: download one model from the hub, nothing else."""

import sys

from faster_whisper.utils import download_model

if __name__ == "__main__":
    download_model(sys.argv[1], output_dir=sys.argv[2])

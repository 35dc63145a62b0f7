"""`python -m engine.models.fetch NAME FOLDER` downloads one model from Hugging Face."""

import sys

from faster_whisper.utils import download_model

if __name__ == "__main__":
    download_model(sys.argv[1], output_dir=sys.argv[2])

"""File formats: from files to plain data and back, one strict parser each. Uses numpy, Pillow and pycocotools only."""

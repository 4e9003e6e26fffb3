"""Scans a file, or every file of a folder, with fickling, whose own command takes one file: python3 peer_scan.py PATH"""

import os
import sys
import zipfile

from fickling.loader import scan_file, scan_zip_archive

path = sys.argv[1]
paths = [os.path.join(path, name) for name in sorted(os.listdir(path))] if os.path.isdir(path) else [path]
for one in paths:
    (scan_zip_archive if zipfile.is_zipfile(one) else scan_file)(one, graceful=True)

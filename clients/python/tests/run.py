"""Runs the tests of this folder, or those named, and ends with the counts that tests/run reads."""

from __future__ import annotations

import sys
import unittest
from pathlib import Path

folder = str(Path(__file__).parent)
sys.path.insert(0, folder)
loader = unittest.TestLoader()
suite = loader.loadTestsFromNames(sys.argv[1:]) if sys.argv[1:] else loader.discover(folder)
result = unittest.TextTestRunner(stream=sys.stdout, verbosity=2).run(suite)
failed = len(result.failures) + len(result.errors)
skipped = len(result.skipped)
print(f"{result.testsRun - failed - skipped} passed, {failed} failed, {skipped} skipped")
sys.exit(failed > 0)

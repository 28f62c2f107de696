"""Makes sure there is a real OpenID Connect provider for the tests, where its packages can be had: the locked ones."""

import hashlib
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PROVIDER = ROOT / "tests" / "oidc" / "provider"
sys.path.insert(0, str(ROOT))

from hatch_build import npm  # noqa: E402 - it is no installed module

if __name__ == "__main__":
    stamp = PROVIDER / "node_modules" / ".stamp"
    wanted = hashlib.sha256((PROVIDER / "package-lock.json").read_bytes()).hexdigest()
    if not stamp.is_file() or stamp.read_text() != wanted:
        try:
            npm(PROVIDER, "ci", "--ignore-scripts")
        except RuntimeError as error:
            print(str(error).strip().splitlines()[0])
            print("The OpenID Connect provider could not be installed, so the tests with a real one are skipped.")
        else:
            stamp.write_text(wanted)

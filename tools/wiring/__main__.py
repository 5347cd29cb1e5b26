"""Draw."""
import json
import sys
from pathlib import Path

from . import sheet

for name in sys.argv[1:]:
    path = Path("boards") / name / "board.json"
    c = sheet.draw(json.loads(path.read_text()), str(path))
    Path(f"/tmp/lw/{name}.svg").write_text(c.svg())

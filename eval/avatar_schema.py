"""The JSON Schema of `avatar.json`: `python -m personify.eval.avatar_schema` writes it to docs/avatar.schema.json."""

import json
import sys
from pathlib import Path
from typing import Any

from personify.pipelines.bundle import RECORD, AvatarRecord

HOME = Path("docs/avatar.schema.json")


def schema() -> dict[str, Any]:
    """Today's, as other programs check the file by; what older versions held is in `pipelines/migrations.py`."""
    told = AvatarRecord.model_json_schema(mode="serialization")
    about = {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": f"Personify's {RECORD}",
        "description": "One character: who it is, what it sounds and looks like, and how it came to be.",
    }
    return about | {key: value for key, value in told.items() if key not in about}


def text() -> str:
    """The file's content."""
    return json.dumps(schema(), indent=1, ensure_ascii=False) + "\n"


if __name__ == "__main__":
    target = Path(sys.argv[1]) if len(sys.argv) > 1 else HOME
    target.write_text(text(), encoding="utf-8")
    sys.stdout.write(f"{target}\n")

"""Opens JupyterLab, in which a chapter's Markdown opens as a notebook."""

import json
import os
import sys
from pathlib import Path

from jupyterlab.labapp import LabApp

ROOT = Path(__file__).resolve().parents[1]
# Settings of this environment alone: the user's own JupyterLab is left as it is.
SETTINGS = Path(sys.prefix) / "share" / "jupyter" / "lab" / "settings" / "overrides.json"
OVERRIDES = {
    "@jupyterlab/docmanager-extension:plugin": {
        "defaultViewers": {"markdown": "Jupytext Notebook", "myst": "Jupytext Notebook"}
    },
    "@jupyterlab/apputils-extension:notification": {"fetchNews": "false", "checkForUpdates": False},
}


def main():
    """Write the settings and start the server, with the arguments of the command line."""
    SETTINGS.parent.mkdir(parents=True, exist_ok=True)
    SETTINGS.write_text(json.dumps(OVERRIDES, indent=2), encoding="utf-8")
    # The folder that the server shows, unless the command line names another.
    os.chdir(ROOT)
    LabApp.launch_instance(sys.argv[1:])


if __name__ == "__main__":
    main()

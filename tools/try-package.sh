#!/bin/sh
# packages/aws_rehearsal in an environment that holds nothing else: installed from its folder, its README's example must run.
set -eu
alone=build/package
rm -rf "$alone"
mkdir -p "$alone"
.venv/bin/python -m venv "$alone/venv"
"$alone/venv/bin/python" -m pip install --quiet --disable-pip-version-check packages/aws_rehearsal
sed -n '/^```python$/,/^```$/p' packages/aws_rehearsal/README.md | sed '/^```/d' >"$alone/example.py"
said=$(cd "$alone" && venv/bin/python example.py)
[ "$said" = "still here" ] || { echo "package: the README's example said '$said'" >&2; exit 1; }
echo "package: installed alone, and the README's example runs"

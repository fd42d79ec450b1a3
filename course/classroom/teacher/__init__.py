"""For the teacher: what nbgrader does with a submission beyond its own: mend it, run it, answer it."""

import sys

# jsonschema would build a grammar of addresses out of it, which takes 2 CPU seconds, and which no notebook asks for.
sys.modules.setdefault("rfc3987_syntax", None)

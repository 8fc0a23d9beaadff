#!/usr/bin/env python3
"""count_gtest.py FOLDER: sums the single tests of GoogleTest's XML reports; the last line is the counts."""

import pathlib
import sys
import xml.etree.ElementTree as ElementTree


def verdict(case):
    """'failed', 'skipped' or 'passed' of one <testcase>."""
    if case.find("failure") is not None or case.find("error") is not None:
        return "failed"
    if case.find("skipped") is not None or case.get("result") in ("skipped", "suppressed"):
        return "skipped"
    return "passed"


def main(folder):
    counts = {"passed": 0, "failed": 0, "skipped": 0}
    for report in sorted(pathlib.Path(folder).glob("*.xml")):
        for case in ElementTree.parse(report).iter("testcase"):
            outcome = verdict(case)
            counts[outcome] += 1
            if outcome != "passed":
                print(f"{outcome}: {case.get('classname')}.{case.get('name')}")
    print(f"{counts['passed']} passed, {counts['failed']} failed, {counts['skipped']} skipped")
    return 1 if counts["failed"] else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))

"""Counts of test reports.

    summary.py go REPORT      failed tests of a `go test -json` report with their output, and its counts
    summary.py all RESULTS    every step, every failed test, and one closing line; exit 1 if anything failed

Go reports are RESULTS/go-*.json, Python's RESULTS/*.xml, Java ones the Surefire XML files below each module's target/, if newer than RESULTS/began.
"""

import json
import pathlib
import sys
import xml.etree.ElementTree as xml


class Counts:
    def __init__(self):
        self.passed = 0
        self.failed = 0
        self.skipped = 0
        self.failures = []


def read_go(path, counts):
    output = {}
    with open(path, encoding="utf-8") as report:
        for line in report:
            try:
                event = json.loads(line)
            except ValueError:
                counts.failures.append((str(path), line))
                continue
            key = (event.get("Package"), event.get("Test"))
            action = event["Action"]
            if action == "output":
                output.setdefault(key, []).append(event["Output"])
            elif action == "build-output":
                output.setdefault((event.get("ImportPath"), None), []).append(event["Output"])
            elif key[1] is None:
                if action == "fail":
                    text = "".join(output.get(key, [])) + "".join(
                        part for other, parts in output.items() if other[1] is None and other != key and event.get("FailedBuild") == other[0] for part in parts
                    )
                    counts.failures.append((key[0], text[-4000:]))
            elif action == "pass":
                counts.passed += 1
            elif action == "skip":
                counts.skipped += 1
            elif action == "fail":
                counts.failed += 1
                counts.failures.append((f"{key[0]} {key[1]}", "".join(output.get(key, []))[-4000:]))


def read_surefire(path, counts):
    for case in xml.parse(path).getroot().iter("testcase"):
        name = f"{case.get('classname')}.{case.get('name')}"
        problem = case.find("failure") if case.find("failure") is not None else case.find("error")
        if problem is not None:
            counts.failed += 1
            counts.failures.append((name, (problem.text or problem.get("message") or "")[:2000]))
        elif case.find("skipped") is not None:
            counts.skipped += 1
        else:
            counts.passed += 1


def main():
    mode, path = sys.argv[1], pathlib.Path(sys.argv[2])
    counts = Counts()
    if mode == "go":
        read_go(path, counts)
        for name, text in counts.failures:
            print(f"--- FAIL {name}\n{text}")
        print(f"{counts.passed} passed, {counts.failed} failed, {counts.skipped} skipped")
        return 1 if counts.failures else 0

    began = (path / "began").stat().st_mtime
    steps = [line.split(" ", 1) for line in (path / "steps").read_text().splitlines()]
    for report in sorted(path.glob("go-*.json")):
        read_go(report, counts)
    for report in sorted(pathlib.Path(".").glob("*/target/surefire-reports*/TEST-*.xml")):
        if report.stat().st_mtime >= began:
            read_surefire(report, counts)
    for report in path.glob("*.xml"):
        read_surefire(report, counts)
    for outcome, rest in steps:
        name, seconds = rest.rsplit(" ", 1)
        print(f"  {outcome}  {name} ({seconds} s)")
    for name, _ in counts.failures:
        print(f"  failed: {name}")
    broken = [rest.rsplit(" ", 1)[0] for outcome, rest in steps if outcome == "fail"]
    failed = max(counts.failed, len(broken))
    print(f"{counts.passed} passed, {failed} failed, {counts.skipped} skipped")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())

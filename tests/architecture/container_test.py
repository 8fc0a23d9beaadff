"""The composed cluster keeps its secrets from others: what can be said of it without a container."""

import pathlib
import re
import unittest

ROOT = pathlib.Path(__file__).resolve().parents[2]
MODE = re.compile(r"chmod\s+(?:-\w+\s+)*([0-7]{3,4}|[augo]*[-+=]\w+)\s")


def lets_others_in(line):
    """Whether a line tells to give group or world a right."""
    found = MODE.search(line + " ")
    if not found:
        return False
    mode = found.group(1)
    return mode[-2:] != "00" if mode.isdigit() else not mode.startswith("u") and "-" not in mode


class Secrets(unittest.TestCase):
    def test_nobody_is_told_to_let_others_read_them(self):
        for path in [*ROOT.glob("*.md"), *(ROOT / "adapters/web/guide").glob("*.md"), *(ROOT / "config").rglob("*")]:
            if path.is_file():
                for line in path.read_text(encoding="utf-8").splitlines():
                    self.assertFalse(lets_others_in(line), f"{path}: {line}")

    def test_the_rule_above_sees_what_it_must(self):
        for bad in ("chmod 644 jwt.key", "chmod 0640 x", "chmod -R 755 x", "chmod a+r x", "chmod go+r x", "chmod +r x", "chmod 604 x"):
            self.assertTrue(lets_others_in(bad), bad)
        for good in ("chmod 600 x", "chmod 0400 x", "chmod 700 x", "chmod u+x x"):
            self.assertFalse(lets_others_in(good), good)

    def test_the_signing_key_belongs_to_the_user_of_the_image_alone(self):
        compose = (ROOT / "config/compose.yaml").read_text(encoding="utf-8")
        image = (ROOT / "config/Dockerfile").read_text(encoding="utf-8")
        user, group = re.search(r"useradd .*--uid (\d+) --gid (\d+)", image).groups()
        self.assertIn(f'{{source: jwt_key, target: jwt.key, uid: "{user}", gid: "{group}", mode: 0400}}', compose)
        self.assertRegex(compose, r"\nsecrets:\n  jwt_key:\n    environment: \w+")
        self.assertNotIn("/run/secrets/jwt.key:", compose, "a mounted file has the owner of the host")


if __name__ == "__main__":
    unittest.main()

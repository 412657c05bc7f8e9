# SPDX-License-Identifier: Apache-2.0
"""The device key of a browser or a kiosk that is a program: P-256, made and used by the openssl command."""
import base64
import hashlib
import subprocess


def openssl(*words, **options):
    return subprocess.run(["openssl", *words], check=True, capture_output=True, **options).stdout


class DeviceKey:
    def __init__(self, folder, name="device"):
        self.path = folder / f"{name}.pem"
        self.path.write_bytes(openssl("ecparam", "-name", "prime256v1", "-genkey", "-noout"))
        self.path.chmod(0o600)
        self.spki = openssl("ec", "-in", str(self.path), "-pubout", "-outform", "DER")

    @property
    def public_key(self):
        return base64.b64encode(self.spki).decode()

    @property
    def fingerprint(self):
        digits = hashlib.sha256(self.spki).hexdigest()[:32].upper()
        return " ".join(digits[at:at + 4] for at in range(0, 32, 4))

    def sign(self, statement):
        """r and s in base64url: what openssl gives as a DER sequence of two integers."""
        der = openssl("dgst", "-sha256", "-sign", str(self.path), input=statement)
        at, halves = 2, b""
        for _ in range(2):
            size = der[at + 1]
            halves += der[at + 2:at + 2 + size].lstrip(b"\0").rjust(32, b"\0")
            at += 2 + size
        return base64.urlsafe_b64encode(halves).decode().rstrip("=")

    def registration(self, account, name="a program"):
        """What POST me/devices takes of this account."""
        proof = self.sign(b"huijian-device-v1\0" + account.encode() + b"\0" + self.spki)
        return {"name": name, "public_key": self.public_key, "proof": proof}

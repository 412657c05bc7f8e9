#!/usr/bin/env python3
# SPDX-License-Identifier: Apache-2.0
"""huijian-media maps no plug-in of GStreamer, even when its environment asks for them. usage: test-no-plugins.py HUIJIAN-MEDIA"""
import os
import pathlib
import subprocess
import sys
import tempfile
import time


def udp_sockets():
    lines = [line.split() for name in ("udp", "udp6") for line in pathlib.Path(f"/proc/net/{name}").read_text().splitlines()[1:]]
    return {f"socket:[{words[9]}]" for words in lines}


def has_udp(pid):
    """It has made its pipelines when its port is open."""
    links = []
    for each in pathlib.Path(f"/proc/{pid}/fd").iterdir():
        try:
            links.append(os.readlink(each))
        except OSError:
            pass
    return bool(udp_sockets().intersection(links))


def mapped(pid):
    lines = pathlib.Path(f"/proc/{pid}/maps").read_text().splitlines()
    return {line.split(None, 5)[5] for line in lines if len(line.split(None, 5)) == 6}


def look(program, environment):
    with tempfile.TemporaryDirectory(prefix="hj") as folder:
        config = pathlib.Path(folder) / "media.conf"
        config.write_text(f"[media]\nlink_socket={folder}/link\nlisten=127.0.0.1\npublic_addresses=127.0.0.1\n")
        own = {"GST_REGISTRY": f"{folder}/registry.bin", **environment}
        child = subprocess.Popen([program, "--config", config], env={**os.environ, **own}, stdout=subprocess.DEVNULL,
                                 stderr=subprocess.DEVNULL)
        try:
            end = time.monotonic() + 60
            while not has_udp(child.pid):
                assert child.poll() is None and time.monotonic() < end, f"huijian-media did not come up: {child.poll()}"
                time.sleep(0.05)
            files = mapped(child.pid)
            assert any("libgstreamer-1.0" in name for name in files), "the programme is not what this test looks at"
            assert not pathlib.Path(own["GST_REGISTRY"]).exists(), "a registry was written"
            return sorted(name for name in files if "/gstreamer-1.0/" in name)
        finally:
            child.kill()
            child.wait()


def main():
    plugins = subprocess.run(["pkg-config", "--variable=pluginsdir", "gstreamer-1.0"], check=True, capture_output=True,
                             text=True).stdout.strip()
    assert list(pathlib.Path(plugins).glob("*.so")), "no plug-in is installed: there is nothing to keep out"
    cases = {"as it is started": {}, "told to scan": {"GST_REGISTRY_DISABLE": "no", "GST_REGISTRY_FORK": "no"},
             "given a folder of plug-ins": {"GST_PLUGIN_PATH": plugins, "GST_PLUGIN_SYSTEM_PATH": plugins, "GST_TRACERS": "latency"}}
    print(f"1..{len(cases)}")
    failed = 0
    for number, (name, environment) in enumerate(cases.items(), 1):
        found = look(sys.argv[1], environment)
        failed += bool(found)
        print(f"{'not ok' if found else 'ok'} {number} - no plug-in is mapped: {name}")
        for each in found:
            print(f"# {each}")
    return 1 if failed else 0


sys.exit(main())

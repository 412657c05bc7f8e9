# SPDX-License-Identifier: Apache-2.0
"""Draws what ./dev bench media measured: gnuplot, one PNG. A line ends where too much was lost: a cost for each packet that
arrived says little then."""
import shutil
import subprocess

STYLES = {"huijian": ("huijian-media", "#1b6ca8", 7), "bare": ("bare loop", "#444444", 5), "janus": ("Janus 1.1.2", "#c0392b", 9)}


def _panel(title, label, column, names):
    lines = [f"'{name}.dat' using 1:{column} with linespoints lw 2 pt {STYLES[name][2]} lc rgb '{STYLES[name][1]}' title '{STYLES[name][0]}'"
             for name in names]
    return f"set title '{title}'\nset ylabel '{label}'\nplot " + ", ".join(lines) + "\n"


def draw(levels, folder, max_loss):
    """max_loss: percent. Returns the picture's path, or None without gnuplot."""
    if not shutil.which("gnuplot"):
        return None
    names = [name for name in STYLES if any(name in level and level[name]["loss_percent"] <= max_loss for level in levels)]
    known = [level["meetings"] for level in levels]
    data = folder / "media-plot"
    data.mkdir(exist_ok=True)
    for name in names:
        rows = [(level["meetings"], *(level[name][key] for key in ("us_per_packet", "added_us_p50", "added_us_p99", "core_share")))
                for level in levels if name in level and level[name]["loss_percent"] <= max_loss]
        (data / f"{name}.dat").write_text("".join(" ".join(str(max(word, 0.01)) for word in row) + "\n" for row in rows), encoding="utf-8")
    script = f"""set terminal pngcairo size 1200,900 font 'sans,11'
set output '{folder / "media.png"}'
set multiplot layout 2,2 title 'One core, meetings of two: 50 packets of sound and 30 frames a second from each seat. A line ends where more than {max_loss} % is lost'
set grid
set logscale xy
set xlabel 'meetings'
set xtics ({", ".join(str(meetings) for meetings in known)})
set xrange [{min(known) * 0.8}:{max(known) * 1.25}]
set format y '%g'
set key bottom left
""" + _panel("Processor time for each forwarded packet", "µs", 2, names) + "unset key\n" + _panel("Share of the core", "", 5, names) \
        + _panel("Added delay, median", "µs", 3, names) + _panel("Added delay, 99 of 100 packets are faster", "µs", 4, names) + "unset multiplot\n"
    subprocess.run(["gnuplot"], input=script, text=True, check=True, cwd=data)
    return folder / "media.png"

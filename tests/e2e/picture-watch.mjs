// SPDX-License-Identifier: Apache-2.0
// Whether the others' pictures go on, as somebody before the page sees it: frames and covers. A slow machine shows few frames
// and stops for a moment, so nothing here counts frames per second. What counts: frames come at all, and a page covers a
// picture only when it has stood still.
import assert from 'node:assert/strict';

import { until } from './service.mjs';

/** A page that covers a picture has seen it stand for two seconds (web/lib/flow.ts), looking twice a second. */
const STOOD_MS = 1400;

/** In the page: what is over a picture, and how long the frames stood when it came. */
function watch() {
  const record = { from_ms: Date.now(), frames: 0, longest_ms: 0, covers: [] };
  let count = null;
  let grew_ms = Date.now();
  let cover = null;
  const look = () => {
    const now_ms = Date.now();
    const videos = [...document.querySelectorAll('video[data-seat]')];
    const frames = videos.reduce((sum, video) => sum + video.getVideoPlaybackQuality().totalVideoFrames, 0);
    const tiles = [...document.querySelectorAll('figure.tile[data-showing]')];
    const over = document.querySelector('.trouble:not(.trouble-small)');
    const hidden = tiles.filter((tile) => tile.dataset.showing !== 'true');
    const stood_ms = now_ms - grew_ms;
    if (count !== null && frames > count) {
      record.frames += frames - count;
      record.longest_ms = Math.max(record.longest_ms, stood_ms);
      grew_ms = now_ms;
    }
    count = frames;
    const text = over?.innerText ?? (tiles.length === 0 ? 'no tile' : hidden.map((tile) => tile.querySelector('[data-testid=tile-cover]')?.innerText ?? 'no word').join(', '));
    if (!text) cover = null;
    else if (cover?.text === text) cover.for_ms = now_ms - record.from_ms - cover.at_ms;
    else record.covers.push(cover = { text, at_ms: now_ms - record.from_ms, for_ms: 0, stood_ms, is_tile: !over && tiles.length > 0 });
    record.standing_ms = now_ms - grew_ms;
    record.for_ms = now_ms - record.from_ms;
  };
  clearInterval(window.pictureTimer);
  window.pictureTimer = setInterval(look, 50);
  window.pictures = record;
  look();
}

const told = (name, seen) => `${name}: ${seen.frames} frames in ${seen.for_ms} ms, stood for up to ${Math.max(seen.longest_ms, seen.standing_ms)} ms` +
  seen.covers.map((one) => `; covered at ${one.at_ms} ms for ${one.for_ms} ms with "${one.text.replace(/\s+/g, ' ')}" after standing for ${one.stood_ms} ms`).join('');

/** Until a page shows all pictures that it has a tile for: its looks are half a second apart, so that comes after the first frames. */
export const showsPictures = (page) => until(() => page.evaluate(() => {
  const tiles = [...document.querySelectorAll('figure.tile[data-showing]')];
  return tiles.length > 0 && tiles.every((tile) => tile.dataset.showing === 'true');
}), 'an uncovered picture');

/** Starts to watch pages by name that show their pictures; what is watched is read with moves() and notCovered(). */
export async function watchPictures(pages) {
  for (const page of Object.values(pages)) {
    await showsPictures(page);
    await page.evaluate(watch);
  }
  const read = async () => Object.fromEntries(await Promise.all(Object.entries(pages).map(async ([name, page]) => [name, await page.evaluate(() => window.pictures)])));
  const tellAll = (all) => Object.entries(all).map(([name, seen]) => told(name, seen)).join('; ');
  return {
    tell: async () => tellAll(await read()),
    /** Until each page has shown that many frames more than now. */
    async moves(n, what, seconds = 30) {
      const start = await read();
      await until(async () => Object.entries(await read()).every(([name, seen]) => seen.frames >= start[name].frames + n), what, seconds)
        .catch(async (error) => { throw new Error(`${error.message}\n${tellAll(await read())}`); });
    },
    /** No page has hidden a picture that moved. */
    async notCovered(what) {
      const all = await read();
      const wrong = Object.values(all).flatMap((seen) => seen.covers).filter((one) => !one.is_tile || one.stood_ms < STOOD_MS);
      assert.equal(wrong.length, 0, `${what}\n${tellAll(all)}`);
    },
  };
}

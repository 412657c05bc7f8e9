// SPDX-License-Identifier: Apache-2.0
// What a browser and its system are called in the list of devices: "Chrome 156 · Windows". Coarse on purpose: enough for its
// owner to know it, not more. Proper names, the same in every language.
import { browserName } from '../lib/devices';

const BROWSERS: Record<string, string> = {
  chrome: 'Chrome', edge: 'Edge', firefox: 'Firefox', safari: 'Safari', 360: '360', qianxin: 'QAX', uos: 'UOS', ie: 'Internet Explorer',
};

/** In this order: the first that fits. Windows and macOS no longer tell their version in a way one can trust. */
const SYSTEMS: [RegExp, string][] = [
  [/UOS/, 'UOS'], [/Kylin/i, 'Kylin'], [/OpenHarmony|HarmonyOS/i, 'HarmonyOS'], [/Android/, 'Android'], [/iPad/, 'iPadOS'], [/iPhone/, 'iOS'],
  [/Windows/, 'Windows'], [/Mac OS X|Macintosh/, 'macOS'], [/CrOS/, 'ChromeOS'], [/Linux/, 'Linux'],
];

function versionOf(agent: string, browser: string): string {
  const patterns: Record<string, RegExp> = { edge: /Edg\/(\d+)/, firefox: /Firefox\/(\d+)/, safari: /Version\/(\d+)/ };
  return (patterns[browser] ?? /Chrom(?:e|ium)\/(\d+)/).exec(agent)?.[1] ?? '';
}

export function deviceName(agent: string): string {
  const browser = browserName(agent);
  const system = SYSTEMS.find(([pattern]) => pattern.test(agent))?.[1] ?? '';
  const named = [BROWSERS[browser] ?? 'Browser', versionOf(agent, browser)].filter(Boolean).join(' ');
  return [named, system].filter(Boolean).join(' · ');
}

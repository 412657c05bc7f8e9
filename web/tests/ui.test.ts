// SPDX-License-Identifier: Apache-2.0
import { render } from 'lit';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { cancelReason, cancelReasonText } from '../ui/cancel-reasons';
import { ApiProblem } from '../lib/api';
import { problemText } from '../ui/problem';
import { clockBadge, errorSummary, findingList } from '../ui/shapes';
import { locale, pick, registerEnglish, setLocale, t } from '../ui/text';
import { endReasonText } from '../ui/words';
import { countDown, dayKey, formatDay, formatDuration, formatRange, formatTime, nowUs, setServerTime, startOfDay } from '../ui/time';

const at = (text: string) => Date.parse(text) * 1000;
const HOUR = 3_600_000_000;

function drawn(template: Parameters<typeof render>[0]): HTMLElement {
  const box = document.createElement('div');
  render(template, box);
  return box;
}

const words = (element: HTMLElement) => (element.textContent ?? '').replace(/\s+/g, ' ').trim();

afterEach(async () => { await setLocale('zh-CN', false); });

describe('why a meeting ended', () => {
  it('has words for each reason of people and of the machine, in both languages', async () => {
    for (const language of ['zh-CN', 'en'] as const) {
      await setLocale(language, false);
      const all = ['done', 'help', 'fault', 'identity', 'other', 'abandoned', 'cancelled'].map(endReasonText);
      expect(new Set(all).size).toBe(7);
      expect(all.every((text) => (language === 'en' ? /^[A-Z][\x20-\x7e]+$/ : /[\u4e00-\u9fff]/).test(text))).toBe(true);
    }
    expect(endReasonText(null)).toBe('');
  });
});

describe('why a booking was cancelled', () => {
  it('is kept in Chinese and read in the reader\'s language, the note as it was written', async () => {
    const recorded = cancelReason('日程变更', ' 出差 ');
    expect([recorded, cancelReason('日程变更')]).toEqual(['日程变更：出差', '日程变更']);
    await setLocale('en', false);
    expect(cancelReasonText(recorded)).toBe('Change of schedule: 出差');
    expect(cancelReasonText('在押人员就医')).toBe('Detainee is in medical care');
    expect(cancelReasonText('消防演练：三楼')).toBe('消防演练：三楼');
  });
});

describe('texts', () => {
  it('switch at any moment, with their values', async () => {
    registerEnglish({ '还有 {n} 项': '{n} left' });
    expect(t('还有 {n} 项', { n: 3 })).toBe('还有 3 项');
    await setLocale('en', false);
    expect(locale()).toBe('en');
    expect(document.documentElement.lang).toBe('en');
    expect(t('还有 {n} 项', { n: 3 })).toBe('3 left');
  });

  it('from the server come in the reader\'s language, or in the one there is', async () => {
    expect(pick({ zh: '一', en: 'one' })).toBe('一');
    await setLocale('en', false);
    expect(pick({ zh: '一', en: 'one' })).toBe('one');
    expect(pick({ zh: '一', en: '' })).toBe('一');
    expect(pick('王')).toBe('王');
    expect(pick(null)).toBe('');
  });
});

describe('times', () => {
  it('are told in the centre\'s zone, not the reader\'s', async () => {
    expect(formatTime(at('2026-11-23T16:30:00Z'))).toBe('00:30');
    expect(formatDay(at('2026-11-23T16:30:00Z'))).toBe('11月24日周二');
    expect(dayKey(at('2026-11-23T16:30:00Z'))).toBe('2026-11-24');
    await setLocale('en', false);
    expect(formatRange(at('2026-11-23T01:00:00Z'), at('2026-11-23T01:30:00Z'))).toBe('Mon 23 Nov 09:00–09:30');
  });

  it('know the centre\'s midnight', () => {
    expect(startOfDay(at('2026-11-23T15:59:59Z'))).toBe(at('2026-11-22T16:00:00Z'));
    expect(startOfDay(at('2026-11-23T16:00:00Z'))).toBe(at('2026-11-23T16:00:00Z'));
  });

  it('follow the server\'s clock', () => {
    vi.useFakeTimers();
    setServerTime(nowUs() + HOUR);
    expect(nowUs()).toBe(Date.now() * 1000 + HOUR);
    setServerTime(Date.now() * 1000);
    vi.useRealTimers();
  });

  it('span in words', () => {
    expect([0, 59_999_999, 60_000_000, HOUR, HOUR + 120_000_000, -5].map(formatDuration)).toEqual(
      ['0 秒', '59 秒', '1 分钟', '1 小时', '1 小时 2 分钟', '0 秒']);
  });
});

describe('the 48-hour clock', () => {
  const clock = (state: 'running' | 'met' | 'overdue' | 'stopped', left_us: number, met_at_us: number | null = null) =>
    drawn(clockBadge({ state, started_at_us: 0, due_at_us: nowUs() + left_us, met_at_us }));

  it('says how much is left, in words and not by colour alone', () => {
    const badge = clock('running', 20 * HOUR + 30_000_000);
    expect(words(badge)).toBe('48 小时：还剩 20 小时');
    expect(badge.querySelector('.hj-is-info')).not.toBeNull();
    expect(clock('running', 2 * HOUR).querySelector('.hj-is-warn')).not.toBeNull();
  });

  it('says when it has run out, even before the server has', () => {
    expect(words(clock('running', -HOUR))).toContain('已超 1 小时');
    expect(words(clock('overdue', -HOUR))).toContain('已超');
  });

  it('is met by a meeting only', () => {
    expect(words(clock('met', 0, at('2026-11-23T01:00:00Z')))).toBe('48 小时：已于 11月23日周一 09:00 会见');
    expect(words(clock('stopped', 5))).toBe('48 小时：已停止');
    expect(words(drawn(clockBadge(null)))).toBe('');
  });
});

describe('findings', () => {
  it('carry severity in words, legal basis and remedy', () => {
    const list = drawn(findingList([{ code: 'licence', severity: 'deny', title: { zh: '停业', en: 'Suspended' }, basis: { zh: '法', en: 'Law' }, remedy: { zh: '恢复', en: 'Restore' } }]));
    const item = list.querySelector<HTMLElement>('[data-testid=finding-licence]')!;
    expect(words(item)).toBe('不能会见 停业 依据：法 办理：恢复');
  });

  it('are text, whatever they hold', () => {
    const list = drawn(findingList([{ code: 'x', severity: 'note', title: '<img src=x>', basis: '', remedy: '' }]));
    expect(list.querySelector('img')).toBeNull();
  });
});

describe('errors', () => {
  it('lead to their field', () => {
    const field = document.createElement('input');
    field.id = 'account';
    document.body.append(field);
    const summary = drawn(errorSummary([{ field: 'account', text: '请输入账号。' }]));
    document.body.append(summary);
    summary.querySelector<HTMLElement>('a')!.click();
    expect(document.activeElement).toBe(field);
  });

  it('speak the server\'s words to people, never its details', () => {
    expect(problemText(new ApiProblem(409, 'state', '当前状态下不能进行此操作', 'booking is HELD'))).toBe('当前状态下不能进行此操作');
    expect(problemText(new ApiProblem(0, 'unreachable', ''))).toContain('无法连接服务器');
    expect(problemText(new ApiProblem(500, 'unknown', ''))).toContain('unknown');
    expect(problemText(new TypeError('x'))).toContain('页面发生错误');
  });
});

describe('the time left', () => {
  it('counts whole seconds down to nothing', () => {
    expect(countDown(59_000_001)).toBe('01:00');
    expect(countDown(1)).toBe('00:01');
    expect(countDown(-5_000_000)).toBe('00:00');
    expect(countDown(3_661_000_000)).toBe('1:01:01');
  });
});

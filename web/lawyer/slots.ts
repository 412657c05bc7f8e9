// SPDX-License-Identifier: Apache-2.0
// The table of free slots: a day is chosen, its times stand in rows by part of the day. Plain buttons, no dragging.
// Rooms with the same time are one button: which room it is makes no difference to the lawyer.
import type { Slot } from '../lib/model';
import { HjElement, customElement, html, nothing, property, state } from '../ui/element';
import { pick, t } from '../ui/text';
import { HOUR_US, dayKey, formatDay, formatTime, nowUs, startOfDay } from '../ui/time';

/** One slot for each start, in order; of several rooms the first. */
export function oneRoomEach(slots: Slot[]): Slot[] {
  const byStart = new Map<number, Slot>();
  for (const slot of slots) {
    if (!byStart.has(slot.starts_at_us)) byStart.set(slot.starts_at_us, slot);
  }
  return [...byStart.values()].sort((a, b) => a.starts_at_us - b.starts_at_us);
}

export function isRunning(slot: Slot, now_us: number): boolean {
  return slot.starts_at_us <= now_us && now_us < slot.ends_at_us;
}

type Part = 'night' | 'morning' | 'afternoon' | 'evening';

export function partOfDay(at_us: number): Part {
  const hour = Math.floor((at_us - startOfDay(at_us)) / HOUR_US);
  return hour < 6 ? 'night' : hour < 12 ? 'morning' : hour < 18 ? 'afternoon' : 'evening';
}

function partText(part: Part): string {
  switch (part) {
    case 'night': return t('凌晨');
    case 'morning': return t('上午');
    case 'afternoon': return t('下午');
    case 'evening': return t('晚间');
  }
}

@customElement('hj-slots')
export class HjSlots extends HjElement {
  @property({ attribute: false }) slots: Slot[] = [];
  @property({ attribute: false }) chosen: Slot | null = null;
  @state() private day = '';

  private choose(slot: Slot): void {
    this.dispatchEvent(new CustomEvent('chosen', { detail: slot }));
  }

  private button(slot: Slot) {
    const running = isRunning(slot, nowUs());
    return html`<button type="button" class="hj-slim slot" data-testid="slot-${slot.starts_at_us}"
      aria-pressed=${this.chosen?.starts_at_us === slot.starts_at_us}
      @click=${() => this.choose(slot)}>${formatTime(slot.starts_at_us)}<span class="hj-hidden">–${formatTime(slot.ends_at_us)} ${pick(slot.room_name)}</span>${running
        ? html`<span class="slot-now">${t('现在')}</span>` : nothing}</button>`;
  }

  protected override render() {
    const slots = oneRoomEach(this.slots);
    const days = new Map<string, Slot[]>();
    for (const slot of slots) {
      const key = dayKey(slot.starts_at_us);
      days.set(key, [...(days.get(key) ?? []), slot]);
    }
    const day = days.has(this.day) ? this.day : [...days.keys()][0];
    if (day === undefined) return nothing;
    const today = days.get(day) ?? [];
    const parts: Part[] = ['night', 'morning', 'afternoon', 'evening'];
    return html`
      <div class="days" role="group" aria-label=${t('日期')}>${[...days].map(([key, some]) => html`
        <button type="button" class="hj-slim" aria-pressed=${key === day} data-testid="day-${key}" @click=${() => { this.day = key; }}>
          <span>${formatDay(some[0]!.starts_at_us)}</span><small>${t('{n} 个时段', { n: some.length })}</small></button>`)}
      </div>
      <table class="slots">
        <caption class="hj-hidden">${t('{day} 可预约的时段', { day: formatDay(today[0]!.starts_at_us) })}</caption>
        <tbody>${parts.map((part) => {
          const some = today.filter((slot) => partOfDay(slot.starts_at_us) === part);
          return some.length === 0 ? nothing
            : html`<tr><th scope="row">${partText(part)}</th><td><div class="slot-buttons">${some.map((slot) => this.button(slot))}</div></td></tr>`;
        })}</tbody>
      </table>`;
  }
}

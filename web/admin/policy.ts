// SPDX-License-Identifier: Apache-2.0
// A centre's policy as a form: opening hours by weekday, length of a slot, booking window, lateness, review. Each saving
// makes a new version; the old ones stay, because past decisions rest on them.
import { api, ApiProblem } from '../lib/api';
import type { Centre, Policy } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import { problemText } from '../ui/problem';
import { errorSummary, notice, type FieldError } from '../ui/shapes';
import { HjView, inputField, selectField } from '../staff/view';
import { mark, pick, t } from '../ui/text';
import { formatDateTime, nowUs } from '../ui/time';
import { breaksStatute, checkPolicy, DEFAULT_DOCUMENT, documentOf, formOf, LIMITS, MAX_SPANS, WEEKDAYS, type PolicyForm, type PolicyProblem, type Weekday } from './policy-form';

const DAYS: Record<Weekday, string> = {
  mon: mark('星期一'), tue: mark('星期二'), wed: mark('星期三'), thu: mark('星期四'), fri: mark('星期五'), sat: mark('星期六'), sun: mark('星期日'),
};
const NUMBERS: Record<keyof typeof LIMITS, string> = {
  slot_minutes: mark('每个时段（分钟）'),
  late_minutes: mark('迟到宽限（分钟）'),
  book_ahead_hours: mark('至少提前预约（小时）'),
  book_until_hours: mark('最多提前预约（小时）'),
};
const HINTS: Partial<Record<keyof typeof LIMITS, string>> = {
  slot_minutes: mark('应当能整除一天，例如 20、30、45、60。'),
  late_minutes: mark('不能长于一个时段。'),
  book_ahead_hours: mark('填 0 表示随时可以预约最近的时段。'),
};

/** The policy that holds now: the newest version that is in effect. */
export function currentPolicy(policies: Policy[], now_us: number): Policy | null {
  const inEffect = policies.filter(({ effective_from_us }) => effective_from_us <= now_us);
  return inEffect.reduce<Policy | null>((best, one) => (best && best.version > one.version ? best : one), null);
}

@customElement('hj-policy')
export class HjPolicy extends HjView {
  @property() centre = '';
  @state() private centres: Centre[] = [];
  @state() private policy: Policy | null = null;
  @state() private form: PolicyForm | null = null;
  @state() private errors: FieldError[] = [];
  @state() private busy = false;
  private asked = 0;

  override connectedCallback(): void {
    super.connectedCallback();
    void this.begin();
  }

  private async begin(): Promise<void> {
    try {
      this.centres = (await api.centres()).centres;
      await this.show(this.centre || (this.centres[0]?.id ?? ''));
    } catch (error) {
      this.fault(error);
    }
  }

  protected override updated(changed: Map<PropertyKey, unknown>): void {
    // Another centre by address, not by our own select.
    if (changed.has('centre') && changed.get('centre') !== undefined && this.centre && this.centres.length > 0) void this.show(this.centre);
  }

  private async show(centre: string): Promise<void> {
    const mine = ++this.asked;
    this.centre = centre;
    this.form = null;
    this.errors = [];
    if (!centre) return;
    try {
      const { policies } = await api.policies(centre);
      if (mine !== this.asked) return;
      this.policy = currentPolicy(policies, nowUs());
      this.form = formOf(this.policy?.document ?? DEFAULT_DOCUMENT);
    } catch (error) {
      this.fault(error);
    }
  }

  private change(part: Partial<PolicyForm>): void {
    if (this.form) this.form = { ...this.form, ...part };
  }

  private setDay(day: Weekday, change: (spans: PolicyForm['open'][Weekday]) => PolicyForm['open'][Weekday]): void {
    if (this.form) this.change({ open: { ...this.form.open, [day]: change(this.form.open[day]) } });
  }

  private problemOf({ field, code }: PolicyProblem): FieldError {
    const day = DAYS[field as Weekday];
    const name = t(day ?? NUMBERS[field as keyof typeof LIMITS]);
    const at = day && code !== 'never-open' ? `${field}-0-from` : field;
    switch (code) {
      case 'time': return { field: at, text: t('{name}：请填写完整的时间。', { name }) };
      case 'order': return { field: at, text: t('{name}：结束时间应当晚于开始时间。', { name }) };
      case 'overlap': return { field: at, text: t('{name}：两段时间重叠。', { name }) };
      case 'never-open': return { field: 'mon-add', text: t('请至少填写一天的开放时间，或选择全天开放。') };
      case 'divides': return { field, text: t('每个时段的分钟数应当能整除一天（1440 分钟），例如 20、30、45、60。') };
      case 'late': return { field, text: t('迟到宽限不能长于一个时段。') };
      case 'window': return { field, text: t('最多提前预约的小时数应当大于至少提前预约的小时数。') };
      default: {
        const [low, high] = LIMITS[field as keyof typeof LIMITS];
        return { field, text: t('{name}：请输入 {low} 至 {high} 的整数。', { name, low, high }) };
      }
    }
  }

  private async save(event: Event): Promise<void> {
    event.preventDefault();
    if (!this.form || this.busy) return;
    this.errors = checkPolicy(this.form).map((problem) => this.problemOf(problem));
    if (this.errors.length > 0) return this.focusSummary();
    this.busy = true;
    try {
      const policy = await api.setPolicy(this.centre, { document: documentOf(this.form, this.policy?.document ?? {}) });
      this.policy = policy;
      this.form = formOf(policy.document);
      this.say(t('规则已保存，自即时起生效（第 {n} 版）。已确认的预约不受影响。', { n: policy.version }));
      scrollTo(0, 0);
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.status === 401) return this.fault(error);
      this.errors = [{ field: 'slot_minutes', text: problemText(error) }];
      this.focusSummary();
    } finally {
      this.busy = false;
    }
  }

  private number(form: PolicyForm, field: keyof typeof LIMITS): TemplateResult {
    const hint = HINTS[field];
    return html`<div @input=${(event: Event) => {
      const { value } = event.target as HTMLInputElement;
      this.change({ [field]: value.trim() === '' ? Number.NaN : Number(value) });
    }}>${inputField({
      id: field, label: t(NUMBERS[field]), type: 'number', value: Number.isNaN(form[field]) ? '' : String(form[field]), min: LIMITS[field][0], max: LIMITS[field][1],
      errors: this.errors, testid: `policy-${field}`, ...(hint ? { hint: t(hint) } : {}),
    })}</div>`;
  }

  private day(form: PolicyForm, day: Weekday): TemplateResult {
    const name = t(DAYS[day]);
    const error = this.errors.find(({ field }) => field.startsWith(`${day}-`));
    const time = (index: number, end: 'from' | 'to', label: string) => html`<input type="time" class="hj-slim-input" id="${day}-${index}-${end}" data-testid="policy-${day}-${index}-${end}"
      aria-label="${name} ${label}" aria-invalid=${error ? 'true' : 'false'} .value=${form.open[day][index]![end]}
      @change=${(event: Event) => this.setDay(day, (spans) => spans.map((span, at) => (at === index ? { ...span, [end]: (event.target as HTMLInputElement).value } : span)))} />`;
    return html`<tr><th scope="row">${name}</th><td><div class="policy-spans">
      ${form.open[day].length === 0 ? html`<span class="hj-quiet">${t('不开放')}</span>` : nothing}
      ${form.open[day].map((_, index) => html`<span class="policy-span">${time(index, 'from', t('开始'))} – ${time(index, 'to', t('结束'))}
        <button type="button" class="hj-slim hj-plain" aria-label="${t('删除')} ${name} ${index + 1}" @click=${() => {
          this.setDay(day, (spans) => spans.filter((_span, at) => at !== index));
          this.focusOn(`#${day}-add`);
        }}>${t('删除')}</button></span>`)}
      <button type="button" class="hj-slim" id="${day}-add" data-testid="policy-${day}-add" ?disabled=${form.open[day].length >= MAX_SPANS} aria-label="${t('增加一段')} ${name}" @click=${() => {
        const index = form.open[day].length;
        this.setDay(day, (spans) => [...spans, spans.length === 0 ? { from: '08:30', to: '12:00' } : { from: '14:00', to: '17:30' }]);
        this.focusOn(`#${day}-${index}-from`);
      }}>${t('增加一段')}</button></div></td></tr>`;
  }

  private hours(form: PolicyForm): TemplateResult {
    return html`<section class="hj-card" aria-labelledby="hours-title"><h2 id="hours-title">${t('开放时间')}</h2>
      <label class="hj-choice"><input type="checkbox" data-testid="policy-always-open" .checked=${form.always_open}
        @change=${(event: Event) => this.change({ always_open: (event.target as HTMLInputElement).checked })} />${t('全天开放，每周七天')}</label>
      ${form.always_open ? nothing : html`<table class="policy-hours"><caption class="hj-hidden">${t('开放时间')}</caption>
        <thead class="hj-hidden"><tr><th scope="col">${t('星期')}</th><th scope="col">${t('时间')}</th></tr></thead>
        <tbody>${WEEKDAYS.map((day) => this.day(form, day))}</tbody></table>
        <p class="hj-quiet hj-small">${t('按看守所当地时间。00:00 结束表示到当日午夜。')}</p>`}</section>`;
  }

  private rules(form: PolicyForm): TemplateResult {
    return html`<section class="hj-card" aria-labelledby="rules-title"><h2 id="rules-title">${t('预约')}</h2>
      <div class="hj-pair">${this.number(form, 'slot_minutes')}${this.number(form, 'late_minutes')}${this.number(form, 'book_ahead_hours')}${this.number(form, 'book_until_hours')}</div>
      ${breaksStatute(form) ? notice('warn', t('要求提前 48 小时以上预约，会使 48 小时期限无法遵守。'), t('刑事诉讼法第三十九条：看守所应当及时安排会见，至迟不得超过四十八小时。')) : nothing}
      <label class="hj-choice"><input type="checkbox" data-testid="policy-review" .checked=${form.review}
        @change=${(event: Event) => this.change({ review: (event.target as HTMLInputElement).checked })} />${t('预约须经会见登记台人工审核')}</label>
      ${form.review ? html`<p class="hj-quiet hj-small">${t('审核期间 48 小时期限照常计算。')}</p>` : nothing}</section>`;
  }

  protected override render() {
    const { form, policy } = this;
    return html`<div class="hj-stack">
      <h1 tabindex="-1">${t('会见安排规则')}</h1>
      ${this.saying()}
      <div class="hj-filter">${selectField({
        id: 'policy-centre', label: t('看守所'), value: this.centre, testid: 'policy-centre', changed: (value) => void this.show(value),
        choices: this.centres.map(({ id, name }) => ({ value: id, label: pick(name) })),
      })}
      ${policy && form ? html`<p class="hj-quiet" data-testid="policy-version">${t('现行第 {n} 版，自 {time} 起', { n: policy.version, time: formatDateTime(policy.effective_from_us) })}</p>` : nothing}</div>
      ${form === null ? html`<p class="hj-waiting" role="status">${this.centres.length === 0 ? t('还没有看守所。') : t('正在读取…')}</p>` : html`
        <form class="hj-stack" novalidate @submit=${this.save}>${errorSummary(this.errors)}${this.hours(form)}${this.rules(form)}
          <div class="hj-buttons"><button class="hj-primary" data-testid="policy-save" ?disabled=${this.busy}>${t('保存为新版本')}</button></div></form>`}
    </div>`;
  }
}

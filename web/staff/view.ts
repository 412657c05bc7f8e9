// SPDX-License-Identifier: Apache-2.0
// What the views of desk, administrator and supervisor share: telling the page of a fault, a line that says what was done,
// form fields with hint and error, and the mark of a list that is no longer fresh.
import { ApiProblem } from '../lib/api';
import { HjElement, html, nothing, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import { problemText } from '../ui/problem';
import { notice, type FieldError } from '../ui/shapes';
import { registerEnglish, t } from '../ui/text';
import { formatTimeSeconds } from '../ui/time';
import { english } from './english';
import type { Poll } from './poll';

registerEnglish(english);

export const FAULT = 'hj-fault';

/** A view inside a page. Faults it cannot show itself go to the page, which knows what a lost session means. */
export abstract class HjView extends HjElement {
  @state() private said = '';

  /** Hands an error to the page. */
  protected fault(error: unknown): void {
    this.dispatchEvent(new CustomEvent(FAULT, { detail: error, bubbles: true, composed: true }));
  }

  /** Only a lost session goes to the page; the rest of a poll's failures the view shows as "not fresh". */
  protected readonly pollFault = (error: unknown): void => {
    if (!(error instanceof ApiProblem) || error.status === 401) this.fault(error);
  };

  /** Tells what was done, to eyes and screen readers alike. */
  protected say(text: string): void {
    this.said = text;
  }

  /** The place where say() speaks; each view has it once, always. */
  protected saying(): TemplateResult {
    return html`<div role="status" class="hj-said" data-testid="said">${this.said ? notice('good', this.said) : nothing}</div>`;
  }

  protected focusOn(selector: string): void {
    void this.updateComplete.then(() => this.querySelector<HTMLElement>(selector)?.focus());
  }

  /** Shows the summary of a form's errors and leads there. */
  protected focusSummary(): void {
    this.focusOn('.hj-summary');
  }
}

/** An empty cell: a dash for the eyes, a word for the ears. */
export function none(): TemplateResult {
  return html`<span class="hj-quiet" aria-hidden="true">—</span><span class="hj-hidden">${t('无')}</span>`;
}

/** Whether a list is fresh, in one line; louder when the server does not answer. */
export function freshness(poll: Poll): TemplateResult {
  const time = poll.answeredAt === null ? '' : formatTimeSeconds(poll.answeredAt * 1000);
  if (poll.failing) {
    return html`<div role="alert" data-testid="stale">${notice('warn', problemText(poll.failing),
      time ? t('下面是 {time} 的内容，正在自动重试。', { time }) : t('正在自动重试。'))}</div>`;
  }
  return html`<p class="hj-quiet hj-small hj-no-print" data-testid="fresh">${time ? t('自动更新，最近一次：{time}', { time }) : t('正在读取…')}</p>`;
}

export interface FieldOptions {
  id: string;
  label: string;
  /** name in FormData; the id when it is missing */
  name?: string;
  hint?: string;
  errors?: FieldError[];
}

function described(options: FieldOptions): { error: string; by: string | typeof nothing } {
  const error = options.errors?.find(({ field }) => field === options.id)?.text ?? '';
  const by = [options.hint ? `${options.id}-hint` : '', error ? `${options.id}-error` : ''].filter(Boolean).join(' ');
  return { error, by: by || nothing };
}

function framed(options: FieldOptions, error: string, control: TemplateResult, className = ''): TemplateResult {
  return html`<div class="hj-field ${className}">
    <label for=${options.id}>${options.label}</label>
    ${options.hint ? html`<span class="hj-hint" id="${options.id}-hint">${options.hint}</span>` : nothing}
    ${error ? html`<span class="hj-error" id="${options.id}-error">${error}</span>` : nothing}
    ${control}
  </div>`;
}

export interface InputOptions extends FieldOptions {
  value?: string;
  type?: string;
  autocomplete?: string;
  inputmode?: string;
  maxlength?: number;
  min?: string | number;
  max?: string | number;
  required?: boolean;
  lang?: string;
  testid?: string;
  className?: string;
}

export function inputField(options: InputOptions): TemplateResult {
  const { error, by } = described(options);
  return framed(options, error, html`<input id=${options.id} name=${options.name ?? options.id} type=${options.type ?? 'text'}
    .value=${options.value ?? ''} autocomplete=${options.autocomplete ?? 'off'} inputmode=${options.inputmode ?? nothing}
    maxlength=${options.maxlength ?? nothing} min=${options.min ?? nothing} max=${options.max ?? nothing}
    lang=${options.lang ?? nothing} aria-required=${options.required ? 'true' : nothing} spellcheck="false"
    data-testid=${options.testid ?? nothing} aria-invalid=${error ? 'true' : 'false'} aria-describedby=${by} />`, options.className);
}

export interface SelectOptions extends FieldOptions {
  value?: string;
  choices: { value: string; label: string }[];
  testid?: string;
  className?: string;
  changed?: (value: string) => void;
}

export function selectField(options: SelectOptions): TemplateResult {
  const { error, by } = described(options);
  return framed(options, error, html`<select id=${options.id} name=${options.name ?? options.id} data-testid=${options.testid ?? nothing}
    aria-invalid=${error ? 'true' : 'false'} aria-describedby=${by}
    @change=${(event: Event) => options.changed?.((event.target as HTMLSelectElement).value)}>
    ${options.choices.map(({ value, label }) => html`<option value=${value} ?selected=${value === options.value}>${label}</option>`)}
  </select>`, options.className);
}

export interface ChoiceOptions {
  name: string;
  legend: string;
  value?: string;
  choices: { value: string; label: string }[];
  error?: string;
}

/** A group of radio buttons; the first one carries the id `NAME`, so that an error summary can lead there. */
export function choiceField(options: ChoiceOptions): TemplateResult {
  return html`<fieldset class="hj-field"><legend>${options.legend}</legend>
    ${options.error ? html`<span class="hj-error" id="${options.name}-error">${options.error}</span>` : nothing}
    ${options.choices.map(({ value, label }, index) => html`<label class="hj-choice">
      <input type="radio" id=${index === 0 ? options.name : nothing} name=${options.name} value=${value} ?checked=${value === options.value}
        data-testid="${options.name}-${value}" aria-describedby=${options.error ? `${options.name}-error` : nothing} />${label}</label>`)}
  </fieldset>`;
}

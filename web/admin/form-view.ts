// SPDX-License-Identifier: Apache-2.0
// A view with one form in a dialog: opening, errors at their fields, one idempotency key for each thing a person sets out
// to create (kept through retries), closing.
import { keyed } from 'lit/directives/keyed.js';
import { ApiProblem, newIdempotencyKey } from '../lib/api';
import { html, nothing, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import { isOwnEvent } from '../ui/dialog';
import { problemText } from '../ui/problem';
import { errorSummary, type FieldError } from '../ui/shapes';
import { HjView } from '../staff/view';
import { t } from '../ui/text';

export abstract class HjFormView<Form> extends HjView {
  /** What the dialog is about; null when it is closed. */
  @state() protected form: Form | null = null;
  @state() protected errors: FieldError[] = [];
  @state() protected busy = false;
  @state() protected loaded = false;
  @state() private shown: Form | null = null;
  protected idempotencyKey = '';
  private opening = 0;

  protected abstract load(): Promise<void>;
  protected abstract formTitle(form: Form): string;
  protected abstract fields(form: Form): TemplateResult;
  protected abstract save(form: Form, data: FormData): Promise<void>;
  /** What is wrong before the server is asked. */
  protected check(_form: Form, _data: FormData): FieldError[] {
    return [];
  }
  /** The field that a refusal is about, where the server names none: `exists` and `password-weak` have one meaning a form. */
  protected fieldOf(_code: string, _form: Form): string {
    return '';
  }
  /** Words for a code at a field; nothing: the server's own. */
  protected fieldText(_field: string, _code: string): string {
    return '';
  }
  protected saveLabel(_form: Form): string {
    return t('保存');
  }
  /** Whether saving takes something away from somebody. */
  protected dangerous(_form: Form): boolean {
    return false;
  }
  protected saveTestid(_form: Form): string {
    return 'form-submit';
  }

  override connectedCallback(): void {
    super.connectedCallback();
    void this.reload();
  }

  protected async reload(): Promise<void> {
    try {
      await this.load();
      this.loaded = true;
    } catch (error) {
      this.fault(error);
    }
  }

  protected open(form: Form): void {
    this.form = form;
    this.shown = form;
    this.errors = [];
    this.opening += 1;
    this.idempotencyKey = newIdempotencyKey();
  }

  protected readonly close = (): void => {
    this.form = null;
  };

  private async submit(event: Event): Promise<void> {
    event.preventDefault();
    const { form } = this;
    if (form === null || this.busy) return;
    const data = new FormData(event.target as HTMLFormElement);
    this.errors = this.check(form, data);
    if (this.errors.length > 0) return this.focusSummary();
    this.busy = true;
    try {
      await this.save(form, data);
    } catch (error) {
      this.refuse(error);
    } finally {
      this.busy = false;
    }
  }

  private refuse(error: unknown): void {
    if (!(error instanceof ApiProblem) || error.status === 401) return this.fault(error);
    // What the server refused before it made anything may be tried again with other values, under another key.
    if (error.status >= 400 && error.status < 500) this.idempotencyKey = newIdempotencyKey();
    const { form } = this;
    // `invalid` names its field in the detail.
    const named = error.code === 'invalid' ? error.detail : form === null ? '' : this.fieldOf(error.code, form);
    const fields = error.fields.length > 0 ? error.fields : [{ field: named, code: error.code }];
    const title = problemText(error);
    this.errors = fields.map(({ field, code }) => ({ field: this.idOf(field), text: this.fieldText(field, code) || title }));
    this.focusSummary();
  }

  /** A field of ours, or the form itself for what has no field. */
  private idOf(field: string): string {
    const id = field === 'name' && this.querySelector('#name_zh') ? 'name_zh' : field;
    return /^[\w-]+$/.test(id) && this.querySelector(`#${id}`) ? id : 'form-top';
  }

  private wentAway(event: Event): void {
    if (!isOwnEvent(event)) return;
    this.form = null;
    this.shown = null;
  }

  /** The dialog; each view puts it once into its template, outside of any table. */
  protected dialog(): TemplateResult {
    const form = this.shown;
    return html`<wa-dialog label=${form === null ? '' : this.formTitle(form)} ?open=${this.form !== null} @wa-after-hide=${this.wentAway}>
      ${form === null ? nothing : keyed(this.opening, html`<form id="form-top" tabindex="-1" class="hj-stack" novalidate @submit=${this.submit}>
        ${errorSummary(this.errors)}
        ${this.fields(form)}
        <div class="hj-buttons">
          <button type="button" @click=${this.close}>${t('取消')}</button>
          <button class="hj-primary ${this.dangerous(form) ? 'hj-danger' : ''}" data-testid=${this.saveTestid(form)} ?disabled=${this.busy}>${this.saveLabel(form)}</button>
        </div></form>`)}
    </wa-dialog>`;
  }
}

export function textOf(data: FormData, name: string): string {
  return String(data.get(name) ?? '').trim();
}

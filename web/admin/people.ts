// SPDX-License-Identifier: Apache-2.0
// The accounts: who may sign in as what, for which centres. An account is never deleted, since the record names it.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import type { Account, Centre, Lawyer, Me, Role } from '../lib/model';
import { customElement, html, nothing, property, state } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import { roleName } from '../ui/header';
import { notice, tag, type FieldError } from '../ui/shapes';
import { inputField, selectField } from '../staff/view';
import { pick, t } from '../ui/text';
import { accountName, centreIds, filterAccounts, PASSWORD_MIN, reach, ROLES, seesAll, type Scoped } from './account';
import { HjFormView, textOf } from './form-view';
import './lawyer-picker';

type Form = { kind: 'create' } | { kind: 'password' | 'disable' | 'edit'; account: Scoped<Account> };

@customElement('hj-people')
export class HjPeople extends HjFormView<Form> {
  @property({ attribute: false }) me: Me | null = null;
  @state() private accounts: Scoped<Account>[] = [];
  @state() private centres: Centre[] = [];
  @state() private chosenRole: Role = 'desk';
  @state() private lawyer: Lawyer | null = null;
  @state() private everywhere = false;
  @state() private sought = '';

  protected async load(): Promise<void> {
    const [{ accounts }, { centres }] = await Promise.all([api.accounts(), api.centres()]);
    this.accounts = accounts;
    this.centres = centres;
  }

  protected formTitle(form: Form): string {
    switch (form.kind) {
      case 'create': return t('新增账号');
      case 'password': return t('重设密码：{name}', { name: form.account.name });
      case 'edit': return t('修改账号：{name}', { name: form.account.name });
      default: return t('停用账号：{name}', { name: form.account.name });
    }
  }

  protected override saveLabel(form: Form): string {
    return form.kind === 'create' ? t('新增账号') : form.kind === 'disable' ? t('停用账号') : t('保存');
  }

  protected override dangerous(form: Form): boolean {
    return form.kind === 'disable';
  }

  protected override saveTestid(): string {
    return 'account-submit';
  }

  private create(): void {
    this.chosenRole = 'desk';
    this.lawyer = null;
    this.everywhere = false;
    this.open({ kind: 'create' });
  }

  /** Whether the form asks for centres, and whether all of them may be chosen. */
  private asksCentres(form: Form): boolean {
    if (form.kind === 'create') return this.chosenRole !== 'lawyer';
    return form.kind === 'edit' && form.account.role !== 'lawyer' && !seesAll(form.account);
  }

  private offersAll(form: Form): boolean {
    return form.kind === 'create' && this.chosenRole !== 'desk' && seesAll(this.me?.account);
  }

  protected override check(form: Form, data: FormData): FieldError[] {
    const errors: FieldError[] = [];
    const create = form.kind === 'create';
    if (create && this.chosenRole === 'lawyer' && !this.lawyer) errors.push({ field: 'lawyer', text: t('请选择账号所属的律师。') });
    if (this.asksCentres(form) && !data.has('everywhere') && data.getAll('centres').length === 0) errors.push({ field: 'centres', text: t('请至少选择一个看守所。') });
    if (create && !accountName(textOf(data, 'name'))) errors.push({ field: 'name', text: t('请输入账号：2 至 64 个小写字母、数字或 . - _ @，以字母或数字开头。') });
    if ((create || form.kind === 'edit') && !textOf(data, 'display_name')) errors.push({ field: 'display_name', text: t('请输入姓名。') });
    if ((create || form.kind === 'password') && [...String(data.get('password') ?? '')].length < PASSWORD_MIN) {
      errors.push({ field: 'password', text: t('密码至少 10 个字符。') });
    }
    return errors;
  }

  protected override fieldOf(code: string, form: Form): string {
    if (code === 'password-weak') return 'password';
    return code === 'exists' && form.kind === 'create' ? 'name' : '';
  }

  protected override fieldText(field: string, code: string): string {
    if (field === 'name' && code === 'exists') return this.chosenRole === 'lawyer' ? t('这个账号已经存在，或者这名律师已有账号。') : t('这个账号已经存在。');
    if (field === 'password' || field === 'new') return t('密码强度不够：至少 10 个字符，不要包含账号或常见口令。');
    return '';
  }

  protected async save(form: Form, data: FormData): Promise<void> {
    switch (form.kind) {
      case 'create': await this.add(data); break;
      case 'password':
        await api.setAccountPassword(form.account.id, String(data.get('password')));
        this.say(t('账号 {name} 的密码已重设，原有登录已全部失效。', { name: form.account.name }));
        break;
      case 'edit':
        await api.setAccount(form.account.id, { display_name: textOf(data, 'display_name'), ...(this.asksCentres(form) ? reach(data) : {}) });
        this.say(t('账号 {name} 已修改。', { name: form.account.name }));
        break;
      default:
        await api.setAccount(form.account.id, { state: 'disabled' });
        this.say(t('账号 {name} 已停用。', { name: form.account.name }));
    }
    this.close();
    await this.reload();
  }

  private async add(data: FormData): Promise<void> {
    const about = this.chosenRole === 'lawyer' ? { lawyer: this.lawyer!.id } : reach(data);
    const account = await api.addAccount({
      name: textOf(data, 'name'), display_name: textOf(data, 'display_name'), role: this.chosenRole, password: String(data.get('password')), ...about,
    }, this.idempotencyKey);
    this.say(t('账号 {name} 已建立。请当面告知初始密码，并请本人登录后修改。', { name: account.name }));
  }

  private async enable(account: Account): Promise<void> {
    try {
      await api.setAccount(account.id, { state: 'active' });
      this.say(t('账号 {name} 已启用。', { name: account.name }));
      await this.reload();
      this.focusOn(`[data-testid="account-disable-${account.id}"]`);
    } catch (error) {
      this.fault(error);
    }
  }

  private passwordField(label: string): TemplateResult {
    return inputField({
      id: 'password', label, type: 'text', autocomplete: 'off', hint: t('至少 10 个字符，不要包含账号或常见口令。'), errors: this.errors, required: true,
      maxlength: 256, testid: 'account-password',
    });
  }

  private centreField(form: Form, chosen: string[]): TemplateResult {
    const error = this.errors.find(({ field }) => field === 'centres')?.text;
    const by = error ? 'centres-error' : nothing;
    return html`<fieldset class="hj-field"><legend>${t('负责的看守所')}</legend>
      ${error ? html`<span class="hj-error" id="centres-error">${error}</span>` : nothing}
      ${this.offersAll(form) ? html`<label class="hj-choice"><input type="checkbox" name="everywhere" data-testid="account-everywhere" aria-describedby=${by}
        @change=${(event: Event) => { this.everywhere = (event.target as HTMLInputElement).checked; }} />${t('全部看守所，包括以后新增的')}</label>` : nothing}
      ${this.offersAll(form) && this.everywhere ? nothing : this.centres.map(({ id, name }, index) => html`<label class="hj-choice"><input type="checkbox" name="centres" value=${id}
        id=${index === 0 ? 'centres' : nothing} data-testid="account-centre-${id}" ?checked=${this.centres.length === 1 || chosen.includes(id)} aria-describedby=${by} />${pick(name)}</label>`)}
      ${this.centres.length === 0 ? notice('warn', t('还没有看守所，请先新增看守所。')) : nothing}</fieldset>`;
  }

  private nameField(value: string): TemplateResult {
    return inputField({ id: 'display_name', label: t('姓名'), errors: this.errors, required: true, maxlength: 100, value, testid: 'account-display-name' });
  }

  private createFields(form: Form): TemplateResult {
    return html`
      ${selectField({
        id: 'role', label: t('角色'), value: this.chosenRole, testid: 'account-role', choices: ROLES.map((value) => ({ value, label: roleName(value) })),
        changed: (value) => { this.chosenRole = value as Role; },
      })}
      ${this.chosenRole === 'lawyer'
        ? html`<hj-lawyer-picker .chosen=${this.lawyer} .error=${this.errors.find(({ field }) => field === 'lawyer')?.text ?? ''}
            @chosen=${(event: CustomEvent<Lawyer | null>) => { this.lawyer = event.detail; }}></hj-lawyer-picker>`
        : this.centreField(form, [])}
      ${inputField({ id: 'name', label: t('账号'), errors: this.errors, required: true, maxlength: 64, hint: t('登录时使用，建立后不能更改。'), testid: 'account-name' })}
      ${this.nameField(this.lawyer ? pick(this.lawyer.name) : '')}
      ${this.passwordField(t('初始密码'))}`;
  }

  protected fields(form: Form): TemplateResult {
    switch (form.kind) {
      case 'create': return this.createFields(form);
      case 'password': return html`<p>${t('重设后，此账号在各处的登录全部失效。')}</p>${this.passwordField(t('新密码'))}`;
      case 'edit': return html`${this.nameField(pick(form.account.display_name))}
        ${this.asksCentres(form) ? html`${this.centreField(form, centreIds(form.account))}<p class="hj-quiet hj-small">${t('改变看守所后，此账号须重新登录。')}</p>` : nothing}`;
      default: return notice('warn', t('停用后不能登录，正在使用的登录立即失效。'), t('账号和它办理过的事项仍保留在记录中，以后可以重新启用。'));
    }
  }

  private scope(account: Scoped<Account>): string {
    if (account.role === 'lawyer') {
      const { lawyer } = account;
      return lawyer === null ? '' : typeof lawyer === 'string' ? lawyer : `${pick(lawyer.firm)} ${lawyer.licence}`;
    }
    if (seesAll(account)) return t('全部看守所');
    return centreIds(account).map((id) => pick(this.centres.find((centre) => centre.id === id)?.name) || id).join(t('、'));
  }

  private row(account: Scoped<Account>): TemplateResult {
    const active = account.state === 'active';
    const own = account.id === this.me?.account.id;
    const { name } = account;
    return html`<tr data-testid="account-row-${account.id}">
      <th scope="row"><code>${name}</code></th>
      <td>${pick(account.display_name)}</td><td>${roleName(account.role)}</td><td>${this.scope(account)}</td>
      <td>${active ? tag('good', t('使用中')) : tag('plain', t('账号已停用'))}</td>
      <td><div class="hj-buttons admin-acts">
        <button type="button" class="hj-slim" data-testid="account-edit-${account.id}" aria-label=${t('修改账号：{name}', { name })} @click=${() => this.open({ kind: 'edit', account })}>${t('修改')}</button>
        <button type="button" class="hj-slim" data-testid="account-set-password-${account.id}" aria-label=${t('重设密码：{name}', { name })} @click=${() => this.open({ kind: 'password', account })}>${t('重设密码')}</button>
        ${active
          ? own ? nothing : html`<button type="button" class="hj-slim hj-danger" data-testid="account-disable-${account.id}" aria-label=${t('停用账号：{name}', { name })} @click=${() => this.open({ kind: 'disable', account })}>${t('停用账号')}</button>`
          : html`<button type="button" class="hj-slim" data-testid="account-enable-${account.id}" aria-label=${t('启用账号：{name}', { name })} @click=${() => this.enable(account)}>${t('启用')}</button>`}
      </div></td></tr>`;
  }

  protected override render() {
    const rows = filterAccounts(this.accounts, this.sought);
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('人员账号')}</h1>
        <button type="button" class="hj-primary" data-testid="account-create" @click=${this.create}>${t('新增账号')}</button></div>
      ${this.saying()}
      <div class="hj-filter"><div class="hj-field"><label for="account-search">${t('查找账号或姓名')}</label>
        <input id="account-search" type="search" autocomplete="off" data-testid="account-search" @input=${(event: Event) => { this.sought = (event.target as HTMLInputElement).value; }} /></div>
        <p role="status">${this.loaded ? t('{n} 个账号', { n: rows.length }) : t('正在读取…')}</p></div>
      <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('人员账号')}><table class="admin-table">
        <thead><tr><th scope="col">${t('账号')}</th><th scope="col">${t('姓名')}</th><th scope="col">${t('角色')}</th><th scope="col">${t('看守所或执业机构')}</th><th scope="col">${t('状态')}</th><th scope="col">${t('办理')}</th></tr></thead>
        <tbody>${repeat(rows, ({ id }) => id, (account) => this.row(account))}</tbody></table></div>
      ${this.dialog()}</div>`;
  }
}

// SPDX-License-Identifier: Apache-2.0
// The kiosks: which stands in which room, whether it is there, the one-time token that enrols it, the approval of its
// key once its fingerprint was compared, and its retirement.
import { repeat } from 'lit/directives/repeat.js';
import { ApiProblem, api } from '../lib/api';
import type { Centre, Kiosk, Room } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import { Poll } from '../staff/poll';
import { fingerprint } from '../ui/fingerprint';
import { notice, type FieldError } from '../ui/shapes';
import { freshness, inputField, none, selectField } from '../staff/view';
import { pick, t } from '../ui/text';
import { formatDateTime, formatTime, MINUTE_US, nowUs } from '../ui/time';
import { HjFormView, textOf } from './form-view';
import { kioskTag } from './kiosk-state';

/** How long the enrolment token of a new kiosk is good for (docs/protocol.md). */
const TOKEN_US = 10 * MINUTE_US;

/** changed: the kiosk got another key while the old one was looked at. */
type Form = { kind: 'create' } | { kind: 'retire'; kiosk: Kiosk } | { kind: 'approve'; kiosk: Kiosk; changed: boolean };

@customElement('hj-kiosks')
export class HjKiosks extends HjFormView<Form> {
  @state() private kiosks: Kiosk[] = [];
  @state() private rooms: Room[] = [];
  @state() private centres: Centre[] = [];
  @state() private token: { kiosk: string; text: string; expires_at_us: number } | null = null;
  @state() private copied = '';
  private readonly poll = new Poll(this, () => this.load(), this.pollFault);

  protected async load(): Promise<void> {
    const [{ kiosks }, { rooms }, { centres }] = await Promise.all([api.kiosks(), api.rooms(), api.centres()]);
    this.kiosks = kiosks;
    this.rooms = rooms;
    this.centres = centres;
  }

  /** The poll loads; asking twice at the start would be one too many. */
  protected override async reload(): Promise<void> {
    await this.poll.now();
    this.loaded = true;
  }

  protected formTitle(form: Form): string {
    switch (form.kind) {
      case 'create': return t('登记会见终端');
      case 'approve': return t('批准终端：{name}', { name: form.kiosk.name });
      default: return t('停用终端：{name}', { name: form.kiosk.name });
    }
  }

  protected override saveLabel(form: Form): string {
    switch (form.kind) {
      case 'create': return t('登记并取得入网口令');
      case 'approve': return t('批准');
      default: return t('停用');
    }
  }

  protected override dangerous(form: Form): boolean {
    return form.kind === 'retire';
  }

  protected override saveTestid(): string {
    return 'kiosk-submit';
  }

  protected override check(form: Form, data: FormData): FieldError[] {
    if (form.kind === 'retire') return [];
    if (form.kind === 'approve') return data.get('compared') ? [] : [{ field: 'compared', text: t('请与终端屏幕逐组核对，并勾选确认。') }];
    const errors: FieldError[] = [];
    if (!textOf(data, 'room')) errors.push({ field: 'room', text: t('请选择会见室。') });
    if (!textOf(data, 'name')) errors.push({ field: 'name', text: t('请输入终端名称。') });
    return errors;
  }

  protected override fieldOf(code: string): string {
    return code === 'exists' ? 'room' : '';
  }

  protected override fieldText(field: string, code: string): string {
    return field === 'room' && code === 'exists' ? t('这间会见室已有终端。请先停用原来的终端。') : '';
  }

  protected async save(form: Form, data: FormData): Promise<void> {
    if (form.kind === 'create') {
      const kiosk = await api.addKiosk({ room: textOf(data, 'room'), name: textOf(data, 'name') }, this.idempotencyKey);
      this.token = { kiosk: kiosk.name, text: kiosk.token, expires_at_us: nowUs() + TOKEN_US };
      this.copied = '';
      this.close();
      this.focusOn('#token-title');
    } else if (form.kind === 'approve') {
      if (!(await this.approve(form.kiosk))) return;
      this.say(t('终端 {name} 已批准，可以用于会见。', { name: form.kiosk.name }));
      this.close();
    } else {
      await api.retireKiosk(form.kiosk.id);
      this.say(t('终端 {name} 已停用，不能再连接。', { name: form.kiosk.name }));
      this.close();
    }
    await this.reload();
  }

  /** False when the kiosk has another key by now: then its new fingerprint is on the screen, to be compared anew. */
  private async approve(kiosk: Kiosk): Promise<boolean> {
    try {
      await api.approveKiosk(kiosk.id, kiosk.fingerprint ?? '');
      return true;
    } catch (error) {
      if (!(error instanceof ApiProblem) || error.code !== 'state') throw error;
      await this.load();
      const now = this.kiosks.find(({ id }) => id === kiosk.id);
      if (now?.state !== 'enrolled' || now.fingerprint === kiosk.fingerprint) throw error;
      this.open({ kind: 'approve', kiosk: now, changed: true });
      this.focusOn('#form-top [role=alert]');
      return false;
    }
  }

  private freeRooms(): Room[] {
    const taken = new Set(this.kiosks.filter(({ state: is }) => is !== 'retired').map(({ room }) => room));
    return this.rooms.filter(({ id }) => !taken.has(id));
  }

  private place(room: Room | undefined): string {
    if (!room) return '';
    return `${pick(this.centres.find(({ id }) => id === room.centre)?.name)} · ${pick(room.name)}`;
  }

  private approval({ kiosk, changed }: Form & { kind: 'approve' }) {
    const error = this.errors.find(({ field }) => field === 'compared');
    return html`
      ${changed ? html`<div role="alert" tabindex="-1" data-testid="kiosk-changed">${notice('bad', t('终端的密钥刚刚变了，没有批准。'), t('下面是新的指纹，请重新核对。如果没有人重新入网，请先停用这台终端并查明原因。'))}</div>` : nothing}
      <p>${this.place(this.rooms.find(({ id }) => id === kiosk.room))}</p>
      <p>${t('请在终端屏幕前（或请现场民警念出）逐组核对下面八组字符。')}</p>
      <p>${fingerprint(kiosk.fingerprint, true)}</p>
      ${notice('info', t('有一组不同就不要批准：那是另一台设备的密钥。'), t('批准后，这台终端以这把密钥参加会见，律师据此确认对方是看守所的终端。'))}
      <div class="hj-field"><label class="hj-choice"><input type="checkbox" id="compared" name="compared" data-testid="kiosk-compared"
          aria-required="true" aria-invalid=${error ? 'true' : 'false'} aria-describedby=${error ? 'compared-error' : nothing} />
        <span>${t('八组字符与终端屏幕上显示的完全相同')}</span></label>
        ${error ? html`<span class="hj-error" id="compared-error">${error.text}</span>` : nothing}</div>`;
  }

  protected fields(form: Form) {
    if (form.kind === 'approve') return this.approval(form);
    if (form.kind === 'retire') return notice('warn', t('停用后，这台终端不能再连接，也不能恢复。'), t('正在进行的会见会因此中断。更换终端时，先停用旧终端，再登记新终端。'));
    const free = this.freeRooms();
    if (free.length === 0) return html`<div id="room">${notice('warn', t('每间会见室都已有终端。'), t('请先新增会见室，或停用原来的终端。'))}</div>`;
    return html`${selectField({ id: 'room', label: t('会见室'), errors: this.errors, testid: 'kiosk-room', choices: free.map((room) => ({ value: room.id, label: this.place(room) })) })}
      ${inputField({ id: 'name', label: t('终端名称'), hint: t('便于现场辨认，例如设备标签上的编号。'), maxlength: 64, errors: this.errors, required: true, testid: 'kiosk-name' })}`;
  }

  private async copy(): Promise<void> {
    try {
      await navigator.clipboard.writeText(this.token!.text);
      this.copied = t('已复制。');
    } catch {
      // No clipboard without a secure origin or a permission: the text can still be marked by hand.
      this.copied = t('不能自动复制，请选中口令手工复制。');
    }
  }

  private tokenCard() {
    if (!this.token) return nothing;
    const { kiosk, text, expires_at_us } = this.token;
    return html`<section class="hj-card admin-token" aria-labelledby="token-title">
      <h2 id="token-title" tabindex="-1">${t('终端“{kiosk}”的入网口令', { kiosk })}</h2>
      <p><code class="admin-token-text" data-testid="kiosk-token">${text}</code></p>
      ${notice('warn', t('口令只显示这一次，{time} 前有效，只能用一次。', { time: formatTime(expires_at_us) }), html`<p>${t('在终端上运行下列命令，再粘贴或输入口令：')}</p>
        <p><code>huijian-kiosk enrol --token -</code></p>
        <p>${t('入网后，终端出现在下面的名单里，核对指纹并批准后才能使用。')}</p>`)}
      <div class="hj-buttons"><button type="button" class="hj-primary" data-testid="kiosk-token-copy" @click=${this.copy}>${t('复制口令')}</button>
        <button type="button" data-testid="kiosk-token-done" @click=${() => { this.token = null; this.focusOn('[data-testid=kiosk-create]'); }}>${t('完成，不再显示')}</button>
        <span role="status">${this.copied}</span></div>
    </section>`;
  }

  private row(kiosk: Kiosk) {
    return html`<tr data-testid="kiosk-row-${kiosk.id}">
      <th scope="row">${kiosk.name}${kiosk.fingerprint && kiosk.state !== 'retired' ? html`<br /><span class="hj-small hj-quiet admin-fingerprint"><span class="hj-hidden">${t('密钥指纹')}</span> ${fingerprint(kiosk.fingerprint)}</span>` : nothing}</th>
      <td>${this.place(this.rooms.find(({ id }) => id === kiosk.room))}</td>
      <td>${kioskTag(kiosk)}</td>
      <td class="hj-number">${kiosk.seen_at_us === null ? t('从未连接') : formatDateTime(kiosk.seen_at_us)}</td>
      <td>${kiosk.state === 'retired' ? none() : html`<div class="hj-buttons admin-acts">
        ${kiosk.state === 'enrolled' ? html`<button type="button" class="hj-slim hj-primary" data-testid="kiosk-approve-${kiosk.id}"
          aria-label=${t('核对并批准：{name}', { name: kiosk.name })} @click=${() => this.open({ kind: 'approve', kiosk, changed: false })}>${t('核对并批准')}</button>` : nothing}
        <button type="button" class="hj-slim hj-danger" data-testid="kiosk-retire-${kiosk.id}"
          aria-label=${t('停用终端：{name}', { name: kiosk.name })} @click=${() => this.open({ kind: 'retire', kiosk })}>${t('停用')}</button></div>`}</td></tr>`;
  }

  private toApprove() {
    const waiting = this.kiosks.filter(({ state: is }) => is === 'enrolled').length;
    return waiting === 0 ? nothing : html`<div data-testid="kiosks-to-approve">${notice('warn', t('{n} 台终端等待批准', { n: waiting }), t('核对终端屏幕上的密钥指纹并批准之前，终端不能用于会见。'))}</div>`;
  }

  protected override render() {
    const rows = [...this.kiosks].sort((a, b) => Number(a.state === 'retired') - Number(b.state === 'retired') || a.name.localeCompare(b.name));
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('会见终端管理')}</h1>
        <button type="button" class="hj-primary" data-testid="kiosk-create" @click=${() => this.open({ kind: 'create' })}>${t('登记会见终端')}</button></div>
      ${this.saying()}
      ${this.tokenCard()}
      ${this.toApprove()}
      ${freshness(this.poll)}
      ${rows.length === 0 ? html`<p class="hj-empty">${this.loaded ? t('还没有会见终端。') : t('正在读取…')}</p>` : html`
      <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('会见终端')}><table class="admin-table">
        <thead><tr><th scope="col">${t('终端')}</th><th scope="col">${t('看守所和会见室')}</th><th scope="col">${t('状态')}</th><th scope="col">${t('最近连接')}</th><th scope="col">${t('办理')}</th></tr></thead>
        <tbody>${repeat(rows, ({ id }) => id, (kiosk) => this.row(kiosk))}</tbody></table></div>`}
      ${this.dialog()}</div>`;
  }
}

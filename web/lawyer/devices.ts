// SPDX-License-Identifier: Apache-2.0
// My devices: every browser that may meet in the lawyer's name, by its key, so that a foreign one is seen; and its removal.
import { ApiProblem, api } from '../lib/api';
import type { Device } from '../lib/model';
import { isOwnEvent } from '../ui/dialog';
import { customElement, html, nothing, state } from '../ui/element';
import { fingerprint, fingerprintGroups } from '../ui/fingerprint';
import { problemText } from '../ui/problem';
import { howLink } from '../ui/promise';
import { notice, tag } from '../ui/shapes';
import { t } from '../ui/text';
import { formatDateTime } from '../ui/time';
import { HjView } from '../ui/view';
import { ensureDevice, forgetDevice } from './device-key';
import { unfitNotice } from './encryption';

/** This one first, then those in use last, then the removed, the last removed first. */
export function inOrder(devices: Device[], own: string): Device[] {
  const rank = (one: Device) => (one.state === 'removed' ? 2 : one.id === own ? 0 : 1);
  const at = (one: Device) => one.removed_at_us ?? one.seen_at_us ?? one.added_at_us;
  return [...devices].sort((a, b) => rank(a) - rank(b) || at(b) - at(a));
}

/** Two browsers may bear one name: the fingerprint's first group tells them apart. */
function toldApart({ name, fingerprint: text }: Device): string {
  const [group] = fingerprintGroups(text);
  return group ? t('{name}（密钥指纹以 {group} 开头）', { name, group }) : name;
}

@customElement('hj-devices')
export class HjDevices extends HjView {
  @state() private devices: Device[] | null = null;
  @state() private own = '';
  /** Why this browser is not among them; nothing while it is, or is being added. */
  @state() private missing: unknown = null;
  @state() private removing: Device | null = null;
  @state() private removeFault = '';
  @state() private said = '';
  @state() private busy = false;

  protected async read(): Promise<void> {
    // First this one, so that the list shows it.
    try {
      this.own = (await ensureDevice()).id;
      this.missing = null;
    } catch (error) {
      if (error instanceof ApiProblem && (error.status === 401 || error.code === 'unreachable')) throw error;
      this.missing = error;
    }
    this.devices = (await api.devices()).devices;
  }

  private async takeOut(): Promise<void> {
    const device = this.removing;
    if (!device || this.busy) return;
    this.busy = true;
    this.removeFault = '';
    try {
      const removed = await api.removeDevice(device.id);
      this.devices = (this.devices ?? []).map((one) => (one.id === removed.id ? removed : one));
      if (device.id === this.own) {
        forgetDevice();
        this.own = '';
      }
      this.said = t('已移除：{device}。它不能再进入会见。', { device: toldApart(device) });
      this.removing = null;
    } catch (error) {
      if (error instanceof ApiProblem && error.status === 401) this.fail(error);
      else this.removeFault = problemText(error);
    } finally {
      this.busy = false;
    }
  }

  private closed(event: Event): void {
    if (!isOwnEvent(event)) return;
    this.removing = null;
    this.removeFault = '';
    if (this.said) void this.updateComplete.then(() => this.querySelector<HTMLElement>('[data-testid=devices-said]')?.focus());
  }

  private row(device: Device) {
    const removed = device.state === 'removed';
    const own = device.id === this.own;
    const time = (at_us: number) => html`<span class="hj-number">${formatDateTime(at_us)}</span>`;
    return html`<li class="hj-row ${removed ? 'device-removed' : ''}" data-testid="device-${device.id}" data-state=${device.state}>
      <div class="hj-row-body">
        <div class="hj-row-head"><h3>${device.name}</h3>${own ? html`<span data-testid="device-own">${tag('good', t('本设备'))}</span>` : nothing}${removed ? tag('plain', t('已移除')) : nothing}</div>
        <p><span class="hj-quiet">${t('密钥指纹')}</span> ${fingerprint(device.fingerprint)}</p>
        <p class="hj-quiet">${t('登记时间')} ${time(device.added_at_us)} · ${device.seen_at_us === null ? t('还没有用来会见') : html`${t('最近会见')} ${time(device.seen_at_us)}`}${device.removed_at_us === null ? nothing : html` · ${t('移除时间')} ${time(device.removed_at_us)}`}</p>
      </div>
      ${removed ? nothing : html`<div class="hj-buttons"><button type="button" class="hj-danger" data-testid="device-remove" aria-label=${t('移除设备：{name}', { name: toldApart(device) })}
        @click=${() => { this.said = ''; this.removing = device; }}>${t('移除')}</button></div>`}
    </li>`;
  }

  private whatItMeans(device: Device) {
    return device.id === this.own
      ? html`<p>${t('这是您正在使用的浏览器。移除后，它现在的密钥作废；您再次打开本页面或进入会见时，它会生成新的密钥，作为新的一行登记在这里。')}</p>`
      : html`<p>${t('移除后，这个浏览器不能再用现在的密钥进入会见，也不能恢复。')}</p>
        ${notice('warn', t('如果您不认识它，或设备丢失、被他人使用，请同时修改密码。'), t('知道您密码的人可以重新登录并登记新的密钥。'))}`;
  }

  private dialog() {
    const device = this.removing;
    return html`<wa-dialog label=${t('移除设备')} ?open=${device !== null} @wa-after-hide=${this.closed}>
      ${device ? html`<div class="hj-stack">
        ${this.removeFault ? html`<div role="alert">${notice('bad', this.removeFault)}</div>` : nothing}
        <p><strong>${device.name}</strong><br />${fingerprint(device.fingerprint)}</p>
        ${this.whatItMeans(device)}
        <p>${t('如果它正在会见中，不会立即断开：留到它的连接中断为止，之后不能再用这把密钥进入。')}</p>
        <div class="hj-buttons">
          <button type="button" @click=${() => { this.removing = null; }}>${t('不移除')}</button>
          <button type="button" class="hj-danger hj-primary" data-testid="device-remove-confirm" ?disabled=${this.busy} @click=${this.takeOut}>${t('确认移除')}</button>
        </div></div>` : nothing}
    </wa-dialog>`;
  }

  private missingText(): string {
    if (!(this.missing instanceof ApiProblem)) return t('浏览器没有允许保存密钥。请不要使用无痕模式，并允许本网站保存数据，然后刷新。');
    return this.missing.code === 'too-many' ? t('最多登记 10 个设备。请移除不再使用的，然后刷新。') : problemText(this.missing);
  }

  private list(devices: Device[]) {
    const sorted = inOrder(devices, this.own);
    const active = sorted.filter((one) => one.state !== 'removed');
    const removed = sorted.filter((one) => one.state === 'removed');
    return html`
      <section class="hj-stack" aria-labelledby="active"><h2 id="active">${t('使用中的设备')}</h2>
        ${active.length === 0 ? html`<p class="hj-empty" data-testid="devices-empty">${t('没有登记的设备。您用来会见的浏览器会自动登记在这里。')}</p>`
          : html`<ul class="hj-list" data-testid="devices">${active.map((one) => this.row(one))}</ul>`}</section>
      ${removed.length === 0 ? nothing : html`<section class="hj-stack" aria-labelledby="removed"><h2 id="removed">${t('已移除的设备')}</h2>
        <ul class="hj-list">${removed.map((one) => this.row(one))}</ul></section>`}`;
  }

  protected override render() {
    return html`<h1 tabindex="-1">${t('我的设备')}</h1>
      <p>${t('这里列出能以您的名义参加会见的每个浏览器：对方的设备按这把密钥认出您。有您不认识的，请移除并修改密码。')} ${howLink()}</p>
      <div role="status" tabindex="-1" data-testid="devices-said">${this.said ? notice('good', this.said) : nothing}</div>
      ${unfitNotice()}
      ${this.missing === null || this.devices === null ? nothing : html`<div role="alert" data-testid="device-missing">${notice('warn', t('此浏览器没有登记，不能用来会见'), this.missingText())}</div>`}
      ${this.devices === null ? this.loading() : this.list(this.devices)}
      ${this.dialog()}`;
  }
}

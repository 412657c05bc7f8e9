// SPDX-License-Identifier: Apache-2.0
// The meeting rooms of the centres: a name in both languages, in service or not.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import type { Centre, Kiosk, Room } from '../lib/model';
import { customElement, html, nothing, state } from '../ui/element';
import { notice, tag, type FieldError } from '../ui/shapes';
import { selectField } from '../staff/view';
import { pick, t } from '../ui/text';
import { HjFormView, textOf } from './form-view';
import { kioskTag } from './kiosk-state';
import { nameErrors, nameFields, namesOf } from './names';

type Form = { kind: 'create' } | { kind: 'rename' | 'close'; room: Room };

@customElement('hj-rooms')
export class HjRooms extends HjFormView<Form> {
  @state() private rooms: Room[] = [];
  @state() private centres: Centre[] = [];
  @state() private kiosks: Kiosk[] = [];
  @state() private centre = '';

  protected async load(): Promise<void> {
    const [{ rooms }, { centres }, { kiosks }] = await Promise.all([api.rooms(), api.centres(), api.kiosks()]);
    this.rooms = rooms;
    this.centres = centres;
    this.kiosks = kiosks;
  }

  protected formTitle(form: Form): string {
    if (form.kind === 'create') return t('新增会见室');
    const name = pick(form.room.name);
    return form.kind === 'rename' ? t('修改会见室：{name}', { name }) : t('暂停开放：{name}', { name });
  }

  protected override saveLabel(form: Form): string {
    return form.kind === 'close' ? t('暂停开放') : t('保存');
  }

  protected override dangerous(form: Form): boolean {
    return form.kind === 'close';
  }

  protected override saveTestid(): string {
    return 'room-submit';
  }

  protected override check(form: Form, data: FormData): FieldError[] {
    const errors = form.kind === 'close' ? [] : nameErrors(data);
    if (form.kind === 'create' && !textOf(data, 'centre')) errors.unshift({ field: 'centre', text: t('请选择看守所。') });
    return errors;
  }

  protected override fieldOf(code: string): string {
    return code === 'exists' ? 'name' : '';
  }

  protected override fieldText(field: string, code: string): string {
    return field.startsWith('name') && code === 'exists' ? t('这个看守所已有同名的会见室。') : '';
  }

  protected async save(form: Form, data: FormData): Promise<void> {
    if (form.kind === 'create') {
      await api.addRoom({ centre: textOf(data, 'centre'), name: namesOf(data), open: true }, this.idempotencyKey);
      this.say(t('会见室已新增。接着在“会见终端管理”里为它登记终端。'));
    } else {
      await api.setRoom(form.room.id, form.kind === 'close' ? { open: false } : { name: namesOf(data) });
      this.say(form.kind === 'close' ? t('会见室已暂停开放，不能再预约。') : t('已保存。'));
    }
    this.close();
    await this.reload();
  }

  private async openRoom(room: Room): Promise<void> {
    try {
      await api.setRoom(room.id, { open: true });
      this.say(t('会见室已恢复开放。'));
      await this.reload();
      this.focusOn(`[data-testid="room-close-${room.id}"]`);
    } catch (error) {
      this.fault(error);
    }
  }

  protected fields(form: Form) {
    if (form.kind === 'close') return notice('warn', t('暂停开放后不能再预约这间会见室。'), t('已有的预约不受影响，需要时请在会见登记台逐一取消。'));
    if (form.kind === 'rename') return nameFields(form.room.name, this.errors);
    return html`${selectField({
      id: 'centre', label: t('看守所'), value: this.centre || this.centres[0]?.id, errors: this.errors, testid: 'room-centre',
      choices: this.centres.map(({ id, name }) => ({ value: id, label: pick(name) })),
    })}${nameFields(undefined, this.errors)}`;
  }

  private row(room: Room) {
    const kiosk = this.kiosks.find((one) => one.room === room.id && one.state !== 'retired');
    const name = pick(room.name);
    return html`<tr data-testid="room-row-${room.id}">
      <th scope="row">${name}</th>
      <td>${pick(this.centres.find(({ id }) => id === room.centre)?.name)}</td>
      <td>${room.open ? tag('good', t('开放')) : tag('plain', t('未开放'))}</td>
      <td>${kiosk ? html`${kiosk.name} ${kioskTag(kiosk)}` : tag('warn', t('未配终端'))}</td>
      <td><div class="hj-buttons admin-acts">
        <button type="button" class="hj-slim" data-testid="room-rename-${room.id}" aria-label=${t('修改会见室：{name}', { name })} @click=${() => this.open({ kind: 'rename', room })}>${t('修改')}</button>
        ${room.open
          ? html`<button type="button" class="hj-slim hj-danger" data-testid="room-close-${room.id}" aria-label=${t('暂停开放：{name}', { name })} @click=${() => this.open({ kind: 'close', room })}>${t('暂停开放')}</button>`
          : html`<button type="button" class="hj-slim" data-testid="room-open-${room.id}" aria-label=${t('恢复开放：{name}', { name })} @click=${() => this.openRoom(room)}>${t('恢复开放')}</button>`}
      </div></td></tr>`;
  }

  protected override render() {
    const rows = this.rooms.filter(({ centre }) => !this.centre || centre === this.centre);
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('会见室管理')}</h1>
        <button type="button" class="hj-primary" data-testid="room-create" @click=${() => this.open({ kind: 'create' })}>${t('新增会见室')}</button></div>
      ${this.saying()}
      ${this.centres.length > 1 ? html`<div class="hj-filter">${selectField({
        id: 'room-filter', label: t('看守所'), value: this.centre, changed: (value) => { this.centre = value; },
        choices: [{ value: '', label: t('全部看守所') }, ...this.centres.map(({ id, name }) => ({ value: id, label: pick(name) }))],
      })}</div>` : nothing}
      ${rows.length === 0 ? html`<p class="hj-empty">${this.loaded ? t('还没有会见室。') : t('正在读取…')}</p>` : html`
      <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('会见室')}><table class="admin-table">
        <thead><tr><th scope="col">${t('会见室')}</th><th scope="col">${t('看守所')}</th><th scope="col">${t('状态')}</th><th scope="col">${t('终端')}</th><th scope="col">${t('办理')}</th></tr></thead>
        <tbody>${repeat(rows, ({ id }) => id, (room) => this.row(room))}</tbody></table></div>`}
      ${this.dialog()}</div>`;
  }
}

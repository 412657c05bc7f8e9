// SPDX-License-Identifier: Apache-2.0
// The detention centres: code (GA 300.1, nine digits) and name in both languages.
import { repeat } from 'lit/directives/repeat.js';
import { api } from '../lib/api';
import type { Centre } from '../lib/model';
import { customElement, html, state } from '../ui/element';
import type { FieldError } from '../ui/shapes';
import { inputField } from '../staff/view';
import { pick, t } from '../ui/text';
import { HjFormView, textOf } from './form-view';
import { nameFields, nameErrors, namesOf } from './names';

type Form = { centre: Centre | null };

@customElement('hj-centres')
export class HjCentres extends HjFormView<Form> {
  @state() private centres: Centre[] = [];

  protected async load(): Promise<void> {
    this.centres = (await api.centres()).centres;
  }

  protected formTitle({ centre }: Form): string {
    return centre ? t('修改看守所：{name}', { name: pick(centre.name) }) : t('新增看守所');
  }

  protected override saveTestid(): string {
    return 'centre-submit';
  }

  protected override check({ centre }: Form, data: FormData): FieldError[] {
    const errors = nameErrors(data);
    if (!centre && !/^\d{9}$/.test(textOf(data, 'code'))) errors.unshift({ field: 'code', text: t('看守所编码为 9 位数字。') });
    return errors;
  }

  protected override fieldOf(code: string): string {
    return code === 'exists' ? 'code' : '';
  }

  protected override fieldText(field: string, code: string): string {
    if (field !== 'code') return '';
    return code === 'exists' ? t('这个编码已经登记。') : t('看守所编码为 9 位数字。');
  }

  protected async save({ centre }: Form, data: FormData): Promise<void> {
    const name = namesOf(data);
    if (centre) await api.setCentre(centre.id, { name });
    else await api.addCentre({ code: textOf(data, 'code'), name, zone: 'Asia/Shanghai' }, this.idempotencyKey);
    this.say(centre ? t('已保存。') : t('看守所已新增。请接着设置会见安排规则、会见室和终端。'));
    this.close();
    await this.reload();
  }

  protected fields({ centre }: Form) {
    return html`
      ${centre ? html`<p>${t('编码')} <code>${centre.code}</code></p>` : inputField({
        id: 'code', label: t('看守所编码'), hint: t('9 位数字（GA 300.1），登记后不能更改。'), inputmode: 'numeric', maxlength: 9, errors: this.errors, required: true, testid: 'centre-code',
      })}
      ${nameFields(centre?.name, this.errors)}`;
  }

  protected override render() {
    return html`<div class="hj-stack">
      <div class="hj-title"><h1 tabindex="-1">${t('看守所管理')}</h1>
        <button type="button" class="hj-primary" data-testid="centre-create" @click=${() => this.open({ centre: null })}>${t('新增看守所')}</button></div>
      ${this.saying()}
      ${this.centres.length === 0 ? html`<p class="hj-empty">${this.loaded ? t('还没有看守所。') : t('正在读取…')}</p>` : html`
      <div class="hj-scroll" role="group" tabindex="0" aria-label=${t('看守所')}><table class="admin-table">
        <thead><tr><th scope="col">${t('编码')}</th><th scope="col">${t('中文名称')}</th><th scope="col">${t('英文名称')}</th><th scope="col">${t('时区')}</th><th scope="col">${t('办理')}</th></tr></thead>
        <tbody>${repeat(this.centres, ({ id }) => id, (centre) => html`<tr data-testid="centre-row-${centre.id}">
          <td><code>${centre.code}</code></td>
          <td lang="zh-CN">${typeof centre.name === 'string' ? centre.name : centre.name.zh}</td>
          <td lang="en">${typeof centre.name === 'string' ? '' : centre.name.en}</td>
          <td>${centre.zone}</td>
          <td><div class="hj-buttons admin-acts"><button type="button" class="hj-slim" data-testid="centre-edit-${centre.id}" aria-label=${t('修改看守所：{name}', { name: pick(centre.name) })} @click=${() => this.open({ centre })}>${t('修改')}</button>
            <a class="hj-button hj-slim" href="#/policy/${centre.id}" aria-label=${t('会见安排规则：{name}', { name: pick(centre.name) })}>${t('会见安排规则')}</a></div></td></tr>`)}</tbody></table></div>`}
      ${this.dialog()}</div>`;
  }
}

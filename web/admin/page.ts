// SPDX-License-Identifier: Apache-2.0
// The administrator: people, centres, their policy, rooms and kiosks. One view per menu item.
import type { Role } from '../lib/model';
import { customElement, html } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import type { MenuItem } from '../ui/header';
import { HjPage } from '../ui/page';
import { FAULT } from '../staff/view';
import { registerEnglish, t } from '../ui/text';
import './people';
import './centres';
import './policy';
import './rooms';
import './kiosks';
import { english } from './english';

registerEnglish(english);

@customElement('hj-admin-page')
export class HjAdminPage extends HjPage {
  protected readonly worksFor: Role = 'administrator';

  constructor() {
    super();
    this.addEventListener(FAULT, (event) => this.failed((event as CustomEvent).detail));
  }

  protected menu(): MenuItem[] {
    return [
      { path: 'people', label: t('人员账号'), testid: 'admin-tab-people' },
      { path: 'centres', label: t('看守所管理'), testid: 'admin-tab-centres' },
      { path: 'policy', label: t('会见安排规则'), testid: 'admin-tab-policy' },
      { path: 'rooms', label: t('会见室管理'), testid: 'admin-tab-rooms' },
      { path: 'kiosks', label: t('会见终端管理'), testid: 'admin-tab-kiosks' },
    ];
  }

  protected titleOf(route: string[]): string {
    return this.menu().find(({ path }) => path === route[0])?.label ?? t('人员账号');
  }

  protected view(route: string[]): TemplateResult {
    switch (route[0]) {
      case 'centres': return html`<hj-centres></hj-centres>`;
      case 'policy': return html`<hj-policy .centre=${route[1] ?? ''}></hj-policy>`;
      case 'rooms': return html`<hj-rooms></hj-rooms>`;
      case 'kiosks': return html`<hj-kiosks></hj-kiosks>`;
      default: return html`<hj-people .me=${this.me}></hj-people>`;
    }
  }
}

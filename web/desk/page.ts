// SPDX-License-Identifier: Apache-2.0
// The desk of a detention centre: the day's meetings, and the statutory clocks of the centre.
import type { Role } from '../lib/model';
import { customElement, html } from '../ui/element';
import type { TemplateResult } from '../ui/element';
import type { MenuItem } from '../ui/header';
import { HjPage } from '../ui/page';
import { FAULT } from '../staff/view';
import { registerEnglish, t } from '../ui/text';
import '../staff/clock-list';
import './list';
import { english } from './english';

registerEnglish(english);

@customElement('hj-desk-page')
export class HjDeskPage extends HjPage {
  protected readonly worksFor: Role = 'desk';

  constructor() {
    super();
    this.addEventListener(FAULT, (event) => this.failed((event as CustomEvent).detail));
  }

  protected menu(): MenuItem[] {
    return [
      { path: 'day', label: t('当日会见'), testid: 'desk-tab-day' },
      { path: 'clocks', label: t('48 小时期限'), testid: 'desk-tab-clocks' },
    ];
  }

  protected titleOf(route: string[]): string {
    return route[0] === 'clocks' ? t('48 小时期限') : t('当日会见');
  }

  protected view(route: string[]): TemplateResult {
    if (route[0] === 'clocks') return html`<hj-clock-list></hj-clock-list>`;
    return html`<hj-desk-list .me=${this.me}></hj-desk-list>`;
  }
}

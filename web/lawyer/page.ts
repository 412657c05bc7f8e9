// SPDX-License-Identifier: Apache-2.0
// The lawyer's page: which view stands behind which route.
import { customElement, html } from '../ui/element';
import { HjPage } from '../ui/page';
import { registerEnglish, t } from '../ui/text';
import './bookings';
import './client';
import './clients';
import './device-check';
import { ensureDevice } from './device-key';
import './devices';
import './meeting';
import { english } from './english';

registerEnglish(english);

@customElement('hj-lawyer')
export class HjLawyerPage extends HjPage {
  protected readonly worksFor = 'lawyer';

  protected menu() {
    return [
      { path: 'clients', label: t('我的当事人'), testid: 'menu-clients' },
      { path: 'bookings', label: t('我的预约'), testid: 'menu-bookings' },
      { path: 'devices', label: t('我的设备'), testid: 'menu-devices' },
    ];
  }

  /** Quietly: a lawyer who only books needs no device key, and joining asks for it again. */
  protected override started(): void {
    void ensureDevice().catch(() => undefined);
  }

  protected titleOf(route: string[]): string {
    switch (route[0]) {
      case 'clients': return route[1] ? t('会见资格与预约') : t('我的当事人');
      case 'bookings': return route[1] ? t('预约详情') : t('我的预约');
      case 'devices': return t('我的设备');
      case 'device-check': return t('设备检测');
      case 'meeting': return t('视频会见');
      default: return t('页面不存在');
    }
  }

  protected view(route: string[]) {
    const failed = (event: CustomEvent<unknown>) => this.failed(event.detail);
    const [name, id] = route;
    const own = this.me?.account.lawyer?.id ?? '';
    switch (name) {
      case 'clients':
        return id ? html`<hj-client .authority=${id} @failed=${failed}></hj-client>` : html`<hj-clients @failed=${failed}></hj-clients>`;
      case 'bookings':
        return html`<hj-bookings .booking=${id ?? ''} .own=${own} @failed=${failed}></hj-bookings>`;
      case 'devices':
        return html`<hj-devices @failed=${failed}></hj-devices>`;
      case 'device-check':
        return html`<hj-device-check .booking=${id ?? ''} .own=${own} @failed=${failed}></hj-device-check>`;
      case 'meeting':
        return html`<hj-meeting .booking=${id ?? ''} .own=${own} @failed=${failed}></hj-meeting>`;
      default:
        return html`<h1 tabindex="-1">${t('页面不存在')}</h1><p><a href="#/clients">${t('回到我的当事人')}</a></p>`;
    }
  }
}
